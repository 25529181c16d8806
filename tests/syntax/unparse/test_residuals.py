"""How residuals go together, in the languages that say it and in those that do not."""

from __future__ import annotations

import pytest

from tildemc.api import convert
from tildemc.errors import UnsupportedError

CASES = [
    ("y ~ x + ar(t, g) + ma(t, g) + (1 | g)", "brms", "brm(y ~ x + ar(t, g) + ma(t, g) + (1 | g), data = d)", ""),
    ("y ~ x + ar(t, g, by = v)", "brms", "brm(y ~ x, data = d)", "brms has `ar()`"),
    ("y ~ x + corAR1(form = ~ t | g)", "brms", "brm(y ~ x, data = d)", "brms has `ar()`"),
    (
        "bf(y ~ a * x + ar(t, g), a ~ 1, nl = TRUE)",
        "brms",
        "brm(bf(y ~ a * x, a ~ 1, nl = TRUE, autocor = ~ar(t, g)), data = d)",
        "",
    ),
    ("y ~ cosy(gr = g)", "lme4", "lm(y ~ 1, data = d)", "nlme has"),
    ("y ~ x + residual(us(0 + t | g))", "glmmTMB", "glmmTMB(y ~ x, data = d)", "`dispformula = ~ 0`"),
    ("y ~ x + (1 | g) + corAR1(form = ~ t | g)", "stata", "mixed y x || g:", "`residuals()`"),
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
