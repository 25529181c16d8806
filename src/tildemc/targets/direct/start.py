"""Where chains begin."""

from __future__ import annotations

from math import log

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.design import Design
from tildemc.spec.expr import evaluate
from tildemc.spec.model import ModelSpec, chains
from tildemc.spec.priors import Prior
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.tables import ABOVE, BELOW, INTERVAL

__all__ = ["apart", "coordinate", "seen"]


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


def apart(spec: ModelSpec, design: Design) -> dict[str, float]:
    """Coordinates of the intercepts of a mixture's components, by parameter: at responses that are apart.

    All chains then begin with the components in one order, and mostly keep it where the model does not.
    """
    assert design.y is not None and spec.family.mixture is not None
    trials = np.ones(design.n) if design.trials is None else np.maximum(design.trials, 1)
    known = {"y": design.y, "trials": trials}
    found: dict[str, float] = {}
    parameters = spec.family.mains
    for k, (parameter, component) in enumerate(zip(parameters, spec.family.mixture.components, strict=True)):
        y = np.asarray(evaluate(component.rough or component.centre, lambda name: known[name.name], NUMPY), dtype=float)
        # Not at the very response, which may have no predictor.
        at = 0.9 * np.quantile(y, (k + 0.5) / len(parameters)) + 0.1 * y.mean()
        predictor = spec.predictor(parameter)
        assert predictor is not None
        with np.errstate(all="ignore"):
            value = float(evaluate(predictor.link.forward, lambda _, at=at: np.float64(at), NUMPY))  # type: ignore[misc]
        if np.isfinite(value):
            found[parameter] = value
    for chain in (names for names in chains(spec) if len(names) > 1):
        values = [found.get(name, 0.0) for name in chain]
        found |= {n: log(max(b - a, 1e-3)) for n, a, b in zip(chain[1:], values[:-1], values[1:], strict=True)}
    return found
