"""Marginal: a Gaussian multilevel model with its effects integrated out.

y = X β + Z u + e,   β ~ N(b0, B),   u = Λ v,   v ~ N(0, I),   e_i ~ N(0, σ²_{k(i)})
A = [Λᵀ 0; 0 I] (Σ_k σ_k⁻² W_kᵀ W_k) [Λ 0; 0 I] + [I 0; 0 B⁻¹],   W = [Z X]
log p(y | Λ, σ) = -½ Σ_k n_k log(2π σ_k²) - ½ log|B| - ½ log|A| - ½ (Σ_k σ_k⁻² y_kᵀ y_k + b0ᵀ B⁻¹ b0 - rᵀ A⁻¹ r)
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from tildemc.model.design import Design
from tildemc.model.spec import Grouping, ModelSpec
from tildemc.targets.marginal.blocked import SMALL, Blocks, sweep
from tildemc.targets.marginal.fisher import log_likelihood
from tildemc.targets.marginal.population import Population, population
from tildemc.targets.marginal.posterior import log_posterior
from tildemc.targets.marginal.residuals import residuals
from tildemc.targets.marginal.statistics import Layout, Rows, statistics
from tildemc.targets.marginal.variances import Code, encode_variances, expand

__all__ = ["Marginal", "Variances", "marginal"]

Floats = NDArray[np.float64]

CHUNK = 1 << 21
"""Standard normal numbers that are drawn at once."""


@dataclass(frozen=True, eq=False)
class Variances:
    """What points φ (points, size) stand for.

    Attributes
    ----------
    sds : (points, scalars)
        Each factor's in turn, then the residual's.
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
    order : tuple of int
        The model's groupings in the order of the kernels: the one with the most effects first.
    groupings : tuple of Grouping
        In that order.
    population : Population
    blocks : Blocks
    code : Code
    integrate : bool
        Whether the population effects are integrated out (or else at their best: maximum likelihood).
    """

    order: tuple[int, ...]
    groupings: tuple[Grouping, ...]
    population: Population
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
        expand(self.code, phi, found.sds, found.unit, found.factors, found.precision, found.prior)
        return found

    def likelihood(self, factors: Floats, precision: Floats) -> tuple[float, Floats, Floats]:
        """Log p(y | variances) and its derivatives by factors (factors, widest, widest) and precision (classes,)."""
        by_factor, by_precision = np.zeros_like(factors), np.zeros_like(precision)
        with _one_thread(self.blocks):
            found = log_likelihood(self.blocks, factors, precision, self.integrate, by_factor, by_precision)
        return found, by_factor, by_precision

    def posterior(self, phi: Floats) -> tuple[float, Floats]:
        """Log p(φ | y) up to a constant and its gradient, at φ (size,)."""
        out = np.zeros(len(phi))
        with _one_thread(self.blocks):
            return log_posterior(self.blocks, self.code, phi, self.integrate, out), out

    def effects_at(self, factors: Floats, precision: Floats, noise: Floats) -> Floats:
        """All effects given the variances, by standard normal noise (points, effects): their mean for zeros."""
        n = len(noise)
        values, out = np.empty(n), np.empty(noise.shape)
        here = np.repeat(factors[None], n, axis=0), np.repeat(precision[None], n, axis=0)
        sweep(self.blocks, *here, noise, values, out)
        return out

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
        values, out = np.empty(len(phi)), np.empty((len(phi), 0 if rng is None else self.effects))
        step = max(2, CHUNK // max(out.shape[1], 1))

        def part(at: slice, noise: Floats) -> None:
            sweep(self.blocks, here.factors[at], here.precision[at], noise, values[at], out[at])

        with _one_thread(self.blocks), ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
            for lo in range(0, len(phi), step):
                hi = min(lo + step, len(phi))
                middle = (lo + hi) // 2
                noise = out[lo:hi] if rng is None else rng.standard_normal((hi - lo, self.effects))
                parts = (slice(lo, middle), slice(middle, hi))
                list(pool.map(part, parts, (noise[: middle - lo], noise[middle - lo :])))
        return values + here.prior, out


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def _one_thread(blocks: Blocks) -> AbstractContextManager[object]:
    """Keep LAPACK to one thread: sweeps have two, and on a busy machine its own wait for one another."""
    return _libraries().limit(limits=1, user_api="blas") if blocks.size[2] > SMALL else nullcontext()


def marginal(spec: ModelSpec, design: Design, *, flat: bool = False, integrate: bool = True) -> Marginal:
    """Reduce a model and its data to what its marginal likelihood needs.

    Parameters
    ----------
    spec : ModelSpec
        Without gaps, and with numbers for all priors.
    design : Design
    flat : bool
        Take all population priors for flat.
    integrate : bool
        Integrate the population effects out; otherwise they are at their best.
    """
    predictor, numbers = spec.predictors[0], design.predictors[0]
    assert design.y is not None
    sizes = [len(g.factor.levels) * len(g.columns) for g in predictor.groupings]
    order = tuple(sorted(range(len(sizes)), key=lambda f: -sizes[f]))
    groupings = tuple(predictor.groupings[f] for f in order)
    known, effects = residuals(spec, design), population(spec, design, flat=flat, integrate=integrate)
    response = design.y if numbers.offset is None else design.y - numbers.offset
    rows = Rows(
        response - effects.shift,
        effects.design(numbers.X),
        tuple(numbers.groups[f].Z for f in order),
        tuple(numbers.groups[f].index for f in order),
        known.index,
        known.multiplier,
    )
    layout = Layout(
        tuple(len(g.factor.levels) for g in groupings),
        tuple(len(g.columns) for g in groupings),
        effects.size,
        len(known.counts),
    )
    sums = statistics(layout, rows.chunks())
    levels, width = (layout.levels[0], layout.widths[0]) if groupings else (0, 1)
    blocks = Blocks(
        start=sums.start,
        classes=sums.classes,
        table=sums.table,
        counts=known.counts,
        neighbour=sums.neighbour,
        column=sums.column,
        rest_row=sums.rest_row,
        rest_column=sums.rest_column,
        first=layout.first,
        width=np.array(layout.widths[1:], dtype=np.int64),
        size=np.array([levels, width, layout.rest, layout.p]),
        prior_precision=effects.precision,
        prior_shift=effects.pull,
        constant=known.constant + effects.constant,
    )
    code = encode_variances(spec, groupings, known.sigma, known.known)
    return Marginal(order, groupings, effects, blocks, code, integrate)
