"""What R's users ask of a fit by name: frames with R's row names, and the same draws with labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import FitError
from tildemc.results.fit import Fit

RNG = np.random.default_rng(8)
N = 96
DATA = pd.DataFrame(
    {
        "y": RNG.normal(size=N), "x": RNG.normal(size=N), "g": np.repeat(list("abcdefgh"), 12),
        "h": np.resize([3, 1, 2], N), "arm": np.resize(["old", "new"], N), "k": RNG.poisson(3, N),
        "s": RNG.uniform(1, 2, N),
    }
)  # fmt: skip
ENDS = ["eti95_lb", "eti95_ub"]


def fitted(formula: str, family: str = "gaussian", engine: str = "exact") -> Fit:
    return tm.model(formula, DATA, family).fit(draws=50, chains=2, seed=1, progress=False, method=engine)


@pytest.fixture(scope="module")
def fit() -> Fit:
    return fitted("y ~ x + (1 + x | g) + (1 | h); sigma ~ by(arm)")


@pytest.fixture(scope="module")
def modelled() -> Fit:
    return fitted("y ~ x + (1 | g); sigma ~ x + (1 | g)", engine="direct")


def test_population_effects_have_rs_names(fit: Fit, modelled: Fit) -> None:
    assert list(fit.fixef().index) == ["Intercept", "x"]
    assert list(fit.fixef().columns) == ["mean", "sd", *ENDS]
    assert list(modelled.fixef().index) == ["Intercept", "sigma_Intercept", "x", "sigma_x"]


def test_group_effects_come_by_factor_level_and_effect(fit: Fit, modelled: Fit) -> None:
    found = fit.ranef()
    assert {factor: list(table.index) for factor, table in found.items()} == {"g": list("abcdefgh"), "h": [1, 2, 3]}
    assert list(found["g"].columns.get_level_values(0).unique()) == ["Intercept", "x"]
    assert list(found["g"]["x"].columns) == ["mean", "sd", *ENDS]
    assert list(modelled.ranef()["g"].columns.get_level_values(0).unique()) == ["Intercept", "sigma_Intercept"]


def test_coefficients_are_sums_of_draws(fit: Fit) -> None:
    population, effects, sums = fit.fixef(draws=True), fit.ranef(draws=True), fit.coef(draws=True)
    np.testing.assert_allclose(sums["g"], effects["g"] + population)
    np.testing.assert_allclose(sums["h"].sel(effect="x"), np.tile(population.sel(effect="x").values[..., None], 3))
    table = fit.coef()["h"]["x"]
    assert table["mean"].nunique() == 1
    np.testing.assert_allclose(table.iloc[0], fit.fixef().loc["x"])


def test_the_spread_is_lme4s_data_frame(fit: Fit, modelled: Fit) -> None:
    assert list(fit.varcorr().index) == [
        ("g", "Intercept", ""), ("g", "x", ""), ("g", "Intercept", "x"), ("h", "Intercept", ""),
        ("Residual", "new", ""), ("Residual", "old", ""),
    ]  # fmt: skip
    draws = fit.varcorr(draws=True)
    sds, variances = draws.sel(statistic="sdcor"), draws.sel(statistic="vcov")
    np.testing.assert_allclose(variances.sel(row="g, x"), sds.sel(row="g, x") ** 2)
    product = sds.sel(row="g, Intercept") * sds.sel(row="g, x") * sds.sel(row="g, Intercept, x")
    np.testing.assert_allclose(variances.sel(row="g, Intercept, x"), product)
    assert list(modelled.varcorr().index) == [("g", "Intercept", ""), ("g", "sigma_Intercept", "")]


def test_tables_are_of_the_draws(fit: Fit) -> None:
    draws = fit.fixef(draws=True)
    assert draws.dims == ("chain", "draw", "effect")
    table = fit.fixef(interval=0.5)
    assert list(table.columns) == ["mean", "sd", "eti50_lb", "eti50_ub"]
    np.testing.assert_allclose(table["sd"], draws.std(("chain", "draw"), ddof=1))
    np.testing.assert_allclose(table["eti50_ub"], draws.quantile(0.75, ("chain", "draw")))
    theirs = fit.summary().droplevel("part")
    np.testing.assert_allclose(fit.fixef().to_numpy(), theirs.loc[["Intercept", "b[x]"]].iloc[:, :4])
    np.testing.assert_allclose(fit.vcov().to_numpy(), np.cov(draws.values.reshape(-1, 2), rowvar=False))
    np.testing.assert_allclose(np.diag(fit.vcov(correlation=True)), 1)


def test_the_residual_sd_may_be_one_or_several(fit: Fit) -> None:
    assert list(fit.sigma().index) == ["new", "old"]
    assert list(fitted("y ~ x").sigma().index) == ["sigma"]


@pytest.mark.parametrize(
    ("formula", "family", "message"),
    [
        pytest.param("y ~ x; sigma ~ x", "gaussian", "`sigma` has a formula", id="modelled"),
        pytest.param("y | se(s) ~ x", "gaussian", "are known here", id="known"),
        pytest.param("k ~ x", "poisson", "a poisson model has no residual sd", id="none"),
    ],
)
def test_where_there_is_no_residual_sd_it_says_why(formula: str, family: str, message: str) -> None:
    with pytest.raises(FitError, match=message):
        fitted(formula, family, "auto").sigma()


VERBS: list[Callable[[Fit], object]] = [
    lambda fit: fit.fixef(interval=95),
    lambda fit: fit.ranef(interval="a"),  # type: ignore[arg-type]
    lambda fit: fit.summary(interval=0),
]


@pytest.mark.parametrize("verb", VERBS)
def test_an_interval_is_a_probability(fit: Fit, verb: Callable[[Fit], object]) -> None:
    with pytest.raises(FitError, match="`interval` is a number between 0 and 1"):
        verb(fit)


def test_a_model_without_group_effects_has_none() -> None:
    plain = fitted("y ~ x")
    assert (plain.ranef(), plain.coef()) == ({}, {})
    assert list(plain.varcorr().index) == [("Residual", "", "")]


def test_priors_are_the_models(fit: Fit) -> None:
    assert fit.model is not None
    pd.testing.assert_frame_equal(fit.priors(), tm.model(fit.model.request.text, DATA).priors())
