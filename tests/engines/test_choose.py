"""Which engine takes a model with bounds, and that what it draws is the posterior without them, between them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import FitError

RNG = np.random.default_rng(11)
G = np.repeat(np.arange(8), 6)
DATA = pd.DataFrame({"x": RNG.normal(size=48), "g": G})
DATA["y"] = 1 + 0.2 * DATA["x"] + RNG.normal(0, 0.7, 8)[G] + RNG.normal(0, 1, 48)
PRIORS = {
    "Intercept": "normal(0, 3) at the predictors' means",
    "x": "normal(0, 1)",
    "sd(g, Intercept)": "half_normal(0, 1)",
    "sigma": "half_normal(0, 2)",
}
FORMULA = "y ~ x + (1 | g)"

BOUNDS = [
    ("x", "normal(0, 1, lower=0.1)", "transport", "b", 0.1, np.inf),
    ("x", "normal(0, 1, upper=0.3)", "transport", "b", -np.inf, 0.3),
    ("x", "normal(0, 1, lower=0.1, upper=0.3)", "transport", "b", 0.1, 0.3),
    ("sd(g, Intercept)", "normal(0, 1, lower=0.5)", "exact", "sd_g", 0.5, np.inf),
    ("sd(g, Intercept)", "normal(0, 1, upper=0.8)", "exact", "sd_g", 0.0, 0.8),
    ("sigma", "normal(0, 2, lower=0.9, upper=1.1)", "exact", "sigma", 0.9, 1.1),
]


@pytest.fixture(scope="module")
def unbounded() -> dict[str, np.ndarray]:
    posterior = tm.model(FORMULA, DATA, priors=PRIORS).fit(draws=5000, seed=1).data["posterior"]
    return {name: posterior[name].to_numpy().ravel() for name in ("b", "sd_g", "sigma", "Intercept")}


@pytest.mark.parametrize(("target", "prior", "path", "name", "lower", "upper"), BOUNDS)
def test_draws_are_those_between_the_bounds(
    target: str, prior: str, path: str, name: str, lower: float, upper: float, unbounded: dict[str, np.ndarray]
) -> None:
    fit = tm.model(FORMULA, DATA, priors=PRIORS | {target: prior}).fit(draws=1500, seed=2)
    assert fit.path.startswith(path)
    draws = {k: fit.data["posterior"][k].to_numpy().ravel() for k in unbounded}
    assert lower < draws[name].min() and draws[name].max() < upper
    inside = (unbounded[name] > lower) & (unbounded[name] < upper)
    for quantity, values in draws.items():
        expected = unbounded[quantity][inside]
        assert values.mean() == pytest.approx(expected.mean(), abs=0.15 * expected.std())
        assert values.std() == pytest.approx(expected.std(), rel=0.12)


@pytest.mark.parametrize(
    "prior",
    ["x ~ normal(0, 1, lower=0)", "x ~ beta(1, 1)", "Intercept ~ gamma(2, 1)", "b ~ uniform(-1, 1)", "x ~ half_flat()"],
)
def test_a_bounded_population_effect_is_not_integrated_out(prior: str) -> None:
    model = tm.model(FORMULA, DATA, priors=prior)
    for refused in (lambda: model.fit(method="exact"), model.optimize):
        with pytest.raises(FitError, match="a Gaussian has no ends"):
            refused()


def test_bounds_of_sds_and_conjugate_priors_leave_the_estimate_alone() -> None:
    plain = tm.model(FORMULA, DATA).optimize()
    stated = tm.model(FORMULA, DATA, priors=["sd ~ normal(0, 1, upper=5)", "x ~ student_t(3, 0, 1)"]).optimize()
    assert stated.criterion == pytest.approx(plain.criterion)
