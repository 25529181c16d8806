"""brms's older `autocor =` is today's term of the formula."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.command import read
from tildemc.syntax.formula import parse_formula

TODAY = [
    ("cor_ar(~ t | g)", "ar(time = t, gr = g)"),
    ("cor_ar(~ t | g, p = 2)", "ar(time = t, gr = g, p = 2)"),
    ("cor_ar(~ 1 | g)", "ar(gr = g)"),
    ("brms::cor_ar()", "ar()"),
    ("cor_ma(~ t, q = 1, cov = TRUE)", "ma(time = t, q = 1, cov = TRUE)"),
    ("cor_arma(~ t | g, p = 1, q = 1)", "arma(time = t, gr = g, p = 1, q = 1)"),
    ("cor_arma(~ t | g, p = 1)", "ar(time = t, gr = g, p = 1)"),
    ("cor_arma(~ t | g, q = 2)", "ma(time = t, gr = g, q = 2)"),
    ("cor_cosy(~ t | g)", "cosy(time = t, gr = g)"),
    ('cor_car(W, ~ 1 | g, type = "icar")', 'car(W, gr = g, type = "icar")'),
    ("cor_icar(W, ~ 1 | g)", 'car(W, gr = g, type = "icar")'),
    ("cor_errorsar(W)", 'sar(W, type = "error")'),
    ("cor_fixed(V)", "fcor(V)"),
]


@pytest.mark.parametrize(("older", "today"), TODAY)
def test_older_correlations_are_todays_terms(older: str, today: str) -> None:
    assert read(f"brm(y ~ x, data = d, autocor = {older})").formula == parse_formula(f"y ~ x + {today}")


def test_no_correlation_is_none() -> None:
    assert read("brm(y ~ x, data = d, autocor = NULL)").formula == parse_formula("y ~ x")


MISTAKES = [
    ("⟪cor_arr(~ t)⟫", "did you mean `cor_ar`?"),
    ("⟪acor⟫", "`acor` is not bound in the text"),
    ("cor_ar(⟪t⟫)", "are a formula, as in `~ t | g`"),
]


@pytest.mark.parametrize(("marked", "said"), MISTAKES)
def test_mistakes(marked: str, said: str) -> None:
    mistake(lambda text: read(text), f"brm(y ~ x, data = d, autocor = {marked})", said, FormulaSyntaxError)
