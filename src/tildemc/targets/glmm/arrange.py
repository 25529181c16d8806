"""Where effects stand for the kernels: rows sorted by inner level, the rest numbered component by component."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tildemc.arrays import Floats, Integers

__all__ = ["Arranged", "Factor", "Met", "arranged"]


class Met(NamedTuple):
    """Columns (n, ·), levels (n,), -1 for none, which of a level's effects the first is of, and predictors (·,)."""

    columns: Floats
    levels: Integers
    first: int
    moves: Integers


ITERATIONS = 5
"""So many of conjugate gradients lead to the rest's mode, about."""


NARROW = 6
"""Levels with more effects than this are not drawn one by one."""


@dataclass(frozen=True, eq=False)
class Factor:
    """Effects by the same levels, and where rows meet them.

    Attributes
    ----------
    levels, width : int
    independent : bool
        Whether a level's effects are independent of one another.
    met : sequence of Met
        Once, but for effects that several levels of a row have.
    """

    levels: int
    width: int
    independent: bool
    met: Sequence[Met]

    @property
    def apart(self) -> bool:
        """Whether levels may be drawn one by one: a row has one of them, and they are narrow."""
        one = all(np.array_equal(met.levels, self.met[0].levels) for met in self.met)
        return one and self.width <= NARROW


@dataclass(frozen=True, eq=False)
class Arranged:
    """As `Tables` has these, and more.

    Attributes
    ----------
    rows : (n,)
        In which order they stand.
    where : tuple of (levels, width)
        For each factor, the inner one first, where its effects stand.
    """

    rows: Integers
    where: tuple[Integers, ...]
    Z: Floats
    moves: Integers
    inner: Integers
    place: Integers
    slot: Integers
    start: Integers
    neighbour: Integers
    met: Integers
    factor: Integers
    column: Integers
    left: Integers
    component: Integers
    row: Integers
    belongs: Integers
    before: Integers
    apart: Integers
    reach: Integers
    square: int
    levels: int
    width: int

    @property
    def kept(self) -> bool:
        """Whether the rest's factor is kept: at each point one would cost more than to iterate with another.

        In multiplications, those of LAPACK a tenth: a level's entries with one another and the cube of a component,
        against entries once and the squares of components for each iteration.
        """
        met, sizes = np.diff(self.neighbour), np.diff(self.component)
        pairs, cubes = (met * (met + 1)).sum() * self.width / 2, (sizes**3.0).sum() / 60
        return bool(pairs + cubes > ITERATIONS * (2 * len(self.met) * self.width + self.square))


def arranged(n: int, inner: Factor | None, others: Sequence[Factor]) -> Arranged:
    """Number the effects; without an inner factor rows that go together are of one level, which has no effects.

    Parameters
    ----------
    n : int
        How many rows there are.
    inner : Factor or None
        Met once.
    others : sequence of Factor
    """
    levels, width = (1, 0) if inner is None else (inner.levels, inner.width)
    index, own, none = np.zeros(n, np.int64), np.empty((n, 0)), np.zeros(0, np.int64)
    moves = [none, *(met.moves for f in others for met in f.met)]
    if inner is not None:
        [met] = inner.met
        own, index = np.where(met.levels[:, None] >= 0, met.columns, 0.0), np.maximum(met.levels, 0).astype(np.int64)
        moves = [met.moves, *moves]
    elif others:
        index = _together(n, _columns(others, np.arange(n))[1], sum(f.levels * f.width for f in others))
        levels = int(index.max(initial=0)) + 1
    rows = np.argsort(index, kind="stable")
    index = index[rows]
    columns, raw = _columns(others, rows)
    new, component, belongs = _components(levels, index, raw, sum(f.levels * f.width for f in others))
    old = np.argsort(new, kind="stable")
    place = new[raw]
    neighbour, met_of, slot = _neighbours(levels, index, place, len(new))
    sizes = np.diff(component)
    of = np.repeat(np.arange(len(sizes)), sizes)
    row = np.cumsum([0, *sizes**2])[of] + (np.arange(len(new)) - component[of]) * sizes[of] - component[of]
    kind = [np.repeat(k, f.levels * f.width) for k, f in enumerate(others, start=int(inner is not None))]
    column = [np.tile(np.arange(f.width), f.levels) for f in others]
    left = [np.ones_like(c) if f.independent else f.width - c for f, c in zip(others, column, strict=True)]
    before = [np.zeros_like(c) if f.independent else c for f, c in zip(others, column, strict=True)]
    apart = [0] * int(inner is not None) + [int(f.apart) for f in others]
    first = np.cumsum([0, *(f.levels * f.width for f in others)])
    where = [np.arange(levels * width).reshape(levels, width)] if inner is not None else []
    for f, at in zip(others, first, strict=False):
        where.append(levels * width + new[at : at + f.levels * f.width].reshape(f.levels, f.width))
    return Arranged(
        rows, tuple(where), np.ascontiguousarray(np.concatenate([own[rows].T, columns])), np.concatenate(moves), index,
        place, slot, np.searchsorted(index, np.arange(levels + 1)), neighbour, met_of,
        np.concatenate([none, *kind])[old], np.concatenate([none, *column])[old], np.concatenate([none, *left])[old],
        component, row, belongs, np.concatenate([none, *before])[old], np.array(apart, dtype=np.int64),
        _reach(place, len(new)), int((sizes**2).sum()), levels, width,
    )  # fmt: skip


