"""Effects integrated out by Laplace's method, or by adaptive quadrature, on the kernels of `targets/glmm`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from operator import add
from typing import Literal

import numpy as np

from tildemc.arrays import Floats
from tildemc.engines.approximate import Modes
from tildemc.engines.point_coordinates import Values
from tildemc.passes.aggregate import aggregate
from tildemc.results.evaluate import Rows
from tildemc.spec.design import DataSet, Design
from tildemc.spec.likelihood import density_of
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import Names, names
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.rescor import partial_correlations
from tildemc.targets.direct.rows import share_piece
from tildemc.targets.direct.start import seen
from tildemc.targets.glmm.problem import Problem, glmm
from tildemc.targets.glmm.rows import curved_rows, row_functions
from tildemc.targets.glmm.stacked import moving
from tildemc.targets.glmm.tables import Quadratic
from tildemc.targets.marginal.likelihood import Variances

__all__ = ["Curvature", "Laplace", "Plain", "Point", "Quadrature", "laplace", "log_likelihood"]

Curvature = Literal["observed", "expected"]
"""Minus the second derivative of a row's log density, as in glmmTMB, or what is expected of it, as in glmer."""
Point = tuple[Values, Floats]

TOLERANCE = 1e-16
"""What the last of Newton's steps for the effects gains at most: derivatives are differences of what comes of them."""
MOST = 2e8
"""So many rows times solutions are not too many for the effects' sds."""


