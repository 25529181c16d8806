"""Blocks of rows times the inverse of their correlations, and derivatives by these.

Blocks that share a matrix share its factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.rows_together import Batch, Coefficients, matrices, partials_back
from tildemc.spec.terms.residual import Residual

__all__ = ["STEP", "Solved", "by_coefficients", "factored", "slopes", "solve"]

STEP = 1e-6
"""Of differences, over the size of a number."""


@dataclass(frozen=True, eq=False)
class Solved:
    """Of a batch's rows D: R⁻¹ D (blocks, m, d), the sum of ½ log|R|, and R⁻¹ of each pattern."""

    white: Floats
    half: float
    inverse: Floats


def factored(R: Floats) -> tuple[Floats, Floats] | None:
    """R⁻¹ (patterns, m, m) and ½ log|R| (patterns,); None unless R is positive definite."""
    if not np.isfinite(R).all():
        return None
    try:
        L = np.linalg.cholesky(R)
    except np.linalg.LinAlgError:
        return None
    root = np.linalg.inv(L)
    return root.swapaxes(1, 2) @ root, np.log(np.diagonal(L, axis1=1, axis2=2)).sum(axis=1)


def solve(batch: Batch, R: Floats, rows: Floats) -> Solved | None:
    """The batch's rows (blocks, m, d) whitened twice; None unless R is positive definite."""
    found = factored(R)
    if found is None:
        return None
    inverse, halves = found
    white = inverse[0] @ rows if len(inverse) == 1 else inverse[batch.pattern] @ rows
    return Solved(white, float(halves[batch.pattern].sum()), inverse)


def slopes(batch: Batch, solved: Solved, moments: Floats) -> Floats:
    """Derivatives by R (patterns, m, m) of the log likelihood, given those by the rows' products, (blocks, d, d)."""
    counts = np.bincount(batch.pattern, minlength=len(batch.place))[:, None, None]
    return -_products(batch, solved.white @ moments, solved.white) - 0.5 * counts * solved.inverse


def by_coefficients(
    residual: Residual, parts: Sequence[Batch], sets: Sequence[Coefficients], by_matrix: Sequence[Floats]
) -> dict[str, Floats]:
    """Derivatives by R, of each batch -> by the coefficients of each set, by name: (sets, size)."""
    if residual.free_matrix:
        ((name, partial),) = sets[0].items()
        return {name: _by_partials(residual, partial, parts, by_matrix)[None]}
    return {c.name: _by_differences(residual, c.name, parts, sets, by_matrix) for c in residual.coefficients}


def _by_partials(residual: Residual, partial: Floats, parts: Sequence[Batch], by_matrix: Sequence[Floats]) -> Floats:
    n = len(residual.times)
    total = np.zeros((n, n))
    for batch, slope in zip(parts, by_matrix, strict=True):
        at = batch.place[..., 0].astype(np.int64)
        np.add.at(total, (at[:, :, None], at[:, None, :]), slope)
    return partials_back(total, partial)


def _by_differences(
    residual: Residual, name: str, parts: Sequence[Batch], sets: Sequence[Coefficients], by_matrix: Sequence[Floats]
) -> Floats:
    found = np.zeros((len(sets), len(sets[0][name])))
    for k, i in np.ndindex(*found.shape):
        step = STEP * max(abs(float(sets[k][name][i])), 1e-2)
        moved = (_moved(sets, k, name, i, by) for by in (step, -step))
        above, below = ([matrices(residual, batch, at) for batch in parts] for at in moved)
        change = (float((s * (a - b)).sum()) for s, a, b in zip(by_matrix, above, below, strict=True))
        found[k, i] = sum(change) / (2.0 * step)
    return found


def _moved(sets: Sequence[Coefficients], k: int, name: str, i: int, by: float) -> list[Coefficients]:
    """The coefficients with one of them moved."""
    found = list(sets)
    values = sets[k][name].copy()
    values[i] += by
    found[k] = {**sets[k], name: values}
    return found


def _products(batch: Batch, one: Floats, two: Floats) -> Floats:
    """The sum of one twoᵀ over the blocks of each pattern."""
    blocks, m, d = one.shape
    if len(batch.place) == 1:
        left, right = (part.transpose(1, 0, 2).reshape(m, blocks * d) for part in (one, two))
        return np.asarray((left @ right.T)[None])
    order = np.argsort(batch.pattern, kind="stable")
    starts = np.searchsorted(batch.pattern[order], np.arange(len(batch.place)))
    return np.asarray(np.add.reduceat((one @ two.swapaxes(1, 2))[order], starts, axis=0))
