"""Priors of several parameters together against brms 2.18's and rstanarm's Stan code, written again in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from tildemc.spec.expr import Const, Var, evaluate, substitute
from tildemc.spec.shrinkage import SHRINKAGE, shape_of_share
from tildemc.spec.vocabulary import NUMPY

Floats = NDArray[np.float64]
SIGMA = 1.7
Q = {
    "sigma": np.array(SIGMA),
    "hs_global": np.array(0.3),
    "hs_slab": np.array(0.8),
    "hs_local": np.array([0.1, 2.0, 30.0]),
    "hs_local2": np.array([1.5, 0.2, 4.0]),
    "R2D2_R2": np.array(0.6),
    "R2D2_phi": np.array([0.2, 0.7, 0.1]),
    "lasso_inv_lambda": np.array(1.3),
    "product_1": np.array([0.5, -1.0, 2.0]),
    "product_2": np.array([1.5, 0.3, -0.2]),
    "decov_tau": np.array(0.9),
    "decov_pi": np.array([0.5, 0.3, 0.2]),
}


def stan_horseshoe(lam: Floats, tau: float, c2: float) -> Floats:
    """`lambda_tilde * tau` of brms's function `horseshoe`."""
    lam2 = lam**2
    return np.sqrt(c2 * lam2 / (c2 + tau**2 * lam2)) * tau


def half_t(df: float, scale: float) -> Callable[[float], float]:
    return lambda x: float(stats.t.logpdf(x, df, 0, scale) + np.log(2))


UNITS: list[tuple[str, dict[str, float], str, Floats, Mapping[str, Callable[[float], float]]]] = [
    (
        "horseshoe", {"df": 3, "df_global": 2, "scale_global": 0.5, "df_slab": 5, "scale_slab": 1.5}, "normal",
        stan_horseshoe(Q["hs_local"], 0.3, 1.5**2 * 0.8),
        {"hs_local": half_t(3, 1), "hs_global": half_t(2, 0.5 * SIGMA),
         "hs_slab": lambda x: float(stats.invgamma.logpdf(x, 2.5, scale=2.5))},
    ),
    (
        "R2D2", {"mean_R2": 0.4, "prec_R2": 3, "cons_D2": 0.6}, "normal",
        np.sqrt(Q["R2D2_phi"] * SIGMA**2 * 0.6 / (1 - 0.6)),
        {"R2D2_R2": lambda x: float(stats.beta.logpdf(x, 0.4 * 3, 0.6 * 3))},
    ),
    (
        "lasso", {"df": 2, "scale": 3, "location": 0}, "double_exponential", np.full(3, 3 * 1.3),
        {"lasso_inv_lambda": lambda x: float(stats.chi2.logpdf(x, 2))},
    ),
    (
        "hs_plus",
        {"df1": 3, "df2": 1, "df_global": 2, "scale_global": 0.01, "df_slab": 4, "scale_slab": 2.5}, "normal",
        stan_horseshoe(Q["hs_local"] * Q["hs_local2"], 0.3, 2.5**2 * 0.8),
        {"hs_local": half_t(3, 1), "hs_local2": half_t(1, 1), "hs_global": half_t(2, 0.01 * SIGMA)},
    ),
    (
        "product_normal", {"df": 3, "location": 0, "scale": 2}, "normal", Q["product_1"] * Q["product_2"] * 8,
        {"product_1": lambda x: float(stats.norm.logpdf(x))},
    ),
    (
        "decov", {"regularization": 2, "concentration": 1, "shape": 3, "scale": 4, "count": 3}, "constant",
        SIGMA * 0.9 * np.sqrt(3 * Q["decov_pi"]),
        {"decov_tau": lambda x: float(stats.gamma.logpdf(x, 3, scale=4))},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "density", "unit", "priors"), UNITS, ids=[row[0] for row in UNITS])
def test_a_coefficients_unit_and_what_it_follows_are_stans(
    name: str, arguments: dict[str, float], density: str, unit: Floats, priors: Mapping[str, Callable[[float], float]]
) -> None:
    shrunk = SHRINKAGE[name].made({**{k: Const(float(v)) for k, v in arguments.items()}, "sigma": Var("sigma")})
    assert shrunk.density == density
    found = evaluate(shrunk.arguments[-1], lambda name: Q[name.name], NUMPY)
    np.testing.assert_allclose(np.broadcast_to(found, unit.shape), unit, rtol=1e-13)
    known = {quantity.name: quantity.prior for quantity in shrunk.quantities}
    assert {*priors} <= {*known}
    for quantity, expected in priors.items():
        prior = known[quantity]
        for x in (0.2, 0.7):
            values = tuple(
                float(evaluate(substitute(a, {Var("sigma"): Const(SIGMA)}), lambda _: 0.0, NUMPY))
                for a in prior.arguments
            )
            folded = np.log(2) if prior.folded else 0.0
            ours = prior.distribution.of(prior.distribution.log_density, (*values, x)) + folded
            assert ours == pytest.approx(expected(x), rel=1e-12)


@pytest.mark.parametrize(
    ("location", "what", "found"),
    [
        (0.5, "mode", lambda a, b: (a - 1) / (a + b - 2)),
        (0.3, "mean", lambda a, b: a / (a + b)),
        (0.25, "median", lambda a, b: stats.beta.median(a, b)),
        (-1.2, "log", lambda a, b: special.digamma(a) - special.digamma(a + b)),
    ],
)
def test_the_share_of_variance_has_the_location_that_is_stated(
    location: float, what: str, found: Callable[[float, float], float]
) -> None:
    assert found(1.5, shape_of_share(1.5, location, what)) == pytest.approx(location, rel=1e-9)


def test_one_sd_is_gamma_in_units_of_sigma() -> None:
    given = {"regularization": 1.0, "concentration": 1.0, "shape": 3.0, "scale": 4.0, "count": 1.0}
    shrunk = SHRINKAGE["decov"].made({**{k: Const(v) for k, v in given.items()}, "sigma": Var("sigma")})
    assert (shrunk.density, shrunk.quantities) == ("gamma", ())
    assert float(evaluate(shrunk.arguments[1], lambda _: SIGMA, NUMPY)) == pytest.approx(1 / (4 * SIGMA))
