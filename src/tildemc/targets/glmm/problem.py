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

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.kernels.memory import Kept
from tildemc.kernels.structures import Packed, pack
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.targets.direct.known import known_of_rows
from tildemc.targets.direct.pilot import Pilot, View, look, views
from tildemc.targets.direct.rows import given_columns
from tildemc.targets.glmm.arrange import Arranged, arranged
from tildemc.targets.glmm.chain import SWEEPS, Sweeps
from tildemc.targets.glmm.kernel import ANCHORED, AT, AVERAGED, LAPLACE, SETTLED, WALK, run
from tildemc.targets.glmm.places import PLACES, Places
from tildemc.targets.glmm.quantities import Quantities, Read, quantities
from tildemc.targets.glmm.rows import CurvedRows, curved_rows, row_functions
from tildemc.targets.glmm.stacked import Placed, Stacked
from tildemc.targets.glmm.tables import TABLES, Anchor, Quadratic, Size, Tables, anchor, workspace
from tildemc.targets.marginal.coordinates import Roots, coordinate, plain
from tildemc.targets.marginal.likelihood import Variances
from tildemc.targets.marginal.variances import CODE, FREE, Code, encode_variances, expand
from tildemc.threads import in_threads, one_blas_thread

__all__ = ["Problem", "glmm"]

