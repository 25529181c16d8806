"""Where chains begin."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.design import Design
from tildemc.spec.expr import evaluate
from tildemc.spec.model import ModelSpec
from tildemc.spec.priors import Prior
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.tables import ABOVE, BELOW, INTERVAL, REAL

__all__ = ["coordinate", "coordinate_of", "number_at", "seen", "slope", "transform_of"]


def transform_of(prior: Prior) -> int:
    """How what a prior is on is made unconstrained."""
    lower, upper = np.isfinite(prior.support.lower), np.isfinite(prior.support.upper)
    if lower and upper:
        return INTERVAL
    return ABOVE if lower else BELOW if upper else REAL


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


def coordinate_of(number: float, prior: Prior) -> float:
    """The coordinate of a number of which a prior is, or whose square it is of."""
    return coordinate(number**2 if prior.on_variance else number, prior, transform_of(prior))


def number_at(at: float, prior: Prior) -> float:
    """The number whose coordinate is `at`."""
    transform, support = transform_of(prior), prior.support
    if transform == INTERVAL:
        value = support.lower + (support.upper - support.lower) / (1 + exp(-at))
    elif transform == REAL:
        value = at
    else:
        value = support.upper - exp(at) if transform == BELOW else support.lower + exp(at)
    return sqrt(value) if prior.on_variance else value


def slope(at: float, prior: Prior) -> float:
    """By how much what a prior is on moves with its coordinate, where that is `at`."""
    transform, support = transform_of(prior), prior.support
    if transform == INTERVAL:
        share = 1 / (1 + exp(-at))
        return (support.upper - support.lower) * share * (1 - share)
    return 1.0 if transform == REAL else -exp(at) if transform == BELOW else exp(at)


def seen(spec: ModelSpec, design: Design) -> Floats:
    """Thresholds of categories as frequent as in the data, each one row more, where there are no predictors.

    Those of each level of rows one after the other, (all,).
    """
    thresholds = spec.thresholds
    assert design.y is not None and thresholds is not None
    y, index = design.y.astype(np.int64), design.of(thresholds).index
    first = int(spec.family.values.lower)
    found = []
    for j, cuts in enumerate(thresholds.cuts):
        own = slice(None) if index is None else index == j
        weights = None if design.weights is None else design.weights[own]
        counts = np.bincount(y[own], weights, minlength=first + cuts.size + 1)[-cuts.size - 1 :] + 1.0
        found.append(np.cumsum(counts)[:-1] / counts.sum())
    share = np.concatenate(found)
    return np.asarray(evaluate(spec.link.forward, lambda _: share, NUMPY))
