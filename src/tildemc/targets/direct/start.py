"""Where chains begin: at a prior's location, or at its scale."""

from __future__ import annotations

from math import isfinite, log

from tildemc.model.priors import Prior
from tildemc.targets.direct.tables import LOG, REAL

__all__ = ["coordinate"]

_SCALE = {"normal": "sigma", "student_t": "sigma", "cauchy": "sigma"}


def coordinate(prior: Prior, transform: int) -> float:
    """The coordinate of a plausible value under a prior."""
    values = dict(zip(prior.distribution.arguments, prior.values, strict=True))
    if transform == REAL:
        return values.get("mu", 0.0)
    if transform == LOG:
        name = prior.distribution.name
        scale = values[_SCALE[name]] if name in _SCALE else 1.0
        start = log(scale)
        return start if isfinite(start) else 0.0
    return 0.0
