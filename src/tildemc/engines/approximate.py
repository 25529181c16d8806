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
from tildemc.engines.peak import Peak, climb
from tildemc.engines.point_coordinates import PointCoordinates, Values
from tildemc.engines.singular import singular
from tildemc.errors import FitError
from tildemc.resolve.quantities import population_label
from tildemc.results.estimate import Estimate, GroupEstimate, SmoothEstimate
from tildemc.results.intervals import Intervals, Uncertain
from tildemc.results.summary import cells
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import Parameter, coordinates, names, parameters
from tildemc.spec.support import Support
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.terms.term import ASIDE

__all__ = ["Approximation", "Modes", "estimate_of"]

UNIT = Support(-1.0, 1.0)


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


def estimate_of(
    spec: ModelSpec, design: Design, approximation: Approximation, method: str, how: str = ""
) -> Estimate:
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
    with np.errstate(all="ignore"):
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
    design: Design
    coordinates: PointCoordinates
    peak: Peak
    approximation: Approximation

    def estimate(self, method: str, how: str) -> Estimate:
        """What a person is given."""
        own = self.coordinates
        boundary = singular(own.relative, self.peak.x[own.first :], own.groupings)
        if not self.peak.determined and not boundary:
            raise FitError(
                "the likelihood has no maximum that could be found: the data do not determine this model, or effects "
                "are on the way to infinity, as where a column separates the responses; priors would, `fit()`"
            )
        modes = self.approximation.modes(self._values, self._factors)
        known = self.uncertain
        fixef = {one.name: one for one, (p, _) in zip(known, self._scalars, strict=True) if p.role == "population"}
        others = [one for one, (p, _) in zip(known, self._scalars, strict=True) if p.role == "residual"]
        sd = self.spec.residual_sd
        named = "" if sd is None else names(self.spec).of(sd).name
        residual = {one.name: one.value for one in others}
        sigma = {name.removeprefix(named).strip("[]"): residual.pop(name) for name in [*residual] if sd and (
            name == named or name.startswith(f"{named}["))}  # fmt: skip
        return Estimate(
            self.spec.formula,
            method,
            {name: one.value for name, one in fixef.items()},
            {name: one.se for name, one in fixef.items()},
            dict(self._groups(modes)),
            sigma,
            -2.0 * self.peak.value,
            boundary=boundary,
            smooths=dict(self._smooths(modes)),
            residual=residual,
            rows=self.design.n,
            size=len(self.peak.x),
            how=how,
            intervals=Intervals(known, self._profile),
        )

    @cached_property
    def _values(self) -> dict[str, Floats]:
        return self.coordinates.values(self.peak.x)

    @cached_property
    def _factors(self) -> Floats:
        return self.coordinates.factors(self.peak.x)

    # All numbers by name

    def _reported(self, x: Floats) -> dict[str, Floats]:
        """What the model reports at x but for effects, by name, (…)."""
        found = {name: value[0] for name, value in self.coordinates.values(x).items()}
        known = names(self.spec)
        for effects, factor in zip(self.coordinates.groupings, self.coordinates.factors(x), strict=True):
            q = effects.width
            sds, cor = _spread(factor[:q, :q])
            found |= effects.reported(known.at(effects), sds, np.zeros((effects.size, q)), cor, None)
        return found

    @cached_property
    def _scalars(self) -> list[tuple[Parameter, tuple[int, ...]]]:
        """Each number that is told, and where it stands."""
        reported = self._reported(self.coordinates.start + 0.1)
        told = [p for p in parameters(self.spec) if p.role not in ASIDE and p.name in reported]
        return [(p, cell) for p in told for cell in cells(p, reported[p.name][None, None])]

    def _numbers(self, X: Floats) -> Floats:
        """These numbers at points (points, size)."""
        each = (self._reported(x) for x in X)
        return np.array([[reported[p.name][cell] for p, cell in self._scalars] for reported in each])

    @cached_property
    def uncertain(self) -> list[Uncertain]:
        """Each number with its standard error."""
        values = self._numbers(self.peak.x[None])[0]
        labels = coordinates(self.spec)
        se = np.sqrt(np.diag(self.peak.spread(self._numbers))) if len(self.peak.free) else np.full(len(values), np.nan)
        found = []
        for (p, cell), value, error in zip(self._scalars, values, se, strict=True):
            along = [str(labels[dim][i]) for dim, i in zip(p.dims, cell, strict=True)]
            inside = f"[{', '.join(along)}]" if along else ""
            name = population_label(self.spec, p, along) if p.role == "population" else f"{p.name}{inside}"
            support = UNIT if p.support.matrix else Support() if p.support.ordered else p.support
            found.append(Uncertain(name, float(value), float(error), support))
        return found

    def _profile(self, place: int, drop: float) -> tuple[float, float]:
        with np.errstate(all="ignore"):
            return self.peak.ends(lambda X: self._numbers(X)[:, place], drop)

    # Effects

    def _groups(self, modes: Sequence[Modes]) -> Iterator[tuple[str, GroupEstimate]]:
        taken: set[str] = set()
        for effects, factor, own in zip(self.coordinates.groupings, self._factors, modes, strict=True):
            if not isinstance(effects, GroupEffects):
                continue
            q, label = effects.width, effects.factor.label
            name = f"{effects.parameter}_{label}" if label in taken else label
            taken.add(name)
            sds, cor = _spread(factor[:q, :q])
            front = "" if effects.parameter == self.spec.predictors[0].parameter else f"{effects.parameter}_"
            columns = tuple(f"{front}{column}" for column in effects.labels)
            yield (
                name,
                GroupEstimate(columns, sds, cor, own.effects, effects.correlated, effects.factor.values, own.sds),
            )

    def _smooths(self, modes: Sequence[Modes]) -> Iterator[tuple[str, SmoothEstimate]]:
        for effects, factor, own in zip(self.coordinates.groupings, self._factors, modes, strict=True):
            if isinstance(effects, Smooth):
                yield effects.called, SmoothEstimate(float(abs(factor[0, 0])), own.effects[0])


def _spread(factor: Floats) -> tuple[Floats, Floats]:
    """The sds (q,) and the correlations (q, q) of effects with this factor."""
    covariance = factor @ factor.T
    sds = np.sqrt(np.diag(covariance))
    known = np.outer(sds, sds)
    return sds, np.divide(covariance, known, out=np.eye(len(sds)), where=known > 0)
