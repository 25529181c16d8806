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
from tildemc.targets.marginal.takes import TAKES as EXACT

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


def spreading() -> pd.DataFrame:
    """Rows whose sd grows with their mean; made in R, as written there."""
    x = np.linspace(1, 10, 20)
    line = 3 + 2 * x
    y = np.round(line + (1 + 0.3 * line) * np.tile([-1, 0.5, 1.2, -0.4, -0.3], 4) * 0.4, 3)
    return pd.DataFrame({"x": x, "y": y, "g": np.resize(["a", "b"], 20)})


Stated = dict[str, float | list[float]]
NLME: list[tuple[str, tuple[float, float], Stated, float]] = [
    (
        "varPower()", (2.89811770964544646, 2.02117875334499164),
        {"logsigma": -1.21203644157665913, "power": 0.63589432557866277}, -36.548424721814321,
    ),
    (
        "varPower(form = ~ fitted(.) | g)", (2.89891419295833952, 2.02121963251381809),
        {"logsigma": -1.15421933916174368, "power_b": [0.59655156046093882, 0.62808879774369852]}, -36.51739262569766,
    ),
    (
        "varExp()", (2.93973479039646612, 2.01421253829412539),
        {"logsigma": -0.31802344269237526, "expon": 0.05201876166244665}, -36.60218169486841333,
    ),
    (
        "varConstPower(form = ~ x)", (2.914787932519432, 2.018475668088929),
        {"logsigma": -1.699914957505445, "logconst": 1.296944404017894, "power": 0.93797839831007},
        -36.544631750916437,
    ),
    (
        "varConstPower()", (2.91329410074003, 2.01871630466875),
        {"logsigma": -2.10633690627840, "logconst": 1.07808076917554, "power": 0.87257306781913}, -36.54394438520563,
    ),
    (
        "varConstProp()", (2.9375298697136847, 2.0146890519808651),
        {"logconst": -0.277015892452185331, "logprop": float(np.log(0.096040746521874082))}, -36.5521883195178248,
    ),
    (
        "varComb(varIdent(form = ~ 1 | g), varPower())", (2.895117898235156417, 2.021806772491515414),
        {
            "logsigma_Intercept": -1.196628828417440893, "logsigma_b": [0.040858318943328545],
            "power": 0.621692143930362540,
        },
        -36.540939100147234342,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("weights", "line", "values", "found"), NLME, ids=[case[0] for case in NLME])
def test_variances_that_follow_the_mean_have_nlmes_likelihood(
    weights: str, line: tuple[float, float], values: Stated, found: float
) -> None:
    """nlme 3.1: `logLik` and estimates of `gls(y ~ x, d, weights = …, method = "ML")`, tolerance 1e-12.

    `varConstProp` with `control = glsControl(sigma = 1)`; logs of sigma, const and prop, as `coef(…, unconstrained)`.
    """
    model = tm.model(f"gls(y ~ x, weights = {weights})", spreading())
    log_likelihood = model.log_likelihood({"Intercept": line[0], "b": [line[1]], **values}).sum()
    assert log_likelihood == pytest.approx(found, abs=1e-8)
    assert any("non-linear formulas" in str(gap) for gap in EXACT.gaps(model.spec))


def test_what_follows_a_mean_that_is_a_curve_follows_the_curve() -> None:
    text = "bf(y ~ a + b * x, nlf(sigma ~ s + p * mu), a + b + s + p ~ 1, nl = TRUE)"
    model = tm.model(text, spreading(), priors=[f"{name}.b ~ normal(0, 9)" for name in "absp"])
    found = model.log_likelihood({"a": 2.0, "b": 2.0, "s": -0.3, "p": 0.05})
    mean = 2 + 2 * spreading().x
    np.testing.assert_allclose(found, stats.norm.logpdf(spreading().y, mean, np.exp(-0.3 + 0.05 * mean)), rtol=1e-12)


def test_a_column_that_is_called_as_what_a_curve_may_follow_is_refused() -> None:
    frame = spreading().assign(mu=1.0)
    mistake(
        lambda text: tm.model(text, frame, priors=["s.b ~ normal(0, 1)"]),
        "bf(y ~ x, nlf(sigma ~ s * ⟪mu⟫), s ~ 1)", "give the column another name", SemanticError,
    )  # fmt: skip
