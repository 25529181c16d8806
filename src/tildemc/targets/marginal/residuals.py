"""Residual classes: rows whose residual variance is the same function of the parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats, Integers, Pairs
from tildemc.spec.design import Design, Numbers
from tildemc.spec.model import ModelSpec
from tildemc.spec.terms.levels import LevelsDesign

__all__ = ["Residuals", "residuals"]


SIGMA = ("sigma",)
"""Where the residual sd stands in a model."""


@dataclass(frozen=True, eq=False)
class Residuals:
    """The residual variance of a row in class c is σ²[sigma[c]] + known[c].

    Attributes
    ----------
    sigma : (classes,)
        Which residual sd, -1 for none.
    known : (classes,)
    alone : bool
        Whether rows have known sds and nothing else: these go into their multipliers.
    pairs : (classes,) or None
        Where known sds add to sigma, the level of sigma and the known sd of each class.
    """

    sigma: Integers
    known: Floats
    alone: bool = False
    pairs: Pairs | None = None

    def index(self, design: Design) -> Integers:
        """Each row's class, (n,)."""
        if self.pairs is not None:
            return np.searchsorted(self.pairs, _pairs(design))
        return np.zeros(design.n, dtype=np.int64) if self.alone else _level(design)

    def multiplier(self, design: Design) -> Floats:
        """What each row's products are multiplied by, (n,): its weight, over its known variance if that is alone."""
        weights = _weights(design)
        return weights / design.se**2 if self.alone and design.se is not None else weights

    def counts(self, design: Design) -> Floats:
        """The sum of the rows' weights in each class, (classes,)."""
        return np.bincount(self.index(design), _weights(design), minlength=len(self.sigma))

    def constant(self, design: Design) -> float:
        """What of the rows' log likelihood depends on no parameter."""
        weights = _weights(design)
        constant = -0.5 * math.log(2 * math.pi) * float(weights.sum())
        return constant - float(weights @ np.log(design.se)) if self.alone and design.se is not None else constant


def residuals(spec: ModelSpec, design: Numbers) -> Residuals:
    """The residual classes of a model; known sds beside sigma take a pass over the rows."""
    if "se" not in spec.response.companions:
        factor = spec.auxiliaries[0].by
        classes = 1 if factor is None else len(factor.levels)
        return Residuals(np.arange(classes), np.zeros(classes))
    # Known sds alone need no parameter: they are weights.
    if not spec.response.se_adds:
        return Residuals(np.array([-1]), np.ones(1), alone=True)
    pairs = design.reduce(_distinct, _union)
    return Residuals(pairs.real.astype(np.int64), pairs.imag**2, pairs=pairs)


def _weights(design: Design) -> Floats:
    return np.ones(design.n) if design.weights is None else design.weights


def _level(design: Design) -> Integers:
    sigma: LevelsDesign | None = design.terms.get(SIGMA)
    by = None if sigma is None else sigma.index
    return np.zeros(design.n, dtype=np.int64) if by is None else by


def _pairs(design: Design) -> Pairs:
    """Each row's level of sigma and known sd, as one complex number: those sort by both."""
    assert design.se is not None
    return np.asarray(_level(design) + 1j * design.se)


def _distinct(design: Design) -> Pairs:
    return np.unique(_pairs(design))


def _union(one: Pairs, two: Pairs) -> Pairs:
    return np.union1d(one, two)
