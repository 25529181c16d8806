"""The marginal likelihood of rows that go together: each point has cross-products of its own, of whitened rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import override

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.kernels.structures import Packed, pack
from tildemc.targets.marginal.blocked import BLOCKS, Blocks, workspace
from tildemc.targets.marginal.draws import sweep, walk
from tildemc.targets.marginal.fisher import SLOPES, log_likelihood, room
from tildemc.targets.marginal.joint import Joint, Whitened
from tildemc.targets.marginal.likelihood import Kept, Marginal
from tildemc.targets.marginal.posterior import log_posterior
from tildemc.targets.marginal.variances import point
from tildemc.threads import in_threads

__all__ = ["JointMarginal"]

ALONE = np.ones(1)
"""The precision of whitened rows."""


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
class JointMarginal(Marginal):
    """As `Marginal`, of rows that are whitened at each point.

    Attributes
    ----------
    joint : Joint
    """

    joint: Joint = field(kw_only=True)

    @property
    def first(self) -> int:
        """Where among the scalars the joint's numbers begin."""
        return len(self.code.kind) - len(self.joint.numbers)

    @property
    @override
    def begin(self) -> Mapping[int, float]:
        return {self.first + i: number.start for i, number in enumerate(self.joint.numbers)}

    @property
    @override
    def operations(self) -> float:
        levels, q, rest, p = (int(n) for n in self.blocks.size)
        return 4.0 * levels * q**2 * (q + p) + rest**3 / 3 + self.joint.operations

    @cached_property
    def _spaces(self) -> Kept[_Space]:
        return Kept(self._space)

    def _space(self) -> _Space:
        size = len(self.blocks.start) - 1
        table = np.zeros(size)
        blocks: Blocks = self.blocks._replace(table=table)
        return _Space(table, pack(BLOCKS, blocks), workspace(blocks), room(blocks), point(self.code))

    def value(self, factors: Floats, x: Floats, by_factor: Floats | None = None) -> tuple[float, Floats]:
        """Log p(y | factors, numbers) and its derivatives by the numbers; those by factors are filled in.

        Parameters
        ----------
        factors : (factors, widest, widest)
        x : (numbers,)
        by_factor : (factors, widest, widest), optional
        """
        at = self.joint.whitened(x)
        by_factor = np.zeros_like(factors) if by_factor is None else by_factor
        if at is None:
            return -np.inf, np.zeros_like(x)
        with self._spaces.taken() as space:
            space.table[:] = at.entries
            found = log_likelihood(
                space.blocks.address, space.work.address, space.slopes.address, factors, ALONE, self.integrate,
                by_factor, np.zeros(1),
            )  # fmt: skip
            return found + at.log_density, self.joint.back(x, at, space.moments)

    @override
    def posterior(self, phi: Floats) -> tuple[float, Floats]:
        here = self.variances(phi[None])
        x = here.sds[0, self.first :]
        at, out = self.joint.whitened(x), np.zeros(len(phi))
        if at is None:
            return -np.inf, out
        with self._spaces.taken() as space:
            space.table[:] = at.entries
            found = log_posterior(
                space.blocks.address, space.work.address, space.slopes.address, self.encoded.address,
                space.point.address, phi, self.integrate, out,
            )  # fmt: skip
            if not np.isfinite(found):
                return -np.inf, out
            slope = self.joint.back(x, at, space.moments)
        numbers = slice(self.first, self.first + len(x))
        out[numbers] += slope * self._by_phi(x)
        return found + at.log_density, out

    def _by_phi(self, x: Floats) -> Floats:
        """How numbers move with φ."""
        lower, upper = self.code.lower[self.first :], self.code.upper[self.first :]
        squared = self.code.squared[self.first :] == 1
        value = np.where(squared, x**2, x)
        with np.errstate(invalid="ignore"):
            slope = np.where(np.isinf(upper), value - lower, (value - lower) * (upper - value) / (upper - lower))
        slope = np.where(np.isinf(lower) & np.isinf(upper), 1.0, slope)
        return np.where(squared, 0.5 * slope / np.where(squared, x, 1.0), slope)

    @override
    def effects_at(self, factors: Floats, precision: Floats, noise: Floats) -> Floats:
        """As of `Marginal`, with the numbers in the place of precisions."""
        at = self.joint.whitened(precision)
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
            at = self.joint.whitened(here.sds[s, self.first :])
            if at is None:
                values[s] = -np.inf
                continue
            one = np.empty(1)
            self._sweep(at, here.factors[s : s + 1], one, effects[s : s + 1])
            values[s] += one[0] + at.log_density
        return values

    def _sweep(self, at: Whitened, factors: Floats, values: Floats, effects: Floats) -> None:
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
