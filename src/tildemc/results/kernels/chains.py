"""Ranks, R-hat and effective sample sizes of one quantity after another, each within a processor's cache."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.kernels import jit, kernel

__all__ = ["UNKNOWN", "effective_sizes", "rank", "scale_reductions"]

UNKNOWN = -1.0
"""An effective size that asks for more lags."""


@jit
def _score(in_order: Floats, places: Integers, scores: Floats, out: Floats) -> None:
    """Put the score of its rank at the place of each value; equal values share their mean rank."""
    start, n = 0, len(in_order)
    while start < n:
        end = start + 1
        while end < n and in_order[end] == in_order[start]:
            end += 1
        for i in range(start, end):
            out[places[i]] = scores[start + end - 1]
        start = end


@kernel
def rank(flat: Floats, order: Integers, scores: Floats, z: Floats, folded: Floats) -> None:
    """The scores of all values, and those of their distances from the median.

    Parameters
    ----------
    flat, order : (quantities, n)
        Values, and where they are in ascending order.
    scores : (2 n - 1,)
        Of the ranks 1, 1.5, 2, … n.
    z, folded : (quantities, n)
        Filled.
    """
    n = flat.shape[1]
    in_order, distances, places = np.empty(n), np.empty(n), np.empty(n, np.int64)
    for row in range(flat.shape[0]):
        for i in range(n):
            in_order[i] = flat[row, order[row, i]]
        _score(in_order, order[row], scores, z[row])
        left, right = (n - 1) // 2, (n - 1) // 2 + 1
        median = 0.5 * (in_order[left] + in_order[n // 2])
        for i in range(n):
            below = right == n or (left >= 0 and median - in_order[left] <= in_order[right] - median)
            at = left if below else right
            distances[i], places[i] = abs(in_order[at] - median), order[row, at]
            left, right = (left - 1, right) if below else (left, right + 1)
        _score(distances, places, scores, folded[row])


@jit
def _centre(chain: Floats, out: Floats) -> tuple[float, float]:
    """The chain less its mean; the mean, and the sum of squares."""
    total, squares = 0.0, 0.0
    for value in chain:
        total += value
    mean = total / len(chain)
    for i in range(len(chain)):
        out[i] = chain[i] - mean
        squares += out[i] * out[i]
    return mean, squares


@jit
def _chains(draws: Floats, centred: Floats) -> tuple[float, float]:
    """Chains less their means; the mean of their sums of squares, and the variance of their means."""
    m = len(draws)
    means, squares = np.empty(m), 0.0
    for c in range(m):
        means[c], own = _centre(draws[c], centred[c])
        squares += own / m
    spread = ((means - means.mean()) ** 2).sum() / (m - 1) if m > 1 else 0.0
    return squares, spread


@kernel
def scale_reductions(draws: Floats, out: Floats) -> None:
    """R-hat of each quantity, of draws (quantities, chains, draws) that are split already."""
    n = draws.shape[2]
    centred = np.empty(draws.shape[1:])
    for row in range(len(draws)):
        squares, spread = _chains(draws[row], centred)
        out[row] = np.sqrt((n * spread / (squares / (n - 1)) + n - 1) / n)


@jit
def _correlation(centred: Floats, lag: int, within: float, total: float) -> float:
    m, n = len(centred), len(centred[0])
    covariance = 0.0
    for c in range(m):
        for i in range(n - lag):
            covariance += centred[c, i] * centred[c, i + lag]
    return 1 - (within - covariance / (n * m)) / total


@kernel
def effective_sizes(draws: Floats, lags: int, out: Floats) -> None:
    """The effective size of each quantity, by Geyer's initial monotone sequence, lag by lag.

    Parameters
    ----------
    draws : (quantities, chains, draws)
        Split already.
    lags : int
        How many lags to look at; where the sequence does not end by then the size is `UNKNOWN`.
    out : (quantities,)
        Filled.
    """
    m, n = draws.shape[1:]
    centred = np.empty((m, n))
    last = max((n - 3) // 2, 1)
    for row in range(len(draws)):
        squares, spread = _chains(draws[row], centred)
        if draws[row].max() - draws[row].min() < np.finfo(np.float64).resolution:
            out[row] = m * n
            continue
        within = squares / (n - 1)
        total = squares / n + spread
        tau, least, even, k = -1.0, np.inf, 1.0, 0
        out[row] = UNKNOWN
        while 2 * k + 1 <= lags:
            pair = even + _correlation(centred, 2 * k + 1, within, total)
            if k == last or not pair > 0:
                out[row] = m * n / max(tau + max(even, 0.0), 1 / np.log10(m * n))
                break
            least = min(least, pair)
            tau += 2 * least
            k += 1
            even = _correlation(centred, 2 * k, within, total)
