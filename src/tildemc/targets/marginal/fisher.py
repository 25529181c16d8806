"""The derivatives of log p(y | variances), by Fisher's identity."""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

import numpy as np

from tildemc.arrays import Floats
from tildemc.kernels import jit, kernel
from tildemc.kernels.structures import Packed, Struct, pack
from tildemc.kernels.views import Cube, Indices, Matrix, Vector, copy, fill, view
from tildemc.targets.marginal.blocked import (
    BLOCKS,
    SMALL,
    WORK,
    Blocks,
    Work,
    apply_factors,
    scaled_block,
    solve_transposed,
    solve_upper,
    symmetric,
    value,
)
from tildemc.targets.marginal.lapack import invert_upper

__all__ = ["SLOPES", "Slopes", "gradient", "log_likelihood", "room"]


class Slopes(NamedTuple):
    """Arrays that `gradient` fills on its way."""

    mean: Vector  # (m,), of the rest's effects
    v: Vector  # (m,), the same before Λ
    V: Matrix  # (m, m), their covariance; and with Λᵀ
    N: Matrix  # (m, m)
    R: Matrix  # (SMALL, SMALL), the inverse of a factor
    moments: Vector  # as the entries in Blocks
    K: Matrix  # (widest, q), of one level
    KN: Matrix  # (widest, q)
    block: Cube  # (4, q, q), of one level: S, S L, Lᵀ S L + I, and the effects' second moments
    effects: Matrix  # (2, q), of one level


SLOPES = Struct(Slopes)


def room(b: Blocks) -> Packed:
    """Memory for one gradient after another."""
    _, q, m, _ = (int(n) for n in b.size)
    widest = int(np.diff(b.neighbour).max(initial=0))
    shapes = (m, m, (m, m), (m, m), (SMALL, SMALL), len(b.start) - 1, (widest, q), (widest, q), (4, q, q), (2, q))
    return pack(SLOPES, tuple(np.empty(shape) for shape in shapes))


_blocks, _work, _slopes = BLOCKS.at, WORK.at, SLOPES.at


@jit
def _invert(U: Matrix, n: int, inverse: Matrix, R: Matrix, routine: Indices) -> None:
    """The inverse of the leading n rows and columns of Uᵀ U, zeros elsewhere; of U its upper triangle is read."""
    fill(inverse.flat, 0.0)
    if n > SMALL:
        for i in range(n):
            for k in range(i, n):
                inverse[i, k] = U[i, k]
        invert_upper(inverse, n, routine)
        _mirror(inverse)
        return
    # R = U⁻ᵀ by columns, then Rᵀ R: for so few columns cheaper than a call of LAPACK.
    for a in range(n):
        R[a, a] = 1.0 / U[a, a]
        for i in range(a + 1, n):
            total = 0.0
            for k in range(a, i):
                total -= U[k, i] * R[k, a]
            R[i, a] = total / U[i, i]
    for a in range(n):
        for i in range(a + 1):
            total = 0.0
            for k in range(a, n):
                total += R[k, a] * R[k, i]
            inverse[a, i] = total
            inverse[i, a] = total


@jit
def _mirror(X: Matrix) -> None:
    """Fill the lower triangle from the upper one."""
    for i in range(X.shape[0]):
        for k in range(i):
            X[i, k] = X[k, i]


