"""Blocks of rows times the inverse of their correlations, and derivatives by these: whole matrices, or step by step.

Where each row depends on the one before it alone, R⁻¹ is tridiagonal and follows from the correlations of neighbours:
the cost is linear in a block's rows. Otherwise blocks that share a matrix share its factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.rows_together import Batch

__all__ = ["Solved", "slopes", "solve"]


@dataclass(frozen=True, eq=False)
class Solved:
    """Of a batch's rows D: R⁻¹ D (blocks, m, d), the sum of ½ log|R|, and R⁻¹ of each pattern, or 1 - ρ² of steps."""

    white: Floats
    half: float
    known: Floats


def solve(batch: Batch, R: Floats, rows: Floats) -> Solved | None:
    """The batch's rows (blocks, m, d) whitened twice; None unless R, or what it has of it, is positive definite."""
    if not np.isfinite(R).all():
        return None
    return _step_by_step(batch, R, rows) if batch.stepwise else _whole(batch, R, rows)


def slopes(batch: Batch, R: Floats, solved: Solved, rows: Floats, moments: Floats) -> Floats:
    """Derivatives by R of the log likelihood, given those by the rows' products, (blocks, d, d): in the shape of R."""
    weighted = solved.white @ moments
    if not batch.stepwise:
        counts = np.bincount(batch.pattern, minlength=len(R))[:, None, None]
        return -_products(batch, weighted, solved.white) - 0.5 * counts * solved.known
    rho, left = R[batch.pattern], solved.known[batch.pattern]
    # v = e_i - ρ e_{i-1} has variance 1 - ρ², and s is v over that.
    s = (rows[:, 1:] - rho[..., None] * rows[:, :-1]) / left[..., None]
    through = s @ moments
    each = -2.0 * (rows[:, :-1] * through).sum(axis=2) + 2.0 * rho * (s * through).sum(axis=2) + rho / left
    return _by_pattern(batch, each)


def _whole(batch: Batch, R: Floats, rows: Floats) -> Solved | None:
    try:
        L = np.linalg.cholesky(R)
    except np.linalg.LinAlgError:
        return None
    root = np.linalg.inv(L)
    inverse = root.swapaxes(1, 2) @ root
    halves = np.log(np.diagonal(L, axis1=1, axis2=2)).sum(axis=1)
    white = inverse[0] @ rows if len(inverse) == 1 else inverse[batch.pattern] @ rows
    return Solved(white, float(halves[batch.pattern].sum()), inverse)


def _step_by_step(batch: Batch, rho: Floats, rows: Floats) -> Solved | None:
    left = 1.0 - rho**2
    if not (left > 0).all():
        return None
    own = rho[batch.pattern][..., None]
    s = (rows[:, 1:] - own * rows[:, :-1]) / left[batch.pattern][..., None]
    white = np.concatenate([rows[:, :1], s], axis=1)
    white[:, :-1] -= own * s
    halves = 0.5 * np.log(left).sum(axis=1)
    return Solved(white, float(halves[batch.pattern].sum()), left)


def _products(batch: Batch, one: Floats, two: Floats) -> Floats:
    """The sum of one twoᵀ over the blocks of each pattern."""
    blocks, m, d = one.shape
    if len(batch.place) == 1:
        left, right = (part.transpose(1, 0, 2).reshape(m, blocks * d) for part in (one, two))
        return np.asarray((left @ right.T)[None])
    return _by_pattern(batch, one @ two.swapaxes(1, 2))


def _by_pattern(batch: Batch, each: Floats) -> Floats:
    """Sums over the blocks of each pattern."""
    order = np.argsort(batch.pattern, kind="stable")
    starts = np.searchsorted(batch.pattern[order], np.arange(len(batch.place)))
    return np.asarray(np.add.reduceat(each[order], starts, axis=0))
