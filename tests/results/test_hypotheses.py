"""What draws say of hypotheses: brms's numbers, computed by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from tildemc.errors import TildeError
from tildemc.results.fit import Fit

RNG = np.random.default_rng(5)
N = 60
DATA = pd.DataFrame({"x": RNG.normal(size=N), "z": RNG.normal(size=N), "g": np.resize(list("abcdef"), N)})
DATA["y"] = 1 + 0.3 * DATA["x"] + RNG.normal(size=N)
PRIORS = ["b(x) ~ normal(0, 1)", "b(z) ~ flat()", "sigma ~ normal(0, 2)", "var(g) ~ gamma(2, 1)"]


@pytest.fixture(scope="module")
def fit() -> Fit:
    model = tm.model("y ~ x + z + (1 + x || g)", DATA, priors=[*PRIORS, "Intercept ~ normal(0, 5)"])
    return model.fit(draws=2000, seed=1, progress=False)


def test_a_one_sided_hypothesis_counts_draws(fit: Fit) -> None:
    row = fit.hypothesis("x > 0.2").iloc[0]
    draws = fit.fixef(draws=True).sel(effect="x").values.ravel() - 0.2
    share = np.mean(draws > 0)
    assert row["probability"] == pytest.approx(share)
    assert row["evidence_ratio"] == pytest.approx(share / (1 - share))
    assert (row["mean"], row["lower"], row["upper"]) == pytest.approx((draws.mean(), *np.quantile(draws, [0.05, 0.95])))
    assert row["star"] == ("*" if share > 0.95 else "")


@pytest.mark.parametrize(
    ("text", "name", "point", "prior"),
    [
        pytest.param("x = 0.3", "x", 0.3, stats.norm(0, 1).pdf(0.3), id="a coefficient"),
        pytest.param("2 * x - 1 = 0", "x", 0.5, stats.norm(0, 1).pdf(0.5), id="a line of one"),
        pytest.param("sigma = 1", "sigma", 1.0, 2 * stats.norm(0, 2).pdf(1.0), id="a half density"),
        pytest.param(
            "sd_g[x] = .5", "sd_g[x]", 0.5, stats.gamma(2).pdf(0.25) * 2 * 0.5, id="a density of the variance"
        ),
    ],
)
def test_an_equality_has_savage_and_dickeys_ratio(fit: Fit, text: str, name: str, point: float, prior: float) -> None:
    row = fit.hypothesis(text).iloc[0]
    draws = fit.hypothesis(f"{name} > 0", draws=True).values.ravel()
    # Of what is near the end of its support kernels put a part beyond.
    density = stats.gaussian_kde(draws)([point, -point]).sum() if name != "x" else stats.gaussian_kde(draws)(point)[0]
    assert row["evidence_ratio"] == pytest.approx(density / prior, rel=1e-6)
    assert row["probability"] == pytest.approx(row["evidence_ratio"] / (1 + row["evidence_ratio"]))
    assert row["note"] == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("x - z = 0", "combination of several", id="two coefficients"),
        pytest.param("x^2 = 0", "this function of", id="a curve"),
        pytest.param("exp(x) = 2", "this function of", id="a function"),
        pytest.param("2^x = 2", "this function of", id="a power"),
        pytest.param("z = 0", "flat prior", id="an improper prior"),
        pytest.param("r_g[a, x] = 0", "no prior of its own", id="an effect"),
        pytest.param("sd_g[Intercept] = 0", "zero there", id="where the prior is zero"),
    ],
)
def test_an_equality_without_a_ratio_says_why(fit: Fit, text: str, reason: str) -> None:
    row = fit.hypothesis(text).iloc[0]
    assert np.isnan(row["evidence_ratio"]) and reason in row["note"]
    assert row["star"] == ("" if row["lower"] <= 0 <= row["upper"] else "*")


@pytest.mark.parametrize("effects", [pytest.param("x", id="two effects"), pytest.param("x + z", id="three effects")])
def test_a_correlations_prior_is_one_of_lkjs(effects: str) -> None:
    model = tm.model(f"y ~ x + z + (1 + {effects} | g)", DATA, priors="cor ~ lkj(3)")
    fit = model.fit(draws=500, seed=1, progress=False)
    row = fit.hypothesis("cor_g__Intercept__x = 0.2").iloc[0]
    draws = fit.hypothesis("cor_g[Intercept, x] > 0", draws=True).values.ravel()
    a = 3 - 1 + (2 if effects == "x" else 3) / 2
    # Both ends are far away.
    posterior = stats.gaussian_kde(draws)([0.2, 2 - 0.2, -2 - 0.2]).sum()
    assert row["evidence_ratio"] == pytest.approx(posterior / (stats.beta(a, a).pdf(0.6) / 2), rel=1e-6)


def test_an_intercepts_prior_may_be_elsewhere() -> None:
    model = tm.model("y ~ x", DATA)
    row = model.fit(draws=50, seed=1, progress=False).hypothesis("Intercept = 0").iloc[0]
    assert "at the predictors' means" in row["note"]
    alone = tm.model("y ~ 1", DATA).fit(draws=50, seed=1, progress=False).hypothesis("Intercept = 0").iloc[0]
    assert alone["note"] == "", "without predictors it is the same"


def test_names_may_stand_behind_a_class_and_a_group(fit: Fit) -> None:
    brms = fit.hypothesis("x > 0.1", class_="sd", group="g").iloc[0]
    ours = fit.hypothesis("sd(g, x) > 0.1").iloc[0]
    assert brms["mean"] == ours["mean"]


@pytest.mark.parametrize("scope", ["ranef", "coef"])
def test_effects_are_tested_level_by_level(fit: Fit, scope: str) -> None:
    table = fit.hypothesis("x > 0", scope=scope, group="g")
    means = (fit.ranef() if scope == "ranef" else fit.coef())["g"]["x"]["mean"]
    assert list(table["level"]) == list("abcdef")
    np.testing.assert_allclose(table["mean"], means)


def test_several_at_once_and_their_draws(fit: Fit) -> None:
    assert list(fit.hypothesis(["x > 0", "z < 0"]).index) == ["x > 0", "z < 0"]
    draws = fit.hypothesis(["x > 0", "z < 0"], draws=True)
    assert draws.dims == ("chain", "draw", "hypothesis")


MISTAKES: list[tuple[Callable[[Fit], object], str]] = [
    (lambda fit: fit.hypothesis([]), "a hypothesis is a text"),
    (lambda fit: fit.hypothesis(3), "a hypothesis is a text"),  # type: ignore[arg-type]
    (lambda fit: fit.hypothesis("x > 0", alpha=1), "`alpha` is a number between 0 and 0.5"),
    (lambda fit: fit.hypothesis("x > 0", class_=3), "`class_` is a text"),  # type: ignore[arg-type]
    (lambda fit: fit.hypothesis("x > 0", scope="all"), "`scope` is one of"),
    (lambda fit: fit.hypothesis("x > 0", scope="coef"), "name it, as in `group='county'`"),
    (lambda fit: fit.hypothesis("x > 0", scope="coef", group="h"), "no effects by 'h': there are effects by g"),
    (lambda fit: fit.hypothesis("q > 0", scope="coef", group="g"), "no effect `q` by g"),
]


@pytest.mark.parametrize(("asked", "message"), MISTAKES)
def test_what_cannot_be_asked_is_told(fit: Fit, asked: Callable[[Fit], object], message: str) -> None:
    with pytest.raises(TildeError, match=message):
        asked(fit)
