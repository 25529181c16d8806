"""Functions of arrays for sums of a Poisson number of gamma amounts: Tweedie's distributions between Poisson and gamma.

Dunn & Smyth (2005), Series evaluation of Tweedie exponential dispersion model densities, Statistics and Computing 15.
Where λ is the number of amounts that a response is most likely the sum of, and each has the shape a, the series is the
sum over j ≥ 1 of

    exp((1 + a) (j log λ - λ) + j a log a) / (Γ(1 + j) Γ(j a)),

scaled so that it is no large number, however many the amounts. It is worked out term by term or, where there are many
terms, by the expansion of its logarithm in κ = (1 + a) λ that Laplace's method makes of Stirling's series.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import scipy.special as sp

from tildemc.arrays import Floats, Mask

__all__ = ["log_tweedie", "log_tweedie_by_count", "log_tweedie_by_shape", "tweedie_cdf", "tweedie_tail"]

_SMALL = 1e-19
"""What is left out, next to the largest term."""
_MOST = 1_000_000


def log_tweedie(log_count: Floats, shape: Floats) -> Floats:
    """The log of the series."""

    def summed(log_count: Floats, shape: Floats) -> Floats:
        total = sum(term for _, term in _terms(log_count, shape))
        return np.asarray(_log_term(_largest(log_count, shape), log_count, shape) + np.log(total))

    def expanded(kappa: Floats, shape: Floats) -> Floats:
        log_root = 0.5 * np.log(shape * kappa / (2 * np.pi)) - np.log(1 + shape)
        return np.asarray(log_root + sum(row / kappa**k for k, row in enumerate(_rows(shape), 1)))

    return _by_either(summed, expanded, log_count, shape)


def log_tweedie_by_count(log_count: Floats, shape: Floats) -> Floats:
    """Its derivative by log λ."""

    def summed(log_count: Floats, shape: Floats) -> Floats:
        return np.asarray((1 + shape) * _mean(lambda j: j - np.exp(log_count), log_count, shape))

    def expanded(kappa: Floats, shape: Floats) -> Floats:
        return np.asarray(0.5 - sum(k * row / kappa**k for k, row in enumerate(_rows(shape), 1)))

    return _by_either(summed, expanded, log_count, shape)


def log_tweedie_by_shape(log_count: Floats, shape: Floats) -> Floats:
    """Its derivative by a."""

    def summed(log_count: Floats, shape: Floats) -> Floats:
        def slope(j: Floats) -> Floats:
            return np.asarray(j * (log_count + np.log(shape) + 1 - sp.digamma(j * shape)) - np.exp(log_count))

        return _mean(slope, log_count, shape)

    def expanded(kappa: Floats, shape: Floats) -> Floats:
        by_kappa = sum(k * row / kappa**k for k, row in enumerate(_rows(shape), 1))
        by_ratio = sum(row / kappa**k for k, row in enumerate(_rows(shape, slopes=True), 1))
        root = 0.5 / shape - 0.5 / (1 + shape)
        return np.asarray(root - by_kappa / (1 + shape) + (1 - 1 / shape**2) * by_ratio)

    return _by_either(summed, expanded, log_count, shape)


Way = Callable[[Floats, Floats], Floats]


def _by_either(summed: Way, expanded: Way, log_count: Floats, shape: Floats) -> Floats:
    """By the expansion where there are many amounts, many units of shape in all, and terms on both sides."""
    log_count, shape = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (log_count, shape)))
    count = np.exp(log_count)
    many = (count > 30) & (count * shape > 30) & (count > 2 * (1 + shape))
    found = np.empty(count.shape)
    found[many] = expanded((1 + shape[many]) * count[many], shape[many])
    found[~many] = summed(log_count[~many], shape[~many])
    return found


def _rows(shape: Floats, *, slopes: bool = False) -> list[Floats]:
    """The expansion's coefficients of κ⁻¹ to κ⁻⁴, polynomials of r = (1 + a)² / a; or their derivatives by r."""
    r = (1 + shape) ** 2 / shape
    if slopes:
        flat = np.full_like(r, -1 / 12)
        return [flat, flat / 2, (-340 - 56 * r + 48 * r**2) / 5760, (-820 - 272 * r + 216 * r**2) / 5760]
    first = -(1 + 2 * r) / 24
    third = (-161 - 340 * r - 28 * r**2 + 16 * r**3) / 5760
    return [first, first / 2, third, (-367 - 820 * r - 136 * r**2 + 72 * r**3) / 5760]


def _log_term(j: Floats, log_count: Floats, shape: Floats) -> Floats:
    scaled = (1 + shape) * (j * log_count - np.exp(log_count)) + j * shape * np.log(shape)
    return np.asarray(scaled - sp.gammaln(1 + j) - sp.gammaln(j * shape))


def _largest(log_count: Floats, shape: Floats) -> Floats:
    """The j of the largest term, or near it: on one side of λ."""
    low = np.maximum(np.floor(np.exp(log_count)), 1.0)
    more = _log_term(low + 1, log_count, shape) > _log_term(low, log_count, shape)
    return np.asarray(low + more)


def _terms(log_count: Floats, shape: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Each j with its term, next to the largest, from there to both sides."""
    start = _largest(log_count, shape)
    largest = _log_term(start, log_count, shape)
    yield start, np.ones_like(start)
    for side in (1, -1):
        known: Mask = np.ones(start.shape, dtype=bool)
        for step in range(1, _MOST):
            j = start + side * step
            known = known & (j >= 1)
            term = np.where(known, np.exp(_log_term(np.maximum(j, 1.0), log_count, shape) - largest), 0.0)
            known = known & (term > _SMALL)
            if not known.any():
                break
            yield j, term


def _mean(of: Callable[[Floats], Floats], log_count: Floats, shape: Floats) -> Floats:
    """The mean of a function of j, the terms as weights."""
    total, sum_ = np.zeros_like(log_count), np.zeros_like(log_count)
    for j, term in _terms(log_count, shape):
        total, sum_ = total + term, sum_ + term * of(np.maximum(j, 1.0))
    return sum_ / total


def tweedie_cdf(y: Floats, mu: Floats, phi: Floats, power: Floats) -> Floats:
    """The probability of a sum of at most y, of the mean mu and the variance phi mu^power."""
    rate, total = _over_amounts(y, mu, phi, power, sp.gammainc)
    return np.where(y < 0, 0.0, np.minimum(total + np.exp(-rate), 1.0))


def tweedie_tail(y: Floats, mu: Floats, phi: Floats, power: Floats) -> Floats:
    """The probability of a larger one."""
    _, total = _over_amounts(y, mu, phi, power, sp.gammaincc)
    return np.where(y < 0, 1.0, np.minimum(total, 1.0))


def _over_amounts(y: Floats, mu: Floats, phi: Floats, power: Floats, chance: Way) -> tuple[Floats, Floats]:
    """The mean number of amounts, and the sum over numbers of their chance times that of what they come to."""
    y, mu, phi, power = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (y, mu, phi, power)))
    rate, shape = mu ** (2 - power) / (phi * (2 - power)), (2 - power) / (power - 1)
    scaled = np.maximum(y, 0.0) / (phi * (power - 1) * mu ** (power - 1))
    width = int(np.max(10 * np.sqrt(rate) + 40, initial=0.0))
    first, total = np.maximum(np.floor(rate) - width, 1.0), np.zeros(rate.shape)
    for step in range(2 * width + 1):
        j = first + step
        total += np.exp(j * np.log(rate) - rate - sp.gammaln(j + 1)) * chance(j * shape, scaled)
    return rate, total
