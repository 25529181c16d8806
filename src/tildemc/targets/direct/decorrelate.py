"""Coordinates in which the coefficients of a predictor are nearly uncorrelated and of similar spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tildemc.model.design import Design
from tildemc.model.priors import Prior
from tildemc.model.spec import ModelSpec

__all__ = ["decorrelation"]

Floats = NDArray[np.float64]


def decorrelation(spec: ModelSpec, design: Design, parameter: str, X: Floats, priors: Sequence[Prior]) -> Floats:
    """The upper triangular T of coefficients = T coordinates.

    T T' is the inverse of the precision X'X w + diag(1 / prior variances), with w the information that a row has of the
    linear predictor, at a guess: for coordinates it need not be exact.

    Parameters
    ----------
    spec, design
    parameter : str
        Whose predictor it is.
    X : (n, p)
        All columns, the intercept's included.
    priors : sequence of Prior
    """
    information = _information(spec, design) if parameter == spec.predictors[0].parameter else 0.5
    precision = X.T @ X * information + np.diag([1 / _variance(prior) for prior in priors])
    scale = 1 / np.sqrt(np.diag(precision))
    lower = np.linalg.cholesky(precision * np.outer(scale, scale) + 1e-10 * np.eye(len(scale)))
    return scale[:, None] * np.linalg.inv(lower).T


def _variance(prior: Prior) -> float:
    values = dict(zip(prior.distribution.arguments, prior.values, strict=True))
    return values["sigma"] ** 2 if "sigma" in values else 1e6


def _information(spec: ModelSpec, design: Design) -> float:
    """A row's information of the linear predictor, roughly."""
    y = design.y
    assert y is not None
    mean, variance = float(y.mean()), max(float(y.var()), 1e-12)
    link = spec.predictors[0].link.name
    match spec.family.outcome:
        case "real":
            return 1 / variance if link == "identity" else mean**2 / variance + 1e-12
        case "count":
            return {"log": max(mean, 0.1), "sqrt": 4.0}.get(link, 1 / max(mean, 0.1))
        case _:
            trials = 1.0 if design.trials is None else float(design.trials.mean())
            p = min(max(mean / max(trials, 1.0), 0.02), 0.98)
            return trials * (1 / (p * (1 - p)) if link == "identity" else p * (1 - p))
