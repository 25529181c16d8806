"""Blocks of rows that go together: the residuals' correlations by pattern, and what follows from their numbers.

Blocks of one size are worked out at once; those whose rows stand at the same places share one matrix, so that the cost
is linear in the number of blocks, and that of factoring in the number of patterns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.spec.expr import evaluate
from tildemc.spec.terms.residual import Metric, Residual, ResidualDesign
from tildemc.spec.vocabulary import NUMPY

__all__ = [
    "Batch", "Coefficients", "batches", "in_order", "levels_of", "matrices", "matrices_at", "partials_back",
    "unit_factor",
]  # fmt: skip

Coefficients = Mapping[str, Floats]
"""A set of a structure's numbers by name, each (size,); of a free matrix its partial correlations, or itself."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Blocks of one size.

    Attributes
    ----------
    rows : (blocks, m) of int
    pattern : (blocks,) of int
    place : (patterns, m, k)
    lag : (patterns, m, m)
        How far rows are apart.
    own : (patterns,) of int
        The set of coefficients that each pattern has.
    """

    rows: Integers
    pattern: Integers
    place: Floats
    lag: Floats
    own: Integers


def batches(residual: Residual | None, design: ResidualDesign | None, n: int) -> tuple[Batch, ...]:
    """The blocks of n rows, by size; one of each row if residuals are independent."""
    if residual is None or design is None:
        one = np.zeros((1, 1, 1))
        return (Batch(np.arange(n)[:, None], np.zeros(n, np.int64), one, one, np.zeros(1, np.int64)),)
    order, first, size = in_order(design)
    level = levels_of(design)
    blocks = (order[first[size == m, None] + np.arange(m)] for m in np.unique(size))
    return tuple(_batch(residual, design.place, level, rows) for rows in blocks)


def in_order(design: ResidualDesign) -> tuple[Integers, Integers, Integers]:
    """The rows by block and place (n,); where among them each block begins; and how many rows it has."""
    order = np.lexsort((*design.place.T[::-1], design.block))
    _, first, size = np.unique(design.block[order], return_index=True, return_counts=True)
    return order, first, size


def levels_of(design: ResidualDesign) -> Integers:
    """The set of coefficients that each row has, (n,)."""
    return np.zeros(len(design.block), np.int64) if design.level is None else design.level


def _batch(residual: Residual, place: Floats, level: Integers, rows: Integers) -> Batch:
    own = level[rows[:, 0]]
    known = np.concatenate([place[rows].reshape(len(rows), -1), own[:, None]], axis=1)
    _, first, pattern = np.unique(known, axis=0, return_index=True, return_inverse=True)
    there = place[rows[first]]
    return Batch(rows, pattern.ravel(), there, _lags(residual.metric, there), own[first])


def _lags(metric: Metric, place: Floats) -> Floats:
    apart: Floats = np.abs(place[:, :, None, :] - place[:, None, :, :])
    match metric:
        case "euclidean":
            return np.asarray(np.sqrt(np.sum(apart**2, axis=-1)), np.float64)
        case "maximum":
            return np.asarray(np.max(apart, axis=-1), np.float64)
        case "manhattan":
            return np.asarray(np.sum(apart, axis=-1), np.float64)
        case never:
            assert_never(never)


def matrices(residual: Residual, batch: Batch, sets: list[Coefficients]) -> Floats:
    """The covariances of each pattern over independent rows': (patterns, m, m)."""
    found = np.empty_like(batch.lag)
    for k, coefficients in enumerate(sets):
        here = np.flatnonzero(batch.own == k)
        if len(here):
            found[here] = _matrices(residual, batch.place[here], batch.lag[here], coefficients)
    return found


def matrices_at(residual: Residual, coefficients: Coefficients) -> Floats:
    """The covariances between all places that have names: (times, times)."""
    place = np.arange(float(len(residual.times)))[None, :, None]
    return np.asarray(_matrices(residual, place, _lags(residual.metric, place), coefficients)[0])


def _matrices(residual: Residual, place: Floats, lag: Floats, coefficients: Coefficients) -> Floats:
    if residual.correlation.matrix is None:
        given = coefficients["cortime"]
        factor = unit_factor(given, len(residual.times)) if given.ndim == 1 else given
        whole = factor @ factor.T if given.ndim == 1 else given
        at = place[..., 0].astype(np.int64)
        return np.asarray(whole[at[:, :, None], at[:, None, :]])
    sizes = {c.name: c.several for c in residual.correlation.coefficients}
    longest = int(max(lag.max(initial=0.0), place.max(initial=0.0)))
    reach = residual.order[1]
    known: dict[str, Floats | float] = {"lag": lag, "place": place, "longest": longest, "reach": reach}
    if residual.beside is not None:
        known["beside"] = residual.beside
    for name, several in sizes.items():
        values = np.atleast_1d(coefficients.get(name, np.zeros(0)))
        known[name] = values if several else float(values[0]) if len(values) else 0.0
    return np.broadcast_to(evaluate(residual.correlation.matrix, lambda name: known[name.name], NUMPY), lag.shape)


def unit_factor(partial: Floats, n: int) -> Floats:
    """The lower Cholesky factor of correlations by partial ones, row by row: (n, n).

    Each takes its share of what those before it have left of a row's length, as in breaking a stick.
    """
    z = np.zeros((n, n))
    z[np.tril_indices(n, -1)] = partial
    return np.asarray(z * _left(z) + np.diag(np.diag(_left(z))))


def _left(z: Floats) -> Floats:
    """What is left of each row's length at each column."""
    left = np.sqrt(np.cumprod(1.0 - np.tril(z, -1) ** 2, axis=1))
    return np.tril(np.concatenate([np.ones((len(z), 1)), left[:, :-1]], axis=1))


def partials_back(by_matrix: Floats, partial: Floats) -> Floats:
    """Derivatives by a symmetric matrix of correlations (n, n) -> by partial ones."""
    n = len(by_matrix)
    z = np.zeros((n, n))
    z[np.tril_indices(n, -1)] = partial
    L = unit_factor(partial, n)
    by_L = np.tril((by_matrix + by_matrix.T) @ L)
    weighted = by_L * L
    below = np.cumsum(weighted[:, ::-1], axis=1)[:, ::-1] - weighted
    found = by_L * _left(z) - z / (1.0 - z**2) * below
    return np.asarray(found[np.tril_indices(n, -1)])
