"""Rows whose residuals go together, under draws: responses of all at once, and each row's density given the others.

The latter is that of leave-one-out cross-validation: Bürkner, Gabry & Vehtari (2021), Efficient leave-one-out
cross-validation for Bayesian non-factorized normal and Student-t models, Computational Statistics 36.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tildemc.arrays import Floats, Mask
from tildemc.results.evaluate import Rows
from tildemc.results.residual_sets import sets_of
from tildemc.spec.rows_together import Batch, batches, matrices
from tildemc.spec.stepwise import mean_and_sd
from tildemc.spec.terms.residual import Residual

__all__ = ["Beside", "density_given_others", "given_rows", "responses_together"]

Beside = Literal["before", "others"]
"""Which rows of its group a row is seen beside: those before it, or all others."""


@dataclass(frozen=True, eq=False)
class _Together:
    """The blocks of some rows, and their covariances under each draw."""

    rows: Rows
    residual: Residual
    batches: tuple[Batch, ...]

    @classmethod
    def of(cls, rows: Rows) -> _Together:
        """Of rows that have all of their groups."""
        residual = rows.spec.residual
        assert residual is not None
        return cls(rows, residual, batches(residual, rows.design.of(residual), rows.design.n))

    def covariances(self) -> Iterator[tuple[int, Batch, Floats]]:
        """Under each draw, of each batch of blocks: the covariances over independent rows', (blocks, m, m)."""
        for draw in range(self.rows.length):
            sets = sets_of(self.rows.spec, self.residual, self.rows.draws, draw)
            for batch in self.batches:
                yield draw, batch, matrices(self.residual, batch, sets)[batch.pattern]


def responses_together(rows: Rows, generator: np.random.Generator) -> Floats:
    """A response of each row under each draw, (draws, n): the mean, and residuals that go together."""
    mean, sd = (rows.value(part) for part in mean_and_sd(rows.spec))
    noise = generator.standard_normal(rows.shape)
    for draw, batch, covariance in _Together.of(rows).covariances():
        factor = np.linalg.cholesky(covariance)
        noise[draw, batch.rows] = (factor @ noise[draw, batch.rows][..., None])[..., 0]
    return np.asarray(mean + sd * noise)


def density_given_others(rows: Rows) -> Floats:
    """The log density of each row under each draw given the other rows of its group, (draws, n)."""
    y = rows.design.y
    assert y is not None
    mean, sd = (rows.value(part) for part in mean_and_sd(rows.spec))
    scaled = (y - mean) / sd
    found = -np.log(sd) - 0.5 * np.log(2.0 * np.pi)
    for draw, batch, covariance in _Together.of(rows).covariances():
        # With P = R⁻¹, row i has variance 1 / P_ii about what the others say, from which it is (P e)_i / P_ii away.
        precision = np.linalg.inv(covariance)
        own = np.diagonal(precision, axis1=1, axis2=2)
        apart = (precision @ scaled[draw, batch.rows][..., None])[..., 0]
        found[draw, batch.rows] += 0.5 * np.log(own) - 0.5 * apart**2 / own
    return np.asarray(found)


def given_rows(rows: Rows, beside: Beside) -> tuple[Floats, Floats]:
    """The mean and the sd of each row under each draw, (draws, n), given responses of the same group that are known."""
    y = rows.design.y
    assert y is not None
    mean, sd = (rows.value(part) for part in mean_and_sd(rows.spec))
    scaled, known = (y - mean) / sd, ~np.isnan(y)
    expected, left = np.zeros(rows.shape), np.ones(rows.shape)
    for draw, batch, covariance in _Together.of(rows).covariances():
        for own, R in zip(batch.rows, covariance, strict=True):
            expected[draw, own], left[draw, own] = _regressed(R, scaled[draw, own], known[own], beside)
    return mean + sd * expected, sd * np.sqrt(left)


def _regressed(R: Floats, e: Floats, known: Mask, beside: Beside) -> tuple[Floats, Floats]:
    """For each row of a block its mean and variance given the others that are known, or those of them before it.

    Parameters
    ----------
    R : (m, m)
    e : (m,)
        In the order of places.
    known : (m,) of bool
    beside : str
    """
    at = np.flatnonzero(known)
    mean, variance = np.zeros(len(e)), np.diagonal(R).copy()
    if not len(at):
        return mean, variance
    L = np.linalg.cholesky(R[np.ix_(at, at)])
    # L⁻¹ e has independent entries; by L⁻¹ R each of them is a share of every row.
    new, share = np.linalg.solve(L, e[at]), np.linalg.solve(L, R[at])
    if beside == "before":
        share = np.where(at[:, None] < np.arange(len(e)), share, 0.0)
    mean, variance = new @ share, variance - (share**2).sum(axis=0)
    if beside == "others":
        root = np.linalg.inv(L)
        own = (root**2).sum(axis=0)
        mean[at], variance[at] = e[at] - root.T @ new / own, 1.0 / own
    return mean, variance
