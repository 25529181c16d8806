"""Draws -> mean, sd, interval, R-hat and effective sample sizes, of all quantities at once.

Vehtari, Gelman, Simpson, Carpenter, Bürkner (2021), Rank-normalization, folding, and localization: an improved R-hat,
Bayesian Analysis 16(2): what ArviZ computes one quantity at a time; the tests hold the two together.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["COLUMNS", "diagnose"]

COLUMNS = ("mean", "sd", "lower", "upper", "ess_bulk", "ess_tail", "r_hat")

TAILS = (0.11, 0.89)
"""Where the tail ESS is measured: ArviZ's choice since 1.0, so that it is the one that `Fit.summary` shows."""

Array = NDArray[np.float64]


def diagnose(draws: Array, interval: float = 0.95) -> Array:
    """The summary of each quantity.

    Parameters
    ----------
    draws : (quantities, chains, draws)
    interval : float
        The probability of the equal-tailed interval.

    Returns
    -------
    (quantities, 7)
        `COLUMNS`; NaN where there are too few draws to say.
    """
    flat = draws.reshape(len(draws), -1)
    sides = np.quantile(flat, [(1 - interval) / 2, (1 + interval) / 2], axis=1)
    sd = flat.std(axis=1, ddof=1) if flat.shape[1] > 1 else np.full(len(flat), np.nan)
    halves = split(draws)
    bulk = ranked(halves)
    folded = ranked(np.abs(halves - np.median(halves, axis=(1, 2), keepdims=True)))
    low, high = np.quantile(flat, TAILS, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        tails = [effective_size((halves <= q[:, None, None]).astype(float)) for q in (low, high)]
        r_hat = np.maximum(scale_reduction(bulk), scale_reduction(folded))
        rows = [flat.mean(axis=1), sd, *sides, effective_size(bulk), np.minimum(*tails), r_hat]
    found = np.stack(rows, axis=1)
    found[~np.isfinite(flat).all(axis=1)] = np.nan
    return found


def split(draws: Array) -> Array:
    """Each chain as two: (quantities, 2 chains, draws // 2)."""
    half = draws.shape[2] // 2
    return np.concatenate([draws[:, :, :half], draws[:, :, draws.shape[2] - half :]], axis=1)


def ranked(draws: Array) -> Array:
    """Draws replaced by the normal quantiles of their ranks among all chains; equal ones share their mean rank."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    flat = draws.reshape(len(draws), -1)
    order = np.argsort(flat, axis=1)
    in_order = np.take_along_axis(flat, order, axis=1)
    z = np.empty_like(flat)
    np.put_along_axis(z, order, _quantiles(flat.shape[1]), axis=1)
    ties = (in_order[:, 1:] == in_order[:, :-1]).any(axis=1)
    z[ties] = ndtri((rankdata(flat[ties], axis=1) - 0.375) / (flat.shape[1] + 0.25))
    return z.reshape(draws.shape)


@cache
def _quantiles(n: int) -> Array:
    """The normal quantiles of the ranks 1 to n, (1, n)."""
    from scipy.special import ndtri

    found: Array = ndtri((np.arange(1, n + 1) - 0.375) / (n + 0.25))[None]
    return found


def scale_reduction(draws: Array) -> Array:
    """R-hat of draws that are split already."""
    n = draws.shape[2]
    if n < 2:
        return np.full(len(draws), np.nan)
    between = n * draws.mean(axis=2).var(axis=1, ddof=1)
    within = draws.var(axis=2, ddof=1).mean(axis=1)
    found: Array = np.sqrt((between / within + n - 1) / n)
    return found


def effective_size(draws: Array) -> Array:
    """The effective sample size of draws that are split already, by Geyer's initial monotone sequence."""
    quantities, m, n = draws.shape
    if n < 4:
        return np.full(quantities, np.nan)
    covariance = autocovariance(draws).mean(axis=1)
    within = covariance[:, 0] * n / (n - 1)
    total = within * (n - 1) / n + (draws.mean(axis=2).var(axis=1, ddof=1) if m > 1 else 0)
    rho = 1 - (within[:, None] - covariance) / total[:, None]
    rho[:, 0] = 1
    pairs = rho[:, 0 : n - n % 2 : 2] + rho[:, 1::2]
    last = max((n - 3) // 2, 1)
    ends = np.where((pairs[:, :last] > 0).all(axis=1), last, np.argmin(pairs[:, :last] > 0, axis=1))
    inside = np.arange(pairs.shape[1]) < ends[:, None]
    tau = -1 + 2 * np.where(inside, np.minimum.accumulate(pairs, axis=1), 0).sum(axis=1)
    tau += np.maximum(np.take_along_axis(rho, 2 * ends[:, None], axis=1)[:, 0], 0)
    found = m * n / np.maximum(tau, 1 / np.log10(m * n))
    constant = np.ptp(draws.reshape(quantities, -1), axis=1) < np.finfo(float).resolution
    return np.where(constant, float(m * n), found)


def autocovariance(draws: Array) -> Array:
    """Of each chain at each lag, by FFT: (quantities, chains, draws)."""
    from scipy.fft import irfft, next_fast_len, rfft

    n = draws.shape[2]
    size = next_fast_len(2 * n, real=True)
    spectrum = rfft(draws - draws.mean(axis=2, keepdims=True), n=size, axis=2)
    found: Array = irfft(spectrum * spectrum.conj(), n=size, axis=2)[:, :, :n] / n
    return found
