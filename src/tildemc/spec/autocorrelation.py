"""Covariances of series: what autoregressive and moving-average coefficients say of residuals at given lags."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats

__all__ = ["arma", "coefficients_of", "conditional_arma", "innovation_arma", "toeplitz"]


def arma(ar: Floats, ma: Floats, lag: Floats) -> Floats:
    """Correlations of a stationary ARMA process at whole lags; NaN where there is no such process.

    Parameters
    ----------
    ar : (p,)
    ma : (q,)
    lag : (..., m, m)
    """
    found = _autocovariances(ar, ma, int(lag.max(initial=0)))
    return np.asarray((found / found[0])[lag.astype(np.int64)])


def innovation_arma(ar: Floats, ma: Floats, lag: Floats) -> Floats:
    """Covariances of a stationary ARMA process whose innovations have variance one, as `arma` takes them."""
    return np.asarray(_autocovariances(ar, ma, int(lag.max(initial=0)))[lag.astype(np.int64)])


def conditional_arma(ar: Floats, ma: Floats, place: Floats) -> Floats:
    """Covariances of a series that begins at place 0 with nothing before it, its innovations of variance one.

    Parameters
    ----------
    ar : (p,)
    ma : (q,)
    place : (..., m, 1)
        Whole numbers from 0.
    """
    from scipy.signal import lfilter

    at = place[..., 0].astype(np.int64)
    n = int(at.max(initial=0)) + 1
    impulse = np.zeros(n)
    impulse[0] = 1.0
    response = lfilter(np.concatenate([[1.0], ma]), np.concatenate([[1.0], -ar]), impulse)
    gap = np.arange(n)[:, None] - np.arange(n)
    filtered = np.where(gap >= 0, response[np.maximum(gap, 0)], 0.0)
    return np.asarray((filtered @ filtered.T)[at[..., :, None], at[..., None, :]])


def toeplitz(lags: Floats, lag: Floats) -> Floats:
    """Correlations that differ by whole lag from 1 on, (k,), and are zero beyond the last."""
    known = np.concatenate([[1.0], lags, [0.0]])
    return np.asarray(known[np.minimum(lag.astype(np.int64), len(known) - 1)])


def _autocovariances(ar: Floats, ma: Floats, longest: int) -> Floats:
    """Of a process with innovations of variance one, at lags from 0: (longest + 1,).

    Brockwell & Davis (1991), Time series: theory and methods, section 3.3, the third method.
    """
    p, q = len(ar), len(ma)
    if p and np.abs(np.roots(np.concatenate([[1.0], -ar]))).max(initial=0.0) >= 1.0:
        return np.full(longest + 1, np.nan)
    theta = np.concatenate([[1.0], ma])
    psi = np.zeros(q + 1)
    for j in range(q + 1):
        psi[j] = theta[j] + sum(ar[i] * psi[j - 1 - i] for i in range(min(p, j)))
    n = max(p, q) + 1
    system, right = np.eye(n), np.zeros(n)
    for k in range(n):
        right[k] = theta[k:] @ psi[: max(q + 1 - k, 0)] if k <= q else 0.0
        for i in range(p):
            system[k, abs(k - 1 - i)] -= ar[i]
    known = np.zeros(max(longest + 1, n))
    known[:n] = np.linalg.solve(system, right)
    for k in range(n, longest + 1):
        known[k] = ar @ known[k - 1 - np.arange(p)] if p else 0.0
    return known[: longest + 1]


def coefficients_of(partial: Floats) -> Floats:
    """The coefficients of the stationary autoregression with these partial autocorrelations, (p,) both.

    Barndorff-Nielsen & Schou (1973), On the parametrization of autoregressive models by partial autocorrelations.
    """
    found = np.zeros(0)
    for r in partial:
        found = np.append(found - r * found[::-1], r)
    return found