@jit
def gradient(
    b: Blocks,
    factors: Cube,
    precision: Vector,
    integrate: bool,
    work: Work,
    space: Slopes,
    by_factor: Cube,
    by_precision: Vector,
) -> None:
    """The derivatives of `value`, which has filled `work`, by factors and precisions; into the last two arguments.

    Fisher's identity: those of the complete log density, expected over the effects given y.
    """
    m, p = b.size[2], b.size[3]
    mean, v, V, N, moments = space.mean, space.v, space.V, space.N, space.moments
    # First what the data say of the rest's effects: their means U⁻¹ z and covariance (Uᵀ U)⁻¹. Population effects at
    # their best are known, and have no part in the covariance.
    copy(work.z, mean)
    solve_upper(work.U, mean)
    _invert(work.U, m if integrate else m - p, V, space.R, work.routine)
    _mirror(work.Q)
    # v is standardised, u = Λ v; both are wanted, since d u / d Λ is v.
    fill(by_factor.flat, 0.0)
    copy(mean, v)
    apply_factors(b, factors, mean)
    _times_factors_transposed(b, factors, V)
    for i in range(m):  # V Λᵀ: V was symmetric
        for k in range(m):
            N[i, k] = V[k, i]
    _rest_by_factor(b, work, mean, v, N, by_factor)
    _times_factors_transposed(b, factors, N)
    _eliminated_moments(b, factors[0], work, space, by_factor[0])
    # A cross-product k stands in the complete log density as moments[k] × entries[k], which is linear in each
    # precision: -½ u_i u_h for those of two columns (twice below the diagonal), u_i for those with the response, -½ for
    # yᵀ y.
    at_R = len(work.entries) - 1 - m - len(b.rest_row) - b.size[0] * b.size[1]
    for k in range(len(b.rest_row)):
        i, h = b.rest_row[k], b.rest_column[k]
        moments[at_R + k] = (-0.5 if i == h else -1.0) * (N[i, h] + mean[i] * mean[h])
    for i in range(m):
        moments[len(moments) - 1 - m + i] = mean[i]
    moments[len(moments) - 1] = -0.5
    # From ½ n_k log precision_k.
    for k in range(len(precision)):
        by_precision[k] = 0.5 * b.counts[k] / precision[k] if b.counts[k] != 0.0 else 0.0
    _share_out(b, moments, by_precision)


@jit
def _share_out(b: Blocks, moments: Vector, by_precision: Vector) -> None:
    """Add what `_weigh` turns the precisions' derivatives into."""
    for k in range(len(moments)):
        for i in range(b.start[k], b.start[k + 1]):
            by_precision[b.classes[i]] += b.table[i] * moments[k]


@jit
def _times_factors_transposed(b: Blocks, factors: Cube, X: Matrix) -> None:
    """Λ X in place: each column of X."""
    for f in range(len(b.width)):
        q, L = b.width[f], factors[b.factor[f]]
        for o in range(b.first[f], b.first[f + 1], q):
            for a in range(q - 1, -1, -1):
                for i in range(X.shape[1]):
                    total = 0.0
                    for k in range(a + 1):
                        total += L[a, k] * X[o + k, i]
                    X[o + a, i] = total


@jit
def _rest_by_factor(b: Blocks, work: Work, mean: Vector, v: Vector, VΛ: Matrix, by_factor: Cube) -> None:
    """By the other factors: (r - Q u) vᵀ - Q Λ V, summed over each factor's diagonal blocks; `VΛ` is (Λ V)ᵀ."""
    m = len(mean)
    for f in range(len(b.width)):
        q = b.width[f]
        for o in range(b.first[f], b.first[f + 1], q):
            for a in range(q):
                residual = work.r[o + a]
                for i in range(m):
                    residual -= work.Q[o + a, i] * mean[i]
                for c in range(a + 1):
                    total = residual * v[o + c]
                    for i in range(m):
                        total -= work.Q[o + a, i] * VΛ[o + c, i]
                    by_factor[b.factor[f], a, c] += total


