"""Formulas: statements, modifiers of the response, `bf(...)`."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import FormulaSyntaxError, TildeError, UnsupportedError
from tildemc.syntax.formula import parse_formula, parse_one_sided
from tildemc.syntax.tree import Formula, deparse


def written(formula: Formula) -> list[str]:
    """The response and each predictor, as R would print them."""
    return [deparse(formula.response), *(f"{p.parameter} ~ {deparse(p.right)}" for p in formula.predictors)]


ONE = ["y", "mu ~ x + (1 | g)"]
TWO = ["y", "mu ~ x", "sigma ~ z"]

LAYOUTS = [
    ("y ~ x + (1 | g)", ONE),
    ("\n\n  y ~ x + (1 | g)\n\n", ONE),
    ("\ufeffy\u00a0~ x + (1 | g)", ONE),
    ("y ~ x +\n  (1 | g)", ONE),
    ("y ~ x\n  + (1 | g)", ONE),
    ("y\n~\nx + (1\n|\ng)", ONE),
    ("y ~ x # slope\n # group\n\n + (1 | g) # end", ONE),
    ("# first\ny ~ x + (1 | g);", ONE),
    ("(y ~ x + (1 | g))", ONE),
    ("bf(y ~ x + (1 | g))", ONE),
    ("y ~ x; sigma ~ z", TWO),
    (";; y ~ x;;\n; sigma ~ z;", TWO),
    ("y ~ x\nsigma ~ z", TWO),
    ("y ~ x\r\nsigma ~ z\r\n", TWO),
    ("y ~ x\n\n  # spread ~ z\n\n  sigma ~ z", TWO),
    ("y ~ x # mean\n  sigma\t~ z # spread", TWO),
    ("y ~ x\nsigma ~\n  z", TWO),
    ("bf(y ~ x, sigma ~ z)", TWO),
    ("bf(y ~ x,\n   sigma ~ z)", TWO),
    ("bf(\n y ~ x\n , sigma ~ z)", TWO),
    ("bf(\n  y ~ x,\n\n  # spread\n  sigma ~ z\n)\n", TWO),
    ("brms::brmsformula(formula = y ~ x, sigma ~ z)", TWO),
    ("bf(y ~ x)\nsigma ~ z", TWO),
]


@pytest.mark.parametrize(("text", "expected"), LAYOUTS)
def test_layout_says_nothing(text: str, expected: list[str]) -> None:
    assert written(parse_formula(text)) == expected


def test_a_formula_keeps_its_text_and_its_places() -> None:
    text = "log(y) ~ x\nsigma ~ z + (1 | g)"
    formula = parse_formula(text)
    assert str(formula) == text
    assert [str(predictor.span) for predictor in formula.predictors] == ["log(y) ~ x", "sigma ~ z + (1 | g)"]
    assert all(predictor.right.span.text == text for predictor in formula.predictors)


def test_layout_does_not_count_in_equality() -> None:
    assert parse_formula("y ~ x; sigma ~ z") == parse_formula("bf(y~x, sigma~z)")


def test_modifiers_of_the_response() -> None:
    formula = parse_formula("y | trials(n) + trunc(lb = 0) ~ x")
    assert deparse(formula.response) == "y"
    assert [modifier.function for modifier in formula.modifiers] == ["trials", "trunc"]
    assert [str(modifier.span) for modifier in formula.modifiers] == ["trials(n)", "trunc(lb = 0)"]
    assert formula.modifiers[1].arguments[0].name == "lb"


def test_a_response_may_be_any_expression() -> None:
    assert deparse(parse_formula("cbind(s, f) ~ 1").response) == "cbind(s, f)"
    assert deparse(parse_formula("log(y + 1) ~ 1").response) == "log(y + 1)"


@pytest.mark.parametrize(
    "term", ["diag(f | g)", "us(1 + x | g)", "I(a | b)", "factor(a | b)", "(x | ID | g)", "gp(x, k = 5)"]
)
def test_functions_of_bars_are_calls(term: str) -> None:
    assert deparse(parse_formula(f"y ~ {term}").predictors[0].right) == term


def test_one_sided() -> None:
    assert deparse(parse_one_sided("~ x + f:g")) == "x + f:g"
    for text in ("y ~ x", "x", ""):
        with pytest.raises(FormulaSyntaxError):
            parse_one_sided(text)


CURVED = [
    "bf(y ~ a * exp(b), a + b ~ x, nl = TRUE)",
    "bf(y ~ a * exp(b), nl = TRUE) + lf(a ~ x, b ~ x)",
    "bf(y ~ a * exp(b)) + lf(a ~ x) + lf(b ~ x) + set_nl()",
    "bf(nlf(y ~ a * exp(b)), a ~ x, b ~ x)",
]


@pytest.mark.parametrize("text", CURVED)
def test_arithmetic_of_parameters_is_told_from_sums_of_terms(text: str) -> None:
    formula = parse_formula(text)
    told = [(predictor.parameter, deparse(predictor.right), predictor.curve) for predictor in formula.predictors]
    assert told == [("mu", "a * exp(b)", True), ("a", "x", False), ("b", "x", False)]


NOT_TAKEN = [
    ("bf(y ~ x, nu ~ x, ⟪nu = 3⟫)", FormulaSyntaxError, "`nu` is modelled already, and cannot be a number"),
    ("bf(y ~ x, nu = 3, ⟪nu = 4⟫)", FormulaSyntaxError, "`nu` is given twice"),
    ("bf(y ~ x, ⟪family = gaussian()⟫)", UnsupportedError, "named apart"),
    ("bf(y ~ a * exp(x), a ~ 1, ⟪nl = yes⟫)", FormulaSyntaxError, "`nl` is TRUE or FALSE"),
    ("bf(y ~ x, ⟪center = FALSE⟫)", UnsupportedError, "`center` is not supported"),
    ("bf(y ~ x) + ⟪gaussian()⟫", UnsupportedError, "bf(y ~ x, sigma ~ z)"),
    ("⟪bf()⟫", FormulaSyntaxError, "needs a formula"),
    ("bf(⟪~ x⟫)", FormulaSyntaxError, "a response is needed"),
    ("bf(y ~ x, ⟪z⟫)", FormulaSyntaxError, "every statement needs `~`"),
    ("y | ⟪w⟫ ~ x", FormulaSyntaxError, "stand functions"),
    ("y | trials(n) | ⟪weights(w)⟫ ~ x", FormulaSyntaxError, "with `+`"),
    ("⟪y || trials(n)⟫ ~ x", FormulaSyntaxError, "write one `|`"),
    ("y ~ x; sigma ~ z; ⟪sigma⟫ ~ w", FormulaSyntaxError, "two statements"),
    ("y ~ x; ⟪mu⟫ ~ z", FormulaSyntaxError, "predictors of `mu` already"),
    ("y ~ x; ⟪~ z⟫", FormulaSyntaxError, "a parameter is needed"),
    ("y ~ x; a + ⟪a⟫ ~ z", FormulaSyntaxError, "two statements"),
    ("y ~ x; ⟪log(s)⟫ ~ z", FormulaSyntaxError, "name alone"),
    ("y ~ x; ⟪z⟫", FormulaSyntaxError, "every statement needs `~`"),
    ("y ~ (⟪a ~ b⟫)", FormulaSyntaxError, "none in parentheses"),
]


@pytest.mark.parametrize(("marked", "kind", "fragment"), NOT_TAKEN)
def test_what_is_not_taken_says_what_would_be(marked: str, kind: type[TildeError], fragment: str) -> None:
    mistake(parse_formula, marked, fragment, kind)
