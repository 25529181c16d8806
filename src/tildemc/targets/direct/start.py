"""Where chains begin."""

from __future__ import annotations

from math import log

from tildemc.spec.priors import Prior
from tildemc.targets.direct.tables import ABOVE, BELOW, INTERVAL

__all__ = ["coordinate"]


def coordinate(value: float, prior: Prior, transform: int) -> float:
    """The coordinate of what a prior is on; of one near it, or a plausible one, where that is out of the support."""
    lower, upper = prior.support.lower, prior.support.upper
    if transform == INTERVAL:
        share = min(max((value - lower) / (upper - lower), 0.02), 0.98)
        return log(share / (1 - share))
    if transform == ABOVE:
        return log((value if value > lower else prior.plausible) - lower)
    if transform == BELOW:
        return log(upper - (value if value < upper else prior.plausible))
    return value
