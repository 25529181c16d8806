"""Covariance factors of group effects: a block's lower triangle L, packed by rows, from its coordinates; and back.

A diagonal block's L is its sds. The density of free correlations is LKJ's, in the coordinates that PyMC gives them:
`LKJCholeskyCov` has L itself with logs on the diagonal; `LKJCorr` has a row of the correlations' factor as
(y, 1) / |(y, 1)|. The numbers that other correlations follow from are scalars, as sds are.
"""

from __future__ import annotations

from math import log, sqrt

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.densities import density
from tildemc.kernels.views import copy
from tildemc.targets.direct.spectra import from_spectrum, to_spectrum
from tildemc.targets.direct.tables import CORRELATION, DIAGONAL, NONE, PATTERN, SPECTRUM, Block, Tables
from tildemc.targets.shared.correlations import differentiate_unit, triangle_at, unit_factor

__all__ = ["build_factors", "differentiate_factors", "spiral"]


@jit
def spiral(n: int, i: int, j: int) -> int:
    """Where PyMC's CholeskyCorrTransform keeps the factor's element (i, j), i > j, of an n × n matrix."""
    m = n - 1
    at = (i - 1) * m + j
    return m + at if at < m * (m - 1) // 2 else m * m - 1 - at


@jit
def build_factors(t: Tables, value: Floats, factors: Floats, memory: Floats) -> float:
    """Fill `factors` with each block's L; returns the log density of correlations, and of sds that are no scalars."""
    total = 0.0
    for k in range(t.blocks.size):
        block = t.blocks[k]
        n, at = block.width, block.factor
        if block.kind == DIAGONAL:
            for i in range(n):
                factors[at + i] = value[block.sd + i * block.step]
        elif block.kind == CORRELATION:
            total += _from_correlations(block, value, factors)
        elif block.kind == SPECTRUM:
            from_spectrum(t, block, value, factors)
        elif block.kind == PATTERN:
            _from_pattern(t, block, value, factors, memory)
        else:
            copy(value[block.chol : block.chol + n * (n + 1) // 2], factors[at:])
            total += _covariance_density(t, block, factors)
    return total


@jit
def _from_correlations(block: Block, value: Floats, factors: Floats) -> float:
    n, at, total = block.width, block.factor, 0.0
    for i in range(n):
        # Row i is (y, 1) / |(y, 1)|, times the sd: a unit vector, whatever the y, so that L Lᵀ has sds² on its
        # diagonal.
        square = 1.0
        for j in range(i):
            square += value[block.chol + spiral(n, i, j)] ** 2
        scale = value[block.sd + i * block.step] / sqrt(square)
        for j in range(i):
            factors[at + j] = scale * value[block.chol + spiral(n, i, j)]
        factors[at + i] = scale
        at += i + 1
        # LKJ's exponent of the diagonal, 2 eta - 2 + n - (i + 1), and the Jacobian's, i + 2, add up.
        total -= 0.5 * (2 * block.eta - 1 + n) * log(square)
    return total


@jit
def _from_pattern(t: Tables, block: Block, value: Floats, factors: Floats, memory: Floats) -> None:
    recipe, at = t.floats[block.recipe :], block.factor
    unit_factor(recipe, value[block.chol :], memory)
    L, first = memory[triangle_at(recipe) :], block.factor
    for i in range(block.width):
        sd = value[block.sd + i * block.step] if block.sd != NONE else 1.0
        for j in range(i + 1):
            factors[at + j] = sd * L[at - first + j]
        at += i + 1


@jit
def _row_norm(factors: Floats, at: int, i: int) -> float:
    square = 0.0
    for j in range(i + 1):
        square += factors[at + j] ** 2
    return sqrt(square)


@jit
def _covariance_density(t: Tables, block: Block, factors: Floats) -> float:
    n, at, total = block.width, block.factor, 0.0
    for i in range(n):
        sd = _row_norm(factors, at, i)
        prior = t.spreads[block.prior + i]
        # LKJ's density is a product of powers of the correlations' diagonal L_ii / sd_i; the rest is the Jacobian of a
        # row as its sd times a direction.
        exponent = 2 * block.eta - 2 + n - i
        total += density(t.floats, prior.density, sd, prior.a, prior.b, prior.c)[0]
        total += exponent * log(factors[at + i] / sd) - i * log(sd)
        at += i + 1
    return total


@jit
def differentiate_factors(
    t: Tables, value: Floats, factors: Floats, d_factors: Floats, d_value: Floats, memory: Floats
) -> None:
    """Add to `d_value` what the derivatives by each block's L, and the densities above, come to."""
    for k in range(t.blocks.size):
        block = t.blocks[k]
        n, at = block.width, block.factor
        if block.kind == DIAGONAL:
            for i in range(n):
                d_value[block.sd + i * block.step] += d_factors[at + i]
        elif block.kind == CORRELATION:
            _to_correlations(block, value, factors, d_factors, d_value)
        elif block.kind == SPECTRUM:
            to_spectrum(t, block, value, factors, d_factors, d_value)
        elif block.kind == PATTERN:
            _to_pattern(t, block, value, d_factors, d_value, memory)
        else:
            _covariance_derivatives(t, block, factors, d_factors)
            for i in range(n * (n + 1) // 2):
                d_value[block.chol + i] += d_factors[at + i]


@jit
def _to_correlations(block: Block, value: Floats, factors: Floats, d_factors: Floats, d_value: Floats) -> None:
    n, at = block.width, block.factor
    for i in range(n):
        sd = value[block.sd + i * block.step]
        # A change along the row changes its sd, one across it its direction: the projection separates the two.
        along = 0.0
        for j in range(i + 1):
            along += d_factors[at + j] * factors[at + j]
        d_value[block.sd + i * block.step] += along / sd
        inverse_norm = factors[at + i] / sd
        for j in range(i):
            unit = factors[at + j] / sd
            pull = sd * d_factors[at + j] - along * unit - (2 * block.eta - 1 + n) * unit
            d_value[block.chol + spiral(n, i, j)] += pull * inverse_norm
        at += i + 1


@jit
def _to_pattern(t: Tables, block: Block, value: Floats, d_factors: Floats, d_value: Floats, memory: Floats) -> None:
    recipe, n = t.floats[block.recipe :], block.width
    # The memory holds what the last recipe left: worked out once more, each has its own for as long as needed.
    unit_factor(recipe, value[block.chol :], memory)
    first = triangle_at(recipe)
    L, D, at = memory[first:], memory[first + n * (n + 1) // 2 :], 0
    for i in range(n):
        own = block.sd + i * block.step
        for j in range(i + 1):
            d = d_factors[block.factor + at + j]
            D[at + j] = d
            if block.sd != NONE:
                d_value[own] += d * L[at + j]
                D[at + j] *= value[own]
        at += i + 1
    differentiate_unit(recipe, memory)
    shapes = int(recipe[0])
    by_shape = memory[shapes + int(recipe[1]) :]
    for k in range(shapes):
        d_value[block.chol + k] += by_shape[k]


@jit
def _covariance_derivatives(t: Tables, block: Block, factors: Floats, d_factors: Floats) -> None:
    n, at = block.width, block.factor
    for i in range(n):
        sd = _row_norm(factors, at, i)
        prior = t.spreads[block.prior + i]
        exponent = 2 * block.eta - 2 + n - i
        by_sd = density(t.floats, prior.density, sd, prior.a, prior.b, prior.c)[1] - (exponent + i) / sd
        for j in range(i + 1):
            d_factors[at + j] += by_sd * factors[at + j] / sd
        d_factors[at + i] += exponent / factors[at + i]
        at += i + 1
