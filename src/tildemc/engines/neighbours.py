"""A maximum of an exact likelihood -> what the model reports there and a little beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.results.neighbours import STEP, Neighbours
from tildemc.spec.model import ModelSpec
from tildemc.targets.marginal.expansion import expanded
from tildemc.targets.marginal.likelihood import Marginal, Variances
from tildemc.targets.marginal.structured import JointMarginal
from tildemc.targets.marginal.variances import RESIDUAL

__all__ = ["Climbed", "beside", "neighbours"]

_CURVED = 1e-4
"""Over which derivatives of gradients are taken."""
_NEAR = 1e-3
"""A coordinate that is so near to where it may go is at the end."""

Bounds = tuple[float | None, float | None]


class Climbed(Protocol):
    """A likelihood in coordinates that hold no population effect: these follow."""

    @property
    def model(self) -> Marginal:
        """Whose likelihood it is."""

    @property
    def bounds(self) -> Sequence[Bounds]:
        """Between what each coordinate is."""

    def value(self, x: Floats) -> tuple[float, Floats]:
        """Minus the log likelihood and its gradient."""

    def point(self, x: Floats) -> tuple[Floats, Floats]:
        """The residuals' numbers and the factors of coordinates x."""

    def effects(self, x: Floats, noise: Floats) -> Floats:
        """All effects at x, by noise (points, effects)."""


def neighbours(spec: ModelSpec, climbed: Climbed, x: Floats) -> Neighbours:
    """By the errors of population effects given the variances, as Stata and lme4 have them, and those of variances.

    The two are independent of one another in large samples, and are taken to be: population effects stay where they are
    when variances move, and so do the effects of groups.
    """
    model = climbed.model
    p, effects = model.population.size, model.effects
    noise = np.zeros((p + 1, effects))
    noise[np.arange(1, p + 1), effects - p + np.arange(p)] = 1.0
    at = climbed.effects(x, noise)
    points = np.concatenate([np.repeat(x[None], 2 * p, axis=0), beside(x, _root(climbed, x))])
    moved = np.repeat(at[:1], len(points), axis=0)
    moved[1 : 1 + 2 * p : 2, effects - p :] += STEP * (at[1:] - at[0])[:, effects - p :]
    moved[2 : 2 + 2 * p : 2, effects - p :] -= STEP * (at[1:] - at[0])[:, effects - p :]
    reported = expanded(spec, model, _variances(climbed, points), moved[None])
    return Neighbours({name: values[0] for name, values in reported.items()})


def beside(x: Floats, root: Floats) -> Floats:
    """A point, and those a little above and below by each column of a root of its covariance: (1 + 2 p, size)."""
    steps = (STEP * root.T)[:, None, :] * np.array([1.0, -1.0])[:, None]
    return np.concatenate([x[None], x + steps.reshape(-1, len(x))])


def _root(climbed: Climbed, x: Floats) -> Floats:
    """A root of the inverse of the curvature, (size, free), by the coordinates that are not at their ends."""
    free = _free(climbed.bounds, x)
    curvature = np.empty((len(free), len(free)))
    for k, place in enumerate(free):
        step = np.zeros(len(x))
        step[place] = _CURVED
        curvature[k] = ((climbed.value(x + step)[1] - climbed.value(x - step)[1]) / (2.0 * _CURVED))[free]
    values, vectors = np.linalg.eigh((curvature + curvature.T) / 2.0)
    found = np.zeros((len(x), len(free)))
    with np.errstate(invalid="ignore", divide="ignore"):
        found[free] = vectors / np.sqrt(np.where(values > 0.0, values, np.nan))
    return found


def _free(bounds: Sequence[Bounds], x: Floats) -> Integers:
    ends = [(-np.inf if low is None else low, np.inf if high is None else high) for low, high in bounds]
    lower, upper = np.array(ends).reshape(-1, 2).T
    return np.flatnonzero((x > lower + _NEAR) & (x < upper - _NEAR))


def _variances(climbed: Climbed, points: Floats) -> Variances:
    """What points stand for: factors, and the residuals' numbers; what correlations follow from is left open."""
    model = climbed.model
    numbers, factors = (np.stack(each) for each in zip(*map(climbed.point, points), strict=True))
    sds = np.full((len(points), len(model.code.kind)), np.nan)
    place = slice(model.first, None) if isinstance(model, JointMarginal) else model.code.factor == RESIDUAL
    sds[:, place] = numbers
    nothing = np.empty(0)
    return Variances(sds, nothing, factors, nothing, nothing)
