"""Draws -> mean, sd, interval, R-hat and effective sample sizes, of many quantities at once.

Vehtari, Gelman, Simpson, Carpenter, Bürkner (2021), Rank-normalization, folding, and localization: an improved R-hat,
Bayesian Analysis 16(2): what ArviZ computes one quantity at a time; the tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from tildemc.arrays import Floats

__all__ = ["COLUMNS", "diagnose"]

COLUMNS = ("mean", "sd", "lower", "upper", "ess_bulk", "ess_tail", "r_hat")

_SIZES, _R_HAT = slice(COLUMNS.index("ess_bulk"), COLUMNS.index("r_hat")), COLUMNS.index("r_hat")

TAILS = (0.11, 0.89)
"""Where the tail ESS is measured: ArviZ's choice since 1.0."""

CHUNK = 1 << 19
"""How many draws are looked at together: what is made of them on the way takes some ten times their memory."""

LAGS = 63
"""How many lags are looked at one by one: beyond them a Fourier transform is cheaper."""


def diagnose(draws: Floats, interval: float = 0.95, data_sets: int = 1) -> Floats:
    """The summary of each quantity.

    Parameters
    ----------
    draws : (quantities, chains, draws)
        In any layout; a few quantities at a time are copied.
    interval : float
        The probability of the equal-tailed interval.
    data_sets : int
        How many data sets the chains are of, those of each together. That these differ is no fault of the chains:
        R-hat is the largest of those within a data set, and effective sizes are the sums.

    Returns
    -------
    (quantities, 7)
        `COLUMNS`; NaN where there are too few draws to say.
    """
    found = np.empty((len(draws), len(COLUMNS)))
    step = max(1, CHUNK // max(1, draws.shape[1] * draws.shape[2]))
    for start in range(0, len(draws), step):
        chunk = np.ascontiguousarray(draws[start : start + step], dtype=float)
        found[start : start + step] = _diagnose(chunk, interval)
        if data_sets > 1:
            each = [_diagnose(part, interval) for part in np.split(chunk, data_sets, axis=1)]
            found[start : start + step, _SIZES] = sum(part[:, _SIZES] for part in each)
            found[start : start + step, _R_HAT] = np.max([part[:, _R_HAT] for part in each], axis=0)
    return found


def _diagnose(draws: Floats, interval: float) -> Floats:
    flat = draws.reshape(len(draws), -1)
    halves = split(draws)
    with np.errstate(invalid="ignore", divide="ignore"):
        lower, upper, *tails = quantiles(np.sort(flat, axis=1), ((1 - interval) / 2, (1 + interval) / 2, *TAILS))
        sd = flat.std(axis=1, ddof=1) if flat.shape[1] > 1 else np.full(len(flat), np.nan)
        bulk, folded = ranked(halves)
        tail = np.minimum(*(effective_size((halves <= q[:, None, None]).astype(float)) for q in tails))
        r_hat = np.maximum(scale_reduction(bulk), scale_reduction(folded))
        rows = [flat.mean(axis=1), sd, lower, upper, effective_size(bulk), tail, r_hat]
    found = np.stack(rows, axis=1)
    found[~np.isfinite(flat).all(axis=1)] = np.nan
    return found


def quantiles(in_order: Floats, probabilities: Sequence[float]) -> Floats:
    """Of sorted rows, between two values by interpolation: (probabilities, rows)."""
    at = np.asarray(probabilities) * (in_order.shape[1] - 1)
    low = at.astype(int)
    below, above = in_order[:, low], in_order[:, np.minimum(low + 1, in_order.shape[1] - 1)]
    found: Floats = below + (above - below) * (at - low)
    return found.T


def split(draws: Floats) -> Floats:
    """Each chain as two: (quantities, 2 chains, draws // 2)."""
    half = draws.shape[2] // 2
    return np.concatenate([draws[:, :, :half], draws[:, :, draws.shape[2] - half :]], axis=1)


def ranked(draws: Floats) -> tuple[Floats, Floats]:
    """The normal quantiles of the draws' ranks among all chains, and of the ranks of their distances from the median.

    Equal draws share their mean rank.
    """
    from tildemc.results.kernels.chains import rank

    flat = draws.reshape(len(draws), -1)
    z, folded = np.empty_like(draws), np.empty_like(draws)
    rank(flat, np.argsort(flat, axis=1), _scores(flat.shape[1]), z.reshape(flat.shape), folded.reshape(flat.shape))
    return z, folded


@cache
def _scores(n: int) -> Floats:
    """The normal quantiles of the ranks 1, 1.5, 2, … n."""
    from scipy.special import ndtri

    found: Floats = ndtri((np.arange(1, n + 0.25, 0.5) - 0.375) / (n + 0.25))
    return found


def scale_reduction(draws: Floats) -> Floats:
    """R-hat of draws that are split already."""
    from tildemc.results.kernels.chains import scale_reductions

    found = np.full(len(draws), np.nan)
    if draws.shape[2] > 1:
        scale_reductions(draws, found)
    return found


def effective_size(draws: Floats) -> Floats:
    """The effective sample size of draws that are split already; lag by lag where few lags do, else by FFT."""
    from tildemc.results.kernels.chains import UNKNOWN, effective_sizes

    found = np.full(len(draws), np.nan)
    if draws.shape[2] < 4:
        return found
    effective_sizes(draws, LAGS, found)
    slow = found == UNKNOWN
    if slow.any():
        found[slow] = effective_size_at_once(draws[slow])
    return found


def effective_size_at_once(draws: Floats) -> Floats:
    """The effective sample size by Geyer's initial monotone sequence, from all autocovariances."""
    _, m, n = draws.shape
    covariance = autocovariance(draws)
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
    found: Floats = m * n / np.maximum(tau, 1 / np.log10(m * n))
    return found


def autocovariance(draws: Floats) -> Floats:
    """At each lag, by FFT, the mean over chains: (quantities, draws)."""
    from scipy.fft import irfft, next_fast_len, rfft

    n = draws.shape[2]
    size = next_fast_len(2 * n, real=True)
    spectrum = rfft(draws - draws.mean(axis=2, keepdims=True), n=size, axis=2)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=1)
    found: Floats = irfft(power, n=size, axis=1)[:, :n] / n
    return found
