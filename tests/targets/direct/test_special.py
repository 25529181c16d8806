"""Special functions and row functions against SciPy's, also far out."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special as sp
import scipy.stats as stats

from tildemc.targets.direct import rows, special

POINTS = np.concatenate([np.linspace(-40, 40, 161), [-700, -1e-8, 0.0, 1e-12, 300.0]])
POSITIVE = np.exp(np.linspace(-30, 30, 121))


def each(function, points):
    """The function's values, one row for each point."""
    return np.array([function(float(x)) for x in points])


def test_elementary_functions() -> None:
    np.testing.assert_allclose(each(special.exp, POINTS), np.exp(POINTS), rtol=1e-15)
    np.testing.assert_allclose(each(special.expm1, POINTS), np.expm1(POINTS), rtol=1e-14)
    np.testing.assert_allclose(each(special.log, POSITIVE), np.log(POSITIVE), rtol=1e-15, atol=1e-16)
    np.testing.assert_allclose(each(special.log1p, POSITIVE), np.log1p(POSITIVE), rtol=1e-15)


def test_what_is_not_finite_shows() -> None:
    assert np.isnan(each(special.log, [0.0, -1.0, np.inf, np.nan])).all()
    assert np.isinf(special.exp(1e6))
    assert np.isnan(special.exp(np.nan))
    assert special.exp(-1e6) < 1e-300


def test_log_gamma_and_its_derivative() -> None:
    found = each(special.log_gamma, POSITIVE)
    np.testing.assert_allclose(found[:, 0], sp.gammaln(POSITIVE), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(found[:, 1], sp.digamma(POSITIVE), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("n", [0.0, 1.0, 7.0, 400.0])
def test_log_rising_is_exact_where_gamma_functions_cancel(n: float) -> None:
    """The twin: a sum over factors, each of which is near one for a large base."""
    factors = np.arange(n)[:, None] / POSITIVE
    found = each(lambda x: special.log_rising(x, n), POSITIVE)
    np.testing.assert_allclose(found[:, 0], np.log1p(factors).sum(axis=0), rtol=1e-12, atol=1e-12 * max(n, 1))
    slope = -(factors / POSITIVE / (1 + factors)).sum(axis=0)
    np.testing.assert_allclose(found[:, 1] * POSITIVE, slope * POSITIVE, rtol=1e-11, atol=1e-12 * max(n, 1))


def test_logistic() -> None:
    found = each(special.logistic, POINTS)
    np.testing.assert_allclose(found[:, 0], np.logaddexp(0, POINTS), rtol=1e-14, atol=2e-16)
    np.testing.assert_allclose(found[:, 1], sp.expit(POINTS), rtol=1e-14)


def test_normal_tails() -> None:
    found = each(special.normal_tails, POINTS)
    np.testing.assert_allclose(found[:, 0], sp.log_ndtr(POINTS), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(found[:, 2], sp.log_ndtr(-POINTS), rtol=1e-13, atol=1e-15)
    hazard = np.exp(-0.5 * POINTS**2 - 0.5 * np.log(2 * np.pi) - sp.log_ndtr(POINTS))
    np.testing.assert_allclose(found[:, 1], hazard, rtol=1e-9, atol=1e-300)


RARE = -np.expm1(-np.exp(-9))
FAR = {
    "gaussian": (rows.gaussian, (1e8, 1, 0, 3, 0), (-1e8, 1, 0, 3, 0), stats.norm(0, 3).logpdf),
    "student": (rows.student, (50.0, 1, 0, 2, 3), (-1.0, 1, 0, 2, 3), stats.t(3, 0, 2).logpdf),
    "binomial": (rows.binomial, (3, 5, 1e-9, 0, 0), (0, 5, 1e-9, 0, 0), stats.binom(5, 1e-9).logpmf),
    "logit": (rows.binomial_logit, (3, 5, -30, 0, 0), (5, 5, -30, 0, 0), stats.binom(5, sp.expit(-30)).logpmf),
    "probit": (rows.binomial_probit, (3, 5, -9, 0, 0), (0, 5, -9, 0, 0), stats.binom(5, sp.ndtr(-9)).logpmf),
    "cloglog": (
        rows.binomial_cloglog,
        (3, 5, -9, 0, 0),
        (0, 5, -9, 0, 0),
        stats.binom(5, RARE).logpmf,
    ),
    "poisson": (rows.poisson, (3, 1, 1e-3, 0, 0), (0, 1, 1e-3, 0, 0), stats.poisson(1e-3).logpmf),
    "poisson log": (rows.poisson_log, (3, 1, 5, 0, 0), (900, 1, 5, 0, 0), stats.poisson(np.exp(5)).logpmf),
    "negbinomial": (rows.negbinomial, (3, 1, 2, 1e3, 0), (90, 1, 2, 1e3, 0), stats.nbinom(1e3, 1e3 / (1e3 + 2)).logpmf),
}
CONSTANTS = {"binomial": sp.binom, "logit": sp.binom, "probit": sp.binom, "cloglog": sp.binom}


@pytest.mark.parametrize("name", FAR)
def test_rows_far_out(name: str) -> None:
    row, first, second, density = FAR[name]
    found = row(*map(float, first))[0] - row(*map(float, second))[0]
    expected = density(first[0]) - density(second[0])
    if name in CONSTANTS:
        expected -= np.log(sp.binom(first[1], first[0]) / sp.binom(second[1], second[0]))
    elif name not in ("gaussian", "student"):
        expected += sp.gammaln(first[0] + 1) - sp.gammaln(second[0] + 1)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
