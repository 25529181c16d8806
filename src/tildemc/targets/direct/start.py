"""Where chains begin."""

from __future__ import annotations

from math import inf, log

from tildemc.model.priors import Prior
from tildemc.targets.direct.tables import ABOVE, BELOW, INTERVAL

__all__ = ["coordinate", "plausible"]

LOCATED = ("normal", "student_t", "cauchy")
BOUNDED = ("uniform", "beta")


def plausible(prior: Prior) -> float:
    """A value that a prior finds plausible: its centre, but a scale inside of where it ends."""
    name, lower, upper = prior.distribution.name, prior.support.lower, prior.support.upper
    values = dict(zip(prior.distribution.arguments, prior.values, strict=True))
    scale = values["sigma"] if name in LOCATED else inf if name in BOUNDED else 1.0
    centre = values["mu"] if name in LOCATED else 0.0
    gap = min(scale, 0.5 * (upper - lower))
    return min(max(centre, lower + gap), upper - gap)


def coordinate(value: float, prior: Prior, transform: int) -> float:
    """The coordinate of what a prior is on; of one near it, or a plausible one, where that is out of the support."""
    lower, upper = prior.support.lower, prior.support.upper
    if transform == INTERVAL:
        share = min(max((value - lower) / (upper - lower), 0.02), 0.98)
        return log(share / (1 - share))
    if transform == ABOVE:
        return log(value - lower if value > lower else plausible(prior) - lower)
    if transform == BELOW:
        return log(upper - value if value < upper else upper - plausible(prior))
    return value
