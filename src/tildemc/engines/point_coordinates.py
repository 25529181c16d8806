"""A model's numbers beside its effects, by coordinates in which a likelihood can be climbed to its maximum.

Coefficients are in units in which they are nearly uncorrelated, what is positive has its log and what has two ends its
logit, and factors of covariances are as `relative.py` has them, so that an estimate at the boundary is inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from tildemc.arrays import Floats
from tildemc.engines.relative import Bounds, Relative
from tildemc.spec.design import DataSet
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.parameters import Names, names
from tildemc.spec.support import Support
from tildemc.spec.terms.effects import Effects
from tildemc.spec.terms.rescor import ResidualCorrelations
from tildemc.spec.terms.term import Free, Role

__all__ = ["PointCoordinates", "Values"]

Values = Mapping[str, Floats]
"""Numbers by what the evaluator calls them, each with one axis more in front: draws, of which there is one."""

FARTHEST = 25.0
"""How far a log or a logit may go from where it begins."""
NUMBERS: tuple[Role, ...] = ("population", "residual")
"""What is free beside coefficients, effects and what these have of a covariance."""


class _Part(Protocol):
    """Some of the numbers, and their coordinates."""

    @property
    def start(self) -> Floats:
        """Where to begin."""

    @property
    def bounds(self) -> list[Bounds]:
        """Between what each coordinate is."""

    def values(self, x: Floats) -> Iterator[tuple[str, Floats]]:
        """The numbers by name."""


@dataclass(frozen=True, eq=False)
class _Coefficients:
    """The population effects of one predictor: x are those of columns that are orthogonal and as long as rows are many.

    Attributes
    ----------
    intercept, b : str
        What these are called; empty for none.
    at_means : (p,)
        The predictors' means, zeros without an intercept.
    back : (p, p)
        Coefficients of x.
    start : (coordinates,)
    """

    intercept: str
    b: str
    at_means: Floats
    back: Floats
    start: Floats

    @classmethod
    def of(cls, predictor: Predictor, design: DataSet, known: Names, begin: Values) -> _Coefficients:
        """Of a predictor; it begins at these numbers."""
        population = predictor.population
        named, columns, p = known.of(population), design.summary.of(population), len(population.columns)
        # Thresholds stand in the place of an intercept, so columns are about their means there, too.
        centred = population.intercept is not None or population.about_means
        means = columns.X.mean if centred else np.zeros(p)
        R = np.eye(p) if columns.triangle is None else np.linalg.qr(columns.triangle[:, int(not centred) :], mode="r")
        # What comes after a column of ones is about the means.
        R = R[1:, 1:] if centred and columns.triangle is not None else R
        if R.shape[0] < R.shape[1] or (np.abs(np.diag(R)) < 1e-10 * np.abs(R).max(initial=1.0)).any():
            # What the data do not tell apart stays as it is; to say so is another's.
            R = np.eye(p)
        back = np.linalg.inv(R) * np.sqrt(design.n) if p else np.empty((0, 0))
        intercept = named.intercept if population.intercept is not None else ""
        b = begin[named.b][0] if population.products else np.empty(0)
        start = np.linalg.solve(back, b) if len(b) else b
        if intercept:
            start = np.append(begin[intercept][0] + means @ b, start)
        return cls(intercept, named.b if population.products else "", means, back, start)

    @property
    def bounds(self) -> list[Bounds]:
        return [(None, None)] * len(self.start)

    def values(self, x: Floats) -> Iterator[tuple[str, Floats]]:
        b = self.back @ x[len(x) - len(self.back) :]
        if self.intercept:
            yield self.intercept, x[:1] - b @ self.at_means
        if self.b:
            yield self.b, b[None]


@dataclass(frozen=True, eq=False)
class _Numbers:
    """Numbers of one kind that are free: (…) of a support.

    Attributes
    ----------
    name : str
    support : Support
    begin : (1, …)
    """

    name: str
    support: Support
    begin: Floats

    @property
    def start(self) -> Floats:
        flat, lower, upper = self.begin.ravel(), self.support.lower, self.support.upper
        if self.support.ordered:
            return np.append(flat[:1], np.log(np.maximum(np.diff(flat), 1e-3)))
        if np.isfinite(lower) and np.isfinite(upper):
            share = np.clip((flat - lower) / (upper - lower), 0.01, 0.99)
            return np.asarray(np.log(share / (1.0 - share)))
        if np.isfinite(lower):
            return np.asarray(np.log(flat - lower))
        return np.asarray(np.log(upper - flat)) if np.isfinite(upper) else flat

    @property
    def bounds(self) -> list[Bounds]:
        free = np.isinf(self.support.lower) and np.isinf(self.support.upper)
        first = self.support.ordered
        return [
            (None, None) if free and (not first or k == 0) else (x - FARTHEST, x + FARTHEST)
            for k, x in enumerate(self.start)
        ]

    def values(self, x: Floats) -> Iterator[tuple[str, Floats]]:
        lower, upper = self.support.lower, self.support.upper
        if self.support.ordered:
            found = np.cumsum(np.append(x[:1], np.exp(x[1:])))
        elif np.isfinite(lower) and np.isfinite(upper):
            found = lower + (upper - lower) * 0.5 * (1.0 + np.tanh(0.5 * x))
        elif np.isfinite(lower):
            found = lower + np.exp(x)
        else:
            found = upper - np.exp(x) if np.isfinite(upper) else x
        yield self.name, np.reshape(found, self.begin.shape)


@dataclass(frozen=True, eq=False)
class _ResidualCorrelations:
    """The correlations of several responses' residuals: x are twice those whose hyperbolic tangents partial ones are.

    Attributes
    ----------
    name : str
    rescor : ResidualCorrelations
    """

    name: str
    rescor: ResidualCorrelations

    @property
    def start(self) -> Floats:
        return np.zeros(len(self.rescor.parameters))

    @property
    def bounds(self) -> list[Bounds]:
        return [(-FARTHEST, FARTHEST)] * len(self.rescor.parameters)

    def values(self, x: Floats) -> Iterator[tuple[str, Floats]]:
        yield self.name, self.rescor.matrix(np.tanh(0.5 * x))[None]


@dataclass(frozen=True, eq=False)
class PointCoordinates:
    """Coordinates x of all numbers that a likelihood without effects depends on.

    Attributes
    ----------
    parts : tuple
        Of the numbers that are not of covariances.
    relative : Relative
    groupings : tuple of Effects
        Whose covariances the factors are of.
    """

    parts: tuple[_Part, ...]
    relative: Relative
    groupings: tuple[Effects[Any], ...]

    @classmethod
    def of(cls, spec: ModelSpec, design: DataSet, begin: Values, factors: Floats) -> PointCoordinates:
        """Those of a model, which begin at these numbers and, but for correlations, at these factors."""
        known = names(spec)
        parts: list[_Part] = [_Coefficients.of(p, design, known, begin) for p in spec.predictors]
        own = (free for free in spec.free() if free.role in NUMBERS and not _of_population(spec, free))
        parts += [_Numbers(known.free(free), free.support, begin[known.free(free)]) for free in own]
        if spec.rescor is not None:
            parts.append(_ResidualCorrelations(known.of(spec.rescor).cor, spec.rescor))
        groupings = tuple(effects for predictor in spec.predictors for effects in predictor.effects)
        sizes = [design.summary.of(effects).Z.size for effects in groupings]
        return cls(tuple(parts), _begun(Relative.of(groupings, sizes), factors), groupings)

    @property
    def first(self) -> int:
        """Where the factors' coordinates begin."""
        return sum(len(part.start) for part in self.parts)

    @property
    def start(self) -> Floats:
        """Where to begin."""
        return np.concatenate([*(part.start for part in self.parts), self.relative.start])

    @property
    def bounds(self) -> list[Bounds]:
        """Between what each coordinate is."""
        return [*(bound for part in self.parts for bound in part.bounds), *self.relative.bounds]

    def values(self, x: Floats) -> dict[str, Floats]:
        """The numbers by name, but for those of covariances."""
        found: dict[str, Floats] = {}
        first = 0
        for part in self.parts:
            size = len(part.start)
            found |= dict(part.values(x[first : first + size]))
            first += size
        return found

    def factors(self, x: Floats) -> Floats:
        """The Cholesky factors of the covariances, (groupings, widest, widest)."""
        widest = max((effects.width for effects in self.groupings), default=0)
        found = np.zeros((len(self.groupings), widest, widest))
        found[tuple(self.relative.entries.T)] = self.relative.values(x[self.first :])
        return found


def _begun(relative: Relative, factors: Floats) -> Relative:
    """The same, which begin where effects have the sds of these factors; loadings where they would."""
    start = relative.start.copy()
    own = relative.entries[:, 1] == relative.entries[:, 2]
    sds = np.linalg.norm(factors, axis=2)
    for (f, a, _), scale, at in zip(relative.entries[own], relative.scale[own], relative.size[own], strict=True):
        start[at] = sds[f, a] / scale
    return replace(relative, start=start)


def _of_population(spec: ModelSpec, free: Free) -> bool:
    return any(free.path[:-1] == predictor.population.path for predictor in spec.predictors)
