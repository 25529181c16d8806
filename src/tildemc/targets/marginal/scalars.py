"""Log densities of positive scalars, with their derivatives, for kernels: the priors of sds and variances."""

from __future__ import annotations

import math
from typing import Any

from tildemc.errors import FitError
from tildemc.kernels import jit
from tildemc.model.priors import Prior

__all__ = ["KINDS", "VANISHING", "encode", "log_density"]

KINDS = {"normal": 0, "student_t": 1, "cauchy": 1, "exponential": 2, "gamma": 2, "inv_gamma": 3, "lognormal": 4,
         "uniform": 5, "flat": 5, "beta": 6}  # fmt: skip
"""Densities by the number under which `log_density` knows them; some are others with an argument fixed."""

VANISHING = (KINDS["inv_gamma"], KINDS["lognormal"])
"""Densities that go to zero at zero faster than any power."""


@jit
def log_density(kind: int, a: float, b: float, c: float, x: float) -> tuple[float, float]:
    """The log density at x up to its constant, and its derivative."""
    if kind == 0:  # normal(a, b)
        u = (x - a) / b
        return -0.5 * u * u, -u / b
    if kind == 1:  # student_t(a, b, c)
        u = (x - b) / c
        return -0.5 * (a + 1.0) * math.log1p(u * u / a), -(a + 1.0) * u / (c * (a + u * u))
    if kind == 2:  # gamma(a, b)
        return (a - 1.0) * math.log(x) - b * x, (a - 1.0) / x - b
    if kind == 3:  # inv_gamma(a, b)
        return -(a + 1.0) * math.log(x) - b / x, (b / x - (a + 1.0)) / x
    if kind == 4:  # lognormal(a, b)
        u = (math.log(x) - a) / b
        return -0.5 * u * u - math.log(x), -(u / b + 1.0) / x
    if kind == 6:  # beta(a, b)
        return (a - 1.0) * math.log(x) + (b - 1.0) * math.log1p(-x), (a - 1.0) / x - (b - 1.0) / (1.0 - x)
    return 0.0, 0.0


def encode(prior: Prior) -> tuple[int, tuple[float, float, float], float]:
    """The density's number, its three arguments, and its constant, truncation included."""
    name, values = prior.distribution.name, prior.values
    if name == "cauchy" or name == "exponential":
        values = (1.0, *values)
    padded = (*values, 0.0, 0.0, 0.0)
    return KINDS[name], (padded[0], padded[1], padded[2]), _constant(KINDS[name], values) - _log_mass(prior)


def _constant(kind: int, values: tuple[float, ...]) -> float:
    match kind, values:
        case 0, (_, sigma):
            return -0.5 * math.log(2 * math.pi) - math.log(sigma)
        case 1, (nu, _, sigma):
            return math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2) - 0.5 * math.log(nu * math.pi) - math.log(sigma)
        case ((2 | 3), (alpha, beta)):
            return alpha * math.log(beta) - math.lgamma(alpha)
        case 4, (_, sigma):
            return -0.5 * math.log(2 * math.pi) - math.log(sigma)
        case 5, (lower, upper):
            return -math.log(upper - lower)
        case 6, (alpha, beta):
            return math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta)
    return 0.0


def _log_mass(prior: Prior) -> float:
    """The log of the probability that is left where the density is cut off."""
    name = prior.distribution.name
    if name in ("flat", "uniform") or (prior.lower, prior.upper) == (-math.inf, math.inf):
        return 0.0
    if prior.folded:
        return math.log(0.5)
    from scipy import stats

    theirs: Any
    match name, prior.values:
        case "exponential", (rate,):
            theirs = stats.expon(scale=1 / rate)
        case "gamma", (alpha, beta):
            theirs = stats.gamma(alpha, scale=1 / beta)
        case "inv_gamma", (alpha, beta):
            theirs = stats.invgamma(alpha, scale=beta)
        case "lognormal", (mu, sigma):
            theirs = stats.lognorm(sigma, scale=math.exp(mu))
        case _, values:
            theirs = {"normal": stats.norm, "student_t": stats.t, "cauchy": stats.cauchy, "beta": stats.beta}[name](
                *values
            )
    # From the tail that keeps its digits.
    lower, upper = prior.support.lower, prior.support.upper
    larger, smaller = theirs.logcdf(upper), theirs.logcdf(lower)
    if lower > theirs.median():
        larger, smaller = theirs.logsf(lower), theirs.logsf(upper)
    if larger == -math.inf:
        raise FitError(f"the exact engine finds nothing left of the prior {prior}: it ends too far out in a tail")
    return float(larger + math.log1p(-math.exp(smaller - larger)))
