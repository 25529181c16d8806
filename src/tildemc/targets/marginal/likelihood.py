"""Marginal: a Gaussian multilevel model with its effects integrated out.

    y = X β + Z u + e,   β ~ N(b0, B),   u = Λ v,   v ~ N(0, I),   e_i ~ N(0, σ²_{k(i)})
    A = [Λᵀ 0; 0 I] (Σ_k σ_k⁻² W_kᵀ W_k) [Λ 0; 0 I] + [I 0; 0 B⁻¹],   W = [Z X]
    log p(y | Λ, σ) = -½ Σ_k n_k log(2π σ_k²) - ½ log|B| - ½ log|A| - ½ (Σ_k σ_k⁻² y_kᵀ y_k + b0ᵀ B⁻¹ b0 - rᵀ A⁻¹ r)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tildemc.model.design import Design
from tildemc.model.spec import Grouping, ModelSpec
from tildemc.targets.marginal.blocked import Blocks, Work, gradient, sweep, value, workspace
from tildemc.targets.marginal.population import Population, population
from tildemc.targets.marginal.residuals import residuals
from tildemc.targets.marginal.statistics import Layout, Rows, statistics
from tildemc.targets.marginal.variances import Code, encode_variances, expand, pull, push

__all__ = ["Marginal", "Variances", "marginal"]

Floats = NDArray[np.float64]


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

    @cached_property
    def _work(self) -> Work:
        return workspace(self.blocks)

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
        """log p(y | variances) and its derivatives by factors (factors, widest, widest) and precision (classes,)."""
        by_factor, by_precision = np.zeros_like(factors), np.zeros_like(precision)
        found = value(self.blocks, factors, precision, self.integrate, self._work)
        if np.isfinite(found):
            gradient(self.blocks, factors, precision, self.integrate, self._work, by_factor, by_precision)
        return found, by_factor, by_precision

    def posterior(self, phi: Floats) -> tuple[float, Floats]:
        """log p(φ | y) up to a constant, and its gradient (size,)."""
        if not np.all(np.abs(phi) < REACH):
            return -np.inf, np.zeros(self.size)
        here = self.variances(phi[None])
        found, by_factor, by_precision = self.likelihood(here.factors[0], here.precision[0])
        out = np.zeros(self.size)
        if not np.isfinite(found):
            return -np.inf, out
        pull(self.code, phi, here.sds[0], here.unit[0], here.precision[0], by_factor, by_precision, out)
        return found + float(here.prior[0]), out
