"""R's sums in Stata: `ibn.` where R has every level, `##` where `*` stood, and what cannot be said."""

from __future__ import annotations

import pytest

from tildemc.syntax.command import convert

SUMS = [
    ("y ~ factor(a) * x", "regress y i.a##c.x"),
    ("y ~ factor(a) + factor(a):x", "regress y i.a i.a#c.x"),
    ("y ~ 0 + factor(a) + factor(b)", "regress y ibn.a i.b, noconstant"),
    ("y ~ 0 + factor(a):factor(b)", "regress y ibn.a#ibn.b, noconstant"),
    ("y ~ 0 + factor(a) * x", "regress y ibn.a##c.x, noconstant"),
    ("y ~ factor(a) * x - 1", "regress y ibn.a##c.x, noconstant"),
    ("y ~ x * w - x", "regress y w c.x#c.w"),
    ("y ~ x:x + x * x", "regress y x"),
    ("y ~ (x + w):factor(a)", "regress y (c.x c.w)#i.a"),
    ("y ~ 0 + Intercept + x", "regress y x"),
    ('y ~ relevel(factor(a), "3") + C(b, SAS)', "regress y ib3.a ib(last).b"),
    ("y ~ x + (0 + factor(a) | g)", "mixed y x || g: ibn.a, noconstant covariance(unstructured)"),
    ("y ~ x + (0 + factor(a) || g)", "mixed y x || g: ibn.a, noconstant"),
    ("y ~ x + (factor(a) | g)", "mixed y x || g: i.a, covariance(unstructured)"),
    ("y ~ x + (1 | g:a)", "mixed y x || g:, noconstant || a:"),
    ("y ~ x + (1 | g:a) + (1 | g:b)", "mixed y x || g: R.a || g:, noconstant || b:"),
    ("y ~ x + (1 | g:a) + (1 | h)", "mixed y x || _all: R.h || g: R.a"),
    ("y ~ x + (1 | g); sigma ~ 0 + factor(v)", "mixed y x || g:, residuals(independent, by(v))"),
    ("y ~ x; sigma ~ factor(v)", "mixed y x, residuals(independent, by(v))"),
]


@pytest.mark.parametrize(("formula", "command"), SUMS)
def test_what_stata_says(formula: str, command: str) -> None:
    found = convert(formula, "stata")
    assert (found.text, found.cannot_say) == (command, ())


UNSAID = [
    ("y ~ factor(t) + factor(b):x + factor(t):factor(b)", "the columns of `factor(t) + factor(b):x + "),
    ("y ~ x + (0 + indicators(a) | g) + scale(w)", "the term `scale(w)`"),
    ("y ~ C(a, sum)", "the term `C(a, sum)`: make a column of it first"),
    ("y ~ (x + w)^2", "the term `(x + w)^2`: write it out"),
    ("y ~ x.1 + w", "the term `x.1`"),
    ("y ~ x + (x | g) + (w | h)", "crossed levels have random intercepts alone in Stata"),
    ("y ~ x + (1 | a:b:c) + (x | g)", "the effects by `a:b:c`"),
    ("y ~ x; sigma ~ x", "Stata has only residual variances by a factor's levels"),
    ("y | trials(n.1) ~ x", "the column `n.1`"),
]


@pytest.mark.parametrize(("formula", "part"), UNSAID)
def test_what_stata_cannot_say(formula: str, part: str) -> None:
    assert any(part in unsaid for unsaid in convert(formula, "stata").cannot_say)


def test_columns_that_are_factors_are_told() -> None:
    assert (
        convert("y ~ a * x + (a | g)", "stata", factors=["a"]).text
        == "mixed y i.a##c.x || g: i.a, covariance(unstructured)"
    )
    assert convert("y ~ x; sigma ~ 0 + v", "stata", factors=["v"]).text == "mixed y x, residuals(independent, by(v))"
