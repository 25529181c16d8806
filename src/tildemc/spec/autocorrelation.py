"""Covariances of series: what autoregressive and moving-average coefficients say of residuals at given lags."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.special import arma_extended, arma_response, arma_system, banded_factor

__all__ = [
    "arma", "banded", "coefficients_of", "conditional_arma", "covariances_beside", "innovation_arma", "sar_covariances",
    "toeplitz",
]  # fmt: skip


def arma(ar: Floats, ma: Floats, lag: Floats, longest: int) -> Floats:
    """Correlations of a stationary ARMA process at whole lags; NaN where there is no such process.

    Parameters
    ----------
    ar : (p,)
    ma : (q,)
    lag : (..., m, m)
    longest : int
        Of the lags.
    """
    found = _autocovariances(ar, ma, longest)
    return np.asarray((found / found[0])[lag.astype(np.int64)])


def innovation_arma(ar: Floats, ma: Floats, lag: Floats, longest: int) -> Floats:
    """Covariances of a stationary ARMA process whose innovations have variance one, as `arma` takes them."""
    return np.asarray(_autocovariances(ar, ma, longest)[lag.astype(np.int64)])


def conditional_arma(ar: Floats, ma: Floats, place: Floats, longest: int) -> Floats:
    """Covariances of a series that begins at place 0 with nothing before it, its innovations of variance one.

    Parameters
    ----------
    ar : (p,)
    ma : (q,)
    place : (..., m, 1)
        Whole numbers from 0.
    longest : int
        The last of them.
    """
    at = place[..., 0].astype(np.int64)
    gap = np.arange(longest + 1)[:, None] - np.arange(longest + 1)
    response = np.array(arma_response(ar, ma, longest + 1))
    filtered = np.where(gap >= 0, response[np.maximum(gap, 0)], 0.0)
    return np.asarray((filtered @ filtered.T)[at[..., :, None], at[..., None, :]])


def covariances_beside(beside: Floats, place: Floats) -> Floats:
    """Those that a matrix beside the data has, between its rows at places (..., m, 1)."""
    at = place[..., 0].astype(np.int64)
    return np.asarray(beside[at[..., :, None], at[..., None, :]])


def sar_covariances(rho: float, beside: Floats, place: Floats) -> Floats:
    """Covariances of e = rho W e + u, the variances of u one, between the rows of W at places (..., m, 1)."""
    spread = np.linalg.inv(np.eye(len(beside)) - rho * beside)
    return covariances_beside(spread @ spread.T, place)


def banded(partial: Floats, reach: int, place: Floats) -> Floats:
    """Correlations that are zero beyond `reach` levels, by partial ones, between the levels at places (..., m, 1)."""
    factor = np.array(banded_factor([*partial], reach), dtype=float)
    return covariances_beside(factor @ factor.T, place)


def toeplitz(lags: Floats, lag: Floats) -> Floats:
    """Correlations that differ by whole lag from 1 on, (k,), and are zero beyond the last."""
    known = np.concatenate([[1.0], lags, [0.0]])
    return np.asarray(known[np.minimum(lag.astype(np.int64), len(known) - 1)])


def _autocovariances(ar: Floats, ma: Floats, longest: int) -> Floats:
    """Of a process with innovations of variance one, at lags from 0: (longest + 1,)."""
    if len(ar) and np.abs(np.roots(np.concatenate([[1.0], -ar]))).max(initial=0.0) >= 1.0:
        return np.full(longest + 1, np.nan)
    rows, right = arma_system(ar, ma)
    first = np.linalg.solve(np.array(rows, dtype=float), np.array(right, dtype=float))
    return np.array(arma_extended(list(first), ar, longest))


def coefficients_of(partial: Floats) -> Floats:
    """The coefficients of the stationary autoregression with these partial autocorrelations, (p,) both.

    Barndorff-Nielsen & Schou (1973), On the parametrization of autoregressive models by partial autocorrelations.
    """
    found = np.zeros(0)
    for r in partial:
        found = np.append(found - r * found[::-1], r)
    return found
