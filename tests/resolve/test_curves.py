"""Non-linear formulas: what they mean, on numbers worked out by hand, and what is refused where."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

import tildemc as tm
from marked import mistake
from tildemc.arrays import Floats
from tildemc.errors import PriorError, SemanticError, TildeError, UnsupportedError

PRIORS = ("a.b ~ normal(0, 5)", "b.b ~ normal(0, 2)")


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    x = rng.uniform(1, 9, 30)
    frame = pd.DataFrame({"x": x, "z": rng.normal(size=30), "g": np.resize(["p", "q", "r"], 30)})
    mean = 2 + 3 * np.exp(-0.4 * x)
    return frame.assign(y=mean + 0.1 * rng.normal(size=30), n=rng.poisson(mean), hit=np.resize([0, 1, 1], 30))


Twin = Callable[[pd.DataFrame], Floats]

MEANINGS: list[tuple[str, str, dict[str, object], Twin]] = [
    (
        "y ~ a * exp(-b * x), a + b ~ 1", "gaussian", {"a": 4.0, "b": 0.2, "sigma": 0.5},
        lambda d: stats.norm.logpdf(d.y, 4 * np.exp(-0.2 * d.x), 0.5),
    ),
    (
        "y ~ a - x^b / (1 + log(x)), a ~ 1, b ~ 1", "gaussian", {"a": 4.0, "b": 0.7, "sigma": 0.5},
        lambda d: stats.norm.logpdf(d.y, 4 - d.x**0.7 / (1 + np.log(d.x)), 0.5),
    ),
    (
        "n ~ a + ifelse(x >= b, x - b, 0), a + b ~ 1", "poisson", {"a": 0.3, "b": 6.0},
        lambda d: stats.poisson.logpmf(d.n, np.exp(0.3 + np.maximum(d.x - 6, 0))),
    ),
    (
        "hit ~ a + inv_logit(b * z), a + b ~ 1", "bernoulli", {"a": -0.5, "b": 2.0},
        lambda d: stats.bernoulli.logpmf(d.hit, 1 / (1 + np.exp(0.5 - 1 / (1 + np.exp(-2 * d.z))))),
    ),
    (
        "y ~ square(a) * fmin(x, 5) + log(b, 2) - abs(a - 5) + step(x - 4), a + b ~ 1", "gaussian",
        {"a": 1.5, "b": 0.2, "sigma": 2.0},
        lambda d: stats.norm.logpdf(d.y, 2.25 * np.minimum(d.x, 5) + np.log2(0.2) - 3.5 + (d.x >= 4), 2.0),
    ),
    (
        "y ~ logit(a) + lgamma(b * x) + tanh(b) * Phi(x) + pmax(a, b) - cosh(b) + inv_cloglog(a), a + b ~ 1",
        "gaussian",
        {"a": 0.4, "b": 0.7, "sigma": 2.0},
        lambda d: stats.norm.logpdf(
            d.y,
            np.log(0.4 / 0.6) + special.gammaln(0.7 * d.x) + np.tanh(0.7) * stats.norm.cdf(d.x) + 0.7 - np.cosh(0.7)
            + 1 - np.exp(-np.exp(0.4)),
            2.0,
        ),
    ),
    (
        "y ~ part + z, nlf(part ~ a / x), nlf(sigma ~ b * x), a + b ~ 1", "gaussian", {"a": 4.0, "b": 0.1},
        lambda d: stats.norm.logpdf(d.y, 4 / d.x + d.z, np.exp(0.1 * d.x)),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "family", "values", "twin"), MEANINGS, ids=[case[0] for case in MEANINGS])
def test_densities_are_those_of_the_arithmetic(
    formula: str, family: str, values: dict[str, object], twin: Twin
) -> None:
    model = tm.model(f"bf({formula}, nl = TRUE)", rows(), family=family, priors=PRIORS)
    np.testing.assert_allclose(model.log_likelihood(values), twin(rows()), rtol=1e-12)


MISTAKES: list[tuple[str, str, type[TildeError]]] = [
    ("bf(y ~ a * exp(-⟪q⟫ * x), a ~ 1, nl = TRUE)", "`q ~ 1`", SemanticError),
    ("bf(y ~ a * x, a ~ 1, ⟪b ~ 1⟫, nl = TRUE)", "no non-linear formula has `b` in it", SemanticError),
    ("bf(y ~ a * ⟪foo(b)⟫, a + b ~ 1, nl = TRUE)", "no function `foo`", SemanticError),
    ("bf(y ~ ⟪made(a, b, x)⟫, a + b ~ 1, nl = TRUE)", "write its arithmetic in its place", SemanticError),
    ("bf(y ~ a * ⟪floor(b)⟫, a + b ~ 1, nl = TRUE)", "has no slope", SemanticError),
    ("bf(y ~ ⟪a:b⟫, a + b ~ 1, nl = TRUE)", "no arithmetic", SemanticError),
    ("bf(y ~ a * ⟪g⟫^b, a + b ~ 1, nl = TRUE)", "`g` is a factor", SemanticError),
    ("bf(y ~ a + b * x + ⟪offset(z)⟫, a + b ~ 1, nl = TRUE)", "without `offset()`", SemanticError),
    ("bf(y ~ ifelse(⟪a⟫, b, x), a + b ~ 1, nl = TRUE)", "compares two numbers", SemanticError),
    ("bf(y ~ a * u * b, ⟪nlf(u ~ u + x)⟫, a + b ~ 1, nl = TRUE)", "made of itself", SemanticError),
]


@pytest.mark.parametrize(("marked", "fragment", "kind"), MISTAKES)
def test_what_has_no_meaning_is_shown_where_it_stands(marked: str, fragment: str, kind: type[TildeError]) -> None:
    if "nlf(" in marked:
        marked = marked.replace("⟪nlf(u ~ u + x)⟫", "nlf(⟪u ~ u + x⟫)")
    mistake(lambda text: tm.model(text, rows(), priors=PRIORS), marked, fragment, kind)


def test_what_stands_beside_a_response_that_a_curve_leaves_no_place_for_is_refused() -> None:
    with pytest.raises(UnsupportedError, match=r"`rate\(\)` stands beside"):
        tm.model("bf(n | rate(x) ~ a * z + b, a + b ~ 1, nl = TRUE)", rows(), family="poisson", priors=PRIORS)


def test_a_parameter_without_a_prior_is_asked_for_one() -> None:
    with pytest.raises(PriorError, match=r"`b.b ~ normal\(0, 1\)`"):
        tm.model("bf(y ~ a * exp(-b * x), a + b ~ 1, nl = TRUE)", rows(), priors=PRIORS[:1])


def test_correlations_without_a_parameter_are_those_of_all() -> None:
    """brms's `class = cor` names no parameter, and a non-linear formula has no `mu`."""
    for form in ("1 + (1 + z | g)", "1 + (1 | p | g)"):
        formula = f"bf(y ~ a * exp(-b * x), a + b ~ {form}, nl = TRUE)"
        model = tm.model(formula, rows(), priors=(*PRIORS, "prior(lkj(4), class = cor)"))
        shown = [line for line in str(model).splitlines() if "cor(g)" in line]
        assert shown and all("lkj(4)" in line for line in shown)


def test_rows_without_a_value_that_only_a_curve_reads_are_left_out() -> None:
    frame = rows()
    frame.loc[3, "x"] = np.nan
    model = tm.model("bf(y ~ a * exp(-b * x), a + b ~ 1, nl = TRUE)", frame, priors=PRIORS)
    assert "29 of 30" in str(model)
