"""ModelSpec × Design -> Problem: the posterior of a generalised linear mixed model, as kernels work it out.

    y_i ~ f(· | η_i, κ),   η = offset + X β + Z u,   u = Λ(θ) v,   v ~ N(0, I),   ψ = (β, θ, κ)

A point ψ is a vector φ on an unconstrained scale (`marginal/variances.py`): sds of effects, what correlations follow
from, then for each of the density's parameters its coefficients or its own numbers, then partial correlations. What
else may be asked:

    problem = glmm(spec, design)                        # merge rows first: passes/aggregate.py
    point = problem.points(phi[None])                   # sds, coefficients and Cholesky factors at (points, size)
    anchor = problem.anchored(problem.nothing, point)   # a quadratic to start from
    values, modes = problem.laplace(anchor, points)     # log p(y | ψ) by Laplace's approximation, and effects' modes v
    problem.levels(anchor, points, v)                   # log likelihoods of inner levels at effects v: quadrature

`points.prior` is the log prior of φ with its Jacobian, of which estimates take no notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.kernels.memory import Kept
from tildemc.kernels.structures import Packed, pack
from tildemc.spec.design import Design
from tildemc.spec.expr import evaluate
from tildemc.spec.model import Integrated, ModelSpec, Predictor
from tildemc.spec.priors import Prior
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.term import Path
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.known import known_of_rows
from tildemc.targets.direct.pilot import Pilot, look, views
from tildemc.targets.direct.rows import given_columns
from tildemc.targets.direct.start import seen
from tildemc.targets.glmm.arrange import Arranged, Factor, arranged
from tildemc.targets.glmm.chain import SWEEPS, Sweeps
from tildemc.targets.glmm.kernel import ANCHORED, AT, LAPLACE, SETTLED, WALK, run
from tildemc.targets.glmm.rows import CurvedRows, curved_rows, row_functions
from tildemc.targets.glmm.tables import TABLES, Quadratic, Size, Tables, anchor, workspace
from tildemc.targets.marginal.coordinates import Roots, coordinate, plain
from tildemc.targets.marginal.elimination import Elimination
from tildemc.targets.marginal.likelihood import Variances
from tildemc.targets.marginal.numbers import Number, number_of
from tildemc.targets.marginal.variances import CODE, FREE, Code, encode_variances, expand
from tildemc.threads import in_threads, one_blas_thread

__all__ = ["Problem", "glmm", "moving"]

CONVERGED = 1e-10
"""Newton's steps for effects end when one gains less than this."""
FEW = 2e5
"""Fewer rows times points than this are not worth two threads."""


def moving(spec: ModelSpec) -> Predictor:
    """The predictor that has the effects; the first if none has."""
    return next((p for p in spec.predictors if p.integrated), spec.predictors[0])


