"""Stata's `variance` shows variances and covariances, of each draw; what is kept are sds and correlations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.results.fit import Fit

COMMAND = "mixed y x || g: x, covariance(unstructured) residuals(independent, by(arm))"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(12)
    group, x = np.repeat(np.arange(10), 12), rng.normal(size=120)
    u = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 0.5]], size=10)
    y = 1 + u[group, 0] + x * u[group, 1] + rng.normal(0, 0.5, 120)
    return pd.DataFrame({"y": y, "x": x, "g": group, "arm": np.resize(["old", "new"], 120)})


def fitted(command: str, data: pd.DataFrame) -> Fit:
    return tm.model(command, data).fit(draws=200, tune=200, chains=2, seed=1, progress=False)


def test_variance_shows_variances_and_covariances(data: pd.DataFrame) -> None:
    fit = fitted(f"{COMMAND} variance", data)
    table, posterior = fit.summary(), fit.data["posterior"]
    assert list(table.index) == [
        ("Population effects", "Intercept"),
        ("Population effects", "b[x]"),
        ("Group variances", "var_g[Intercept]"),
        ("Group variances", "var_g[x]"),
        ("Group covariances", "cov_g[Intercept, x]"),
        ("Residual", "var_sigma[new]"),
        ("Residual", "var_sigma[old]"),
    ]
    mean = table["mean"].droplevel("part")
    sd, cor = posterior["sd_g"].to_numpy(), posterior["cor_g"].to_numpy()[..., 0, 1]
    assert mean["var_g[x]"] == pytest.approx((sd[..., 1] ** 2).mean())
    assert mean["cov_g[Intercept, x]"] == pytest.approx((cor * sd[..., 0] * sd[..., 1]).mean())
    assert mean["var_sigma[new]"] == pytest.approx((posterior["sigma"].to_numpy()[..., 0] ** 2).mean())
    assert "var_g[x]" in str(fit) and "cov_g[Intercept, x]" in str(fit) and "sd_g" not in str(fit)


@pytest.mark.parametrize("asked", ["", " stddeviations"])
def test_sds_and_correlations_are_shown_otherwise(asked: str, data: pd.DataFrame) -> None:
    fit = fitted(COMMAND + asked, data)
    assert {"sd_g[x]", "cor_g[Intercept, x]", "sigma[old]"} <= set(fit.summary().index.get_level_values("parameter"))
    assert "var_g[x]" in fit.summary(variances=True).index.get_level_values("parameter")


def test_effects_without_correlations_have_no_covariances(data: pd.DataFrame) -> None:
    table = fitted("mixed y x || g: x, variance", data).summary()
    assert "Group covariances" not in table.index.get_level_values("part")
    assert ("Residual", "var_sigma") in table.index


def test_what_is_no_sd_is_left_as_it_is(data: pd.DataFrame) -> None:
    counts = data.assign(y=np.random.default_rng(1).negative_binomial(3, 0.4, len(data)))
    table = fitted("menbreg y x || g:, variance", counts).summary()
    assert {("Group variances", "var_g[Intercept]"), ("Residual", "shape")} <= set(table.index)