CONVERGED = 1e-10
"""Newton's steps for effects end when one gains less than this."""
FEW = 2e5
"""Fewer rows times points than this are not worth two threads."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A model laid out for the kernel.

    Attributes
    ----------
    tables : Tables
    code : Code
    placed : tuple of Placed
        The terms whose effects these are, in the order of the kernels.
    where : tuple of (levels, width)
        Where among all effects those of each term stand.
    places : dict of str to int
        Where among the scalars each parameter's coefficients, or its own numbers, begin.
    centres : dict of str to (p,)
        What the columns of each predictor's population effects are measured from.
    coordinates : Roots
        In which a Student-t fits, and where to begin.
    scale : (size, size)
        Columns are directions in which the coordinates may go about one posterior sd.
    whole : (all,)
        Coordinates with those of numbers that are known, which are not among the `size`.
    """

    tables: Tables
    code: Code
    placed: tuple[Placed, ...]
    where: tuple[Integers, ...]
    places: dict[str, int]
    centres: dict[str, Floats]
    coordinates: Roots
    scale: Floats
    whole: Floats

    @property
    def size(self) -> int:
        """The number of parameters ψ."""
        return len(self.free)

    @cached_property
    def free(self) -> Integers:
        """Where among all coordinates those stand that may move."""
        return free_of(self.code)

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
        whole = np.repeat(self.whole[None], n, axis=0)
        whole[:, self.free] = phi
        expand(self.encoded.address, whole, found.sds, found.unit, found.factors, found.precision, memory, found.prior)
        return found

    def anchored(
        self, old: Quadratic, point: Variances, steps: int = 50, tolerance: float = CONVERGED
    ) -> Quadratic | None:
        """The quadratic at the effects' mode for one point; None where Newton leads nowhere from the old one."""
        new = anchor(self.tables)
        found = self._run(ANCHORED, old, point, steps, other=new.address, tolerance=tolerance)[0]
        return new if np.isfinite(found[0]) else None

    def averaged(self, old: Quadratic, point: Variances, eps: Floats) -> Quadratic | None:
        """The quadratic by mean slopes and curvatures at one point over ε (draws, effects) and -ε.

        The old one carries these. None where none could be computed.
        """
        new = anchor(self.tables)
        found, none = np.empty(1), np.empty((1, 0))
        with self.memory.taken() as (one, two, _):
            run(
                AVERAGED, self.packed.address, old.address, (one.address, two.address, 0), new.address, point.sds,
                point.factors, 0, CONVERGED, found, eps, none,
            )  # fmt: skip
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

    def alike(self, anchor: Quadratic) -> Floats:
        """Directions of the rest's ε in which all levels of a factor move alike, orthonormal: (directions, rest).

        None where the rest falls into components, each of which is drawn on its own.
        """
        rest, t = self.extent.rest, self.tables
        if self.extent.components != 1:
            return np.empty((0, rest))
        kinds = np.unique(np.column_stack([t.factor, t.column]), axis=0)
        x = ((t.factor[:, None] == kinds[:, 0]) & (t.column[:, None] == kinds[:, 1])).astype(float)
        L = Anchor._make(anchor.values).L.reshape(rest, rest)
        # Its diagonal is inverted.
        image = np.tril(L, -1).T @ x + x / np.diag(L)[:, None]
        return np.ascontiguousarray(np.linalg.qr(image)[0].T)

    def walk(self, anchor: Quadratic, places: Places, sweeps: Sweeps) -> None:
        """Do sweeps of a chain, which goes from one to another of the places."""
        points, none = pack(PLACES, places), np.empty((0, 0))
        packed = pack(SWEEPS, sweeps._replace(places=points.address))
        with self.memory.taken() as (one, two, three):
            works = one.address, two.address, three.address
            run(
                WALK, self.packed.address, anchor.address, works, packed.address, none, np.empty((0, 0, 0, 0)), 0, 0.0,
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
    stacked = Stacked.of(spec)
    rows = curved_rows(spec, stacked.parameters)
    factors = [stack.factor(design, stacked.parameters) for stack in stacked.stacks]
    found = arranged(design.n, factors[0] if stacked.alone else None, factors[int(stacked.alone) :])
    centres = {p.parameter: _centre(p, design) for p in spec.predictors}
    known = quantities(spec, design, stacked.moving, centres)
    code = encode_variances(spec, stacked.stacks, np.array([-1]), np.ones(1), tuple(known.numbers))
    first = len(code.kind) - len(known.numbers)
    places = {name: first + own.first for name, own in known.reads.items()}
    placed = stacked.placed
    where = tuple(found.where[at.stack][:, at.first : at.first + at.term.width] for at in placed)
    tables = _tables(spec, design, rows, found, known, first)
    start = _start(code, placed, places, [*_pilots(spec, design, known.reads)], design.n)
    return Problem(tables, code, placed, where, places, centres, *start)


def _centre(predictor: Predictor, design: Design) -> Floats:
    """Priors are on intercepts at the columns' means, or at zero: the coefficients' columns follow that."""
    own = design.of(predictor.population)
    return own.centre if predictor.population.centred else np.zeros(own.X.shape[1])


def _tables(
    spec: ModelSpec, design: Design, rows: CurvedRows, found: Arranged, known: Quantities, place: int
) -> Tables:  # fmt: skip
    n, order, reads = design.n, found.rows, known.reads
    given = given_columns(rows.given, n, known_of_rows(spec, design))
    curvature = rows.curvature(given, {name: known.seen(name) for name in rows.parameters[len(rows.moving) :]})
    curved, values = row_functions(rows, curvature)
    columns, first = [np.empty((0, n))], [0]
    offset, kind = np.zeros((len(rows.parameters), n)), np.full((len(rows.parameters), n), -1)
    for k, name in enumerate(rows.parameters):
        own = reads[name]
        if own.columns is None:
            kind[k] = 0 if own.index is None else own.index[order]
        else:
            columns.append(own.columns[:, order])
        if own.offset is not None:
            offset[k] = own.offset[order]
        first.append(sum(map(len, columns)))
    moving = len(rows.moving)
    size = Size(
        n, found.levels, found.width, len(found.place), len(found.factor), len(found.component) - 1, len(found.met),
        found.square, len(rows.parameters), len(known.numbers), moving,
    )  # fmt: skip
    high, low = np.maximum.outer(found.moves, found.moves), np.minimum.outer(found.moves, found.moves)
    widths = found.factor.size == 0 or bool((found.column == 0).all())
    weights = np.ones(n) if design.weights is None else design.weights.astype(float)
    integers = (
        found.moves, high * (high + 1) // 2 + low,
        found.inner, found.place, found.slot, found.start, found.neighbour, found.met, found.factor, found.column,
        found.left, found.component, found.row, found.belongs, np.array([(z == 1).all() for z in found.Z], dtype=int),
        np.array([found.width == 1, widths]), found.before, found.apart, found.reach,
    )  # fmt: skip
    return Tables(
        np.array(size, dtype=np.int64), curved, values, int(found.kept),
        np.ascontiguousarray(given[:, order]), weights[order],
        np.ascontiguousarray(np.concatenate(columns)), np.array(first, dtype=np.int64), offset,
        np.array([place + reads[name].first for name in rows.parameters], dtype=np.int64), kind,
        np.array([known.followed(name) for name in rows.parameters], dtype=np.int64), found.Z,
        *(np.ascontiguousarray(x, dtype=np.int64) for x in integers),
    )  # fmt: skip


# Where to begin


def _pilots(spec: ModelSpec, design: Design, reads: Mapping[str, Read]) -> Iterator[tuple[View, Pilot]]:
    """A quick look at the first predictor of each response."""
    for view in views(spec, design):
        columns = [reads[predictor.parameter].columns for predictor in view.predictors]
        X = [own.T[view.rows] for own in columns if own is not None]
        pilot = look(view, X, [predictor.population.priors for predictor in view.predictors])
        if pilot is not None:
            yield view, pilot


def free_of(code: Code) -> Integers:
    """Which coordinates are of numbers that are not known."""
    return np.flatnonzero(np.append(code.stated == 0, np.ones(code.size - len(code.stated), dtype=bool)))


def _start(
    code: Code, placed: tuple[Placed, ...], places: dict[str, int], pilots: list[tuple[View, Pilot]], n: int
) -> tuple[Roots, Floats, Floats]:
    """Where to begin, how far coordinates go, and all coordinates with those of known numbers."""
    start, roots, spread = np.zeros(code.size), np.zeros(code.size, dtype=bool), np.full(code.size, 0.3)
    values, stated = code.typical.copy(), code.stated == 1
    seen = {path: group.sds for _, pilot in pilots for path, group in pilot.groups.items()}
    for at in placed:
        spectral = any(block.spectrum for block in at.term.blocks)
        for i in np.flatnonzero(code.factor == at.stack):
            own = np.flatnonzero(code.sd[at.stack, at.first : at.first + at.term.width] == i)
            if not (len(own) or spectral):
                continue
            if at.term.path in seen and not spectral:
                values[i] = np.clip(np.mean(seen[at.term.path][own]), 0.05, 5.0)
            spread[i] = 0.5 / np.sqrt(max(min(at.term.size * max(len(own), 1), n / 4), 1.0))
    coefficients: list[tuple[slice, Pilot]] = []
    for view, pilot in pilots:
        residual, first = view.residual_sd, places[view.predictors[0].parameter]
        if residual is not None:
            values[places[residual.parameter] : places[residual.parameter] + residual.size] = pilot.residual
            spread[places[residual.parameter]] = 1.0 / np.sqrt(n)
        here = slice(first, first + len(pilot.coefficients))
        values[here] = pilot.coefficients
        coefficients.append((here, pilot))
    values = np.where(stated, np.where(code.squared, np.sqrt(np.abs(code.typical)), code.typical), values)
    above = np.where(code.after, np.append(0.0, values[:-1]), 0.0)
    for place, x in enumerate((values - above).tolist()):
        start[place], roots[place] = coordinate(code, place, x)
    levels = {at.stack: at.term.size for at in placed}
    for f, _, width, at_phi, pattern in code.block:
        if pattern == FREE:
            spread[at_phi : at_phi + width * (width - 1) // 2] = 1.5 / np.sqrt(max(levels[f], 4))
    scale = np.diag(np.where(roots, 0.5, 1.0) * spread)
    for here, pilot in coefficients:
        with one_blas_thread():
            covariance = np.linalg.inv(pilot.precision)
        moving = plain(code)[here]
        own = np.flatnonzero(moving)
        whole = covariance[len(covariance) - len(moving) :, len(covariance) - len(moving) :]
        scale[np.ix_(here.start + own, here.start + own)] = np.linalg.cholesky(whole[np.ix_(own, own)])
    free = free_of(code)
    return Roots(roots[free], start[free], plain(code)[free]), scale[np.ix_(free, free)], start
