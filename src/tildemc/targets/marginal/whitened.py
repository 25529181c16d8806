"""The marginal likelihood of rows that go together, by whitening: each point has cross-products of its own.

For large blocks, whose products pair by pair would be more than the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import override

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.kernels.memory import Kept
from tildemc.kernels.structures import Packed, pack
from tildemc.spec.rows_together import Batch, matrices, means_of
from tildemc.targets.marginal.blocked import BLOCKS, Blocks, workspace
from tildemc.targets.marginal.draws import sweep, walk
from tildemc.targets.marginal.entries import Entries
from tildemc.targets.marginal.fisher import SLOPES, log_likelihood, room
from tildemc.targets.marginal.posterior import log_posterior
from tildemc.targets.marginal.structured import JointMarginal
from tildemc.targets.marginal.variances import point
from tildemc.targets.marginal.whiten import STEP, Solved, by_coefficients, slopes, solve
from tildemc.threads import in_threads

__all__ = ["WhitenedMarginal"]

ALONE = np.ones(1)
"""The precision of whitened rows."""


@dataclass(frozen=True, eq=False)
class _Whitened:
    """What the numbers come to: the entries, what the log likelihood has beside them, and what slopes need.

    `scaled` (n, d) are the rows over their sds, `solved` what becomes of those of each batch.
    """

    entries: Floats
    log_density: float
    scaled: Floats
    solved: tuple[Solved, ...]


@dataclass(frozen=True, eq=False)
class _Space:
    """Memory for one evaluation: blocks whose table is filled anew, and what kernels need beside them."""

    table: Floats
    blocks: Packed
    work: Packed
    slopes: Packed
    point: Packed

    @property
    def moments(self) -> Floats:
        """The derivatives by the entries, once there is a gradient."""
        found = self.slopes.values[list(SLOPES.fields).index("moments")]
        assert isinstance(found, np.ndarray)
        return found


@dataclass(frozen=True, eq=False)
class WhitenedMarginal(JointMarginal):
    """As `JointMarginal`, of rows that are whitened at each point.

    Attributes
    ----------
    batches : tuple of Batch
    entries : tuple of Entries
        Of each batch.
    """

    batches: tuple[Batch, ...] = field(kw_only=True)
    entries: tuple[Entries, ...] = field(kw_only=True)

    @property
    @override
    def operations(self) -> float:
        n, d = self.joint.columns.shape
        longest = max(batch.rows.shape[1] for batch in self.batches)
        factored = sum(len(batch.place) * batch.rows.shape[1] ** 3 for batch in self.batches)
        return super().operations + float(n * d * (longest + d) + factored)

    def whitened(self, x: Floats) -> _Whitened | None:
        """What numbers x come to; None where they make no covariance."""
        residual, log_sds = self.joint.residual, self.joint.log_sds(x)
        total = -float(log_sds.sum())
        entries = np.zeros(self.entries[0].size)
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = self._columns(x) * np.exp(-log_sds)[:, None]
        if residual is None or not np.isfinite(total) or not np.isfinite(scaled).all():
            return None
        sets, done = self.joint.sets(x), []
        for batch, places in zip(self.batches, self.entries, strict=True):
            rows = scaled[batch.rows]
            solved = solve(batch, matrices(residual, batch, sets), rows)
            if solved is None:
                return None
            entries += places.total(rows.swapaxes(1, 2) @ solved.white)
            total -= solved.half
            done.append(solved)
        return _Whitened(entries, total, scaled, tuple(done))

    def _columns(self, x: Floats) -> Floats:
        """[Z X y] of each row, as the means are made of Z and X at numbers x."""
        columns, residual = self.joint.columns, self.joint.residual
        if residual is None or residual.correlation.mean is None:
            return columns
        return np.column_stack([means_of(residual, columns[:, :-1], self.joint.sets(x)[0]), columns[:, -1]])

    def _by_means(self, x: Floats, at: _Whitened, by_entry: Floats) -> Floats:
        """Derivatives by the numbers as far as the means are made by them, by differences."""
        found, residual = np.zeros(len(x)), self.joint.residual
        if residual is None or residual.correlation.mean is None:
            return found
        by_rows = np.zeros_like(at.scaled)
        for batch, places, solved in zip(self.batches, self.entries, at.solved, strict=True):
            by_rows[batch.rows] = 2.0 * solved.white @ places.back(by_entry)
        by_rows *= np.exp(-self.joint.log_sds(x))[:, None]
        for i in (i for places in self.joint.places.values() for i in places):
            step = np.zeros(len(x))
            step[i] = STEP
            found[i] = (by_rows * (self._columns(x + step) - self._columns(x - step))).sum() / (2.0 * STEP)
        return found

    def _back(self, x: Floats, at: _Whitened, by_entry: Floats) -> Floats:
        """Derivatives by the entries -> by the numbers, with those of what the log likelihood has beside them."""
        joint = self.joint
        by_log_sd = np.full(len(joint.columns), -1.0)
        by_matrix: list[Floats] = []
        for batch, places, solved in zip(self.batches, self.entries, at.solved, strict=True):
            moments, rows = places.back(by_entry), at.scaled[batch.rows]
            by_log_sd[batch.rows] -= 2.0 * ((solved.white @ moments) * rows).sum(axis=2)
            by_matrix.append(slopes(batch, solved, moments))
        given: Mapping[str, Floats] = {}
        if joint.residual is not None and joint.free:
            given = by_coefficients(joint.residual, self.batches, joint.sets(x), by_matrix)
        return joint.back(x, by_log_sd, joint.spread, given) + self._by_means(x, at, by_entry)

    @cached_property
    def _spaces(self) -> Kept[_Space]:
        return Kept(self._space)

    def _space(self) -> _Space:
        size = len(self.blocks.start) - 1
        table = np.zeros(size)
        blocks: Blocks = self.blocks._replace(table=table)
        return _Space(table, pack(BLOCKS, blocks), workspace(blocks), room(blocks), point(self.code))

    @override
    def value(self, factors: Floats, x: Floats, by_factor: Floats | None = None) -> tuple[float, Floats]:
        at = self.whitened(x)
        by_factor = np.zeros_like(factors) if by_factor is None else by_factor
        if at is None:
            return -np.inf, np.zeros_like(x)
        with self._spaces.taken() as space:
            space.table[:] = at.entries
            found = log_likelihood(
                space.blocks.address, space.work.address, space.slopes.address, factors, ALONE, self.integrate,
                by_factor, np.zeros(1),
            )  # fmt: skip
            return found + at.log_density, self._back(x, at, space.moments)

    @override
    def posterior(self, phi: Floats) -> tuple[float, Floats]:
        here = self.variances(phi[None])
        x = here.sds[0, self.first :]
        at, out = self.whitened(x), np.zeros(len(phi))
        if at is None:
            return -np.inf, out
        with self._spaces.taken() as space:
            space.table[:] = at.entries
            found = log_posterior(
                space.blocks.address, space.work.address, space.slopes.address, self.encoded.address,
                space.point.address, phi, ALONE, self.integrate, out,
            )  # fmt: skip
            if not np.isfinite(found):
                return -np.inf, out
            slope = self._back(x, at, space.moments)
        numbers = slice(self.first, self.first + len(x))
        out[numbers] += slope * self.by_phi(x)
        return found + at.log_density, out

    @override
    def effects_at(self, factors: Floats, precision: Floats, noise: Floats) -> Floats:
        """As of `Marginal`, with the numbers in the place of precisions."""
        at = self.whitened(precision)
        assert at is not None
        effects = noise.copy()
        here = np.repeat(factors[None], len(noise), axis=0)
        self._sweep(at, here, np.empty(len(noise)), effects)
        return effects

    @override
    def sweep(self, phi: Floats, rng: np.random.Generator | None = None) -> tuple[Floats, Floats]:
        effects = np.empty((len(phi), 0)) if rng is None else rng.standard_normal((len(phi), self.effects))
        values = np.empty(len(phi))
        half = len(phi) // 2

        def part(at: slice) -> None:
            values[at] = self._each(phi[at], effects[at])

        in_threads(part, (slice(0, half), slice(half, len(phi))))
        return values, effects

    def _each(self, phi: Floats, effects: Floats) -> Floats:
        """The log posterior of points; effects become draws, if there are any."""
        here = self.variances(phi)
        values = here.prior.copy()
        for s in range(len(phi)):
            at = self.whitened(here.sds[s, self.first :])
            if at is None:
                values[s] = -np.inf
                continue
            one = np.empty(1)
            self._sweep(at, here.factors[s : s + 1], one, effects[s : s + 1])
            values[s] += one[0] + at.log_density
        return values

    def _sweep(self, at: _Whitened, factors: Floats, values: Floats, effects: Floats) -> None:
        with self._spaces.taken() as space:
            space.table[:] = at.entries
            ones = np.ones((len(factors), 1))
            sweep(space.blocks.address, space.work.address, factors, ones, values, effects)

    @override
    def chain(self, phi: Floats, offset: Floats, effects: Floats, rng: np.random.Generator) -> tuple[Floats, Integers]:
        kept, chance = np.empty(len(phi), np.int64), np.log1p(-rng.random(len(phi)))
        rng.standard_normal(out=effects)
        inside = offset > -np.inf
        values = np.full(len(phi), -np.inf)
        values[inside] = self._each(phi[inside], np.empty((int(inside.sum()), 0))) + offset[inside]
        walk(chance, values, kept)
        thin = (len(phi) - 1) // max(len(effects), 1)
        self._each(phi[kept[thin::thin]], effects)
        return values, kept
