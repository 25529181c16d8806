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
    "com_poisson_mean",
    "com_poisson_quantile",
    "com_poisson_tail",
    "com_poisson_variance",
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


def _com_poisson(log_mu: Floats, nu: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The log of the sum, the mean, the variance and the mean of k log mu - log k!."""
    log_mu, nu = np.broadcast_arrays(np.asarray(log_mu, dtype=np.float64), np.asarray(nu, dtype=np.float64))
    mu = np.exp(log_mu)
    many = mu > 500 * np.maximum(nu, 1 / nu)
    summed, expanded = _summed(np.where(many, 0.0, log_mu), nu), _expanded(np.where(many, mu, 1e3), nu)
    found = (np.where(many, one, other) for one, other in zip(expanded, summed, strict=True))
    norm, mean, variance, slope = found
    return norm, mean, variance, slope


def _summed(log_mu: Floats, nu: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    mode = np.floor(np.exp(log_mu))
    peak = mode * log_mu - sp.gammaln(mode + 1)
    # What is beside the largest term, which is 1.
    others, first, second, logs = np.zeros((4, *log_mu.shape))
    for k in range(_MOST):
        log_term = k * log_mu - sp.gammaln(k + 1.0)
        term = np.exp(nu * (log_term - peak))
        others = others + np.where(k == mode, 0.0, term)
        first, second = first + k * term, second + k * k * term
        logs = logs + log_term * term
        if np.all((k > mode) & (nu * (log_term - peak) < _SMALL)):
            break
    total, mean = 1 + others, first / (1 + others)
    return nu * peak + np.log1p(others), mean, second / total - mean**2, logs / total


def _expanded(mu: Floats, nu: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    square, t = nu**2, 1 / (nu * mu)
    a, b = (square - 1) / 24, (square - 1) * (square + 23) / 1152
    c = (square - 1) * (5 * square**2 - 298 * square + 11237) / 414720
    series = 1 + a * t + b * t**2 + c * t**3
    log_2pi_mu = np.log(2 * np.pi * mu)
    norm = nu * mu - 0.5 * (nu - 1) * log_2pi_mu - 0.5 * np.log(nu) + np.log(series)
    by_t = (a + 2 * b * t + 3 * c * t**2) / series
    mean = mu - 0.5 * (nu - 1) / nu - by_t * t / nu
    by_square = t / 24 + (2 * square + 22) * t**2 / 1152 + (15 * square**2 - 606 * square + 11535) * t**3 / 414720
    slope = mu - 0.5 * log_2pi_mu - 0.5 / nu - by_t * t / nu + 2 * nu * by_square / series
    # By the derivative of the mean by nu log mu.
    variance = (mu + (a + (4 * b - 2 * a**2) * t) * t / nu) / nu
    return norm, mean, variance, slope


def com_poisson_cdf(y: ArrayLike, log_mu: Floats, nu: Floats) -> Floats:
    """The probability of at most y."""
    norm = com_poisson_log_norm(log_mu, nu)
    return _below(lambda k: np.exp(nu * (k * log_mu - sp.gammaln(k + 1)) - norm), y)


def com_poisson_tail(y: ArrayLike, log_mu: Floats, nu: Floats) -> Floats:
    """The probability of more than y."""
    norm = com_poisson_log_norm(log_mu, nu)
    return _above(lambda k: np.exp(nu * (k * log_mu - sp.gammaln(k + 1)) - norm), y, com_poisson_mean(log_mu, nu))


def com_poisson_quantile(u: Floats, mu: Floats, nu: Floats) -> Floats:
    """The least count that at least u of the probability lies at or below."""
    log_mu = np.log(mu)
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
