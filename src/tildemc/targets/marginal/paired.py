"""The marginal likelihood of rows that go together, by kinds of pairs: these are its residual classes.

What precisions are to classes, weights are to kinds; they may be negative, and follow from all numbers of the
residuals.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import override

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.targets.marginal.draws import walk
from tildemc.targets.marginal.kinds import Kinds
from tildemc.targets.marginal.likelihood import Variances
from tildemc.targets.marginal.structured import JointMarginal

__all__ = ["PairedMarginal"]

MOST_WEIGHTS = 1 << 23
"""Of so many, points × kinds, the weights are held at once."""


@dataclass(frozen=True, eq=False)
class PairedMarginal(JointMarginal):
    """As `JointMarginal`, with cross-products that are the same at all points.

    Attributes
    ----------
    kinds : Kinds
    """

    kinds: Kinds = field(kw_only=True)

    @property
    @override
    def operations(self) -> float:
        return super().operations + float(len(self.blocks.table) + 8 * len(self.kinds.number))

    @override
    def variances(self, phi: Floats) -> Variances:
        found = super().variances(phi)
        at = self.kinds.at(found.sds[:, self.first :])
        precision = np.array(np.broadcast_to(at.weights, found.precision.shape), order="C")
        return replace(found, precision=precision, prior=found.prior + at.log_density)

    @override
    def value(self, factors: Floats, x: Floats, by_factor: Floats | None = None) -> tuple[float, Floats]:
        at = self.kinds.at(x)
        if at.log_density == -np.inf:
            return -np.inf, np.zeros_like(x)
        found, by, by_weight = self.likelihood(factors, at.weights)
        if by_factor is not None:
            by_factor[:] = by
        return found + float(at.log_density), self.kinds.back(x, at, by_weight)

    @override
    def posterior(self, phi: Floats) -> tuple[float, Floats]:
        x = super().variances(phi[None]).sds[0, self.first :]
        at = self.kinds.at(x)
        found, slope, by_weight = self.posterior_of(phi, at.weights)
        found += float(at.log_density)
        if not np.isfinite(found):
            return -np.inf, np.zeros(len(phi))
        slope[self.first : self.first + len(x)] += self.kinds.back(x, at, by_weight) * self.by_phi(x)
        return found, slope

    @override
    def sweep(self, phi: Floats, rng: np.random.Generator | None = None) -> tuple[Floats, Floats]:
        size = max(1, MOST_WEIGHTS // len(self.kinds.number))
        if len(phi) <= size:
            return super().sweep(phi, rng)
        parts = [super(PairedMarginal, self).sweep(phi[at : at + size], rng) for at in range(0, len(phi), size)]
        values, effects = zip(*parts, strict=True)
        return np.concatenate(values), np.concatenate(effects)

    @override
    def chain(self, phi: Floats, offset: Floats, effects: Floats, rng: np.random.Generator) -> tuple[Floats, Integers]:
        if len(phi) * len(self.kinds.number) <= MOST_WEIGHTS:
            return super().chain(phi, offset, effects, rng)
        kept, chance = np.empty(len(phi), np.int64), np.log1p(-rng.random(len(phi)))
        values = self.sweep(phi)[0] + offset
        walk(chance, values, kept)
        thin = (len(phi) - 1) // max(len(effects), 1)
        effects[:] = self.sweep(phi[kept[thin::thin]], rng)[1]
        return values, kept

    @override
    def effects_at(self, factors: Floats, precision: Floats, noise: Floats) -> Floats:
        """As of `Marginal`, with the numbers in the place of precisions."""
        return super().effects_at(factors, self.kinds.at(precision).weights, noise)
