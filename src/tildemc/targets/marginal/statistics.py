"""Rows -> cross-products: all that the marginal likelihood keeps of the data; those of two parts add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np

from tildemc.arrays import Floats, Integers, Mask

__all__ = [
    "Layout", "Products", "Rows", "Statistics", "Tally", "assemble", "products", "tally", "together", "twins",
]  # fmt: skip


CHUNK = 1 << 22
"""Products that are held at once."""
FEW = 64
"""Up to so many residual classes, a matrix product for each is faster than a sum for each pair of columns."""


@dataclass(frozen=True)
class Layout:
    """Where each effect lies: `levels` and `widths` of the factors, the eliminated one first, then `p` for all.

    Nothing is eliminated where the first has no levels. A row's k-th level is one of the factor `of[k]`: of a factor
    whose levels meet in rows, `mm(g1, g2)`, it has several.
    """

    levels: tuple[int, ...]
    widths: tuple[int, ...]
    of: tuple[int, ...]
    p: int
    classes: int

    @property
    def first(self) -> Integers:
        """The first column of each of the other factors in the rest, and of the population effects."""
        sizes = [n * q for n, q in zip(self.levels[1:], self.widths[1:], strict=True)]
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    @property
    def rest(self) -> int:
        """How many columns the rest has."""
        return int(self.first[-1]) + self.p

    @property
    def chunk(self) -> int:
        """How many rows to take at once."""
        effects = sum(self.widths[f] for f in self.of)
        others = effects if self.few_classes else effects + self.p
        return max(1, CHUNK // ((others + 1) * (effects + self.p + 2)))

    @property
    def few_classes(self) -> bool:
        """Whether the population effects' products are matrix products, one for each residual class."""
        return self.classes <= FEW


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows: y (n,), X (n, p), and for each of a row's levels Z (n, q) and index (n,), -1 for none.

    `residual` (n,) are residual classes, `multiplier` (n,) what products are multiplied by; `counts` (classes,) the sum
    of the rows' weights in each class and `constant` what of their log likelihood depends on no parameter.
    """

    y: Floats
    X: Floats
    Z: tuple[Floats, ...]
    index: tuple[Integers, ...]
    residual: Integers
    multiplier: Floats
    counts: Floats
    constant: float

    def chunks(self, size: int) -> Iterator[Rows]:
        """The same rows, `size` at a time; counts and constant stay with the first."""
        for at in range(0, max(len(self.y), 1), size):
            part = slice(at, at + size)
            Z = tuple(z[part] for z in self.Z)
            index = tuple(i[part] for i in self.index)
            counts, constant = (self.counts, self.constant) if at == 0 else (np.zeros_like(self.counts), 0.0)
            yield Rows(
                self.y[part], self.X[part], Z, index, self.residual[part], self.multiplier[part], counts, constant
            )


@dataclass(frozen=True, eq=False)
class Statistics:
    """The cross-products of [Z X y] in each residual class, as a sparse matrix (see `blocked.Blocks`)."""

    start: Integers
    classes: Integers
    table: Floats
    twin: Integers
    neighbour: Integers
    column: Integers
    rest_row: Integers
    rest_column: Integers
    counts: Floats
    constant: float


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums by key and residual class, sorted by both."""

    key: Integers
    residual: Integers
    value: Floats


