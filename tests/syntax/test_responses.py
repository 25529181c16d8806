"""What Bambi writes around a response."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.formula import parse_formula

SAME = [
    ("p(s, n) ~ x", "s | trials(n) ~ x"),
    ("prop(s, 20) ~ x", "s | trials(20) ~ x"),
    ("proportion(successes = s, n = n) ~ x", "s | trials(n) ~ x"),
    ("weighted(y, w) ~ x", "y | weights(w) ~ x"),
    ("censored(t / 31, status) ~ x", "t / 31 | cens(status) ~ x"),
    ("censored(a, b, status) ~ x", "a | cens(status, b) ~ x"),
    ("truncated(y, 0, 10) ~ x", "y | trunc(lb = 0, ub = 10) ~ x"),
    ("constrained(y, ub = 10) ~ x", "y | trunc(ub = 10) ~ x"),
    ("p(s, n) | weights(w) ~ x", "s | trials(n) + weights(w) ~ x"),
]


@pytest.mark.parametrize(("text", "formula"), SAME)
def test_a_function_around_the_response_stands_beside_it_here(text: str, formula: str) -> None:
    assert parse_formula(text) == parse_formula(formula)


MISTAKES = [
    ("⟪weighted(y)⟫ ~ x", "needs `weights`"),
    ("⟪truncated(y)⟫ ~ x", "needs `lb` or `ub`"),
    ("truncated(y, ⟪low = 1⟫) ~ x", "has no argument `low`"),
    ("⟪censored(y)⟫ ~ x", "needs `status`"),
]


@pytest.mark.parametrize(("marked", "told"), MISTAKES)
def test_mistakes(marked: str, told: str) -> None:
    mistake(parse_formula, marked, told, FormulaSyntaxError)
