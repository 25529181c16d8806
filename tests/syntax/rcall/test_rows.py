"""R's `subset =`: numbers of rows, and conditions."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import SemanticError, TildeError, UnsupportedError
from tildemc.syntax.command import convert, read
from tildemc.syntax.steps import RowNumbers

NUMBERS = [
    ("-43", RowNumbers(((43, 43),), others=True)),
    ("c(7, 1:3)", RowNumbers(((1, 3), (7, 7)))),
    ("-c(2, 9:11)", RowNumbers(((2, 2), (9, 11)), others=True)),
    ("(5:1)", RowNumbers(((1, 5),))),
    ("seq_len(10)", RowNumbers(((1, 10),))),
    ("x > 3", None),
    ("NULL", None),
]


@pytest.mark.parametrize(("subset", "numbers"), NUMBERS)
def test_numbers(subset: str, numbers: RowNumbers | None) -> None:
    statement = read(f"lmer(y ~ x + (1 | g), d, subset = {subset})")
    assert statement.row_numbers == numbers
    assert (statement.rows is None) == (subset != "x > 3")


MISTAKES = [
    ("lm(y ~ x, d, subset = ⟪c(1, -2)⟫)", SemanticError, "all above zero, or all below"),
    ("lm(y ~ x, d, subset = ⟪-1:3⟫)", SemanticError, "all above zero, or all below"),
    ("lm(y ~ x, d, subset = c(1, ⟪2.5⟫))", SemanticError, "a whole number"),
    ("lm(y ~ x, d, subset = ⟪c(1:5, 3)⟫)", UnsupportedError, "row 3 stands twice"),
    ("lm(y ~ x, subset(d, ⟪-43⟫))", SemanticError, "one condition"),
    ("lm(y ~ x, subset(d, x > 1), subset = ⟪-43⟫)", UnsupportedError, "count the rows that `subset(d, x > 1)` leaves"),
]


@pytest.mark.parametrize(("marked", "kind", "fragment"), MISTAKES)
def test_mistakes(marked: str, kind: type[TildeError], fragment: str) -> None:
    mistake(read, marked, fragment, kind)


CONVERTED = [
    ("lm(y ~ x, d, subset = -43)", "lme4", "lm(y ~ x, data = d, subset = -43)", ()),
    ("lm(y ~ x, d, subset = c(1:5, 9))", "glmmTMB", "glmmTMB(y ~ x, data = d, subset = c(1:5, 9))", ()),
    ("lm(y ~ x, d, subset = 2:9)", "stata", "regress y x in 2/9", ()),
    ("regress y x in 2/9", "lme4", "lm(y ~ x, data = d, subset = 2:9)", ()),
    ("regress y x in -9/l", "lme4", "lm(y ~ x, data = d)", ("the last 9 rows: take them before",)),
    ("lm(y ~ x, d, subset = -43)", "brms", "brm(y ~ x, data = d)", ("all rows but 43: take them before",)),
    ("lm(y ~ x, d, subset = -43)", "stata", "regress y x", ("all rows but 43: Stata has one range of rows",)),
]


@pytest.mark.parametrize(("text", "target", "expected", "unsaid"), CONVERTED)
def test_numbers_in_other_languages(text: str, target: str, expected: str, unsaid: tuple[str, ...]) -> None:
    found = convert(text, target)
    assert (found.text, found.cannot_say) == (expected, unsaid)