@dataclass(eq=False)
class Laplace:
    """A model's likelihood by Laplace's approximation.

    Attributes
    ----------
    spec, design
        As they were given, rows not merged.
    problem : Problem
    last : Problem
        The same with the curvature that the approximation has, where Newton's steps take another.
    constant : float
        What the log likelihood has of the data alone.
    anchor : Quadratic
        A quadratic from which searches for the effects' modes begin.
    height : float
        The log likelihood where that is.
    """

    spec: ModelSpec
    design: DataSet
    problem: Problem
    last: Problem
    order: tuple[int, ...]
    anchor: Quadratic
    constant: float = 0.0
    height: float = -np.inf

    @cached_property
    def known(self) -> Names:
        """What the model's quantities are called."""
        return names(self.spec)

    @property
    def begin(self) -> Point:
        """Where a quick look at the model has the numbers."""
        here = self.problem.points(self.problem.coordinates.start[None])
        values: dict[str, Floats] = {}
        known = self.known
        for name, at in self.problem.places.items():
            predictor = self.spec.predictor(name)
            if name in (*self.cuts, *self.halves):
                continue
            if predictor is None:
                own = self._auxiliary(name)
                numbers = here.sds[:, at : at + own.size]
                values[known.of(own).name] = numbers[:, 0] if own.by is None else numbers
                continue
            population, named = predictor.population, known.of(predictor.population)
            first = at + int(population.intercept is not None)
            b = here.sds[:, first : first + len(population.coefficients)]
            if population.products:
                values[named.b] = b
            if population.intercept is not None:
                values[named.intercept] = here.sds[:, at] - b @ self.problem.centres[name]
        if self.spec.thresholds is not None:
            at_means = [here.sds[0, self.problem.places[name]] for name in self.cuts]
            values[known.of(self.spec.thresholds).name] = np.array([at_means]) + self._shift(values)
        if self.spec.rescor is not None:
            values[known.of(self.spec.rescor).cor] = np.eye(self.spec.rescor.size)[None]
        widest = max(place.term.width for place in self.problem.placed)
        factors = np.zeros((len(self.order), widest, widest))
        for number, place in zip(self.order, self.problem.placed, strict=True):
            factors[number, : place.term.width, : place.term.width] = place.of(here.factors)[0]
        return values, factors

    @property
    def cuts(self) -> tuple[str, ...]:
        """What the density calls thresholds."""
        return () if self.spec.thresholds is None else self.spec.thresholds.quantities

    @property
    def halves(self) -> tuple[str, ...]:
        """And by which it goes through the correlations of several responses."""
        rescor = self.spec.rescor
        return () if rescor is None else tuple(share_piece(rescor.path[0], k) for k in range(len(rescor.parameters)))

    def _shift(self, values: Values) -> float:
        """How far thresholds are from those at the predictors' means."""
        first = self.spec.predictors[0].population
        if not first.products:
            return 0.0
        return float(values[self.known.of(first).b][0] @ self.problem.centres[first.parameter])

    def _auxiliary(self, name: str) -> Auxiliary:
        return next(auxiliary for auxiliary in self.spec.auxiliaries if auxiliary.parameter == name)

    def log_likelihoods(self, points: Sequence[Point]) -> Floats:
        """At numbers and factors; -inf where there is none."""
        here = self.points(points)
        found = self._values(here) + self.constant
        if len(points) == 1 and not found[0] > self.height:
            return found
        if len(points) == 1:
            # The search has moved: effects are sought from here on.
            anchor = self.problem.anchored(self.anchor, here)
            if anchor is not None:
                self.anchor, self.height = anchor, float(found[0])
        return found

    def without(self, points: Sequence[Point]) -> Floats:
        """The log likelihood at numbers, of rows without effects."""
        here = self.points(points)
        none = np.zeros((len(points), self.problem.effects))
        return np.asarray(self.problem.levels(self.problem.nothing, here, none).sum(axis=1) + self.constant)

    def _values(self, here: Variances) -> Floats:
        if self.last is self.problem:
            return self.problem.laplace(self.anchor, here, tolerance=TOLERANCE)[0]
        found = np.full(len(here.sds), -np.inf)
        for k in range(len(found)):
            one = _part(here, k)
            anchor = self.problem.anchored(self.anchor, one, tolerance=TOLERANCE)
            if anchor is not None:
                found[k] = self.last.laplace(anchor, one, steps=1)[0][0]
        return found

    def points(self, points: Sequence[Point]) -> Variances:
        """As kernels take them."""
        code = self.problem.code
        shape = tuple(int(n) for n in code.shape)
        scalars = np.zeros((len(points), len(code.kind)))
        factors = np.zeros((len(points), shape[0], shape[1], shape[1]))
        for k, (values, own) in enumerate(points):
            for name, at in self.problem.places.items():
                numbers = self._numbers(name, values)
                scalars[k, at : at + len(numbers)] = numbers
            for number, place in zip(self.order, self.problem.placed, strict=True):
                place.of(factors)[k] = own[number, : place.term.width, : place.term.width]
        return Variances(scalars, factors, factors, np.ones((len(points), len(code.sigma))), np.zeros(len(points)))

    def _numbers(self, name: str, values: Values) -> Floats:
        """The scalars of one parameter of the density."""
        known, predictor = self.known, self.spec.predictor(name)
        if name in self.cuts:
            assert self.spec.thresholds is not None
            return np.array(
                [values[known.of(self.spec.thresholds).name][0, self.cuts.index(name)] - self._shift(values)]
            )
        if name in self.halves:
            assert self.spec.rescor is not None
            partial = partial_correlations(values[known.of(self.spec.rescor).cor][0])
            return 0.5 + 0.5 * partial[[self.halves.index(name)]]
        if predictor is None:
            return np.atleast_1d(values[known.of(self._auxiliary(name)).name][0])
        population, named = predictor.population, known.of(predictor.population)
        b = values[named.b][0] if population.products else np.empty(0)
        if population.intercept is None:
            return b
        return np.append(values[named.intercept][0] + self.problem.centres[name] @ b, b)

    # Effects

    def modes(self, values: Values, factors: Floats) -> list[Modes]:
        """Of each grouping in the order of the factors."""
        here = self.points([(values, factors)])
        anchor = self.problem.anchored(self.anchor, here) or self.anchor
        v = self.problem.laplace(anchor, here, tolerance=TOLERANCE)[1][0]
        sds = self._sds(here, v)
        found: list[Modes] = [Modes(np.empty((0, 0)), np.empty((0, 0)))] * len(self.order)
        for number, place, at in zip(self.order, self.problem.placed, self.problem.where, strict=True):
            group = place.term
            effects, own = v[at] @ place.of(here.factors)[0].T, sds[at]
            if isinstance(group, GroupEffects):
                effects = group.related(effects)
                if group.between is not None or group.weights is not None:
                    own = np.full_like(own, np.nan)
            found[number] = Modes(effects, own)
        return found

    def _sds(self, here: Variances, v: Floats) -> Floats:
        """The sds of effects given all else, (effects,), by where v stand; NaN if there are too many."""
        extent = self.problem.extent
        solutions = extent.width + extent.rest
        if solutions * extent.rows > MOST:
            return np.full(len(v), np.nan)
        anchor = self.last.anchored(self.anchor, here)
        if anchor is None:
            return np.full(len(v), np.nan)
        J, q = extent.levels, extent.width
        # Effects of the inner levels are independent given the rest: one solution is of all levels.
        eps = np.zeros((1 + solutions, len(v)))
        for a in range(q):
            eps[1 + a, a : J * q : q] = 1.0
        eps[1 + q :, J * q :] = np.eye(extent.rest)
        many = Variances(*(np.repeat(part, len(eps), axis=0) for part in _fields(here)))
        moved = self.last.settled(anchor, many, eps, steps=0)[1]
        spread = moved[1:] - moved[0]
        found = np.empty(len(v))
        for place, at in zip(self.problem.placed, self.problem.where, strict=True):
            own = spread[:, at] @ place.of(here.factors)[0].T
            found[at] = np.sqrt((own**2).sum(axis=0))
        return found


