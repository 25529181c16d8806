"""Marginal: a Gaussian multilevel model with its effects integrated out.

y = X β + Z u + e,   β ~ N(b0, B),   u = Λ v,   v ~ N(0, I),   e_i ~ N(0, σ²_{k(i)})
A = [Λᵀ 0; 0 I] (Σ_k σ_k⁻² W_kᵀ W_k) [Λ 0; 0 I] + [I 0; 0 B⁻¹],   W = [Z X]
log p(y | Λ, σ) = -½ Σ_k n_k log(2π σ_k²) - ½ log|B| - ½ log|A| - ½ (Σ_k σ_k⁻² y_kᵀ y_k + b0ᵀ B⁻¹ b0 - rᵀ A⁻¹ r)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.kernels.views import Packed, pack
from tildemc.spec.design import Design, Numbers
from tildemc.spec.model import ModelSpec
from tildemc.spec.terms.group import GroupDesign, GroupEffects
from tildemc.spec.terms.population import PopulationDesign
from tildemc.spec.terms.term import Path
from tildemc.targets.marginal.blocked import BLOCKS, Blocks, workspace
from tildemc.targets.marginal.draws import chain, sweep
from tildemc.targets.marginal.fisher import log_likelihood, room
from tildemc.targets.marginal.population import PopulationEffects, population
from tildemc.targets.marginal.posterior import log_posterior
from tildemc.targets.marginal.residuals import Residuals, residuals
from tildemc.targets.marginal.statistics import Layout, Products, Rows, assemble, products
from tildemc.targets.marginal.variances import CODE, Code, encode_variances, expand, point
from tildemc.threads import in_threads, one_blas_thread

__all__ = ["Marginal", "Variances", "marginal"]


FEW = 50
"""Fewer points than this are not worth two threads."""


@dataclass(frozen=True, eq=False)
class Variances:
    """What points φ (points, size) stand for.

    Attributes
    ----------
    sds : (points, scalars)
        Each factor's in turn, then correlations that others follow from, then the residual's.
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
    groups : tuple of GroupEffects
        In the order of the kernels: the one with the most effects first.
    population : PopulationEffects
    blocks : Blocks
    code : Code
    integrate : bool
        Whether the population effects are integrated out (or else at their best: maximum likelihood).
    """

    groups: tuple[GroupEffects, ...]
    population: PopulationEffects
    blocks: Blocks
    code: Code
    integrate: bool = True

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

    @cached_property
    def packed(self) -> Packed:
        """The blocks, as kernels read them."""
        return pack(BLOCKS, self.blocks)

    @cached_property
    def encoded(self) -> Packed:
        """The code, as kernels read it."""
        return pack(CODE, self.code)

    @cached_property
    def _unused(self) -> list[tuple[Packed, Packed, Packed]]:
        return []

    @contextmanager
    def _memory(self) -> Iterator[tuple[int, int, int]]:
        """Addresses of Work, Slopes and Point that nobody else uses for as long.

        They are kept: to make them takes longer than to fill them.
        """
        try:
            taken = self._unused.pop()
        except IndexError:
            taken = workspace(self.blocks), room(self.blocks), point(self.code)
        work, space, here = taken
        yield work.address, space.address, here.address
        self._unused.append(taken)

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
        expand(self.encoded.address, phi, found.sds, found.unit, found.factors, found.precision, found.prior)
        return found

    def likelihood(self, factors: Floats, precision: Floats) -> tuple[float, Floats, Floats]:
        """Log p(y | variances) and its derivatives by factors (factors, widest, widest) and precision (classes,)."""
        by_factor, by_precision = np.zeros_like(factors), np.zeros_like(precision)
        with self._memory() as (work, space, _):
            found = log_likelihood(
                self.packed.address, work, space, factors, precision, self.integrate, by_factor, by_precision
            )
        return found, by_factor, by_precision

    def posterior(self, phi: Floats) -> tuple[float, Floats]:
        """Log p(φ | y) up to a constant and its gradient, at φ (size,)."""
        out = np.zeros(len(phi))
        with self._memory() as (work, space, here):
            found = log_posterior(
                self.packed.address, work, space, self.encoded.address, here, phi, self.integrate, out
            )
        return found, out

    def effects_at(self, factors: Floats, precision: Floats, noise: Floats) -> Floats:
        """All effects given the variances, by standard normal noise (points, effects): their mean for zeros."""
        n = len(noise)
        effects = noise.copy()
        here = np.repeat(factors[None], n, axis=0), np.repeat(precision[None], n, axis=0)
        work = workspace(self.blocks)
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
        middle = len(phi) // 2

        def part(at: slice) -> None:
            with self._memory() as (work, _, _):
                sweep(self.packed.address, work, here.factors[at], here.precision[at], values[at], effects[at])

        if len(phi) < FEW:
            part(slice(None))
        else:
            in_threads(part, (slice(0, middle), slice(middle, len(phi))))
        return values + here.prior, effects

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
        works = workspace(self.blocks), workspace(self.blocks)
        chain(
            self.packed.address, (works[0].address, works[1].address), here.factors, here.precision,
            offset + here.prior, chance, values, kept, effects,
        )  # fmt: skip
        return values, kept


def marginal(spec: ModelSpec, design: Numbers, *, flat: bool = False, integrate: bool = True) -> Marginal:
    """Reduce a model and its data, in one pass, to what its marginal likelihood needs.

    Parameters
    ----------
    spec : ModelSpec
        Without gaps, and with numbers for all priors.
    design : Numbers
    flat : bool
        Take all population priors for flat.
    integrate : bool
        Integrate the population effects out; otherwise they are at their best.
    """
    predictor = spec.predictors[0]
    groups = tuple(sorted(predictor.groups, key=lambda group: -len(group.factor.levels) * len(group.columns)))
    # One pass over the rows: after it the data are cross-products, and no evaluation knows how many rows there were.
    known, effects = residuals(spec, design), population(spec, design, flat=flat, integrate=integrate)
    layout = Layout(
        tuple(len(g.factor.levels) for g in groups),
        tuple(len(g.columns) for g in groups),
        effects.size,
        len(known.sigma),
    )
    offset = predictor.offset
    reduction = _Reduction(
        layout,
        predictor.population.path,
        None if offset is None else offset.path,
        tuple(group.path for group in groups),
        known,
        effects,
    )
    sums = assemble(layout, design.reduce(reduction, Products.merge))
    levels, width = (layout.levels[0], layout.widths[0]) if groups else (0, 1)
    blocks = Blocks(
        start=sums.start,
        classes=sums.classes,
        table=sums.table,
        twin=sums.twin,
        counts=sums.counts,
        neighbour=sums.neighbour,
        column=sums.column,
        rest_row=sums.rest_row,
        rest_column=sums.rest_column,
        first=layout.first,
        width=np.array(layout.widths[1:], dtype=np.int64),
        size=np.array([levels, width, layout.rest, layout.p]),
        prior_precision=effects.precision,
        prior_shift=effects.pull,
        constant=sums.constant + effects.constant,
    )
    code = encode_variances(spec, groups, known.sigma, known.known)
    return Marginal(groups, effects, blocks, code, integrate)


@dataclass(frozen=True)
class _Reduction:
    """What becomes of some rows of a design; factors in the order of the kernels.

    Of one design, the layout and the paths say all: priors, which a fit has and an estimate has not, play no part.
    """

    layout: Layout
    population: Path
    offset: Path | None
    groups: tuple[Path, ...]
    known: Residuals = field(compare=False)
    effects: PopulationEffects = field(compare=False)

    def __call__(self, design: Design) -> Products:
        population: PopulationDesign = design.terms[self.population]
        groups: list[GroupDesign] = [design.terms[path] for path in self.groups]
        known = self.known
        assert design.y is not None
        response = design.y if self.offset is None else design.y - design.terms[self.offset].values
        rows = Rows(
            response - self.effects.shift,
            self.effects.design(population.X),
            tuple(group.Z for group in groups),
            tuple(group.index for group in groups),
            known.index(design),
            known.multiplier(design),
            known.counts(design),
            known.constant(design),
        )
        with one_blas_thread():
            return products(self.layout, rows)
