"""Scalar priors: log density and derivative by value, up to a constant."""

from __future__ import annotations

from math import log, log1p

from tildemc.kernels import jit
from tildemc.model.priors import Prior

__all__ = ["DENSITIES", "coded", "density"]

FLAT, NORMAL, STUDENT, GAMMA, INV_GAMMA, LOGNORMAL, BETA = range(7)

DENSITIES: dict[str, tuple[int, tuple[int | float, ...]]] = {
    "flat": (FLAT, ()),
    "uniform": (FLAT, ()),
    "normal": (NORMAL, (0, 1)),
    "student_t": (STUDENT, (0, 1, 2)),
    "cauchy": (STUDENT, (1.0, 0, 1)),
    "exponential": (GAMMA, (1.0, 0)),
    "gamma": (GAMMA, (0, 1)),
    "inv_gamma": (INV_GAMMA, (0, 1)),
    "lognormal": (LOGNORMAL, (0, 1)),
    "beta": (BETA, (0, 1)),
}
"""Each distribution's density and arguments: an `int` is a position in the prior's own, a `float` a value."""


def coded(prior: Prior) -> tuple[int, tuple[float, float, float]]:
    """The number of a prior's density, and its arguments."""
    code, arguments = DENSITIES[prior.distribution.name]
    values = prior.values
    filled = [values[a] if isinstance(a, int) else a for a in arguments] + [0.0, 0.0, 0.0]
    return code, (filled[0], filled[1], filled[2])


@jit
def density(code: int, v: float, a: float, b: float, c: float) -> tuple[float, float]:
    """The log density at `v`, and its derivative."""
    if code == NORMAL:
        r = (v - a) / b
        return -0.5 * r * r, -r / b
    if code == STUDENT:
        r = (v - b) / c
        return -0.5 * (a + 1) * log1p(r * r / a), -(a + 1) * r / ((a + r * r) * c)
    if code == GAMMA:
        return (a - 1) * log(v) - b * v, (a - 1) / v - b
    if code == INV_GAMMA:
        return -(a + 1) * log(v) - b / v, (b / v - a - 1) / v
    if code == LOGNORMAL:
        r = (log(v) - a) / b
        return -log(v) - 0.5 * r * r, -(1 + r / b) / v
    if code == BETA:
        return (a - 1) * log(v) + (b - 1) * log1p(-v), (a - 1) / v - (b - 1) / (1 - v)
    return 0.0, 0.0