def _fields(points: Variances) -> tuple[Floats, ...]:
    return points.sds, points.unit, points.factors, points.precision, points.prior


def _part(points: Variances, k: int) -> Variances:
    return Variances(*(part[k : k + 1] for part in _fields(points)))


def laplace(spec: ModelSpec, design: DataSet, curvature: Curvature) -> Laplace:
    """The approximation of a model without gaps."""
    merged_spec, merged, _ = aggregate(spec, design)
    problem = glmm(merged_spec, merged)
    paths = [effects.path for predictor in spec.predictors for effects in predictor.effects]
    order = tuple(paths.index(at.term.path) for at in problem.placed)
    found = Laplace(spec, design, problem, _with(problem, merged_spec, curvature), order, problem.nothing)
    found.constant = _whole(spec, design, found.begin[0]) - float(found.without([found.begin])[0])
    return found


def _with(problem: Problem, spec: ModelSpec, curvature: Curvature) -> Problem:
    """A problem whose rows have that curvature."""
    rows = curved_rows(spec, tuple(predictor.parameter for predictor in moving(spec)))
    wanted = rows.expected if curvature == "expected" and rows.expected is not None else rows.observed
    if wanted is None:
        return problem
    address = row_functions(rows, wanted)[0]
    if address == problem.tables.curved:
        return problem
    return replace(problem, tables=problem.tables._replace(curved=address))


def _whole(spec: ModelSpec, design: DataSet, values: Values) -> float:
    """The log likelihood of all rows, with all that it has of the data alone, without effects."""
    found: float = design.reduce(partial(log_likelihood, spec, values=values), add)
    return found


def log_likelihood(spec: ModelSpec, design: Design, values: Values) -> float:
    """All of the log likelihood at numbers, of rows without effects."""
    known = names(spec)
    none = dict(values)
    for effects in (effects for predictor in spec.predictors for effects in predictor.effects):
        if isinstance(effects, GroupEffects):
            none[known.of(effects).r] = np.zeros((1, effects.size, effects.width))
        else:
            none[known.of(effects).s] = np.zeros((1, effects.width))
    each = Rows(spec, design, none, 1).density(density_of(spec))[0]
    return float(each.sum() if design.weights is None else each @ design.weights)


