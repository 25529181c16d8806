"""A column of numbers, or of true and false, with stray text is refused where it is bare; labels like these are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tildemc as tm
from tildemc.errors import DataError
from tildemc.resolve.numerals import has_decimal_commas, looks_meant

N = 20
NUMBERS = [str(round(0.37 * i, 2)) for i in range(N)]

STRAYS = {
    "another word for nothing": ("N/a", r"Say what .*na=\['N/a'\]"),
    "Stata's and SAS's point": (".", r"na=\['\.'\]"),
    "a letter": ("x", r"na=\['x'\]"),
    "a dash": ("-", r"na=\['-'\]"),
    "a word": ("missing", r"na=\['missing'\]"),
    "a spreadsheet's error": ("#DIV/0!", r"na=\['#DIV/0!'\]"),
    "a space": (" ", r"na=\[' '\]"),
    "a question mark": ("?", r"na=\['\?'\]"),
    "digits with an underscore": ("1_000", r"na=\['1_000'\]"),
    "two numbers": ("1 / 2", r"na=\['1 / 2'\]"),
    "thousands": ("1,001", "may have separated thousands or a decimal comma"),
    "thousands of thousands": ("1'234'567.5", "may have separated thousands"),
    "a decimal comma": ("1,5", r"'1,5' has a decimal comma: .*csv={\"decimal\": \",\"}, `--csv decimal=,`"),
    "a percentage": ("12%", "has a sign beside the number"),
    "a bound": ("<0.5", "has a sign beside the number"),
    "a typographer's minus": ("−5.5", "has a minus that is not the keyboard's"),
    "a price": ("$1,200", "has a sign beside the number"),
}


def with_stray(stray: str) -> pd.DataFrame:
    """Two of the numbers are something else."""
    return pd.DataFrame({"y": range(N), "x": [stray if i in (3, 11) else NUMBERS[i] for i in range(N)]})


@pytest.mark.parametrize("kind", STRAYS)
def test_a_stray_text_is_told_with_its_row_and_what_would_work(kind: str, tmp_path: Path) -> None:
    stray, message = STRAYS[kind]
    with_stray(stray).to_csv(tmp_path / "d.csv", index=False)
    with pytest.raises(DataError, match=rf"`x` is text, since 2 of its 20 values .* in row 3.*{message}") as caught:
        tm.model("y ~ x", tmp_path / "d.csv")
    assert "write factor(x)" in str(caught.value)
    assert str(caught.value).endswith("^")


TRUTHS = {
    "a word for nothing, among R's": (["TRUE", "FALSE", "N/a"], r"na=\['N/a'\]"),
    "an opinion, among Python's": (["True", "False", "maybe"], r"na=\['maybe'\]"),
    "a point, among JavaScript's": (["true", "false", "."], r"na=\['\.'\]"),
    "a number that is none": (["TRUE", "FALSE", "9"], r"na=\['9'\]"),
    "only one of the two": (["TRUE", "TRUE", "unknown"], r"na=\['unknown'\]"),
    "another writing": (["TRUE", "FALSE", "T"], "is true or false in another writing: write it in one way"),
    "small letters": (["TRUE", "FALSE", "true"], "'true' is true or false in another writing"),
    "digits": (["TRUE", "FALSE", "1"], "is true or false in another writing: write it in one way"),
}


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
@pytest.mark.parametrize("kind", TRUTHS)
def test_a_stray_text_among_truths_is_told_too(kind: str, suffix: str, tmp_path: Path) -> None:
    (one, two, stray), message = TRUTHS[kind]
    data = pd.DataFrame({"y": range(N), "x": [stray if i in (3, 11) else (one, two)[i % 2] for i in range(N)]})
    path = tmp_path / f"d.{suffix}"
    match suffix:
        case "csv":
            data.to_csv(path, index=False)
        case "parquet":
            data.to_parquet(path)
        case _:
            pytest.importorskip("openpyxl")
            data.replace({"x": {"TRUE": True, "FALSE": False}}).to_excel(path, index=False)
    for given in (path, data) if (kind, suffix) != ("small letters", "csv") else (data,):
        with pytest.raises(DataError, match=rf"2 of its 20 values are neither true nor false: .* in row 3.*{message}"):
            tm.model("y ~ x", given)
        assert tm.model("y ~ factor(x)", given).report.held["x"] == "labels"


MIXED: dict[str, tuple[list[Any], str]] = {
    "a word for nothing": ([1.5, 2, "N/a"], r"'N/a' in row 2 .* na=\['N/a'\]"),
    "a code among ids": ([101, 102, "A7"], r"'A7' in row 2 .* write factor\(x\)"),
    "a number's text": ([1, 2, "3"], "'3' is text among numbers: make numbers of such cells"),
    "a decimal comma": ([1, 2, "3,5"], "'3,5' has a decimal comma"),
    "gaps too": ([1, None, "x"], r"6 of its 12 values are no numbers: 'x' in row 2"),
}


@pytest.mark.parametrize("kind", MIXED)
def test_text_among_numbers_in_memory_is_told_too(kind: str) -> None:
    values, message = MIXED[kind]
    data = pd.DataFrame({"y": range(18), "x": pd.Series(values * 6, dtype=object)})
    with pytest.raises(DataError, match=message):
        tm.model("y ~ x", data)
    data.index = [f"r{i}" for i in range(18)]  # type: ignore[assignment]
    with pytest.raises(DataError, match=r"in row 2 \(index 'r2'\)"):
        tm.model("y ~ x", data)


FRAMES: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "pandas": lambda data, _: data,
    "objects": lambda data, _: data.astype({"x": object}),
    "polars": lambda data, _: pl.DataFrame(data.to_dict("list")),
    "arrow": lambda data, _: pa.table(data.to_dict("list")),
    "mapping": lambda data, _: data.to_dict("list"),
    "parquet": lambda data, path: data.to_parquet(path / "d.parquet") or path / "d.parquet",
    "stream": lambda data, path: data.to_parquet(path / "d.parquet") or tm.stream(path / "d.parquet", chunk=7),
    "Excel": lambda data, path: data.to_excel(path / "d.xlsx", index=False) or path / "d.xlsx",
}


@pytest.mark.parametrize("frame", FRAMES)
def test_whatever_the_data_come_in(frame: str, tmp_path: Path) -> None:
    if frame == "Excel":
        pytest.importorskip("openpyxl")
    with pytest.raises(DataError, match="2 of its 20 values are no numbers: 'N/a' in row 3 and 1 more"):
        tm.model("y ~ x", FRAMES[frame](with_stray("N/a"), tmp_path))


def test_cells_of_numbers_among_cells_of_text_in_a_workbook(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    data = pd.DataFrame({"y": range(6), "x": pd.Series([1.5, 2, "N/a", 4, 5, 6], dtype=object)})
    data.to_excel(tmp_path / "d.xlsx", index=False)
    with pytest.raises(DataError, match="'N/a' in row 2"):
        tm.model("y ~ x", tmp_path / "d.xlsx")
    assert tm.model("y ~ x", tmp_path / "d.xlsx", na=["N/a"]).report.missing == {"x": 1}


CELLS: dict[str, tuple[list[Any], str]] = {
    "a truth among numbers": ([1.5, True, 2, 3], "1 of its 4 values is no number: 'True' in row 1"),
    "numbers among truths": ([True, False, True, 1], "1 of its 4 values is neither true nor false: '1' in row 3"),
    "text among truths": ([True, False, True, "TRUE"], "1 of its 4 values is neither .* 'TRUE' is true or false in"),
}


@pytest.mark.parametrize("kind", CELLS)
def test_cells_of_several_types_in_a_workbook(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    cells, message = CELLS[kind]
    pd.DataFrame({"y": range(4), "x": pd.Series(cells, dtype=object)}).to_excel(tmp_path / "d.xlsx", index=False)
    with pytest.raises(DataError, match=message):
        tm.model("y ~ x", tmp_path / "d.xlsx")


def test_truths_in_cells_of_text_are_truths_and_told(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    data = pd.DataFrame({"y": range(4), "x": ["TRUE", "False", None, "TRUE"]})
    data.to_excel(tmp_path / "d.xlsx", index=False)
    model = tm.model("y ~ x", tmp_path / "d.xlsx")
    assert model.report.held["x"] == "truth values"
    assert model.report.notes == ("`x` has true and false in cells of text",)


def test_numbers_in_cells_of_text_are_numbers_and_told(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    data = pd.DataFrame({"y": range(6), "x": pd.Series([1.5, 2, "3", "4.5", 5, None], dtype=object)})
    data.to_excel(tmp_path / "d.xlsx", index=False)
    model = tm.model("y ~ x", tmp_path / "d.xlsx")
    assert model.design_matrix().filter(regex="^(?!Intercept)").to_numpy().ravel().tolist() == [1.5, 2, 3, 4.5, 5]
    assert model.report.notes == ("`x` has numbers in cells of text",)
    assert "dtype" not in model.source()


BARE = {
    "a term": "y ~ x",
    "an interaction": "y ~ x:y2",
    "a response": "x ~ y",
    "arithmetic": "y ~ I(x^2)",
    "a function": "y ~ log(x)",
    "a slope": "y ~ 1 + (x | g)",
    "an offset": "y ~ 1 + offset(x)",
    "weights": "y | weights(x) ~ 1",
    "another parameter": "y ~ 1; sigma ~ x",
    "a rest of columns": "y ~ . - g - y2",
    "a comparison with a number": "y ~ I(x > 1)",
    "a Stata command": "regress y x",
    "an R call": "lm(y ~ x)",
    "rows without the stray": 'regress y x if g == "a"',
}
AS_LABELS = {
    "a group": "y ~ 1 + (1 | x)",
    "a part of a nested group": "y ~ 1 + (1 | g/x)",
    "by()": "y ~ 1; sigma ~ by(x)",
    "factor()": "y ~ factor(x)",
    "chosen contrasts": "y ~ C(x, sum)",
    "a comparison with a text": "y ~ I(x == 'N/a')",
    "Stata's indicators": "regress y i.x",
    "Stata's rows": 'regress y y2 if x != "N/a"',
    "Stata's group": "mixed y y2 || x:",
}


def with_groups() -> pd.DataFrame:
    """Numbers that repeat, so that they can be levels."""
    data = pd.DataFrame({"y": range(N), "y2": [i * i for i in range(N)], "g": ["a", "b"] * (N // 2)})
    return data.assign(x=[("1", "2", "3", "N/a")[i * 7 % 5 % 4] if i % 2 else "2" for i in range(N)])


@pytest.mark.parametrize("role", BARE)
def test_a_bare_column_is_refused_in_every_role(role: str) -> None:
    with pytest.raises(DataError, match="`x` is text, since"):
        tm.model(BARE[role], with_groups())


@pytest.mark.parametrize("role", AS_LABELS)
def test_text_is_text_where_labels_are_asked_for(role: str) -> None:
    tm.model(AS_LABELS[role], with_groups())


IN_MEMORY = {"TRUE and FALSE": {"1": "TRUE", "2": "FALSE", "3": "TRUE"}, "numbers": {"1": 1, "2": 2, "3": 3}}


@pytest.mark.parametrize("values", IN_MEMORY)
@pytest.mark.parametrize("role", [*BARE, *AS_LABELS])
def test_truths_and_cells_of_numbers_follow_the_same_rule(role: str, values: str) -> None:
    data = with_groups()
    data["x"] = pd.Series([IN_MEMORY[values].get(text, text) for text in data["x"]], dtype=object)
    if role in AS_LABELS:
        tm.model(AS_LABELS[role], data)
        return
    with pytest.raises(DataError, match="`x` is text, since"):
        tm.model(BARE[role], data)


FACTORS: dict[str, Any] = {
    "words": ["low", "high"],
    "words with one number": ["low", "mid", "high", "1"],
    "ranges": ["18-24", "25-34", "35-44"],
    "dates": ["2020-01-05", "2020-02-05", "2020-03-05"],
    "versions": ["1.2.3", "1.2.4", "1.3.0"],
    "times": ["10:30", "11:30", "12:30"],
    "numbers that someone made text of": ["0.5", "1", "2"],
    "a factor by its type in polars": pl.Series(["1", "2", "x"]).cast(pl.Categorical),
    "a declared factor": pd.Categorical(["1", "2", "x"]),
    "a declared factor of truths": pd.Categorical(["TRUE", "FALSE", "x"]),
    "a declared factor of numbers and text": pd.Categorical([1, 2, "x"]),
    "dates with a word": ["2020-01-05", "2020-02-05", "unknown"],
    "answers of a questionnaire": ["yes", "no", "1"],
    "truths that someone made text of": ["TRUE", "FALSE", "TRUE"],
    "words with one truth": ["low", "mid", "high", "true"],
    "words with one cell of a number": pd.Series(["low", "mid", "high", 1], dtype=object),
}


@pytest.mark.parametrize("kind", FACTORS)
def test_text_that_was_never_numbers_is_a_factor(kind: str) -> None:
    values = FACTORS[kind]
    times = 24 // len(values)
    if isinstance(values, pl.Series):
        data: Any = pl.DataFrame({"x": pl.concat([values] * times), "y": range(len(values) * times)})
    else:
        column = pd.Series(values).repeat(times).reset_index(drop=True)
        data = pd.DataFrame({"x": column, "y": range(len(column))})
    assert tm.model("y ~ x", data).report.held["x"] == "labels"


def test_a_column_is_what_it_is_in_all_rows() -> None:
    """A subset without the strays, or a batch's group of rows, does not make a factor of it."""
    data = with_stray("N/a").assign(g=lambda d: (d["x"] == "N/a").map({True: "b", False: "a"}))
    with pytest.raises(DataError, match="'N/a' in row 3"):
        tm.model('regress y x if g == "a"', data)


@pytest.mark.parametrize(
    ("text", "looks"),
    [("1", True), ("-1.5e3", True), (" 2 ", True), ("1,5", True), ("€5", True), ("1.234,5", True), ("", False),
     ("A7", False), ("1-2", False), ("inf", False), ("1 2", False), ("10/11", False), ("%", False),
     (7, True), ("TRUE", True), ("false", True), ("T", False), ("yes", False), ("tRUE", False)],
)  # fmt: skip
def test_what_looks_like_a_number_or_a_truth(text: Any, looks: bool) -> None:
    assert looks_meant(text) is looks


@pytest.mark.parametrize(
    ("texts", "commas"),
    [(["1,5", "2"], True), (["0,125"], True), (["1,001", "2,002"], False), (["1,001", "0,5"], True), (["1.5"], False),
     (["a", "b", "1,5"], False), (["-1,5e3", "2"], True)],
)  # fmt: skip
def test_which_columns_can_only_have_decimal_commas(texts: list[str], commas: bool) -> None:
    assert has_decimal_commas(texts) is commas
