"""Functions of arrays for counts whose probabilities add up to nothing closed: Conway-Maxwell-Poisson, and others.

The Conway-Maxwell-Poisson probability of k is (mu^k / k!)^nu over the sum of these, which is worked out term by term
or, where there are many terms, by the expansion of Gaunt, Iyengar, Olde Daalhuis & Simsek (2019), An asymptotic
expansion for the normalizing constant of the Conway-Maxwell-Poisson distribution, Ann. Inst. Stat. Math. 71.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.special as sp
from numpy.typing import ArrayLike

from tildemc.arrays import Floats

__all__ = [
    "com_poisson_cdf",
    "com_poisson_log_norm",
    "com_poisson_log_norm_slope",
    "com_poisson_log_rate",
    "com_poisson_mean",
    "com_poisson_mean_by_shape",
    "com_poisson_quantile",
    "com_poisson_tail",
    "com_poisson_third",
    "com_poisson_variance",
    "com_poisson_variance_by_shape",
    "discrete_weibull_mean",
    "discrete_weibull_variance",
    "genpois_cdf",
    "genpois_quantile",
    "genpois_tail",
]

_SMALL = -45.0
"""The log of what is left out, next to the largest term."""
_MOST = 100_000


def com_poisson_log_norm(log_mu: Floats, nu: Floats) -> Floats:
    """The log of the sum over k of (mu^k / k!)^nu."""
    return _com_poisson(log_mu, nu)[0]


def com_poisson_mean(log_mu: Floats, nu: Floats) -> Floats:
    """The mean."""
    return _com_poisson(log_mu, nu)[1]


def com_poisson_variance(log_mu: Floats, nu: Floats) -> Floats:
    """The variance."""
    return _com_poisson(log_mu, nu)[2]


def com_poisson_log_norm_slope(log_mu: Floats, nu: Floats) -> Floats:
    """The derivative of `com_poisson_log_norm` by nu, the mean of k log mu - log k!."""
    return _com_poisson(log_mu, nu)[3]


def com_poisson_mean_by_shape(log_mu: Floats, nu: Floats) -> Floats:
    """The derivative of the mean by nu, the covariance of k and k log mu - log k!."""
    return _com_poisson(log_mu, nu)[4]


def com_poisson_third(log_mu: Floats, nu: Floats) -> Floats:
    """The third central moment."""
    return _com_poisson(log_mu, nu)[5]


def com_poisson_variance_by_shape(log_mu: Floats, nu: Floats) -> Floats:
    """The derivative of the variance by nu, the covariance of (k - mean)² and k log mu - log k!."""
    return _com_poisson(log_mu, nu)[6]


def com_poisson_log_rate(log_mean: Floats, nu: Floats) -> Floats:
    """The log mu of a mean: by Newton's method between ends that are known.

    The mean falls with nu where mu^nu does not change, from that of a geometric count at 0 to that of a Poisson count
    at 1, and mu is at most 1 more than the mean where nu is more than 1.
    """
    log_mean, nu = np.broadcast_arrays(np.asarray(log_mean, dtype=np.float64), np.asarray(nu, dtype=np.float64))
    geometric, poisson = -np.logaddexp(0.0, -log_mean) / nu, log_mean / nu
    low = np.where(nu < 1, geometric, np.maximum(log_mean, poisson))
    high = np.where(nu < 1, np.minimum(log_mean, poisson), np.logaddexp(0.0, log_mean))
    found = np.where(nu < 1, high, low)
    for _ in range(200):
        _, mean, variance, *_ = _com_poisson(found, nu)
        gap = np.log(mean) - log_mean
        low, high = np.where(gap < 0, found, low), np.where(gap > 0, found, high)
        step = gap * mean / (nu * variance)
        near = (found - step >= low) & (found - step <= high)
        found = np.where(near, found - step, 0.5 * (low + high))
        if np.all(abs(step) <= 1e-12 * np.maximum(abs(found), 1.0)) or np.all((low == high) | (gap == 0)):
            break
    return found


Moments = tuple[Floats, Floats, Floats, Floats, Floats, Floats, Floats]


def _com_poisson(log_mu: Floats, nu: Floats) -> Moments:
    """The log of the sum; the mean and the variance; the mean of k log mu - log k!, and its covariance with k.

    Then the third central moment, and the covariance of the squared distance from the mean with k log mu - log k!.
    """
    log_mu, nu = np.broadcast_arrays(np.asarray(log_mu, dtype=np.float64), np.asarray(nu, dtype=np.float64))
    mu = np.exp(log_mu)
    many = mu > 500 * np.maximum(nu, 1 / nu)
    summed, expanded = _summed(np.where(many, 0.0, log_mu), nu), _expanded(np.where(many, mu, 1e3), nu)
    found = (np.where(many, one, other) for one, other in zip(expanded, summed, strict=True))
    norm, mean, variance, slope, mean_slope, third, variance_slope = found
    return norm, mean, variance, slope, mean_slope, third, variance_slope


def _summed(log_mu: Floats, nu: Floats) -> Moments:
    mode = np.floor(np.exp(log_mu))
    peak = mode * log_mu - sp.gammaln(mode + 1)
    # What is beside the largest term, which is 1.
    others, first, second, third, logs, both, squared = np.zeros((7, *log_mu.shape))
    for k in range(_MOST):
        log_term = k * log_mu - sp.gammaln(k + 1.0)
        term = np.exp(nu * (log_term - peak))
        others = others + np.where(k == mode, 0.0, term)
        # About the mode and its term, so that squares have their digits.
        away, down = k - mode, log_term - peak
        first, second = first + away * term, second + away**2 * term
        third, squared = third + away**3 * term, squared + away**2 * down * term
        logs, both = logs + down * term, both + away * down * term
        if np.all((k > mode) & (nu * (log_term - peak) < _SMALL)):
            break
    total = 1 + others
    away, square, down, product = first / total, second / total, logs / total, both / total
    return (
        nu * peak + np.log1p(others),
        mode + away,
        square - away**2,
        peak + down,
        product - away * down,
        third / total - 3 * away * square + 2 * away**3,
        squared / total - square * down - 2 * away * (product - away * down),
    )


def _expanded(mu: Floats, nu: Floats) -> Moments:
    q, t, log_2pi_mu = nu**2, 1 / (nu * mu), np.log(2 * np.pi * mu)
    # The series is (q - 1) (t / 24 + t² / 48 + (161 - 9 q) t³ / 5760); these are t times its derivative, and so on.
    series = t / 24 + t**2 / 48 + (161 - 9 * q) * t**3 / 5760
    once = t / 24 + t**2 / 24 + (161 - 9 * q) * t**3 / 1920
    twice = t / 24 + t**2 / 12 + (161 - 9 * q) * t**3 / 640
    thrice = t / 24 + t**2 / 6 + 3 * (161 - 9 * q) * t**3 / 640
    over, last = nu - 1 / nu, 18 * nu * t**3
    variance = (mu + over * twice) / nu
    return (
        nu * mu - 0.5 * (nu - 1) * log_2pi_mu - 0.5 * np.log(nu) + (q - 1) * series,
        mu - 0.5 * (nu - 1) / nu - over * once,
        variance,
        mu - 0.5 * log_2pi_mu - 0.5 / nu + 2 * nu * series - over * once - (q - 1) * last / 5760,
        -0.5 / q - (1 + 1 / q) * once + over * (twice / nu + last / 1920),
        (mu - over * thrice) / q,
        ((1 + 1 / q) * twice - over * (thrice / nu + last / 640) - variance) / nu,
    )


def com_poisson_cdf(y: ArrayLike, log_mu: Floats, nu: Floats) -> Floats:
    """The probability of at most y."""
    norm = com_poisson_log_norm(log_mu, nu)
    return _below(lambda k: np.exp(nu * (k * log_mu - sp.gammaln(k + 1)) - norm), y)


def com_poisson_tail(y: ArrayLike, log_mu: Floats, nu: Floats) -> Floats:
    """The probability of more than y."""
    norm = com_poisson_log_norm(log_mu, nu)
    return _above(lambda k: np.exp(nu * (k * log_mu - sp.gammaln(k + 1)) - norm), y, com_poisson_mean(log_mu, nu))


def com_poisson_quantile(u: Floats, log_mu: Floats, nu: Floats) -> Floats:
    """The least count that at least u of the probability lies at or below."""
    norm = com_poisson_log_norm(log_mu, nu)
    return _least(lambda k: np.exp(nu * (k * log_mu - sp.gammaln(k + 1)) - norm), u)


def genpois_cdf(y: ArrayLike, mu: Floats, phi: Floats) -> Floats:
    """The probability of at most y where the mean is mu and the variance mu phi."""
    return _below(lambda k: _genpois(k, mu, phi), y)


def genpois_tail(y: ArrayLike, mu: Floats, phi: Floats) -> Floats:
    """The probability of more than y."""
    return _above(lambda k: _genpois(k, mu, phi), y, mu)


def genpois_quantile(u: Floats, mu: Floats, phi: Floats) -> Floats:
    """The least count that at least u of the probability lies at or below."""
    return _least(lambda k: _genpois(k, mu, phi), u)


def _genpois(k: Floats, mu: Floats, phi: Floats) -> Floats:
    """Consul & Jain (1973), A generalization of the Poisson distribution, Technometrics 15."""
    root = np.sqrt(phi)
    rate = np.asarray(mu + (root - 1) * k)
    log_chance = np.log(mu) + (k - 1) * np.log(np.maximum(rate, 1e-300)) - k * np.log(root) - rate / root
    return np.where(rate > 0, np.exp(log_chance - sp.gammaln(k + 1)), 0.0)


Chance = Callable[[Floats], Floats]


def _below(chance: Chance, y: ArrayLike) -> Floats:
    """The sum of the probabilities of 0 to y."""
    y = np.asarray(y, dtype=np.float64)
    total = np.zeros_like(y)
    for k in range(int(np.max(y, initial=-1.0)) + 1):
        total = total + np.where(k <= y, chance(np.asarray(float(k))), 0.0)
    return np.asarray(np.minimum(total, 1.0))


def _above(chance: Chance, y: ArrayLike, mean: Floats) -> Floats:
    """The sum of the probabilities from y + 1 on."""
    y = np.maximum(np.asarray(y, dtype=np.float64), -1.0)
    total = np.zeros_like(y)
    for step in range(1, _MOST):
        term = chance(y + step)
        total = total + term
        if np.all((y + step > mean) & (term <= 1e-17 * total)):
            break
    return np.minimum(total, 1.0)


def _least(chance: Chance, u: Floats) -> Floats:
    """The least count up to which probabilities come to u."""
    u = np.asarray(u, dtype=np.float64)
    count, total = np.zeros_like(u), np.zeros_like(u)
    for k in range(_MOST):
        total = total + chance(np.asarray(float(k)))
        more = total < u
        if not more.any():
            break
        count = np.where(more, k + 1.0, count)
    return count


_STEPS = 400
"""From where on the sum over counts is an integral, by Euler and Maclaurin's formula."""


