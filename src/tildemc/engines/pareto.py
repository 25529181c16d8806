"""How heavy the tail of importance weights is.

Vehtari, Simpson, Gelman, Yao & Gabry (2024), Pareto smoothed importance sampling, JMLR 25(72); the fit is Zhang &
Stephens's (2009), A new and efficient estimation method for the generalized Pareto distribution, Technometrics 51(3).
ArviZ has both, and to import it takes longer than to fit a small model; the tests hold the two together.
"""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats

__all__ = ["pareto_k"]

FEWEST = 100
"""With fewer weights that are not zero there is no telling."""


def pareto_k(log_weights: Floats) -> float:
    """The shape of the generalised Pareto distribution that the largest weights follow.

    Infinite if there is no telling: too few are not zero, or their tail is a single value.
    """
    finite = log_weights[np.isfinite(log_weights)]
    n = len(finite)
    if n < FEWEST:
        return float("inf")
    tail = int(3 * n**0.5) if n > 225 else n // 5
    cutoff, *largest = np.sort(finite)[n - tail - 1 :] - finite.max()
    # Of log weights, as ArviZ compares them.
    if largest[-1] - largest[0] < np.finfo(float).tiny:
        return float("inf")
    return _shape(np.exp(largest) - np.exp(cutoff))


def _shape(excess: Floats) -> float:
    """The shape, for excesses over a threshold in ascending order; NaN if they are nothing like a Pareto tail."""
    n = len(excess)
    quartile = excess[int(n / 4 + 0.5) - 1]
    if quartile <= excess[0]:
        return float("nan")
    # b = -shape / scale on a grid, weighted by its profile likelihood; the grid's prior spreads it three times as wide.
    points = 30 + int(n**0.5)
    b = (1 - np.sqrt(points / (np.arange(1, points + 1) - 0.5))) / (3 * quartile) + 1 / excess[-1]
    k = np.log1p(-b[:, None] * excess).mean(axis=1)
    likelihood = n * (np.log(-b / k) - k - 1)
    weights = np.exp(likelihood - likelihood.max())
    weights /= weights.sum()
    used = weights >= 10 * np.finfo(float).eps
    at = float(b[used] @ weights[used] / weights[used].sum())
    shape = float(np.log1p(-at * excess).mean())
    # A prior worth ten values at one half steadies it.
    shape = (n * shape + 10 * 0.5) / (n + 10)
    return float("inf") if np.isnan(shape) else shape
