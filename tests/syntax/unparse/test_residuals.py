"""How residuals go together, in the languages that say it and in those that do not."""

from __future__ import annotations

import pytest

from tildemc.api import convert
from tildemc.errors import UnsupportedError

CASES = [
    ("y ~ x + ar(t, g) + ma(t, g) + (1 | g)", "brms", "brm(y ~ x + ar(t, g) + ma(t, g) + (1 | g), data = d)", ""),
    ("y ~ x + ar(t, g, by = v)", "brms", "brm(y ~ x, data = d)", "brms has `ar()`"),
    (
        "y ~ x + corAR1(form = ~ t | g)",
        "brms",
        "brm(y ~ x + ar(time = t, gr = g, p = 1, cov = TRUE), data = d)",
        "`sigma` is the sd of what a row brings anew and rows next to each other in time are one step apart",
    ),
    ("y ~ x + corExp(form = ~ t | g)", "brms", "brm(y ~ x, data = d)", "brms has `ar()`"),
    (
        "y ~ x + residual(us(0 + factor(t) | g))",
        "brms",
        "brm(bf(y ~ x + unstr(time = t, gr = g), sigma ~ 0 + factor(t)), data = d)",
        "",
    ),
    (
        "bf(y ~ a * x + ar(t, g), a ~ 1, nl = TRUE)",
        "brms",
        "brm(bf(y ~ a * x, a ~ 1, nl = TRUE, autocor = ~ar(t, g)), data = d)",
        "",
    ),
    ("y ~ cosy(gr = g)", "lme4", "lm(y ~ 1, data = d)", "nlme has"),
    ("y ~ x + residual(us(0 + t | g))", "glmmTMB", "glmmTMB(y ~ x, data = d)", "`dispformula = ~ 0`"),
    ("y ~ x + (1 | g) + corAR1(form = ~ t | g)", "stata", "mixed y x || g:, residuals(ar 1, t(t))", ""),
    ("y ~ x + ar(t, g)", "stata", "mixed y x || g:, noconstant residuals(ar 1, t(t))", "the sd of every residual"),
    ("y ~ x + corExp(form = ~ t | g)", "stata", "mixed y x", "`residuals()`"),
    ("y ~ x + ar(p = 2)", "stata", "mixed y x", "and here all do"),
    (
        "y ~ x + (1 | g) + corExp(form = ~ t | g); sigma ~ by(v)",
        "stata",
        "mixed y x || g:, residuals(independent, by(v))",
        "`residuals()`",
    ),
    (
        "y ~ x + (1 | s) + corAR1(form = ~ t | s/g)",
        "stata",
        "mixed y x || s: || g:, noconstant residuals(ar 1, t(t))",
        "",
    ),
    ("y ~ x + (1 | g) + corAR1(form = ~ t | s)", "stata", "mixed y x || g:, residuals(ar 1, t(t))", "lowest level"),
    (
        "y ~ x + (x | a/b) + corAR1(form = ~ t | a/b)",
        "nlme",
        "lme(y ~ x, data = d, random = list(a = ~ x, b = ~ x), correlation = corAR1(form = ~t | a/b))",
        "",
    ),
    (
        "mixed y x || g:, residuals(un, t(t))",
        "nlme",
        "lme(y ~ x, data = d, random = ~ 1 | g, correlation = corSymm(form = ~as.integer(factor(t)) | g), "
        "weights = varIdent(form = ~ 1 | t))",
        "",
    ),
    ("y ~ x + cosy(gr = g)", "nlme", "gls(y ~ x, data = d, correlation = corCompSymm(form = ~1 | g))", "below 0"),
    ("y ~ x + corExp(form = ~ t | g)", "formula", "y ~ x + corExp(form = ~t | g)", ""),
]


@pytest.mark.parametrize(("text", "to", "said", "unsaid"), CASES)
def test_what_a_language_cannot_say_of_residuals_is_told(text: str, to: str, said: str, unsaid: str) -> None:
    found = convert(text, to)
    assert found.text == said
    assert unsaid in " ".join(found.cannot_say)
    assert bool(found.cannot_say) == bool(unsaid)


def test_a_variance_that_follows_the_mean_is_refused_where_no_parameter_is_the_mean() -> None:
    with pytest.raises(UnsupportedError, match="brms has no `mu` in arithmetic"):
        convert("gls(y ~ x, weights = varPower())", "brms")
