"""Residuals: by hand from the draws, and standard normal where the model is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from tildemc.results.conditioning import Conditioning
from tildemc.results.datatree import drawn_group
from tildemc.results.residuals import residuals
from tildemc.spec.families import FAMILIES

N = 400
CASES: dict[str, tuple[str, dict[str, float]]] = {
    "gaussian": ("y ~ 1", {"mu": 1.0, "sigma": 2.0}),
    "lognormal": ("y ~ 1", {"mu": 0.5, "sigma": 0.5}),
    "gamma": ("y ~ 1", {"mu": 2.0, "shape": 3.0}),
    "poisson": ("y ~ 1", {"mu": 1.3}),
    "negbinomial": ("y ~ 1", {"mu": 3.0, "shape": 0.8}),
    "binomial": ("y | trials(n) ~ 1", {"mu": 0.3}),
    "bernoulli": ("y ~ 1", {"mu": 0.3}),
}


@pytest.fixture(params=CASES)
def true(request: pytest.FixtureRequest) -> Any:
    """A model whose responses are its own, and a posterior that has the truth in every draw."""
    formula, values = CASES[request.param]
    # Any response that the family may have, to read the formula with.
    frame = pd.DataFrame({"y": np.resize([1.0, 2.0] if FAMILIES[request.param].values.lower == 0 else [0.0, 1.0], N)})
    frame = frame.assign(y=frame["y"] % 2 if request.param == "bernoulli" else frame["y"], n=6)
    frame["y"] = tm.model(formula, frame, request.param).simulate(values, 5)
    model = tm.model(formula, frame, request.param)
    eta = float(model.predict_at(values, kind="linear").iloc[0])
    drawn = {name: np.full((1, 3), value) for name, value in values.items() if name != "mu"}
    return model, drawn_group(model.spec, {"Intercept": np.full((1, 3), eta), **drawn}, {}), values


@pytest.mark.parametrize("kind", ["quantile", "pearson"])
def test_residuals_of_the_truth_are_standard(kind: str, true: Any) -> None:
    model, posterior, _ = true
    conditioning = Conditioning.of(model.spec, "all", "error", 1)
    found = residuals(model.spec, model.design, posterior, kind, conditioning, 0.95).frame().iloc[:, 0]
    assert abs(found.mean()) < 0.2 and found.std() == pytest.approx(1, abs=0.2)
    if kind == "quantile":
        assert stats.kstest(found, "norm").pvalue > 1e-3


@pytest.fixture(scope="module")
def fit() -> Any:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=30), "g": np.resize(list("abc"), 30)})
    frame["y"] = frame["x"] + rng.normal(size=30)
    frame.index = pd.Index(np.arange(30) + 100)
    return tm.model("y ~ x + (1 | g)", frame).fit(draws=100, tune=100, chains=2, seed=1, progress=False)


def test_an_ordinary_residual_is_the_response_less_its_mean(fit: Any) -> None:
    found = fit.residuals()
    np.testing.assert_allclose(found["mean"], fit.design.y - fit.predict()["mean"])
    assert list(found.index) == list(range(100, 130))
    marginal = fit.residuals(groups="none")
    np.testing.assert_allclose(marginal["mean"], fit.design.y - fit.predict(groups="none")["mean"])


def test_pearson_residuals_are_in_sds_of_each_draw(fit: Any) -> None:
    off = fit.design.y - fit.predict(draws=True)
    by_draw = (off / fit.data["posterior"]["sigma"]).mean(("chain", "draw"))
    np.testing.assert_allclose(fit.residuals("pearson")["mean"], by_draw)


def test_a_response_far_out_keeps_its_distance() -> None:
    """Where one less its distribution function is zero to rounding."""
    frame = pd.DataFrame({"y": [0.0, 1.0, 20.0, -20.0]})
    model = tm.model("y ~ 1", frame)
    posterior = drawn_group(model.spec, {"Intercept": np.zeros((1, 2)), "sigma": np.ones((1, 2))}, {})
    conditioning = Conditioning.of(model.spec, "all", "error", 1)
    found = residuals(model.spec, model.design, posterior, "quantile", conditioning, 0.95).frame()["residual"]
    np.testing.assert_allclose(found, frame["y"], atol=1e-9)


def test_a_kind_that_there_is_not(fit: Any) -> None:
    with pytest.raises(tm.TildeError, match="`kind` is one of ordinary, pearson, quantile, not 'deviance'"):
        fit.residuals("deviance")
