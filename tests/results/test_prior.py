"""Draws from priors: each has the distribution that its statement says, and responses follow from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

import tildemc as tm
from tildemc.results.prior import prior_draws

N = 20
RNG = np.random.default_rng(3)
DATA = pd.DataFrame({"x": RNG.normal(3, 1, N), "z": RNG.normal(size=N), "g": np.resize(list("abcd"), N)})
DATA["y"], DATA["h"], DATA["k"] = RNG.normal(size=N), np.resize(["u", "v"], N), np.arange(N) % 5
DRAWS = 4000


def drawn(formula: str, priors: list[str], family: str = "gaussian") -> dict[str, NDArray[np.float64]]:
    model = tm.model(formula, DATA, family, priors)
    return dict(prior_draws(model.spec, model.design, DRAWS, np.random.default_rng(1)))


Draws = dict[str, NDArray[np.float64]]
HALF_T = stats.rv_histogram((2 * np.diff(stats.t(3).cdf(EDGES := np.linspace(0, 60, 6001))), EDGES))
"""To a hundredth."""
CASES: list[tuple[str, str, list[str], Callable[[Draws], Any], Any]] = [
    ("a coefficient", "y ~ x", ["b ~ normal(1, 2)"], lambda d: d["b"][:, 0], stats.norm(1, 2)),
    ("an intercept at zero", "y ~ x", ["Intercept ~ normal(1, 2)", "b ~ normal(0, 1)"],
     lambda d: d["Intercept"], stats.norm(1, 2)),
    ("an intercept at the means", "y ~ x", ["Intercept ~ normal(1, 2) at the predictors' means", "b ~ normal(0, 1)"],
     lambda d: d["Intercept"] + d["b"][:, 0] * DATA["x"].mean(), stats.norm(1, 2)),
    ("a half density", "y ~ x + (1 | g)", ["sd ~ student_t(3, 0, 2)"], lambda d: d["sd_g"][:, 0] / 2,
     HALF_T),
    ("a variance", "y ~ x", ["var(sigma) ~ inv_gamma(3, 2)"], lambda d: d["sigma"] ** 2, stats.invgamma(3, scale=2)),
    ("a bounded density", "y ~ x", ["b ~ normal(0, 1, lower=1)"], lambda d: d["b"][:, 0], stats.truncnorm(1, np.inf)),
    ("one far out", "y ~ x", ["b ~ normal(0, 1, lower=9)"], lambda d: d["b"][:, 0], stats.truncnorm(9, np.inf)),
    ("one far out below", "y ~ x", ["b ~ normal(0, 1, upper=-9)"], lambda d: -d["b"][:, 0], stats.truncnorm(9, np.inf)),
    ("an effect of its sd", "y ~ x + (1 | g)", ["sd ~ exponential(1)"],
     lambda d: d["r_g"][:, 1, 0] / d["sd_g"][:, 0], stats.norm()),
    ("correlations", "y ~ x + (1 + x + z | g)", ["cor ~ lkj(2)"],
     lambda d: (d["cor_g"][:, 0, 2] + 1) / 2, stats.beta(2.5, 2.5)),
    ("others of them", "y ~ x + (1 + x + z | g)", ["cor ~ lkj(2)"],
     lambda d: (d["cor_g"][:, 2, 1] + 1) / 2, stats.beta(2.5, 2.5)),
    ("equal correlations", "y ~ x + cs(1 + x + z | g)", [], lambda d: d["cor_g"][:, 0, 2], stats.uniform(-0.5, 1.5)),
    ("a sigma for each level", "y ~ x; sigma ~ by(h)", ["sigma ~ exponential(2)"],
     lambda d: d["sigma"][:, 1], stats.expon(scale=0.5)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "priors", "of", "known"), [c[1:] for c in CASES],
    ids=[c[0] for c in CASES],
)  # fmt: skip
def test_a_quantity_has_the_distribution_that_is_stated(
    formula: str, priors: list[str], of: Callable[[Draws], Any], known: Any
) -> None:
    assert stats.kstest(of(drawn(formula, priors)), known.cdf).pvalue > 1e-3


def test_effects_of_one_level_are_correlated_as_their_draw_says() -> None:
    found = drawn("y ~ x + cs(1 + x + z | g)", ["cor ~ uniform(0.7, 0.701)"])
    r = found["r_g"] / found["sd_g"][:, None, :]
    assert np.corrcoef(r[:, 0].T)[0, 1] == pytest.approx(0.7, abs=0.03)
    assert np.corrcoef(r[:, 0, 0], r[:, 1, 0])[0, 1] == pytest.approx(0, abs=0.06)


def test_the_tree_has_priors_and_responses_and_what_was_observed() -> None:
    model = tm.model("y ~ x + (1 | g)", DATA)
    tree = model.prior_predictive(draws=30, seed=2)
    assert set(tree.children) == {"prior", "prior_predictive", "observed_data"}
    assert tree["prior_predictive"]["y"].sizes == {"chain": 1, "draw": 30, "obs": N}
    assert {"Intercept", "b", "sd_g", "r_g", "sigma"} == set(tree["prior"].data_vars)
    again = model.prior_predictive(draws=30, seed=2)["prior_predictive"]["y"]
    np.testing.assert_array_equal(again, tree["prior_predictive"]["y"])
    assert (model.prior_predictive(draws=30, seed=3)["prior_predictive"]["y"] != again).any()


def test_parameters_that_no_response_has_give_none() -> None:
    model = tm.model("k ~ 1", DATA, "poisson(identity)", ["Intercept ~ normal(0, 5)"])
    tree = model.prior_predictive(draws=200, seed=1)
    negative = tree["prior"]["Intercept"].to_numpy()[0] < 0
    np.testing.assert_array_equal(tree["prior_predictive"]["k"].isnull().all("obs").to_numpy()[0], negative)


def test_rates_beyond_what_can_be_counted_are_drawn() -> None:
    model = tm.model("k ~ x", DATA, "poisson", ["b ~ normal(0, 100)"])
    assert not model.prior_predictive(draws=50, seed=1)["prior_predictive"]["k"].isnull().any()


def test_nothing_is_drawn_from_a_flat_prior() -> None:
    model = tm.model("y ~ x", DATA, priors=["b ~ flat()"])
    with pytest.raises(tm.TildeError, match=r"the prior of x is flat\(\), from which nothing can be drawn"):
        model.prior_predictive()
