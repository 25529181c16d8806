"""Residual classes: rows whose residual variance is the same function of the parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tildemc.model.design import Design
from tildemc.model.spec import ModelSpec

__all__ = ["Residuals", "residuals"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Residuals:
    """The residual variance of row i is σ²[sigma[c]] + known[c], c = index[i].

    Attributes
    ----------
    index : (n,)
        Each row's class.
    multiplier : (n,)
        What each row's products are multiplied by: its weight, over its known variance if that is all there is.
    counts : (classes,)
        The sum of the rows' weights.
    sigma : (classes,)
        Which residual sd, -1 for none.
    known : (classes,)
    constant : float
    """

    index: Integers
    multiplier: Floats
    counts: Floats
    sigma: Integers
    known: Floats
    constant: float


def residuals(spec: ModelSpec, design: Design) -> Residuals:
    """The residual classes of a model's rows."""
    weights = np.ones(design.n) if design.weights is None else design.weights
    constant = -0.5 * math.log(2 * math.pi) * float(weights.sum())
    by = design.auxiliaries[0].index if design.auxiliaries else None
    index = np.zeros(design.n, dtype=np.int64) if by is None else by
    if design.se is None:
        factor = spec.auxiliaries[0].by
        classes = 1 if factor is None else len(factor.levels)
        counts = np.bincount(index, weights, minlength=classes)
        return Residuals(index, weights, counts, np.arange(classes), np.zeros(classes), constant)
    if not spec.response.se_adds:
        constant -= float(weights @ np.log(design.se))
        none = np.array([-1])
        return Residuals(index, weights / design.se**2, weights.sum(keepdims=True), none, np.ones(1), constant)
    pairs, own = np.unique(np.column_stack([index, design.se]), axis=0, return_inverse=True)
    own = own.ravel()
    counts = np.bincount(own, weights)
    return Residuals(own, weights, counts, pairs[:, 0].astype(np.int64), pairs[:, 1] ** 2, constant)
