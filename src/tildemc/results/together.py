"""Rows whose residuals go together, under draws: responses of all at once, and each row's density given the others.

The latter is that of leave-one-out cross-validation: Bürkner, Gabry & Vehtari (2021), Efficient leave-one-out
cross-validation for Bayesian non-factorized normal and Student-t models, Computational Statistics 36.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.results.evaluate import Rows
from tildemc.spec.parameters import names
from tildemc.spec.rows_together import Batch, Coefficients, batches, matrices
from tildemc.spec.stepwise import mean_and_sd
from tildemc.spec.terms.residual import Residual

__all__ = ["density_given_others", "responses_together"]


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
            sets = self._sets(draw)
            for batch in self.batches:
                yield draw, batch, matrices(self.residual, batch, sets)[batch.pattern]

    def _sets(self, draw: int) -> list[Coefficients]:
        residual = self.residual
        if residual.known:
            return [residual.given()] * residual.sets
        named = names(self.rows.spec)
        found: list[dict[str, Floats]] = [{} for _ in range(residual.sets)]
        for free in residual.free():
            own = self.rows.draws[named.free(free)][draw]
            for k, known in enumerate(found):
                known[free.path[-1]] = own if residual.by is None else own[k]
        return list(found)


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
