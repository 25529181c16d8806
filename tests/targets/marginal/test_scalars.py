"""Priors of variance parameters: their mass on the unconstrained scale; correlations against the LKJ density."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import tildemc as tm
from tildemc.targets.marginal import marginal


@pytest.mark.parametrize(
    "stated",
    [
        "sd(g) ~ gamma(2, 1)",
        "var(g) ~ exponential(1)",
        "sd(g) ~ uniform(1, 3)",
        "sd(g) ~ normal(0, 1, lower=0.5)",
        "sd(g) ~ gamma(2, 1, upper=3)",
        "var(g) ~ normal(1, 2, lower=0.5, upper=3)",
    ],
)
def test_priors_on_the_unconstrained_scale_have_mass_one(stated: str) -> None:
    columns = {"y": np.array([1.0, 2, 3, 5, 4, 6]), "s": np.ones(6), "g": list("aabbcc")}
    model = tm.model("y | se(s) ~ 1 + (1 | g)", columns, priors=[stated])
    fast = marginal(model.spec, model.design)

    def prior(phi: float) -> float:
        return float(np.exp(fast.variances(np.array([[phi]])).prior[0]))

    assert quad(prior, -30, 30, points=[-2, 0, 2], limit=200)[0] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("eta", [0.7, 1.0, 2.0])
def test_correlations_have_the_lkj_density(eta: float) -> None:
    """By its marginals: a correlation of q effects is a beta on (-1, 1) with both shapes eta - 1 + q/2."""
    rng = np.random.default_rng(1)
    columns = {name: rng.normal(size=12) for name in ("y", "x", "z")} | {"s": np.ones(12), "g": np.arange(12) % 4}
    priors = [f"cor(g) ~ lkj({eta})", "sd(g) ~ exponential(1)"]
    model = tm.model("y | se(s) ~ 1 + (1 + x + z | g)", columns, priors=priors)
    fast = marginal(model.spec, model.design)
    n = 100_000
    phi = rng.logistic(scale=0.5, size=(n, 6))
    here = fast.variances(phi)
    log_weights = here.prior - stats.logistic(scale=0.5).logpdf(phi).sum(axis=1)
    weights = np.exp(log_weights)
    assert weights.mean() == pytest.approx(1, abs=0.1)
    R = here.unit[:, 0] @ here.unit[:, 0].swapaxes(1, 2)
    shape = eta + 0.5
    for a, c in ((1, 0), (2, 0), (2, 1)):
        second = np.sum(weights * R[:, a, c] ** 2) / weights.sum()
        assert second == pytest.approx(1 / (2 * shape + 1), rel=0.08)
