"""The tables that a packed model consists of: what the kernel reads.

Positions are counted in the vector `x` of unconstrained coordinates, offsets in one of the flat arrays.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple, get_type_hints

import numpy as np
from numpy.typing import NDArray

from tildemc.kernels.structures import Struct
from tildemc.kernels.views import Indices, Integers, Vector, records

__all__ = [
    "ABOVE",
    "AFTER",
    "BELOW",
    "BEND",
    "BLOCK",
    "CORRELATION",
    "COVARIANCE",
    "DIAGONAL",
    "GROUP",
    "HEADER",
    "INTERVAL",
    "KIND",
    "LEVELS",
    "LINK",
    "MADE",
    "MAP",
    "NONE",
    "PATTERN",
    "PREDICTED",
    "REAL",
    "RUN",
    "SCALAR",
    "SHIFT",
    "SLOT",
    "SPECTRUM",
    "STRETCH",
    "TABLES",
    "TERM",
    "Bend",
    "Block",
    "Group",
    "Header",
    "KindOfRows",
    "Link",
    "Made",
    "Map",
    "Scalar",
    "Shift",
    "Slot",
    "Stretch",
    "Tables",
    "Term",
]

Records = NDArray[np.void]

NONE = -1
"""Where there is no position or offset."""

RUN = 256
"""Rows are worked through in runs whose intermediate results stay in the fastest cache."""

PREDICTED, LEVELS = 0, 1
"""Where a parameter of the rows' density comes from: a linear predictor, or one number (or one for each level)."""

REAL, ABOVE, INTERVAL, BELOW, AFTER = 0, 1, 2, 3, 4
"""How a scalar is made unconstrained: as it is; its log distance from a lower end; its place between two ends, on the
logit scale; its log distance from an upper end; its log distance from the scalar at the coordinate before it."""

DIAGONAL, COVARIANCE, CORRELATION, PATTERN, SPECTRUM = 0, 1, 2, 3, 4
"""A block's coordinates: sds alone; PyMC's packed covariance factor; sds and PyMC's factor of the correlations; sds and
the numbers that correlations follow from; the sd and the length scales of a process, which sds follow from."""


class Header(NamedTuple):
    """Of the whole: rows of data; lengths of the arrays of effects and factors.

    `recipes`: how many numbers the largest recipe needs; `rank`: those of a level of the widest term that is carried;
    `places`: how many there are in `value`, of which
    `Tables.free` are coordinates.
    """

    rows: int
    effects: int
    factors: int
    recipes: int
    rank: int
    places: int


class KindOfRows(NamedTuple):
    """Rows from `start` on whose density is one function.

    Its address; its parameters' slots; where its columns stand in `given`.
    """

    start: int
    rows: int
    density: int
    first_slot: int
    last_slot: int
    given: int


class Slot(NamedTuple):
    """A parameter of the rows' density: a linear predictor's parts, or a `value` for each level of `labels`."""

    kind: int
    intercept: int = NONE
    b: int = NONE
    columns: int = 0
    X: int = NONE
    offset: int = NONE
    first_group: int = 0
    last_group: int = 0
    value: int = NONE
    labels: int = NONE


class Group(NamedTuple):
    """A grouping.

    `column`: where the offsets of its effects' columns stand in `columns`; `labels`: where the rows' levels stand in
    `indices`; `related`: where the steps that make effects of related levels stand in `floats` (see `between`);
    `spread`: where in `floats` levels have what their effects are multiplied by; `df` and `mixing`: the coordinates of
    Student-t effects' degrees of freedom and of the logs of what mixes normal ones, level by level.
    """

    levels: int
    width: int
    column: int
    labels: int
    effects: int
    related: int = NONE
    spread: int = NONE
    df: int = NONE
    mixing: int = NONE


class Block(NamedTuple):
    """Effects with one covariance matrix.

    `z`: the first level's standard normal numbers, of which it has `rank`, `stride` to the next level's; `step`: from
    one effect's sd to the next's, 0 where all have one; `chol`: the coordinates of its correlations, whose `recipe`
    stands in `floats` where there is one, or a process's spectrum (see `spectra`); `prior`: where its sds' densities
    stand in `spreads`; `eta`: LKJ's.
    """

    group: int
    first: int
    width: int
    kind: int
    z: int
    stride: int
    rank: int
    sd: int
    step: int
    chol: int
    recipe: int
    factor: int
    prior: int
    eta: float


