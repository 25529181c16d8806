"""Marginal: a Gaussian multilevel model with its effects integrated out.

y = X β + Z u + e,   β ~ N(b0, B),   u = Λ v,   v ~ N(0, I),   e_i ~ N(0, σ²_{k(i)})
A = [Λᵀ 0; 0 I] (Σ_k σ_k⁻² W_kᵀ W_k) [Λ 0; 0 I] + [I 0; 0 B⁻¹],   W = [Z X]
log p(y | Λ, σ) = -½ Σ_k n_k log(2π σ_k²) - ½ log|B| - ½ log|A| - ½ (Σ_k σ_k⁻² y_kᵀ y_k + b0ᵀ B⁻¹ b0 - rᵀ A⁻¹ r)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.kernels.lanes import WIDTH
from tildemc.kernels.memory import Kept
from tildemc.kernels.structures import Packed, pack
from tildemc.spec.model import Integrated
from tildemc.spec.terms.known import times_levels
from tildemc.targets.marginal.blocked import BLOCKS, SMALL, Blocks, in_lanes, workspace
from tildemc.targets.marginal.draws import chain, several, sweep, sweep_in_lanes, walk
from tildemc.targets.marginal.fisher import log_likelihood, room
from tildemc.targets.marginal.population import PopulationEffects
from tildemc.targets.marginal.posterior import log_posterior
from tildemc.targets.marginal.variances import CODE, POINT, Code, expand, point
from tildemc.threads import in_threads

__all__ = ["Marginal", "Variances"]


NOTHING = np.empty(0)
FEW = 50
"""Fewer points than this are not worth two threads."""
NARROW = 3
"""A kernel is compiled for each number of effects a level up to this, when a model has that many."""
MOST_IN_LANES = 2e6
"""With more operations than this several points at once would take much memory."""


@dataclass(frozen=True, eq=False)
class Variances:
    """What points φ (points, size) stand for.

    Attributes
    ----------
    sds : (points, scalars)
        Each factor's in turn, then what correlations follow from, then the residual's.
    unit, factors : (points, factors, widest, widest)
        Cholesky factors of the correlations and of the covariances.
    precision : (points, classes)
    prior : (points,)
        The log prior density of φ.
    """

    sds: Floats
    unit: Floats
    factors: Floats
    precision: Floats
    prior: Floats


@dataclass(frozen=True, eq=False)
class Marginal:
    """log p(y | variances) and all that follows from it.

    Attributes
    ----------
    groups : tuple of GroupEffects, Smooth, GaussianProcess and Areal
        In the order of the kernels: the one that is eliminated first.
    population : PopulationEffects
    blocks : Blocks
    code : Code
    integrate : bool
        Whether the population effects are integrated out (or else at their best: maximum likelihood).
    rotation : (levels, levels) or None
        Where the levels of the first are related: what makes independent effects of those that kernels have.
    """

    groups: tuple[Integrated, ...]
    population: PopulationEffects
    blocks: Blocks
    code: Code
    integrate: bool = True
    rotation: Floats | None = None

    @property
    def begin(self) -> Mapping[int, float]:
        """Where to begin to look for some of the variance parameters."""
        return {}

    @property
    def rows(self) -> float:
        """The rows' weights, all told."""
        return float(self.blocks.counts.sum())

    @property
    def size(self) -> int:
        """The number of variance parameters."""
        return self.code.size

    @property
    def effects(self) -> int:
        """The number of group and population effects."""
        return int(self.blocks.size[0] * self.blocks.size[1] + self.blocks.size[2])

    @property
    def operations(self) -> float:
        """About how many an evaluation takes: eliminating one factor's levels, then factoring the rest."""
        levels, q, rest, p = (int(n) for n in self.blocks.size)
        return 4.0 * levels * q**2 * (q + p) + rest**3 / 3

    @property
    def in_lanes(self) -> bool:
        """Whether it is small enough to be evaluated at several points at once."""
        return int(self.blocks.size[2]) <= SMALL and self.operations <= MOST_IN_LANES

    @cached_property
    def packed(self) -> Packed:
        """The blocks, as kernels read them."""
        return pack(BLOCKS, self.blocks)

    @cached_property
    def encoded(self) -> Packed:
        """The code, as kernels read it."""
        return pack(CODE, self.code)

    @property
    def _width(self) -> tuple[int, ...]:
        """As long as a level of the eliminated factor has effects; empty if these are many."""
        q = int(self.blocks.size[1])
        return (0,) * (q if q <= NARROW else 0)

    @cached_property
    def _memory(self) -> Kept[tuple[Packed, Packed, Packed]]:
        """Work, Slopes and Point."""
        return Kept(lambda: (workspace(self.blocks), room(self.blocks), point(self.code)))

    @cached_property
    def _memory_in_lanes(self) -> Kept[tuple[Packed, Packed]]:
        """Work in lanes, and Several."""
        f, widest = (int(n) for n in self.code.shape)
        return Kept(
            lambda: (
                workspace(self.blocks, in_lanes()),
                several((f, widest, widest), (len(self.code.sigma),), (self.effects,)),
            )
        )

    def by_level(self, f: int, effects: Floats) -> Floats:
        """The kernels' effects (…, levels, q) of one of the groups, as those of its levels before these are related."""
        return times_levels(self.rotation, effects) if f == 0 and self.rotation is not None else effects

    def variances(self, phi: Floats) -> Variances:
        """Points (points, size) as sds, Cholesky factors and precisions."""
        f, widest = self.code.shape
        n = len(phi)
        found = Variances(
            np.empty((n, len(self.code.kind))),
            np.empty((n, f, widest, widest)),
            np.empty((n, f, widest, widest)),
            np.empty((n, len(self.code.sigma))),
            np.empty(n),
        )
        memory = np.empty(self.code.memory)
        expand(self.encoded.address, phi, found.sds, found.unit, found.factors, found.precision, memory, found.prior)
        return found

    def likelihood(self, factors: Floats, precision: Floats) -> tuple[float, Floats, Floats]:
        """Log p(y | variances) and its derivatives by factors (factors, widest, widest) and precision (classes,)."""
        by_factor, by_precision = np.zeros_like(factors), np.zeros_like(precision)
        with self._memory.taken() as (work, space, _):
            found = log_likelihood(
                self.packed.address,
                work.address,
                space.address,
                factors,
                precision,
                self.integrate,
                by_factor,
                by_precision,
            )
        return found, by_factor, by_precision

    def posterior(self, phi: Floats) -> tuple[float, Floats]:
        """Log p(φ | y) up to a constant and its gradient, at φ (size,)."""
        found, slope, _ = self.posterior_of(phi, NOTHING)
        return found, slope

    def posterior_of(self, phi: Floats, weights: Floats) -> tuple[float, Floats, Floats]:
        """The same with weights (classes,) in the place of precisions, or (0,); and derivatives by these."""
        out = np.zeros(len(phi))
        with self._memory.taken() as (work, space, here):
            found = log_posterior(
                self.packed.address, work.address, space.address, self.encoded.address, here.address, phi, weights,
                self.integrate, out,
            )  # fmt: skip
            by_weight = here.values[list(POINT.fields).index("by_precision")]
            assert isinstance(by_weight, np.ndarray)
            return found, out, by_weight.copy()

    def effects_at(self, factors: Floats, precision: Floats, noise: Floats) -> Floats:
        """All effects given the variances, by standard normal noise (points, effects): their mean for zeros."""
        n = len(noise)
        effects = noise.copy()
        here = np.repeat(factors[None], n, axis=0), np.repeat(precision[None], n, axis=0)
        with self._memory.taken() as (work, _, _):
            sweep(self.packed.address, work.address, *here, np.empty(n), effects)
        return effects

    def sweep(self, phi: Floats, rng: np.random.Generator | None = None) -> tuple[Floats, Floats]:
        """Log p(φ | y) at many points, and a draw of all effects at each if there is an `rng`.

        Parameters
        ----------
        phi : (points, size)
        rng : Generator, optional

        Returns
        -------
        (points,) and (points, effects), or (points, 0)
            The eliminated factor's effects level by level, then the others', then the population's.
        """
        here = self.variances(phi)
        values = np.empty(len(phi))
        effects = np.empty((len(phi), 0)) if rng is None else rng.standard_normal((len(phi), self.effects))
        # Lanes are filled but for the last ones.
        middle = len(phi) // 2 // WIDTH * WIDTH

        def part(at: slice) -> None:
            self._evaluate(here.factors[at], here.precision[at], values[at], effects[at])

        if len(phi) < FEW:
            part(slice(None))
        else:
            in_threads(part, (slice(0, middle), slice(middle, len(phi))))
        return values + here.prior, effects

    def _evaluate(self, factors: Floats, precision: Floats, values: Floats, effects: Floats) -> None:
        """What the kernels' `sweep` does."""
        if not self.in_lanes:
            with self._memory.taken() as (work, _, _):
                sweep(self.packed.address, work.address, factors, precision, values, effects)
            return
        with self._memory_in_lanes.taken() as (work, some):
            addresses = self.packed.address, work.address, some.address
            sweep_in_lanes(*addresses, self._width, factors, precision, values, effects)

    def chain(self, phi: Floats, offset: Floats, effects: Floats, rng: np.random.Generator) -> tuple[Floats, Integers]:
        """Metropolis among points that were proposed independently of one another.

        Parameters
        ----------
        phi : (1 + proposals, size)
            The start and the proposals, as many for each draw.
        offset : (1 + proposals,)
            What to add to log p(φ | y) for the log of an importance weight; -inf for a point that is not one.
        effects : (draws, effects)
            Is filled with a draw of all effects for each draw.
        rng : Generator

        Returns
        -------
        (1 + proposals,), (1 + proposals,) of int
            Log importance weights, and at which point the chain is.
        """
        here = self.variances(phi)
        values, kept = np.empty(len(phi)), np.empty(len(phi), np.int64)
        chance = np.log1p(-rng.random(len(phi)))
        rng.standard_normal(out=effects)
        if self.in_lanes:
            # To evaluate once more where the chain was is less than to evaluate one point at a time.
            self._evaluate(here.factors, here.precision, values, np.empty((len(phi), 0)))
            values += offset + here.prior
            walk(chance, values, kept)
            thin = (len(phi) - 1) // max(len(effects), 1)
            at = kept[thin::thin]
            self._evaluate(here.factors[at], here.precision[at], np.empty(len(at)), effects)
            return values, kept
        works = workspace(self.blocks), workspace(self.blocks)
        chain(
            self.packed.address, (works[0].address, works[1].address), here.factors, here.precision,
            offset + here.prior, chance, values, kept, effects,
        )  # fmt: skip
        return values, kept