@dataclass(eq=False)
class Quadrature:
    """A model's likelihood by adaptive Gauss-Hermite quadrature, of one factor's effects.

    Nodes are about each level's mode and as far apart as its curvature says: Pinheiro & Bates (1995), Approximations to
    the log-likelihood function in the nonlinear mixed-effects model, J. of Computational and Graphical Statistics 4.

    Attributes
    ----------
    laplace : Laplace
    nodes : (nodes, q), weights : (nodes,)
        Of the standard normal distribution.
    """

    laplace: Laplace
    nodes: Floats
    weights: Floats

    @classmethod
    def of(cls, laplace: Laplace, points: int) -> Quadrature:
        """With so many points for each effect of a level."""
        q = laplace.problem.extent.width
        x, w = np.polynomial.hermite_e.hermegauss(points)
        grid = np.stack(np.meshgrid(*[x] * q, indexing="ij"), axis=-1).reshape(-1, q)
        weights = np.prod(np.stack(np.meshgrid(*[w] * q, indexing="ij"), axis=-1).reshape(-1, q), axis=1)
        return cls(laplace, grid, weights / (2.0 * np.pi) ** (0.5 * q))

    def log_likelihoods(self, points: Sequence[Point]) -> Floats:
        """At numbers and factors; -inf where there is none."""
        # The search for modes begins where Laplace's approximation is best so far.
        self.laplace.log_likelihoods(points)
        here = self.laplace.points(points)
        return np.array([self._one(_part(here, k)) for k in range(len(points))]) + self.laplace.constant

    def _one(self, here: Variances) -> float:
        problem, extent = self.laplace.problem, self.laplace.problem.extent
        anchor = problem.anchored(self.laplace.anchor, here)
        if anchor is None:
            return -np.inf
        J, q = extent.levels, extent.width
        eps = np.zeros((1 + q, J * q))
        for a in range(q):
            eps[1 + a, a::q] = 1.0
        many = Variances(*(np.repeat(part, 1 + q, axis=0) for part in _fields(here)))
        moved = problem.settled(anchor, many, eps, steps=0)[1].reshape(1 + q, J, q)
        mode, root = moved[0], moved[1:] - moved[0]
        v = mode + np.einsum("ka,ajb->kjb", self.nodes, root)
        many = Variances(*(np.repeat(part, len(v), axis=0) for part in _fields(here)))
        heights = problem.levels(anchor, many, v.reshape(len(v), -1)) - 0.5 * (v**2).sum(axis=2)
        heights += 0.5 * (self.nodes**2).sum(axis=1)[:, None] + np.log(self.weights)[:, None]
        best = heights.max(axis=0)
        log_det = np.linalg.slogdet(np.moveaxis(root, 1, 0))[1]
        return float((best + np.log(np.exp(heights - best).sum(axis=0)) + log_det).sum())

    @property
    def begin(self) -> Point:
        """That of Laplace's approximation."""
        return self.laplace.begin

    def modes(self, values: Values, factors: Floats) -> list[Modes]:
        """Of each grouping."""
        return self.laplace.modes(values, factors)


@dataclass(frozen=True, eq=False)
class Plain:
    """The likelihood of a model that has no effects.

    Attributes
    ----------
    spec, design
        With rows merged where that pays.
    constant : float
        What the log likelihood of all rows has beside that of these.
    """

    spec: ModelSpec
    design: Design
    constant: float = 0.0

    @classmethod
    def of(cls, spec: ModelSpec, design: DataSet) -> Plain:
        """Of a model without effects."""
        found = cls(*aggregate(spec, design)[:2])
        if found.design is design:
            return found
        values = found.begin[0]
        return replace(found, constant=_whole(spec, design, values) - log_likelihood(found.spec, found.design, values))

    @property
    def begin(self) -> Point:
        """What priors find plausible, and thresholds as frequent as categories are."""
        known, values = names(self.spec), dict[str, Floats]()
        for term in self.spec.terms():
            for free in term.free():
                plausible = np.array([prior.plausible for prior in free.priors])
                values[known.free(free)] = plausible.reshape(1, *(len(dim.labels) for dim in free.dims))
        thresholds = self.spec.thresholds
        if thresholds is not None:
            values[known.of(thresholds).name] = seen(self.spec, self.design)[None]
        return values, np.zeros((0, 0, 0))

    def log_likelihoods(self, points: Sequence[Point]) -> Floats:
        """At numbers; -inf where there is none."""
        found = self.constant + np.array([log_likelihood(self.spec, self.design, values) for values, _ in points])
        return np.where(np.isfinite(found), found, -np.inf)

    def modes(self, values: Values, factors: Floats) -> list[Modes]:
        """None."""
        return []
