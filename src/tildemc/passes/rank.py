"""What columns span: which are combinations of others, as far as rounding lets it be told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats

__all__ = ["Spanned", "rank", "spanned"]

ROUNDING = 1e-10
"""What a column adds to others, as a share of its length, is no more than rounding below this."""
SHARE = 1e-6
"""The least share of a column that another, of the same length, has in making it up."""


@dataclass(frozen=True, eq=False)
class Spanned:
    """What columns span: `kept`, those that are no combinations of the ones before, and `basis`, (columns, rank).

    The basis turns products with the columns into those with orthonormal columns of the same span. `combined` has the
    columns that are combinations, but for those of zeros, with the places of the ones that make them up.
    """

    kept: list[int]
    basis: Floats
    combined: dict[int, list[int]]


def spanned(triangle: Floats) -> Spanned:
    """Column by column, as R's `lm` goes: what a column adds to those before it is a direction more, or rounding."""
    norm = np.linalg.norm(triangle, axis=0)
    scaled = triangle * np.divide(1.0, norm, out=np.zeros_like(norm), where=norm > 0)
    kept, combined, directions = np.zeros(0, dtype=np.int64), {}, np.zeros((len(triangle), 0))
    for k in np.flatnonzero(norm):
        left = scaled[:, k]
        for _ in range(2):  # Once more: the first time leaves rounding of what it took away.
            left = left - directions @ (directions.T @ left)
        size = np.linalg.norm(left)
        if size > ROUNDING:
            kept, directions = np.append(kept, k), np.column_stack([directions, left / size])
        else:
            share = np.linalg.lstsq(scaled[:, kept], scaled[:, k])[0]
            combined[int(k)] = kept[np.abs(share) > SHARE].tolist()
    basis = np.zeros((triangle.shape[1], len(kept)))
    basis[kept] = np.linalg.inv(directions.T @ triangle[:, kept])
    return Spanned(kept.tolist(), basis, combined)


def rank(columns: Floats) -> int:
    """How many columns are no combination of those before them; (rows, columns), or a triangle of them."""
    return int(spanned(columns).basis.shape[1])
