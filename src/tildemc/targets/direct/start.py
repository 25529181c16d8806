"""Where chains begin."""

from __future__ import annotations

from math import log

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.design import Design
from tildemc.spec.expr import evaluate
from tildemc.spec.model import ModelSpec
from tildemc.spec.priors import Prior
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.tables import ABOVE, BELOW, INTERVAL

__all__ = ["coordinate", "seen"]


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


def seen(spec: ModelSpec, design: Design) -> Floats:
    """Thresholds of categories as frequent as in the data, each one row more, where there are no predictors."""
    assert design.y is not None and spec.family.categories is not None
    size = len(spec.family.categories.labels)
    counts = np.bincount(design.y.astype(np.int64), design.weights, minlength=size + 1)[1:] + 1.0
    share = np.cumsum(counts)[:-1] / counts.sum()
    return np.asarray(evaluate(spec.link.forward, lambda _: share, NUMPY))
