"""Where chains begin."""

from __future__ import annotations

from math import log

from tildemc.model.priors import Prior
from tildemc.targets.direct.tables import INTERVAL, LOG

__all__ = ["coordinate", "plausible"]


def plausible(prior: Prior) -> float:
    """A value that a prior finds plausible."""
    values = dict(zip(prior.distribution.arguments, prior.values, strict=True))
    if prior.distribution.name == "uniform":
        return 0.5 * (values["lower"] + values["upper"])
    if prior.distribution.name == "beta":
        return 0.5
    if prior.lower == 0 or prior.distribution.support.lower == 0:
        return values["sigma"] if prior.distribution.name in ("normal", "student_t", "cauchy") else 1.0
    return values.get("mu", 0.0)


def coordinate(value: float, prior: Prior, transform: int, lower: float, upper: float) -> float:
    """The coordinate of a value; of one near it where it is not inside of the support."""
    if prior.on_variance:
        value = value**2
    if transform == LOG:
        return log(max(value, 1e-10))
    if transform == INTERVAL:
        share = min(max((value - lower) / (upper - lower), 0.02), 0.98)
        return log(share / (1 - share))
    return value
