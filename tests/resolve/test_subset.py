"""The rows that a text asks for: with missing values neither true nor false."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from marked import mistake
from tildemc.resolve.frame import Frame
from tildemc.resolve.prepare import Prepared, prepare
from tildemc.syntax.command import read
from tildemc.syntax.formula import parse_expression
from tildemc.syntax.steps import Keep, RowNumbers

DATA = pd.DataFrame(
    {
        "x": [1.0, 2, np.nan, 4, 5, 6],
        "s": ["a", "b", None, "a", "b", "c"],
        "l": [True, False, True, True, False, False],
        "y": [1.0, 3, 2, 5, 4, 6],
    }
)


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("x > 2", [3, 4, 5]),
        ("x != 2", [0, 3, 4, 5]),
        ("!(x > 2)", [0, 1]),
        ("!(x == 2)", [0, 3, 4, 5]),
        ("is.na(x)", [2]),
        ("!is.na(x) & s == 'a'", [0, 3]),
        ("x > 4 | s == 'a'", [0, 3, 4, 5]),
        ("!(x > 4 | s == 'a')", [1]),
        ("s != 'a'", [1, 4, 5]),
        ("l", [0, 2, 3]),
        ("!l", [1, 4, 5]),
        ("x > 1 & (l | s == 'c')", [3, 5]),
        ("is.na(x) | x > 5", [2, 5]),
    ],
)
def test_a_condition_keeps_the_rows_where_it_is_true(condition: str, rows: list[int]) -> None:
    chosen = _chosen(Keep(parse_expression(condition)))
    assert chosen.frame.rows.tolist() == rows
    assert chosen.selection is not None and chosen.selection.outside == 6 - len(rows)


def _chosen(step: Keep) -> Prepared:
    return prepare(Frame(DATA), replace(read("y ~ 1"), steps=(step,)))


def test_a_response_has_the_rows_of_its_subset() -> None:
    """As brms's `subset()`, and together with the rows that a call asks for."""
    assert tm.model("y | subset(x > 2) ~ 1", DATA).design.rows.tolist() == [3, 4, 5]
    assert tm.model("brm(y | subset(l) ~ 1, subset(d, x > 1))", DATA).design.rows.tolist() == [3]
    assert tm.model("y | subset(x) ~ 1", DATA.assign(x=[0, 1, 0, 1, 1, 0])).design.rows.tolist() == [1, 3, 4]
    assert tm.model("y | weights(x) + subset(x > 2) ~ 1", DATA).design.companions["weights"].tolist() == [4, 5, 6]


@pytest.mark.parametrize(("bounds", "rows"), [((2, 4), [1, 2, 3]), ((1, -2), [0, 1, 2, 3, 4]), ((-2, -1), [4, 5])])
def test_a_range_counts_from_one_and_from_the_end(bounds: tuple[int, int], rows: list[int]) -> None:
    assert _chosen(Keep(RowNumbers((bounds,)))).frame.rows.tolist() == rows


NUMBERS = [
    ("-3", [0, 1, 3, 4, 5]),
    ("2:4", [1, 2, 3]),
    ("c(1, 4:6)", [0, 3, 4, 5]),
    ("c(6, 1)", [0, 5]),
    ("-c(1, 3)", [1, 3, 4, 5]),
    ("c(-1, -3)", [1, 3, 4, 5]),
    ("-(1:2)", [2, 3, 4, 5]),
    ("-1:-2", [2, 3, 4, 5]),
    ("0:2", [0, 1]),
    ("seq_len(2)", [0, 1]),
    ("x > 2", [3, 4, 5]),
    ("l", [0, 2, 3]),
]


@pytest.mark.parametrize(("subset", "rows"), NUMBERS)
def test_numbers_are_row_numbers_in_r(subset: str, rows: list[int]) -> None:
    model = tm.model(f"lm(y ~ 1, data = d, subset = {subset})", DATA)
    assert model.design.rows.tolist() == rows
    assert model.report.selection is not None and model.report.selection.outside == 6 - len(rows)


def test_numbers_count_the_rows_of_all_chunks(tmp_path) -> None:  # type: ignore[no-untyped-def]
    DATA.to_parquet(tmp_path / "d.parquet")
    streamed = tm.stream(tmp_path / "d.parquet", chunk=2)
    for text in ("lm(y ~ l, d, subset = -c(1, 5))", "regress y l in -3/l"):
        assert tm.model(text, streamed).design.n == tm.model(text, DATA).design.n
        assert tm.model(text, streamed).report == tm.model(text, DATA).report


REFUSED = [
    ("lm(y ~ 1, d, subset = ⟪x⟫)", "write `x != 0`"),
    ("y | ⟪subset(x > 1, l)⟫ ~ 1", "`subset()` takes one condition"),
    ("lm(y ~ 1, d, subset = ⟪x + 1⟫)", "takes numbers such as `x + 1` for the numbers of rows"),
    ("lm(y ~ 1, d, subset = !⟪x⟫)", "write `x != 0`"),
    ("lm(y ~ 1, d, subset = ⟪-43⟫)", "there is no row 43; the data have 6 rows"),
    ("regress y in ⟪2/9⟫", "there is no row 9"),
]


@pytest.mark.parametrize(("marked", "message"), REFUSED)
def test_what_chooses_no_rows(marked: str, message: str) -> None:
    mistake(lambda text: tm.model(text, DATA), marked, message, tm.TildeError)


@pytest.mark.parametrize(
    "text",
    [
        'regress y if !(x > 4) & s != "c" in 1/5',
        "lm(y ~ 1, d, subset = -c(2, 4:5))",
        "lm(y ~ 1, d, subset = -3)",
        "lm(y ~ 1, d, subset = c(1, 4:6))",
    ],
)
def test_the_source_selects_the_same_rows(text: str, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    DATA.to_csv("d.csv", index=False)
    model = tm.model(text, DATA)
    head = model.source("d.csv").split("coords =")[0]
    namespace: dict[str, pd.DataFrame] = {}
    exec(compile(head, "head", "exec"), namespace)
    assert list(namespace["data"].index) == list(model.design.rows)


def test_no_row_left_is_told_at_the_condition() -> None:
    with pytest.raises(tm.TildeError, match="no row is left") as caught:
        tm.model("regress y if x > 100 & !missing(x)", DATA)
    assert caught.value.span is not None


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("regress y x", "y ~ x"),
        ("lm(y ~ x, data = d)", "y ~ x"),
        ("lmer(y ~ x + (1 | l), data = d)", "y ~ x + (1 | l)"),
        ("mixed y c.x##i.l || l: x, cov(un)", "y ~ x * factor(l) + (1 + x | l)"),
    ],
)
def test_other_languages_are_the_same_model(text: str, formula: str) -> None:
    data = DATA.assign(l=DATA["l"].astype(int))
    ours, theirs = tm.model(formula, data), tm.model(text, data)
    pd.testing.assert_frame_equal(ours.design_matrix(), theirs.design_matrix())
    assert [t.columns for t in ours.group_terms()] == [t.columns for t in theirs.group_terms()]


def test_a_family_is_stated_once() -> None:
    with pytest.raises(tm.TildeError, match="already"):
        tm.model("logit l x", DATA, family="bernoulli")