def tally(parts: list[tuple[Integers, Integers, Floats]], classes: int) -> Tally:
    """Sum the values that share a key and a class."""
    if not parts:
        return Tally(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    both = _joined([key * classes + residual if classes > 1 else key for key, residual, _ in parts])
    values = _joined([value for _, _, value in parts])
    # Keys are dense or nearly so for most models: counting into an array beats sorting them.
    size = int(both.max(initial=-1)) + 1
    if size <= max(4 * len(both), 1 << 16):
        present = np.flatnonzero(np.bincount(both, minlength=1))
        sums = np.bincount(both, values, minlength=1)[present]
    else:
        present, place = np.unique(both, return_inverse=True)
        sums = np.bincount(place, values, minlength=1)
    return Tally(present // classes, present % classes, sums)


def _joined[A: (Floats, Integers)](parts: list[A]) -> A:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def together(tallies: Iterable[Tally], classes: int) -> Tally:
    """Of several."""
    return tally([(tally.key, tally.residual, tally.value) for tally in tallies], classes)


@dataclass(frozen=True, eq=False)
class Products:
    """The sums of some rows' products, by where they belong; their counts and constant as in `Rows`."""

    sums: dict[str, Tally]
    counts: Floats
    constant: float

    def merge(self, other: Products) -> Products:
        """Of all rows."""
        classes = len(self.counts)
        sums = {name: together((tally, other.sums[name]), classes) for name, tally in self.sums.items()}
        return Products(sums, self.counts + other.counts, self.constant + other.constant)


Pieces = dict[str, list[tuple[Integers, Integers, Floats]]]


def products(layout: Layout, rows: Rows) -> Products:
    """Add up the products of all rows: any way of cutting them up gives the same sums."""
    return reduce(Products.merge, (_chunk(layout, part) for part in rows.chunks(layout.chunk)))


def _chunk(layout: Layout, rows: Rows) -> Products:
    classes = layout.classes
    # Each piece by itself: to join them first would copy every product.
    sums = {
        name: together((tally([piece], classes) for piece in pieces), classes)
        for name, pieces in _products(layout, rows).items()
    }
    return Products(sums, rows.counts, rows.constant)


def _products(layout: Layout, rows: Rows) -> Pieces:
    """The products of every pair of columns, by where they belong."""
    pieces: Pieces = {name: [] for name in ("S", "E", "R", "c", "b", "yy")}
    # Every product of two columns is a sum over rows; where it belongs depends on the rows' levels, so that most
    # of a sparse matrix is never made. S, E, R: within the eliminated factor's levels, of these with the rest, within
    # the rest; c and b: with the response.
    weighted_y = rows.multiplier * rows.y
    slots = _rest_slots(layout, rows)
    if layout.levels[0]:
        _eliminated_products(layout, rows, slots, weighted_y, pieces)
    population = len(slots) - layout.p
    if layout.few_classes:
        _population_products(layout, rows, weighted_y, pieces)
    for i, (column, x) in enumerate(slots):
        done = layout.few_classes and i >= population
        if not done:
            here = _where(column >= 0)
            pieces["b"].append((column[here], rows.residual[here], (weighted_y * x)[here]))
        weighted = rows.multiplier * x
        for number, (other, value) in enumerate(slots[: population if done else i + 1]):
            both = _where((column >= 0) & (other >= 0))
            high, low = np.maximum(column, other), np.minimum(column, other)
            # Two levels of a row that are the same: their sum is squared.
            twice = (column == other) & (number < i)
            product = weighted * value * (1.0 + twice)
            pieces["R"].append(((high * layout.rest + low)[both], rows.residual[both], product[both]))
    pieces["yy"].append((np.zeros(len(rows.y), np.int64), rows.residual, weighted_y * rows.y))
    return pieces


def _population_products(layout: Layout, rows: Rows, weighted_y: Floats, pieces: Pieces) -> None:
    column = layout.first[-1] + np.arange(layout.p)
    row, other = np.tril_indices(layout.p)
    key = column[row] * layout.rest + column[other]
    # Columns without levels meet in every row: a matrix product does all of them at once, class by class.
    for k in np.unique(rows.residual):
        here = _where(rows.residual == k)
        X = rows.X[here]
        R = X.T @ (rows.multiplier[here][:, None] * X)
        pieces["R"].append((key, np.full(len(key), k), R[row, other]))
        pieces["b"].append((column, np.full(len(column), k), weighted_y[here] @ X))


def _where(mask: Mask) -> Mask | slice:
    """An index of the rows where it is true, without a copy if that is everywhere."""
    return slice(None) if mask.all() else mask


def _rest_slots(layout: Layout, rows: Rows) -> list[tuple[Integers, Floats]]:
    """For each effect of the rest that a row can meet: its column (n,), -1 for none, and value (n,)."""
    slots: list[tuple[Integers, Floats]] = []
    for f, Z, index in zip(layout.of, rows.Z, rows.index, strict=True):
        if f:
            first, q = layout.first[f - 1], layout.widths[f]
            slots += [(np.where(index >= 0, first + index * q + a, -1), Z[:, a]) for a in range(q)]
    start = int(layout.first[-1])
    n = len(rows.y)
    return slots + [(np.full(n, start + j), rows.X[:, j]) for j in range(layout.p)]


def _eliminated_products(
    layout: Layout, rows: Rows, slots: list[tuple[Integers, Floats]], weighted_y: Floats, pieces: Pieces
) -> None:
    q, rest = layout.widths[0], layout.rest
    here = _where(rows.index[0] >= 0)
    level, residual, Z = rows.index[0][here], rows.residual[here], rows.Z[0][here]
    weighted = rows.multiplier[here][:, None] * Z
    triangle = q * (q + 1) // 2
    at = 0
    for a in range(q):
        pieces["c"].append((level * q + a, residual, weighted_y[here] * Z[:, a]))
        for c in range(a + 1):
            pieces["S"].append((level * triangle + at, residual, weighted[:, a] * Z[:, c]))
            at += 1
        for column, x in slots:
            meets = _where(column[here] >= 0)
            key = (level * rest + column[here]) * q + a
            pieces["E"].append((key[meets], residual[meets], (weighted[:, a] * x[here])[meets]))


def assemble(layout: Layout, found: Products) -> Statistics:
    """Number the entries and put all sums into one sparse matrix, by entry."""
    total = found.sums
    J, q = layout.levels[0], layout.widths[0]
    m = layout.rest
    # Entries are numbered in the order in which the kernel goes through them: S, E, R, c, b, yy.
    pairs = np.unique(total["E"].key // q)
    nonzero = np.unique(total["R"].key)
    at_E = J * q * (q + 1) // 2
    at_R = at_E + len(pairs) * q
    at_c = at_R + len(nonzero)
    at_b = at_c + J * q
    entry = np.concatenate([
        total["S"].key,
        at_E + np.searchsorted(pairs, total["E"].key // q) * q + total["E"].key % q,
        at_R + np.searchsorted(nonzero, total["R"].key),
        at_c + total["c"].key,
        at_b + total["b"].key,
        at_b + m + total["yy"].key,
    ])  # fmt: skip
    order = ("S", "E", "R", "c", "b", "yy")
    size = at_b + m + 1
    return Statistics(
        start=np.concatenate([[0], np.cumsum(np.bincount(entry, minlength=size))]).astype(np.int64),
        classes=np.concatenate([total[name].residual for name in order]),
        table=np.concatenate([total[name].value for name in order]),
        twin=twins(total["S"], J, q * (q + 1) // 2 * layout.classes, layout.classes),
        neighbour=np.searchsorted(pairs, np.arange(J + 1) * m).astype(np.int64),
        column=pairs % m if m else pairs,
        rest_row=nonzero // m if m else nonzero,
        rest_column=nonzero % m if m else nonzero,
        counts=found.counts,
        constant=found.constant,
    )


def twins(found: Tally, levels: int, size: int, classes: int) -> Integers:
    """For each level of the eliminated factor the first that has the same `size` products; in balanced data, one."""
    if levels * size > CHUNK:
        return np.arange(levels)
    products = np.zeros((levels, size))
    products.flat[found.key * classes + found.residual] = found.value
    first: dict[bytes, int] = {}
    return np.array([first.setdefault(row.tobytes(), j) for j, row in enumerate(products)], dtype=np.int64)