def discrete_weibull_mean(log_mu: Floats, shape: Floats) -> Floats:
    """The mean, the sum over k > 0 of mu^(k^shape)."""
    return _discrete_weibull(log_mu, shape)[0]


def discrete_weibull_variance(log_mu: Floats, shape: Floats) -> Floats:
    """The variance."""
    mean, square = _discrete_weibull(log_mu, shape)
    return np.asarray(square - mean**2)


def _discrete_weibull(log_mu: Floats, shape: Floats) -> tuple[Floats, Floats]:
    """The means of the count and of its square, the sums over k of the chance of k or more, and of 2 k - 1 times it."""
    rate, shape = np.broadcast_arrays(-np.asarray(log_mu, dtype=np.float64), np.asarray(shape, dtype=np.float64))
    k = np.arange(1.0, _STEPS)
    chance = np.exp(-rate[..., None] * k ** shape[..., None])
    mean, square = chance.sum(axis=-1), ((2 * k - 1) * chance).sum(axis=-1)
    scaled = rate * _STEPS**shape
    end = np.exp(-scaled)
    slope = -shape * scaled / _STEPS * end
    one = sp.gamma(1 / shape) * sp.gammaincc(1 / shape, scaled) / (shape * rate ** (1 / shape))
    two = sp.gamma(2 / shape) * sp.gammaincc(2 / shape, scaled) / (shape * rate ** (2 / shape))
    rest = one + end / 2 - slope / 12
    high = 2 * _STEPS - 1
    return mean + rest, square + 2 * two - one + high * end / 2 - (high * slope + 2 * end) / 12
