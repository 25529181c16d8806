"""The estimates of a model whose effects are integrated out approximately, by Laplace's method or by quadrature.

All numbers are climbed together: coefficients, covariances and the family's own. Standard errors follow from the
curvature of the approximate likelihood, as in glmmTMB and, but for what it does with coefficients alone, in lme4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from tildemc.arrays import Floats
from tildemc.engines.neighbours import beside
from tildemc.engines.peak import Peak, climb
from tildemc.engines.point_coordinates import PointCoordinates, Values
from tildemc.engines.singular import sds_and_correlations, singular
from tildemc.errors import FitError
from tildemc.results.estimate import Estimate, GroupEstimate, SmoothEstimate
from tildemc.results.intervals import Intervals, Uncertain
from tildemc.results.neighbours import Neighbours
from tildemc.results.told import ToldNumber, called_groups, residual_numbers, told_numbers
from tildemc.spec.design import DataSet
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import Names, names
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.smooth import Smooth
from tildemc.threads import one_blas_thread

__all__ = ["Approximation", "Modes", "estimate_of"]

CERTAIN = 1e-3
"""A log likelihood so near zero, of a response that has probabilities, foresees all rows: finite effects do not."""


@dataclass(frozen=True, eq=False)
class Modes:
    """Of one grouping: the conditional modes of its effects (levels, q), and their sds given all estimates."""

    effects: Floats
    sds: Floats


class Approximation(Protocol):
    """A log likelihood with the effects integrated out."""

    @property
    def begin(self) -> tuple[Values, Floats]:
        """Numbers and factors that are not far from where the maximum will be."""

    def log_likelihoods(self, points: Sequence[tuple[Values, Floats]]) -> Floats:
        """At numbers, by the evaluator's names, and Cholesky factors of the covariances; -inf where there is none."""

    def modes(self, values: Values, factors: Floats) -> Sequence[Modes]:
        """Of each grouping in the order of the factors."""


def estimate_of(spec: ModelSpec, design: DataSet, approximation: Approximation, method: str, how: str = "") -> Estimate:
    """The maximum of an approximate likelihood.

    Parameters
    ----------
    spec, design
    approximation : Approximation
    method, how : str
        As in `Estimate`.

    Raises
    ------
    FitError
        If there is no likelihood where the search begins, or no maximum where it ends.
    """
    own = PointCoordinates.of(spec, design, *approximation.begin)

    def height(X: Floats) -> Floats:
        return approximation.log_likelihoods([(own.values(x), own.factors(x)) for x in X])

    if not np.isfinite(height(own.start[None])[0]):
        raise FitError("the likelihood is not finite where the search begins: look for huge values in the data")
    with np.errstate(all="ignore"), one_blas_thread():
        peak = climb(height, own.start, own.bounds)
        return _Summit(spec, design, own, peak, approximation).estimate(method, how)


