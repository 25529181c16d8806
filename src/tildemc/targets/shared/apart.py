"""Where the components of a mixture begin: apart, so that chains have them in one order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tildemc.spec.design import Design
from tildemc.spec.expr import evaluate
from tildemc.spec.model import ModelSpec
from tildemc.spec.vocabulary import NUMPY

__all__ = ["apart"]

_LEAST = 1e-3
"""Between the intercepts of components that responses hardly tell apart."""


def apart(spec: ModelSpec, design: Design) -> Mapping[str, float]:
    """Values of the intercepts of a mixture's components, by parameter; each more than the one before if they increase.

    Parameters
    ----------
    spec : ModelSpec
        Of a mixture.
    design : Design
        With the responses, of which there is a quantile for each component.
    """
    assert design.y is not None and spec.family.mixture is not None
    trials = np.ones(design.n) if design.trials is None else np.maximum(design.trials, 1)
    known, found = {"y": design.y, "trials": trials}, dict[str, float]()
    for k, component in enumerate(spec.family.mixture.components):
        parameter = component.parameters[0].name
        predictor = spec.predictor(parameter)
        assert predictor is not None
        y = np.asarray(evaluate(component.rough or component.centre, lambda name: known[name.name], NUMPY), dtype=float)
        # Not at the very response, which may have no predictor.
        at = 0.9 * np.quantile(y, (k + 0.5) / len(spec.family.mains)) + 0.1 * y.mean()
        with np.errstate(all="ignore"):
            value = float(evaluate(predictor.link.forward, lambda _, at=at: np.float64(at), NUMPY))  # type: ignore[misc]
        least = max(found.values(), default=-np.inf) + _LEAST if spec.family.mixture.ordered else -np.inf
        # To four digits, as the numbers of default priors are: the printed program has it too.
        found[parameter] = max(float(f"{value:.4g}") if np.isfinite(value) else 0.0, least)
    return found
