"""Effects in several predictors whose parts of a row's log density are separate: an integral for each, by Laplace.

So a hurdle: what says how probable zeros are has no part in how large the other counts are. The log density of a row is
A(mu, …) + B(hu, …) then, and the integral over the effects of both is a product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from tildemc.arrays import Floats
from tildemc.engines.approximate import Modes
from tildemc.engines.integrated import Curvature, Laplace, Point, laplace
from tildemc.engines.point_coordinates import Values
from tildemc.spec.derivative import depends, differentiate
from tildemc.spec.design import DataSet
from tildemc.spec.likelihood import density_of
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.smooth import Smooth

__all__ = ["Separate", "alone", "having", "separate"]


def having(spec: ModelSpec) -> tuple[Predictor, ...]:
    """The predictors that have effects."""
    return tuple(predictor for predictor in spec.predictors if predictor.integrated or predictor.shared)


def separate(spec: ModelSpec) -> bool:
    """Whether no part of a row's log density has two predictors with effects, and no effect is in two."""
    named = [predictor.parameter for predictor in having(spec)]
    owners = {predictor.parameter: {shared.owner[0] for shared in predictor.shared} for predictor in having(spec)}
    if any(owners[name] - {name} for name in named):
        return False
    density = density_of(spec)
    return not any(depends(differentiate(density, name), frozenset(named) - {name}) for name in named)


def alone(spec: ModelSpec, parameter: str) -> ModelSpec:
    """The model with no effects but those of one predictor."""
    effects = (GroupEffects, Smooth)
    predictors = tuple(
        p if p.parameter == parameter else replace(p, terms=tuple(t for t in p.terms if not isinstance(t, effects)))
        for p in spec.predictors
    )
    return replace(spec, predictors=predictors)


@dataclass(frozen=True, eq=False)
class Separate:
    """A model's likelihood, an approximation for each of its predictors with effects."""

    spec: ModelSpec
    design: DataSet
    parts: tuple[Laplace, ...]

    @classmethod
    def of(cls, spec: ModelSpec, design: DataSet, curvature: Curvature) -> Separate:
        """Of a model that is `separate`."""
        parts = (laplace(alone(spec, predictor.parameter), design, curvature) for predictor in having(spec))
        return cls(spec, design, tuple(parts))

    @cached_property
    def places(self) -> list[slice]:
        """Where the factors of each part stand among all."""
        ends = np.cumsum([0, *(len(part.order) for part in self.parts)])
        return [slice(int(a), int(b)) for a, b in pairwise(ends)]

    @property
    def begin(self) -> Point:
        """Where the parts begin; numbers as the first has them."""
        begun = [part.begin for part in self.parts]
        widest = max(factors.shape[-1] for _, factors in begun)
        all_factors = np.zeros((sum(len(factors) for _, factors in begun), widest, widest))
        for place, (_, factors) in zip(self.places, begun, strict=True):
            all_factors[place, : factors.shape[-1], : factors.shape[-1]] = factors
        return begun[0][0], all_factors

    def log_likelihoods(self, points: Sequence[Point]) -> Floats:
        """At numbers and factors; -inf where there is none."""
        each = [part.log_likelihoods(self._own(points, k)) for k, part in enumerate(self.parts)]
        # Every part has the whole density, the others' without effects.
        without = self.parts[0].without(self._own(points, 0))
        return np.asarray(np.sum(each, axis=0) - (len(each) - 1) * without)

    def modes(self, values: Values, factors: Floats) -> list[Modes]:
        """Of each grouping in the order of the factors."""
        found = (part.modes(*self._own([(values, factors)], k)[0]) for k, part in enumerate(self.parts))
        return [modes for each in found for modes in each]

    def _own(self, points: Sequence[Point], k: int) -> list[Point]:
        """The points as one of the parts takes them."""
        widest = max(group.width for group in self.parts[k].problem.groups)
        return [(values, factors[self.places[k], :widest, :widest]) for values, factors in points]
