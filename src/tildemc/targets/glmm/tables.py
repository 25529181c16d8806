"""What the kernels read of a model and its data, and the memory that they fill.

Effects v are standard normal, u = Λ v. They stand in two parts: the inner ones, of the levels of one factor that never
meet in a row, and the rest, whose places are numbered so that what goes together by any row stands side by side.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tildemc.kernels.structures import Packed, Struct, pack
from tildemc.kernels.views import Cube, Indices, Integers, Matrix, Table, Vector
from tildemc.targets.marginal.lapack import ROUTINE_LOWER

__all__ = ["ANCHOR", "RUN", "TABLES", "WORK", "Anchor", "Quadratic", "Size", "Tables", "Work", "anchor", "workspace"]

RUN = 256
"""So many rows are predicted at a time."""


class Size(NamedTuple):
    """How much there is of what; the fields of `Tables.size`."""

    rows: int
    levels: int  # of the inner factor
    width: int  # effects of one of its levels
    columns: int  # of the rest that a row has
    rest: int  # effects
    components: int  # of the rest
    entries: int  # pairs of an inner level and an effect of the rest that it meets
    square: int  # numbers of all components' matrices
    parameters: int
    numbers: int  # of ψ, but for those of effects: the moving predictors' population effects first
    moving: int  # predictors that have effects; the first of the parameters


class Tables(NamedTuple):
    """A model and its data, rows sorted by inner level.

    Attributes
    ----------
    size : (11,)
        As in `Size`.
    curved, values : int
        Addresses of row functions.
    kept : int
        1 where the rest is carried by the factor of its system at the anchor, which then is not factored at each point.
    given : (·, n), weights : (n,)
    columns : (·, n)
        Of population effects, an intercept's of ones among them; those of one predictor after those of another.
    first : (parameters + 1,)
        Where each parameter's columns begin; none for one that no formula models.
    offset : (parameters, n)
    scalar : (parameters,)
        Where among the scalars a parameter's coefficients begin, or its own numbers.
    kind : (parameters, n)
        Which of its own numbers a row has, where no formula models a parameter.
    follows : (parameters,)
        1 for one beside the predictor that the effects' mode is to follow.
    Z : (width + columns, n)
        Columns of the inner effects, then of the rest's.
    moves : (width + columns,)
        The predictor that each adds to.
    pair : (width + columns, width + columns)
        Which of the rows' curvatures is that of two columns' predictors.
    inner : (n,)
        Inner levels.
    place, slot : (columns, n)
        Which effect of the rest each column is of, and which of its inner level's entries that is.
    start : (levels + 1,)
        Where the rows of each inner level begin.
    neighbour : (levels + 1,), met : (entries,)
        The effects of the rest that each inner level meets, ascending.
    factor, column, left : (rest,)
        Of each effect of the rest its factor, its column among the level's, and how many of the level's, from it on,
        its factor's rows reach: 1 where effects are independent.
    component : (components + 1,), row : (rest,)
        Where each component begins; element (r, s) of its matrix stands at row[r] + s.
    belongs : (levels,)
        The component that an inner level meets, or -1.
    ones : (width + columns,)
        1 for a column of ones.
    simple : (2,)
        1 where the inner effects, and where those of the rest, are multiplied by one number each.
    before : (rest,)
        How many effects of its level go together with each effect of the rest and stand before it.
    apart : (factors,)
        1 for a factor of the rest whose levels may be drawn one by one: no row has two of them, and they are narrow.
    reach : (rest,)
        The first effect of the rest that rows have together with this one.
    """

    size: Integers
    curved: int
    values: int
    kept: int
    given: Matrix
    weights: Vector
    columns: Matrix
    first: Integers
    offset: Matrix
    scalar: Integers
    kind: Table
    follows: Integers
    Z: Matrix
    moves: Integers
    pair: Table
    inner: Integers
    place: Table
    slot: Table
    start: Integers
    neighbour: Integers
    met: Integers
    factor: Integers
    column: Integers
    left: Integers
    component: Integers
    row: Integers
    belongs: Integers
    ones: Integers
    simple: Integers
    before: Integers
    apart: Integers
    reach: Integers


TABLES = Struct(Tables)


class Anchor(NamedTuple):
    """A fixed quadratic in the predictors: Z'WZ in blocks, and c = Z'(W (η - offset) + slopes) at one point.

    Z'WX is by how much c is less where the predictors' coefficients are more, and of other numbers that effects follow
    minus the derivative of Z' slopes by them; c is what these make it where all are zero.
    """

    D: Vector  # (levels * width * width,)
    B: Vector  # (entries * width,)
    S: Vector  # (square,)
    c: Vector  # (effects,)
    ZWX: Matrix  # (effects, numbers)
    L: Vector  # (square,), the factor of the rest's system at the anchor's own point
    R: Matrix  # (rest, widest), and those of the system's diagonal blocks, a level's effects each


ANCHOR = Struct(Anchor)

Quadratic = Packed
"""An anchor in memory."""


class Work(NamedTuple):
    """Of one point: what its transport is, and where that has carried ε."""

    base: Matrix  # (parameters, n), what a point says of each parameter without effects
    F: Cube  # (factors, widest, widest)
    D: Vector  # as in Anchor: the factor of the blocked system at the point
    B: Vector
    S: Vector
    v0: Vector  # (effects,), the mode of the quadratic
    centre: Vector  # (levels * width,), of the inner effects given the rest
    C: Vector  # (levels * width * width,), and their factor
    root: Vector  # (levels,), its log determinant
    v: Vector  # (effects,)
    u: Vector  # (effects,)
    ll: Vector  # (levels,), log likelihoods of the rows of inner levels
    d: Vector  # (effects,), scratch
    g: Matrix  # (moving, n), slopes
    w: Matrix  # (moving (moving + 1) / 2, n), curvatures: lower triangles
    eta: Matrix  # (moving, RUN)
    square: Matrix  # (2, widest inner) scratch
    T: Matrix  # (rest, widest), where the anchor's factor is kept: diagonal blocks there over those here
    h: Vector  # (effects,), what is solved for the mode of the quadratic
    block: Matrix  # (widest + 1, ·), scratch, as the next
    krylov: Matrix  # (6, effects)
    value: Vector  # (3,), log det of the rest's factor, log density, Laplace's log likelihood
    routine: Indices  # (4,), what LAPACK is called with


WORK = Struct(Work)


def anchor(t: Tables) -> Quadratic:
    """Memory for an anchor: all zeros, which is the quadratic of no data."""
    s = Size(*t.size)
    effects = s.levels * s.width + s.rest
    shapes = (
        (s.levels * s.width**2,), (s.entries * s.width,), (s.square,), (effects,), (effects, s.numbers),
        (s.square,), (s.rest, _widest(t)),
    )  # fmt: skip
    found = Anchor(*(np.zeros(shape) for shape in shapes))
    rest = np.arange(s.rest)
    found.L[t.row + rest] = found.R[rest, t.before] = 1.0
    return pack(ANCHOR, found)


def _widest(t: Tables) -> int:
    return int(t.column.max(initial=0)) + 1


def workspace(t: Tables, factors: tuple[int, int, int]) -> Packed:
    """Memory for one point after another; `factors` is the shape of a point's."""
    s = Size(*t.size)
    J, q, n, k, effects = s.levels, s.width, s.rows, s.moving, s.levels * s.width + s.rest
    shapes = (
        (s.parameters, n), factors, (J * q * q,), (s.entries * q,), (s.square,), (effects,), (J * q,), (J * q * q,),
        (J,), (effects,), (effects,), (J,), (effects,), (k, n), (k * (k + 1) // 2, n), (k, RUN), (2, max(q, 1)),
        (s.rest, _widest(t)), (effects,), (_widest(t) + 1, max(q, _widest(t))), (6, effects), (3,),
    )  # fmt: skip
    return pack(WORK, (*(np.zeros(shape) for shape in shapes), np.array(ROUTINE_LOWER)))
