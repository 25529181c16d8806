"""A table prints all of its columns, within the screen, with the digits that they have; it is pandas' in all else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from rich.cells import cell_len

from tildemc.table import Table

STATISTICS = ["mean", "sd", "eti95_lb", "eti95_ub"]
NUMBERS = [[251.2194, 7.4251, 236.4437, 265.8119], [10.474, 1.7967, 6.8543, 13.9808]]
LONG = "of which rows it is not to be trusted, and what would work in its place, in words that fill more than a line"

TABLES = {
    "numbers have the places of their sd": (
        Table(NUMBERS, pd.Index(["Intercept", "Days"], name="effect"), STATISTICS),
        [
            "effect mean sd eti95_lb eti95_ub",
            "Intercept 251.22 7.43 236.44 265.81",
            "Days 10.47 1.80 6.85 13.98",
        ],
    ),
    "numbers that were rounded have no zeros behind": (
        Table([[1.3568, 0.0304, 1.42], [0.9, 0.0712, 0.95]], columns=["mean", "sd", "eti95_lb"]).round(2),
        ["mean sd eti95_lb", "0 1.36 0.03 1.42", "1 0.90 0.07 0.95"],
    ),
    "numbers alone have four digits, or what they have": (
        Table({"n": [1234567, 2], "value": [0.123456, 1493.4], "limit": [0.7, 400.0], "ok": [True, False]}),
        ["n value limit ok", "0 1,234,567 0.1235 0.7 True", "1 2 1493 400 False"],
    ),
    "columns with one heading stand together, below the others if need be": (
        Table(pd.concat({name: pd.DataFrame([NUMBERS[1]], ["a"], STATISTICS) for name in ("x", "y", "z")}, axis=1)),
        [
            "x y",
            "mean sd eti95_lb eti95_ub mean sd eti95_lb eti95_ub",
            "a 10.47 1.80 6.85 13.98 10.47 1.80 6.85 13.98",
            "",
            "z",
            "mean sd eti95_lb eti95_ub",
            "a 10.47 1.80 6.85 13.98",
        ],
    ),
    "words are folded": (
        Table({"check": ["k"], "advice": [LONG]}),
        [
            "check advice",
            "0 k of which rows it is not to be trusted, and what would work in its",
            "place, in words that fill more than a line",
        ],
    ),
    "a label of the index stands where it begins": (
        Table({"n": [1, 2, 3]}, pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "y")], names=["g", "t"])),
        ["g t n", "a x 1", "y 2", "b y 3"],
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize(("table", "lines"), TABLES.values(), ids=TABLES.keys())
def test_a_table_prints_all_columns(table: Table, lines: list[str]) -> None:
    printed = str(table).splitlines()
    assert [" ".join(line.split()) for line in printed] == lines
    assert max(map(cell_len, printed)) <= 80


def test_points_stand_below_one_another() -> None:
    lines = str(Table({"value": [1.25, 100.5]})).splitlines()
    assert lines[1].index(".") == lines[2].index(".")


def test_of_many_rows_the_first_and_the_last_are_shown() -> None:
    table = Table({"x": np.arange(1_000.0)})
    lines = str(table).splitlines()
    assert [line.split()[0] for line in lines[1:12]] == [*"01234", "…", *map(str, range(995, 1000))]
    assert lines[-1] == "[1,000 rows x 1 columns]"
    assert "1,000 rows × 1 columns" in str(table._repr_html_())


def test_blocks_have_no_more_rows_together_than_one_would_have() -> None:
    table = Table({f"a column of some width {k}": np.arange(40.0) for k in range(4)})
    assert len(str(table).splitlines()) < 60
    assert str(table).endswith("[40 rows x 4 columns]")


def test_in_a_notebook_numbers_have_the_same_digits_and_text_is_text() -> None:
    html = str(Table([[*NUMBERS[0], "<script>"]], columns=[*STATISTICS, "<b>"])._repr_html_())
    assert "<td>251.22</td>" in html
    assert "<script>" not in html
    assert "<b>" not in html


def test_what_comes_of_a_table_is_one_and_keeps_its_values() -> None:
    table = Table(NUMBERS, columns=STATISTICS)
    assert type(table.head(1)) is Table
    pd.testing.assert_frame_equal(pd.DataFrame(NUMBERS, columns=STATISTICS), table)
    assert table.loc[0, "mean"] == NUMBERS[0][0]
    assert str(Table({"x": []})) == str(pd.DataFrame({"x": []})).replace("DataFrame", "Table")
