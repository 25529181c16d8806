"""One small fit of each family that has no other: the direct engine finds what made the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

TRUE = {
    "skew_normal": {"sigma": 1.0, "alpha": 4.0},
    "laplace": {"sigma": 0.8},
    "asym_laplace": {"sigma": 0.3, "quantile_": 0.3},
    "logistic": {"sigma": 0.8},
    "exgaussian": {"sigma": 0.4, "beta": 0.8},
    "gen_extreme_value": {"sigma": 0.8, "xi": 0.15},
    "von_mises": {"kappa": 3.0},
    "negbinomial2": {"sigma": 0.5},
    "nbinom1": {"phi": 1.5},
    "geometric": {},
    "genpois": {"phi": 2.0},
    "com_poisson": {"shape": 1.5},
    "discrete_weibull": {"shape": 1.3},
    "shifted_lognormal": {"sigma": 0.5, "ndt": 0.3},
    "inverse_gaussian": {"shape": 4.0},
    "frechet": {"nu": 4.0},
    "compois": {"phi": 0.6},
    "tweedie": {"phi": 1.5, "power": 1.4},
    "ordbeta": {"phi": 5.0, "cutzero": -1.5, "cutone": 1.2},
    "lognormal_mean": {"sigma": 1.2},
}
"""Values of the parameters beside mu."""
FIRST = {"ordbeta": [0.2, 0.4]}


@pytest.mark.parametrize("name", TRUE)
def test_a_fit_finds_what_made_the_data(name: str) -> None:
    n = 200
    # Any response that the family may have, to read the formula with.
    frame = pd.DataFrame({"x": np.random.default_rng(3).normal(size=n), "y": np.resize(FIRST.get(name, [1.0, 2.0]), n)})
    true = {"Intercept": 0.5, "b": [0.4], **TRUE[name]}
    frame["y"] = tm.model("y ~ x", frame, name).simulate(true, 5)
    fit = tm.model("y ~ x", frame, name).fit(draws=150, tune=200, chains=2, seed=1, progress=False)
    assert fit.path == "NUTS, direct engine"
    for parameter, value in true.items():
        drawn = fit.data["posterior"][parameter].values.reshape(300, -1)
        assert abs(drawn.mean(axis=0) - value) < 4 * drawn.std(axis=0)
    assert np.isfinite(fit.loo().elpd)
