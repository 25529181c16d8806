"""Special functions against SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special as sp

from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct import special

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
    np.testing.assert_allclose(each(special.log_gamma, POSITIVE), sp.gammaln(POSITIVE), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(each(special.digamma, POSITIVE), sp.digamma(POSITIVE), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("n", [0.0, 1.0, 7.0, 400.0])
def test_log_rising_is_exact_where_gamma_functions_cancel(n: float) -> None:
    """The twin: a sum over factors, each of which is near one for a large base."""
    factors = np.arange(n)[:, None] / POSITIVE
    found = each(lambda x: special.log_rising(x, n), POSITIVE)
    np.testing.assert_allclose(found, np.log1p(factors).sum(axis=0), rtol=1e-12, atol=1e-12 * max(n, 1))
    slope = -(factors / POSITIVE / (1 + factors)).sum(axis=0)
    by_base = each(lambda x: special.rising_slope(x, n), POSITIVE)
    np.testing.assert_allclose(by_base * POSITIVE, slope * POSITIVE, rtol=1e-11, atol=1e-12 * max(n, 1))


FUNCTIONS_OF_LINKS = ("invprobit", "log1mexp", "log_cloglog", "log_invprobit", "log_sigmoid", "sigmoid", "softplus")


@pytest.mark.parametrize("name", FUNCTIONS_OF_LINKS)
def test_functions_of_links_are_the_vocabularys(name: str) -> None:
    points = -np.abs(POINTS[POINTS != 0]) if name == "log1mexp" else POINTS
    expected = NUMPY[name](points)
    found = each(getattr(special, name), points)
    shows = np.abs(expected) > 1e-290  # smaller ones are zero, or near it
    np.testing.assert_allclose(found[shows], expected[shows], rtol=1e-12, atol=1e-15)