@jit
def _eliminated_moments(b: Blocks, L: Matrix, work: Work, space: Slopes, by_L: Matrix) -> None:
    """By the eliminated factor's L, and by the cross-products that it has a part in."""
    J, q = b.size[0], b.size[1]
    at_E = J * (q * (q + 1) // 2)
    at_c = at_E + len(b.column) * q + len(b.rest_row)
    for j in range(J):
        _level_effects(b, j, work, space)
        _level_moments(b, j, work, space)
        symmetric(work.entries, j * (q * (q + 1) // 2), space.block[0])
        scaled_block(space.block[0], L, space.block[1], space.block[2])
        _level_by_factor(b, j, at_E, at_c, work.entries, space, by_L)
        _level_by_products(b, j, at_E, at_c, L, space)


@jit
def _level_effects(b: Blocks, j: int, work: Work, space: Slopes) -> None:
    """Backward from the rest to a level: E v_j = C⁻ᵀ (w_j - W_j E u), and K = C⁻ᵀ W_j, by which v_j moves with u."""
    C, inverse, lo, hi = work.levels[j], work.inverses[j], b.neighbour[j], b.neighbour[j + 1]
    v, K = space.effects[0], space.K
    for a in range(len(v)):
        v[a] = work.w[j, a]
    for i in range(lo, hi):
        for a in range(len(v)):
            v[a] -= work.W[i, a] * space.mean[b.column[i]]
            K[i - lo, a] = work.W[i, a]
        solve_transposed(C, inverse, K[i - lo])
    solve_transposed(C, inverse, v)


@jit
def _level_moments(b: Blocks, j: int, work: Work, space: Slopes) -> None:
    """A level's effects with the rest's, whose covariance is -K N, and with one another: A⁻¹ + K N Kᵀ + mean."""
    C, inverse = work.levels[j], work.inverses[j]
    lo, size, q = b.neighbour[j], b.neighbour[j + 1] - b.neighbour[j], C.shape[0]
    N, K, KN, vv, v, H = space.N, space.K, space.KN, space.block[3], space.effects[0], space.effects[1]
    for i in range(size):
        fill(H, 0.0)
        for h in range(size):
            covariance = N[b.column[lo + i], b.column[lo + h]]
            for a in range(q):
                H[a] += covariance * K[h, a]
        for a in range(q):
            KN[i, a] = H[a]
    for a in range(q):
        # Column a of A_j⁻¹ = C⁻ᵀ C⁻¹.
        fill(H, 0.0)
        H[a] = 1.0
        for k in range(a, q):
            for i in range(a, k):
                H[k] -= C[k, i] * H[i]
            H[k] *= inverse[k]
        solve_transposed(C, inverse, H)
        for c in range(q):
            total = H[c] + v[a] * v[c]
            for i in range(size):
                total += K[i, a] * KN[i, c]
            vv[a, c] = total


@jit
def _level_by_factor(b: Blocks, j: int, at_E: int, at_c: int, entries: Vector, space: Slopes, by_L: Matrix) -> None:
    """By L: E[(c_j - S_j L v_j - E_j u) v_jᵀ], the level's residual products times its effects."""
    lo, size, q = b.neighbour[j], b.neighbour[j + 1] - b.neighbour[j], space.block.shape[1]
    mean, KN, SL, vv, v = space.mean, space.KN, space.block[1], space.block[3], space.effects[0]
    for a in range(q):
        for c in range(a + 1):
            total = entries[at_c + j * q + a] * v[c]
            for k in range(q):
                total -= SL[a, k] * vv[k, c]
            for i in range(size):
                total -= entries[at_E + (lo + i) * q + a] * (mean[b.column[lo + i]] * v[c] - KN[i, c])
            by_L[a, c] += total


@jit
def _level_by_products(b: Blocks, j: int, at_E: int, at_c: int, L: Matrix, space: Slopes) -> None:
    """By a level's cross-products: moments of its effects L v_j, with the response, one another, and the rest's."""
    lo, size, q = b.neighbour[j], b.neighbour[j + 1] - b.neighbour[j], space.block.shape[1]
    mean, moments, KN, vv, v = space.mean, space.moments, space.KN, space.block[3], space.effects[0]
    at = j * (q * (q + 1) // 2)
    for a in range(q):
        moments[at_c + j * q + a] = 0.0
        for k in range(a + 1):
            moments[at_c + j * q + a] += L[a, k] * v[k]
        for c in range(a + 1):
            total = 0.0
            for k in range(a + 1):
                for h in range(c + 1):
                    total += L[a, k] * vv[k, h] * L[c, h]
            moments[at] = -0.5 * total if a == c else -total
            at += 1
    for i in range(size):
        for a in range(q):
            total = 0.0
            for k in range(a + 1):
                total -= L[a, k] * (mean[b.column[lo + i]] * v[k] - KN[i, k])
            moments[at_E + (lo + i) * q + a] = total


@kernel
def log_likelihood(
    at: int, workspace: int, space: int, factors: Floats, precision: Floats, integrate: bool, by_factor: Floats,
    by_precision: Floats,
) -> float:  # fmt: skip
    """`value` and `gradient` at one point."""
    b, work, Λ, weights = _blocks(at), _work(workspace), view(factors), view(precision)
    found = value(b, Λ, weights, integrate, work)
    if isfinite(found):
        gradient(b, Λ, weights, integrate, work, _slopes(space), view(by_factor), view(by_precision))
    return found