@dataclass(frozen=True, eq=False)
class Problem:
    """A model laid out for the kernel.

    Attributes
    ----------
    tables : Tables
    code : Code
    groups : tuple of GroupEffects, Smooth, GaussianProcess and Areal
        In the order of the kernels.
    where : tuple of (levels, width)
        Where among all effects those of each group stand.
    places : dict of str to int
        Where among the scalars each parameter's coefficients, or its own numbers, begin.
    centres : dict of str to (p,)
        What the columns of each predictor's population effects are measured from.
    coordinates : Roots
        In which a Student-t fits, and where to begin.
    scale : (size, size)
        Columns are directions in which the coordinates may go about one posterior sd.
    """

    tables: Tables
    code: Code
    groups: tuple[Integrated, ...]
    where: tuple[Integers, ...]
    places: dict[str, int]
    centres: dict[str, Floats]
    coordinates: Roots
    scale: Floats

    @property
    def size(self) -> int:
        """The number of parameters ψ."""
        return self.code.size

    @property
    def effects(self) -> int:
        """The number of effects."""
        return sum(at.size for at in self.where)

    @property
    def apart(self) -> int:
        """How many levels of the rest may be drawn one by one."""
        return int(((self.tables.apart[self.tables.factor] == 1) & (self.tables.column == 0)).sum())

    @property
    def extent(self) -> Size:
        """How much there is of what."""
        return Size(*(int(n) for n in self.tables.size))

    @cached_property
    def packed(self) -> Packed:
        """The tables, as kernels read them."""
        return pack(TABLES, self.tables)

    @cached_property
    def encoded(self) -> Packed:
        """The code, as kernels read it."""
        return pack(CODE, self.code)

    @cached_property
    def memory(self) -> Kept[tuple[Packed, Packed, Packed]]:
        """Of three points at a time."""
        f, widest = (int(n) for n in self.code.shape)

        def make() -> tuple[Packed, Packed, Packed]:
            one, two, three = (workspace(self.tables, (f, widest, widest)) for _ in range(3))
            return one, two, three

        return Kept(make)

    @property
    def nothing(self) -> Quadratic:
        """The anchor of no data."""
        return anchor(self.tables)

    def points(self, phi: Floats) -> Variances:
        """What points φ (points, size) stand for; `sds` are all scalars, coefficients among them."""
        f, widest = (int(n) for n in self.code.shape)
        n = len(phi)
        found = Variances(
            np.empty((n, len(self.code.kind))), np.empty((n, f, widest, widest)), np.empty((n, f, widest, widest)),
            np.empty((n, len(self.code.sigma))), np.empty(n),
        )  # fmt: skip
        memory = np.empty(self.code.memory)
        phi = np.ascontiguousarray(phi)
        expand(self.encoded.address, phi, found.sds, found.unit, found.factors, found.precision, memory, found.prior)
        return found

    def anchored(
        self, old: Quadratic, point: Variances, steps: int = 50, tolerance: float = CONVERGED
    ) -> Quadratic | None:
        """The quadratic at the effects' mode for one point; None where Newton leads nowhere from the old one."""
        new = anchor(self.tables)
        found = self._run(ANCHORED, old, point, steps, other=new.address, tolerance=tolerance)[0]
        return new if np.isfinite(found[0]) else None

    def laplace(
        self, anchor: Quadratic, points: Variances, steps: int = 50, tolerance: float = CONVERGED
    ) -> tuple[Floats, Floats]:
        """Log p(y | ψ) by Laplace's approximation, (points,), -inf where there is none; and modes v, (points, effects).

        The likelihood is up to what depends on the data alone. A Newton step that gains less than `tolerance` is the
        last.
        """
        modes = np.empty((len(points.sds), self.effects))
        return self._run(LAPLACE, anchor, points, steps, modes, tolerance=tolerance)[0], modes

    def settled(self, anchor: Quadratic, points: Variances, eps: Floats, steps: int) -> tuple[Floats, Floats]:
        """The log density of (ψ, ε) but for ψ's prior, (points,), and effects v, (points, effects), from ε."""
        v = eps.copy()
        return self._run(SETTLED, anchor, points, steps, v)[0], v

    def levels(self, anchor: Quadratic, points: Variances, v: Floats) -> Floats:
        """The log likelihood of each inner level's rows at effects v (points, effects): (points, levels)."""
        found = np.empty((len(v), self.extent.levels))
        self._run(AT, anchor, points, 0, v, found)
        return found

    def walk(self, anchor: Quadratic, sweeps: Sweeps) -> None:
        """Do sweeps of a chain."""
        packed, none = pack(SWEEPS, sweeps), np.empty((0, 0))
        with self.memory.taken() as (one, two, three):
            works = one.address, two.address, three.address
            run(
                WALK, self.packed.address, anchor.address, works, packed.address, sweeps.scalars, sweeps.factors, 0,
                0.0,
                none.ravel(), none, none,
            )  # fmt: skip

    def _run(
        self, task: int, anchor: Quadratic, points: Variances, steps: int, effects: Floats | None = None,
        levels: Floats | None = None, other: int = 0, tolerance: float = CONVERGED,
    ) -> tuple[Floats, Floats]:  # fmt: skip
        n = len(points.sds)
        values = np.empty(n)
        own = np.empty((n, 0)) if effects is None else effects
        each = np.empty((n, 0)) if levels is None else levels

        def part(at: slice) -> None:
            with self.memory.taken() as (work, _, _):
                run(
                    task, self.packed.address, anchor.address, (work.address,) * 3, other, points.sds[at],
                    points.factors[at], steps, tolerance, values[at], own[at], each[at],
                )  # fmt: skip

        if n * self.extent.rows < FEW:
            part(slice(None))
        else:
            in_threads(part, (slice(0, n // 2), slice(n // 2, n)))
        return values, own


def glmm(spec: ModelSpec, design: Design) -> Problem:
    """Lay a model out.

    Parameters
    ----------
    spec : ModelSpec
        Without gaps, and with numbers for all priors.
    design : Design
    """
    predictor = moving(spec)
    rows = curved_rows(spec, predictor.parameter)
    elimination = Elimination.of(predictor)
    factors = [_factor(group, predictor, design, elimination) for group in elimination.groups]
    found = arranged(design.n, factors[0] if elimination.alone else None, factors[int(elimination.alone) :])
    numbers, places = _numbers(spec, design, rows.parameters)
    code = encode_variances(spec, elimination.groups, np.array([-1]), np.ones(1), numbers)
    first = len(code.kind) - len(numbers)
    places = {name: first + at for name, at in places.items()}
    centres = {p.parameter: _centre(p, design) for p in spec.predictors}
    pilot = _pilot(spec, design, centres)
    tables = _tables(spec, design, rows, found, places, centres)
    roots, scale = _start(spec, code, elimination.groups, places, pilot, design.n)
    return Problem(tables, code, elimination.groups, found.where, places, centres, roots, scale)


def _factor(group: Integrated, predictor: Predictor, design: Design, elimination: Elimination) -> Factor:
    """Where rows meet the effects of one term, and of those that share them."""
    numbers = group.in_rows(design.of(group))
    weights = group.weights if isinstance(group, GroupEffects) else None
    met = [(numbers.Z, numbers.index, 0)]
    met += [(design.of(s).Z, design.of(s).index, s.first) for s in predictor.shared if s.owner == group.path]
    if weights is not None:
        met = [(Z * weights.spread[index][:, None], index, at) for Z, index, at in met]
    return Factor(group.size, group.width, not group.correlated, met)


def _centre(predictor: Predictor, design: Design) -> Floats:
    """Priors are on intercepts at the columns' means, or at zero: the coefficients' columns follow that."""
    own = design.of(predictor.population)
    return own.centre if predictor.population.centred else np.zeros(own.X.shape[1])


def _columns(predictor: Predictor, design: Design, centre: Floats) -> Floats:
    """The columns of a predictor's population effects, (n, p)."""
    X = design.of(predictor.population).X - centre
    return X if predictor.population.intercept is None else np.column_stack([np.ones(design.n), X])


def _numbers(spec: ModelSpec, design: Design, parameters: tuple[str, ...]) -> tuple[tuple[Number, ...], dict[str, int]]:
    """The scalars of each parameter of the density, and where its own begin among them."""
    found: list[Number] = []
    places: dict[str, int] = {}
    for name in parameters:
        places[name] = len(found)
        found += _numbers_of(spec, design, name)
    return tuple(found), places


def _numbers_of(spec: ModelSpec, design: Design, name: str) -> Iterator[Number]:
    predictor = spec.predictor(name)
    typical = _typical(spec, design, name)
    if predictor is None:
        path, priors = _without_formula(spec, name)
        yield from (number_of(path, prior, typical) for prior in priors)
        return
    population = predictor.population
    if population.intercept is not None:
        yield number_of((*population.path, "intercept"), population.intercept, typical)
    for prior in population.coefficients:
        yield number_of((*population.path, "b"), prior, 0.0)


def _without_formula(spec: ModelSpec, name: str) -> tuple[Path, tuple[Prior, ...]]:
    """Where a parameter of the density stands that no formula models, and the priors of its numbers."""
    if _is_threshold(spec, name):
        assert spec.thresholds is not None
        [cuts] = spec.thresholds.cuts
        return (*spec.thresholds.path, "name"), (cuts.prior_of[spec.thresholds.quantities.index(name)],)
    own = _auxiliary(spec, name)
    return (*own.path, "name"), (own.prior,) * own.size


def _is_threshold(spec: ModelSpec, name: str) -> bool:
    return spec.thresholds is not None and name in spec.thresholds.quantities


def _auxiliary(spec: ModelSpec, name: str) -> Auxiliary:
    return next(a for a in spec.auxiliaries if a.parameter == name)


def _typical(spec: ModelSpec, design: Design, name: str) -> float:
    """A value to begin at, on the scale of the parameter's formula where it has one."""
    if _is_threshold(spec, name):
        assert spec.thresholds is not None
        return float(seen(spec, design)[spec.thresholds.quantities.index(name)])
    value = next(p.typical for p in spec.family.parameters if p.name == name)
    predictor = spec.predictor(name)
    if predictor is None:
        return value
    with np.errstate(divide="ignore"):
        found = float(evaluate(predictor.link.forward, lambda _: np.float64(value), NUMPY))
    return found if np.isfinite(found) else 0.0


def _tables(
    spec: ModelSpec, design: Design, rows: CurvedRows, found: Arranged, places: dict[str, int],
    centres: dict[str, Floats],
) -> Tables:  # fmt: skip
    n, order = design.n, found.rows
    given = given_columns(rows.given, n, known_of_rows(spec, design))
    curvature = rows.curvature(given, {name: _typical(spec, design, name) for name in rows.parameters[1:]})
    curved, values = row_functions(rows, curvature)
    columns, first = [np.empty((0, n))], [0]
    offset, kind = np.zeros((len(rows.parameters), n)), np.full((len(rows.parameters), n), -1)
    for k, name in enumerate(rows.parameters):
        predictor = spec.predictor(name)
        if predictor is None:
            by = None if _is_threshold(spec, name) else design.of(_auxiliary(spec, name)).index
            kind[k] = 0 if by is None else by[order]
        else:
            columns.append(_columns(predictor, design, centres[name])[order].T)
            if predictor.offset is not None:
                offset[k] = design.of(predictor.offset).values[order]
        first.append(sum(map(len, columns)))
    size = Size(
        n, found.levels, found.width, len(found.place), len(found.factor), len(found.component) - 1, len(found.met),
        found.square, len(rows.parameters), first[1],
    )  # fmt: skip
    widths = found.factor.size == 0 or bool((found.column == 0).all())
    weights = np.ones(n) if design.weights is None else design.weights.astype(float)
    integers = (
        found.inner, found.place, found.slot, found.start, found.neighbour, found.met, found.factor, found.column,
        found.left, found.component, found.row, found.belongs, np.array([(z == 1).all() for z in found.Z], dtype=int),
        np.array([found.width == 1, widths]), found.before, found.apart, found.reach,
    )  # fmt: skip
    return Tables(
        np.array(size, dtype=np.int64), curved, values, int(found.kept),
        np.ascontiguousarray(given[:, order]), weights[order],
        np.ascontiguousarray(np.concatenate(columns)), np.array(first, dtype=np.int64), offset,
        np.array([places[name] for name in rows.parameters], dtype=np.int64), kind, found.Z,
        *(np.ascontiguousarray(x, dtype=np.int64) for x in integers),
    )  # fmt: skip


# Where to begin


def _pilot(spec: ModelSpec, design: Design, centres: dict[str, Floats]) -> Pilot | None:
    """A quick look at the first predictor."""
    looked = views(spec, design)
    if not looked:
        return None
    [view] = looked
    X = [_columns(predictor, design, centres[predictor.parameter]) for predictor in view.predictors]
    return look(view, X, [predictor.population.priors for predictor in view.predictors])


def _start(
    spec: ModelSpec, code: Code, groups: tuple[Integrated, ...], places: dict[str, int], pilot: Pilot | None, n: int
) -> tuple[Roots, Floats]:  # fmt: skip
    """Where to begin, and how far coordinates go."""
    size = code.size
    start, roots, spread = np.zeros(size), np.zeros(size, dtype=bool), np.full(size, 0.3)
    values = code.typical.copy()
    first = spec.predictors[0]
    for f, group in enumerate(groups):
        seen = None if pilot is None else pilot.groups.get(group.path)
        spectral = any(block.spectrum for block in group.blocks)
        for i in np.flatnonzero(code.factor == f):
            own = np.flatnonzero(code.sd[f] == i)
            if seen is not None and not spectral and len(own):
                values[i] = np.clip(np.mean(seen.sds[own]), 0.05, 5.0)
            spread[i] = 0.5 / np.sqrt(max(min(group.size * max(len(own), 1), n / 4), 1.0))
    residual = spec.residual_sd
    if pilot is not None and residual is not None:
        values[places[residual.parameter] : places[residual.parameter] + residual.size] = pilot.residual
        spread[places[residual.parameter]] = 1.0 / np.sqrt(n)
    for place, x in enumerate(values.tolist()):
        start[place], roots[place] = coordinate(code, place, x)
    for f, _, width, at, pattern in code.block:
        if pattern == FREE:
            spread[at : at + width * (width - 1) // 2] = 1.5 / np.sqrt(max(groups[f].size, 4))
    scale = np.diag(np.where(roots, 0.5, 1.0) * spread)
    if pilot is not None and first.parameter in places:
        p = len(pilot.coefficients)
        here = slice(places[first.parameter], places[first.parameter] + p)
        start[here] = pilot.coefficients
        with one_blas_thread():
            covariance = np.linalg.inv(pilot.precision)
        scale[here, here] = np.linalg.cholesky(covariance[len(covariance) - p :, len(covariance) - p :])
    return Roots(roots, start, plain(code)), scale