@dataclass(frozen=True, eq=False)
class _Summit:
    """The maximum, and what is told of it.

    Attributes
    ----------
    spec, design
    coordinates : PointCoordinates
    peak : Peak
    approximation : Approximation
    """

    spec: ModelSpec
    design: DataSet
    coordinates: PointCoordinates
    peak: Peak
    approximation: Approximation

    def estimate(self, method: str, how: str) -> Estimate:
        """What a person is given."""
        own = self.coordinates
        boundary = singular(own.relative, self.peak.x[own.first :], own.groupings)
        foreseen = self.spec.family.values.whole and self.peak.value > -CERTAIN
        if foreseen or not (self.peak.determined or boundary):
            raise FitError(
                "the likelihood has no maximum that could be found: the data do not determine this model, or effects "
                "are on the way to infinity, as where a column separates the responses; priors would, `fit()`"
            )
        modes = self.approximation.modes(self._values, self._factors)
        known = dict(zip(self._told, self.uncertain, strict=True))
        population = [own for one, own in known.items() if one.role == "population"]
        sigma, residual = residual_numbers(self.spec, {one: own.value for one, own in known.items()})
        return Estimate(
            self.spec.formula,
            method,
            {one.name: one.value for one in population},
            {one.name: one.se for one in population},
            dict(self._groups(modes)),
            sigma,
            -2.0 * self.peak.value,
            boundary=boundary,
            smooths=dict(self._smooths(modes)),
            residual=residual,
            rows=self.design.n,
            parameters=len(self.peak.x),
            how=how,
            intervals=Intervals(self.uncertain, self._profile),
            neighbours=lambda: self._neighbours(modes),
        )

    @cached_property
    def _names(self) -> Names:
        return names(self.spec)

    @cached_property
    def _values(self) -> dict[str, Floats]:
        return self.coordinates.values(self.peak.x)

    @cached_property
    def _factors(self) -> Floats:
        return self.coordinates.factors(self.peak.x)

    # All numbers by name

    def _reported(self, x: Floats, modes: Sequence[Modes] | None = None) -> dict[str, Floats]:
        """What the model reports at x, by name, (…); effects are these, or zero."""
        found = {name: value[0] for name, value in self.coordinates.values(x).items()}
        factors = self.coordinates.factors(x)
        for k, (effects, factor) in enumerate(zip(self.coordinates.groupings, factors, strict=True)):
            q = effects.width
            sds, cor = sds_and_correlations(factor[:q, :q])
            named = self._names.at(effects)
            found |= effects.reported(named, sds, np.zeros((effects.size, q)), cor, None)
            if modes is not None:
                # Modes are as the levels have them, weights and all.
                own = modes[k].effects
                found |= {named.r: own} if isinstance(effects, GroupEffects) else {named.s: own[0]}
        return found

    @cached_property
    def _told(self) -> list[ToldNumber]:
        # Correlations that are zero at the start are not yet none at all.
        return told_numbers(self.spec, self._reported(self.coordinates.start + 0.1))

    def _numbers(self, X: Floats) -> Floats:
        """The numbers that are told, at points (points, size)."""
        each = (self._reported(x) for x in X)
        return np.array([[reported[one.array][one.cell] for one in self._told] for reported in each])

    @cached_property
    def uncertain(self) -> list[Uncertain]:
        """Each number with its standard error."""
        values = self._numbers(self.peak.x[None])[0]
        se = np.full(len(values), np.nan)
        if len(self.peak.free):
            se = np.sqrt(np.diag(self.peak.spread(self._numbers)))
        return [
            Uncertain(one.name, float(value), float(error), one.support, one.role)
            for one, value, error in zip(self._told, values, se, strict=True)
        ]

    def _profile(self, place: int, drop: float) -> tuple[float, float]:
        with np.errstate(all="ignore"), one_blas_thread():
            return self.peak.ends(lambda X: self._numbers(X)[:, place], drop)

    def _neighbours(self, modes: Sequence[Modes]) -> Neighbours:
        """What the model reports a little beside the estimates, effects where they are."""
        each = [self._reported(x, modes) for x in beside(self.peak.x, self.peak.root)]
        return Neighbours({name: np.stack([one[name] for one in each]) for name in each[0]})

    # Effects

    def _groups(self, modes: Sequence[Modes]) -> Iterator[tuple[str, GroupEstimate]]:
        groupings = zip(self.coordinates.groupings, self._factors, modes, strict=True)
        by_path = {effects.path: (factor, own) for effects, factor, own in groupings}
        for name, group, columns in called_groups(self.spec):
            factor, own = by_path[group.path]
            sds, cor = sds_and_correlations(factor[: group.width, : group.width])
            yield name, GroupEstimate(columns, sds, cor, own.effects, group.correlated, group.factor.values, own.sds)

    def _smooths(self, modes: Sequence[Modes]) -> Iterator[tuple[str, SmoothEstimate]]:
        for effects, factor, own in zip(self.coordinates.groupings, self._factors, modes, strict=True):
            if isinstance(effects, Smooth):
                yield effects.called, SmoothEstimate(float(abs(factor[0, 0])), own.effects[0])