class Term(NamedTuple):
    """Effects of one term, in the order in which they are made: the group, its blocks, and its `rank` numbers a level.

    Where all levels go together, they count as one; `diagonal`: each effect is a multiple of one number. Where they are
    carried (`transport.py`): where in `floats` each level has its information, (rank, rank), and its target, (rank,);
    what moves the target with coefficients, a part of `follows`, and with effects, of `links`.
    """

    group: int
    first_block: int
    last_block: int
    z: int
    levels: int
    rank: int
    diagonal: int
    information: int = NONE
    target: int = NONE
    first_follow: int = 0
    last_follow: int = 0
    first_link: int = 0
    last_link: int = 0


class Link(NamedTuple):
    """What effects of a term and those of another, `group`, have in common in rows.

    `blocks`: a matrix in `floats`, column by column; or, where levels meet few others, `starts`: where in `indices`
    each level has the first of its entries, and one more; `levels`: there the other level of each entry; and its block
    in `floats`, (width, the other width).
    """

    group: int
    starts: int
    levels: int
    blocks: int


class Scalar(NamedTuple):
    """A coordinate with a density of its own, as `scalars.density` has it; `root`: the density is of the square."""

    at: int
    transform: int
    root: int
    density: int
    a: float
    b: float
    c: float
    lower: float
    upper: float


class Made(NamedTuple):
    """A quantity that is arithmetic of others: the `recipe` in `floats` has its shift and its stretch.

    `inputs`: where the places of what it is made of stand in `columns`.
    """

    at: int
    inputs: int
    recipe: int


class Map(NamedTuple):
    """Coordinates that are a matrix, row by row, times the sampler's."""

    at: int
    size: int
    matrix: int


class Bend(NamedTuple):
    """A coordinate, the log of an sd or of something like it, of another that goes down more steeply below `origin`.

    `scale` is 2 where it is the log of a variance.
    """

    at: int
    origin: float
    scale: float


class Shift(NamedTuple):
    """Coordinates to which a matrix, column by column, times other coordinates is added."""

    at: int
    size: int
    by: int
    columns: int
    matrix: int


class Stretch(NamedTuple):
    """An effect that is its coordinate times (reference / sd)^λ, with λ `centring` and the log of the `reference`.

    Where the sd is of a spectrum, `sd` is its place among the factors, and `spectral` is 1.
    """

    at: int
    sd: int
    centring: float
    reference: float
    spectral: int = 0


def _record(layout: type) -> np.dtype[np.void]:
    """How a record lies in memory."""
    numbers = {int: np.int64, float: np.float64}
    return np.dtype([(name, numbers[kind]) for name, kind in get_type_hints(layout).items()])


HEADER, KIND, SLOT, GROUP, BLOCK = map(_record, (Header, KindOfRows, Slot, Group, Block))
SCALAR, MADE, MAP, SHIFT, STRETCH = map(_record, (Scalar, Made, Map, Shift, Stretch))
TERM, LINK, BEND = map(_record, (Term, Link, Bend))


class Tables(NamedTuple):
    """A packed model.

    `given` holds the columns that the rows' density is given, kind by kind, one after the other; `floats` holds X, Z
    and offsets column by column, what `maps`, `shifts` and `stretches` use, and the steps of densities;
    `indices` holds levels, one past the last for a row without a level. `columns` holds the offsets of groups' columns
    and the places that `made` reads. `free` are the places of coordinates, the others are numbers; empty where all are
    coordinates.
    """

    header: Annotated[Records, records(HEADER)]
    kinds: Annotated[Records, records(KIND)]
    slots: Annotated[Records, records(SLOT)]
    groups: Annotated[Records, records(GROUP)]
    blocks: Annotated[Records, records(BLOCK)]
    scalars: Annotated[Records, records(SCALAR)]
    spreads: Annotated[Records, records(SCALAR)]
    made: Annotated[Records, records(MADE)]
    bends: Annotated[Records, records(BEND)]
    maps: Annotated[Records, records(MAP)]
    shifts: Annotated[Records, records(SHIFT)]
    stretches: Annotated[Records, records(STRETCH)]
    terms: Annotated[Records, records(TERM)]
    follows: Annotated[Records, records(SHIFT)]
    links: Annotated[Records, records(LINK)]
    columns: Integers
    free: Integers
    indices: Indices
    floats: Vector
    given: Vector
    weights: Vector


TABLES = Struct(Tables)
