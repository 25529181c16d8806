"""Where the products of a block of rows belong among the cross-products, when the rows of a block go together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.targets.marginal.statistics import Layout, Statistics

__all__ = ["Entries", "entries_of"]


@dataclass(frozen=True, eq=False)
class Entries:
    """The pairs of a block's columns [Z X y], lower triangle row by row, and the entry of each in each block.

    Attributes
    ----------
    row, column : (pairs,) of int
    entry : (blocks, pairs) of int
    size : int
        How many entries there are.
    """

    row: Integers
    column: Integers
    entry: Integers
    size: int

    def total(self, products: Floats) -> Floats:
        """The entries, (size,), of the blocks' products (blocks, d, d)."""
        return np.bincount(self.entry.ravel(), products[:, self.row, self.column].ravel(), minlength=self.size)

    def back(self, by_entry: Floats) -> Floats:
        """Derivatives by entries as symmetric matrices: (blocks, d, d)."""
        d = int(self.row[-1]) + 1
        found = np.zeros((len(self.entry), d, d))
        half = 0.5 * by_entry[self.entry]
        found[:, self.row, self.column] = half
        found[:, self.column, self.row] += half
        return found


def entries_of(layout: Layout, sums: Statistics, levels: tuple[Integers, ...]) -> Entries:
    """The pairs of blocks that have these levels (blocks,) of each factor, -1 for none: their columns are then zero."""
    J, q, m = layout.levels[0], layout.widths[0] if layout.levels[0] else 0, layout.rest
    blocks = len(levels[0])
    met = np.repeat(np.arange(J), np.diff(sums.neighbour)) * m + sums.column
    nonzero = sums.rest_row * m + sums.rest_column
    at_E = J * q * (q + 1) // 2
    at_R = at_E + len(met) * q
    at_c = at_R + len(nonzero)
    at_b = at_c + J * q
    here = levels[0]
    columns = _rest_columns(layout, levels)
    d = q + len(columns) + 1
    row, column = np.tril_indices(d)
    entry = np.empty((blocks, len(row)), dtype=np.int64)
    for k, (a, c) in enumerate(zip(row, column, strict=True)):
        if a < q:
            entry[:, k] = here * (q * (q + 1) // 2) + a * (a + 1) // 2 + c
        elif a < d - 1 and c < q:
            entry[:, k] = at_E + np.searchsorted(met, here * m + columns[a - q]) * q + c
        elif a < d - 1:
            one, two = columns[a - q], columns[c - q]
            key = np.maximum(one, two) * m + np.minimum(one, two)
            entry[:, k] = at_R + np.searchsorted(nonzero, key)
        elif c < q:
            entry[:, k] = at_c + here * q + c
        elif c < d - 1:
            entry[:, k] = at_b + columns[c - q]
        else:
            entry[:, k] = at_b + m
    size = at_b + m + 1
    for f, width in enumerate(layout.widths):
        lacking = levels[f] < 0
        slots = np.arange(d)
        first = 0 if f == 0 else q + sum(layout.widths[1:f])
        own = (slots >= first) & (slots < first + width)
        entry[np.ix_(lacking, own[row] | own[column])] = 0
    return Entries(row, column, entry, size)


def _rest_columns(layout: Layout, levels: tuple[Integers, ...]) -> list[Integers]:
    """For each column of the rest that a block can meet, its number: (blocks,) each."""
    found: list[Integers] = []
    for f, q in enumerate(layout.widths[1:], start=1):
        found += [layout.first[f - 1] + levels[f] * q + a for a in range(q)]
    start, blocks = int(layout.first[-1]), len(levels[0])
    return found + [np.full(blocks, start + j) for j in range(layout.p)]
