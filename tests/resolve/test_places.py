"""Correlations by place, glmmTMB's `exp gau mat` of `numFactor(x, y)`: its likelihoods, the same in every engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import gamma, kv
from scipy.stats import multivariate_normal

import tildemc as tm
from programs import same_density
from shared import SHARED, declared
from targets.direct.test_density import compare
from tildemc.spec.covariance import EXPONENTIAL, MATERN, Pattern, distances
from tildemc.spec.special import matern

needs_data = pytest.mark.skipif(SHARED is None, reason="the open data are not here")
ON_A_GRID = tuple((float(u), float(v)) for v in range(2) for u in range(5))
"""The places of ten days: `numFactor(Days %% 5, Days %/% 5)`."""


def sleepstudy() -> pd.DataFrame:
    data = declared("sleepstudy")
    return data.assign(u=data["Days"] % 5, v=data["Days"] // 5)


@needs_data
@pytest.mark.parametrize(
    ("pattern", "numbers", "value"),
    [
        (EXPONENTIAL, (0.5,), -951.629315553),
        (MATERN, (0.5, 0.3), -931.932585286),
        (MATERN, (1.0, -0.4), -936.76448935),
    ],
)
def test_correlations_are_glmmtmbs(pattern: Pattern, numbers: tuple[float, ...], value: float) -> None:
    """`fn` of glmmTMB 1.1.5, Reaction ~ 1 + mat(pos + 0 | Subject), at 300, 6, 4.2, and the logs of the numbers."""
    R = pattern.matrix([np.exp(number) for number in numbers], distances(ON_A_GRID))
    law = multivariate_normal(np.full(10, 300.0), np.exp(8.4) * R + np.exp(6.0) * np.eye(10))
    days = sleepstudy().sort_values(["Subject", "Days"])["Reaction"].to_numpy().reshape(-1, 10)
    assert law.logpdf(days).sum() == pytest.approx(value, abs=1e-6)


@needs_data
def test_estimates_are_glmmtmbs() -> None:
    found = tm.model("Reaction ~ 1 + gau(numFactor(u, v) + 0 | Subject)", sleepstudy()).optimize("ml")
    assert found.log_likelihood == pytest.approx(-927.061010089, abs=1e-5)
    smoother = tm.model("Reaction ~ 1 + mat(numFactor(u, v) + 0 | Subject)", sleepstudy()).optimize("ml")
    assert smoother.log_likelihood > -927.4


@pytest.mark.parametrize("nu", [0.05, 0.3, 0.5, 1.0, 2.5, 7.0])
def test_matern_is_of_bessels_function(nu: float) -> None:
    x = np.array([1e-4, 0.01, 0.3, 1.0, 4.0, 15.0])
    np.testing.assert_allclose(matern(x, np.asarray(nu)), 2 ** (1 - nu) / gamma(nu) * x**nu * kv(nu, x), atol=1e-9)


def test_the_kernel_and_the_source_have_the_graphs_density(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    data = pd.DataFrame({"y": rng.normal(size=32), "g": np.resize(list("abcd"), 32)})
    data["u"], data["v"] = np.repeat([0.0, 1.5, 2.0, 4.0], 8), np.resize(np.repeat([0.0, 0.5], 4), 32)
    model = tm.model("y ~ 1 + mat(numFactor(u, v) + 0 | g)", data)
    compare(model, points=2)
    data.to_csv(tmp_path / "data.csv", index=False)
    same_density(model.pymc(), model.source("data.csv"), tmp_path)


def test_new_rows_may_be_at_known_places_alone() -> None:
    data = pd.DataFrame({"y": np.arange(12.0), "g": np.resize(list("ab"), 12), "u": np.repeat([0.0, 1.0, 2.0], 4)})
    fit = tm.model("y ~ 1 + exp(numFactor(u, g2) + 0 | g)", data.assign(g2=1.0)).fit(
        draws=50, chains=2, seed=1, progress=False
    )
    new = data.head(2).assign(g2=1.0)
    assert len(fit.predict(new)) == 2
    with pytest.raises(tm.TildeError, match="has no level"):
        fit.predict(new.assign(g2=2.0))
