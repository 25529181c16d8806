"""Functions that neither Python nor numba has."""

from __future__ import annotations

from math import erfc, exp, log, pi, sqrt

from tildemc.targets.direct.jit import jit

__all__ = ["digamma", "dnorm", "log1p_exp", "log_pnorm", "pnorm_hazard"]


@jit
def digamma(x: float) -> float:
    """The derivative of log gamma, for x > 0: upwards by recurrence, then the asymptotic series."""
    shift = 0.0
    while x < 10.0:
        shift -= 1 / x
        x += 1
    s = 1 / (x * x)
    tail = 1 / 240 - s * (1 / 132 - s * (691 / 32760 - s * (1 / 12 - s * 3617 / 8160)))
    return shift + log(x) - 0.5 / x - s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * tail)))


@jit
def dnorm(x: float) -> float:
    """The standard normal density."""
    return exp(-0.5 * x * x) / sqrt(2 * pi)


@jit
def _mills(x: float) -> float:
    """(1 - Φ(x)) / φ(x) for x > 6, by Laplace's continued fraction."""
    fraction = x
    for k in range(40, 0, -1):
        fraction = x + k / fraction
    return 1 / fraction


@jit
def log_pnorm(x: float) -> float:
    """Log Φ(x)."""
    if x < -6.0:
        return -0.5 * x * x - 0.5 * log(2 * pi) + log(_mills(-x))
    return log(0.5 * erfc(-x / sqrt(2.0)))


@jit
def pnorm_hazard(x: float) -> float:
    """φ(x) / Φ(x), the derivative of log Φ(x)."""
    if x < -6.0:
        return 1 / _mills(-x)
    return dnorm(x) / (0.5 * erfc(-x / sqrt(2.0)))


@jit
def log1p_exp(x: float) -> tuple[float, float]:
    """Log(1 + exp(x)), and its derivative, the logistic function."""
    if x > 0:
        e = exp(-x)
        return x + log(1 + e), 1 / (1 + e)
    e = exp(x)
    return log(1 + e), e / (1 + e)
