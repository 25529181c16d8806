"""Functions of arrays that links and densities need, and that NumPy and SciPy lack."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, digamma, exprel, gammaln

from tildemc.arrays import Floats

__all__ = [
    "beta_binomial_cdf",
    "log1mexp",
    "log_choose",
    "log_cloglog",
    "log_rising",
    "rising_slope",
    "softplus",
    "times",
]

__all__ = ["log1mexp", "log_choose", "log_cloglog", "log_rising", "rising_slope", "softplus", "times"]


def softplus(x: Floats) -> Floats:
    """Log(1 + exp(x))."""
    return np.logaddexp(0.0, x)


def log1mexp(x: Floats) -> Floats:
    """Log(1 - exp(x)) of x < 0.

    Mächler (2012), Accurately computing log(1 - exp(-|a|)).
    """
    return np.where(x > -np.log(2), np.log(-np.expm1(x)), np.log1p(-np.exp(x)))


def log_cloglog(x: Floats) -> Floats:
    """Log(1 - exp(-exp(x))), also where exp(x) is too small for the difference."""
    rate = np.exp(x)
    # Each branch is worked out of what it is for.
    return np.where(x < 0, x + np.log(exprel(-np.minimum(rate, 1.0))), np.log1p(-np.exp(-np.maximum(rate, 1.0))))


def times(count: ArrayLike, x: ArrayLike) -> Floats:
    """`count * x`, and nothing where there is nothing to count, however improbable."""
    count, x = np.asarray(count, dtype=np.float64), np.asarray(x, dtype=np.float64)
    found = np.zeros(np.broadcast_shapes(count.shape, x.shape))
    np.multiply(count, x, out=found, where=count != 0)
    return found


def log_choose(n: Floats, k: Floats) -> Floats:
    """The log of the number of ways to choose k of n."""
    return np.asarray(-np.log1p(n) - betaln(n - k + 1, k + 1))


def log_rising(x: Floats, n: Floats) -> Floats:
    """Log Γ(x + n) - log Γ(x) - n log x, n ≥ 0.

    By the beta function, for differences of log Γ lose their digits where x is large.
    """
    return np.asarray(gammaln(n + 1) - betaln(x, n + 1) - np.log(x + n) - n * np.log(x))


def rising_slope(x: Floats, n: Floats) -> Floats:
    """The derivative of `log_rising` by x."""
    return np.asarray(digamma(x + n) - digamma(x) - n / x)


def beta_binomial_cdf(y: ArrayLike, trials: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """The probability of at most `y` successes where their chance is beta(a, b): a sum, for it has no closed form."""
    y, trials, a, b = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (y, trials, a, b)))
    chance = np.exp(betaln(a, b + trials) - betaln(a, b))
    total = np.where(y >= 0, chance, 0.0)
    for k in range(1, int(np.max(y, initial=0.0)) + 1):
        # What one more success makes of the chance of k - 1; beyond the trials nothing is left.
        chance = chance * ((trials - k + 1) * (a + k - 1) / (k * (b + trials - k))).clip(0.0)
        total += np.where(k <= y, chance, 0.0)
    return np.minimum(total, 1.0)