def _columns(others: Sequence[Factor], rows: Integers) -> tuple[Floats, Integers]:
    """The rest's columns of the rows in order, (columns, n), and which effect each is of, factor by factor."""
    values: list[Floats] = []
    places: list[Integers] = []
    first = 0
    for factor in others:
        for met in factor.met:
            index = met.levels[rows]
            for c, column in enumerate(met.columns.T):
                values.append(np.where(index < 0, 0.0, column[rows]))
                places.append(first + np.maximum(index, 0) * factor.width + met.first + c)
        first += factor.levels * factor.width
    shape = len(values), len(rows)
    return np.array(values, dtype=float).reshape(shape), np.array(places, dtype=np.int64).reshape(shape)


def _together(n: int, raw: Integers, rest: int) -> Integers:
    """Each row's number among the sets of rows that no effect connects, (n,)."""
    each = _components(n, np.arange(n), raw, rest)[2]
    return np.unique(each, return_inverse=True)[1]


def _components(levels: int, inner: Integers, raw: Integers, rest: int) -> tuple[Integers, Integers, Integers]:
    """The rest's new numbers, where each component begins, and the component of each inner level."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if rest == 0:
        return np.zeros(0, np.int64), np.zeros(1, np.int64), np.full(levels, -1)
    of = np.tile(inner, len(raw)), levels + raw.ravel()
    size = levels + rest
    count, label = connected_components(coo_array((np.ones(len(of[0])), of), shape=(size, size)), directed=False)
    # A stable order keeps the columns of a level side by side.
    new = np.empty(rest, np.int64)
    new[np.argsort(label[levels:], kind="stable")] = np.arange(rest)
    used, sizes = np.unique(label[levels:], return_counts=True)
    number = np.full(count, -1)
    number[used] = np.arange(len(used))
    return new, np.cumsum([0, *sizes]), number[label[:levels]]


def _reach(place: Integers, rest: int) -> Integers:
    """The first effect of the rest that any row of each one has, (rest,)."""
    found = np.arange(rest)
    if len(place):
        np.minimum.at(found, place, place.min(axis=0)[None])
    return found


def _neighbours(levels: int, inner: Integers, place: Integers, rest: int) -> tuple[Integers, Integers, Integers]:
    """Where the entries of each inner level begin, what they are of, and each column's place among them."""
    key = inner * max(rest, 1) + place
    pairs = np.unique(key)
    met = pairs % max(rest, 1)
    neighbour = np.searchsorted(pairs // max(rest, 1), np.arange(levels + 1))
    slot = np.searchsorted(pairs, key) - neighbour[inner] if len(place) else place
    return neighbour, met, slot
