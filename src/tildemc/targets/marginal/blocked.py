"""Cross-products, Cholesky factors and precisions -> log p(y | variances).

The factor with the most effects is eliminated level by level (its part of A is block diagonal); what the others and the
population effects are left with, the rest, is factored densely. The module `likelihood` has the notation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tildemc.kernels import inlined
from tildemc.targets.marginal.lapack import factor_upper

__all__ = [
    "SMALL",
    "Blocks",
    "Work",
    "apply_factors",
    "scaled_block",
    "solve_transposed",
    "solve_upper",
    "symmetric",
    "value",
    "workspace",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SMALL = 48
"""Up to this size a plain loop factors faster than LAPACK is called."""


class Blocks(NamedTuple):
    """What the kernels read of a model and its data.

    Attributes
    ----------
    start, classes, table
        The cross-products as a sparse matrix (entries, residual classes): for entry k the classes
        `classes[start[k]:start[k + 1]]` and its values in each. Entries: S (levels, q(q+1)/2), E (pairs, q),
        R (nonzeros), c (levels, q), b (m,), yy.
    counts : (classes,)
        The weight of the rows in each residual class.
    neighbour : (levels + 1,), column : (pairs,)
        For each level of the eliminated factor, the columns of the rest that it meets, ascending.
    rest_row, rest_column : (nonzeros,)
        Of R, its lower triangle.
    first, width : (factors,)
        Of the other factors, where their columns begin and how many effects a level has; the last entry of `first` is
        where the population effects begin.
    size : (4,)
        Levels and q of the eliminated factor, m columns of the rest, p population effects.
    prior_precision : (p, p), prior_shift : (p,)
        Of the population effects: B⁻¹ and B⁻¹ b0.
    constant : float
    """

    start: Integers
    classes: Integers
    table: Floats
    counts: Floats
    neighbour: Integers
    column: Integers
    rest_row: Integers
    rest_column: Integers
    first: Integers
    width: Integers
    size: Integers
    prior_precision: Floats
    prior_shift: Floats
    constant: float


class Work(NamedTuple):
    """Arrays that an evaluation fills: factors of the eliminated levels, and the rest's system and factor."""

    entries: Floats  # as in Blocks
    levels: Floats  # (levels, q, q), lower Cholesky factors
    W: Floats  # (pairs, q)
    w: Floats  # (levels, q)
    Q: Floats  # (m, m), the rest's cross-products less what elimination took; this and the next: upper triangles
    r: Floats  # (m,)
    U: Floats  # (m, m), Uᵀ U = Λᵀ Q Λ + prior
    z: Floats  # (m,), U⁻ᵀ (Λᵀ r + shift)


@inlined
def workspace(b: Blocks) -> Work:
    """Arrays for one evaluation after another."""
    J, q, m = b.size[0], b.size[1], b.size[2]
    pairs = len(b.column)
    return Work(
        np.empty(len(b.start) - 1), np.empty((J, q, q)), np.empty((pairs, q)), np.empty((J, q)), np.empty((m, m)),
        np.empty(m), np.empty((m, m)), np.empty(m),
    )  # fmt: skip


@inlined
def _weigh(b: Blocks, precision: Floats, entries: Floats) -> None:
    """Sum the cross-products over residual classes, each times its precision."""
    for k in range(len(entries)):
        total = 0.0
        for i in range(b.start[k], b.start[k + 1]):
            total += b.table[i] * precision[b.classes[i]]
        entries[k] = total


@inlined
def _cholesky(A: Floats, C: Floats) -> None:
    """The lower factor of A, a lower triangle, into that of C."""
    for j in range(A.shape[0]):
        for i in range(j, A.shape[0]):
            total = A[i, j]
            for k in range(j):
                total -= C[i, k] * C[j, k]
            C[i, j] = np.sqrt(total) if i == j else total / C[j, j]


@inlined
def _factor_rest(U: Floats) -> bool:
    """M = Uᵀ U, U over M, upper triangles; whether M was positive definite."""
    n = U.shape[0]
    if n > SMALL:
        return factor_upper(U)
    for i in range(n):
        for j in range(i, n):
            total = U[i, j]
            for k in range(i):
                total -= U[k, i] * U[k, j]
            if i == j:
                if not total > 0.0:
                    return False
                U[i, i] = np.sqrt(total)
            else:
                U[i, j] = total / U[i, i]
    return True


@inlined
def _eliminate(b: Blocks, L: Floats, work: Work) -> float:
    """Factor each level's block and take its share out of Q and r; log-determinant less the quadratic form."""
    J, q, m = b.size[0], b.size[1], b.size[2]
    triangle, pairs = q * (q + 1) // 2, len(b.column)
    entries, Q, r, W, w = work.entries, work.Q, work.r, work.W, work.w
    at_E = J * triangle
    at_R = at_E + pairs * q
    at_c = at_R + len(b.rest_row)
    at_b = at_c + J * q
    Q[:] = 0.0
    for k in range(len(b.rest_row)):
        Q[b.rest_column[k], b.rest_row[k]] = entries[at_R + k]
    for i in range(m):
        r[i] = entries[at_b + i]
    S, T, A, inverse = np.empty((q, q)), np.empty((q, q)), np.empty((q, q)), np.empty(q)
    total = 0.0
    for j in range(J):
        C = work.levels[j]
        symmetric(entries, j * triangle, S)
        scaled_block(S, L, T, A)
        _cholesky(A, C)
        diagonal = 1.0
        for a in range(q):
            diagonal *= C[a, a]
            inverse[a] = 1.0 / C[a, a]
        total += 2.0 * np.log(diagonal)
        for a in range(q):
            value = 0.0
            for k in range(a, q):
                value += L[k, a] * entries[at_c + j * q + k]
            for k in range(a):
                value -= C[a, k] * w[j, k]
            w[j, a] = value * inverse[a]
            total -= w[j, a] * w[j, a]
        for i in range(b.neighbour[j], b.neighbour[j + 1]):
            for a in range(q):
                value = 0.0
                for k in range(a, q):
                    value += L[k, a] * entries[at_E + i * q + k]
                for k in range(a):
                    value -= C[a, k] * W[i, k]
                W[i, a] = value * inverse[a]
                r[b.column[i]] -= W[i, a] * w[j, a]
        _take_out(b, j, W, Q)
    return total


@inlined
def _take_out(b: Blocks, j: int, W: Floats, Q: Floats) -> None:
    """Q less Wᵀ W of level j; row by row of Q, which is large."""
    q, hi = W.shape[1], b.neighbour[j + 1]
    for i in range(b.neighbour[j], hi):
        row = Q[b.column[i]]
        if q == 1:
            x = W[i, 0]
            for h in range(i, hi):
                row[b.column[h]] -= x * W[h, 0]
        else:
            for h in range(i, hi):
                value = 0.0
                for a in range(q):
                    value += W[i, a] * W[h, a]
                row[b.column[h]] -= value


@inlined
def symmetric(entries: Floats, at: int, S: Floats) -> None:
    """Unpack a lower triangle, row by row, into a symmetric matrix."""
    for a in range(S.shape[0]):
        for c in range(a + 1):
            S[a, c] = S[c, a] = entries[at]
            at += 1


@inlined
def scaled_block(S: Floats, L: Floats, T: Floats, A: Floats) -> None:
    """T = S L and A = Lᵀ S L + I, the lower triangle."""
    q = S.shape[0]
    for a in range(q):
        for c in range(q):
            value = 0.0
            for k in range(c, q):
                value += S[a, k] * L[k, c]
            T[a, c] = value
    for a in range(q):
        for c in range(a + 1):
            value = 1.0 if a == c else 0.0
            for k in range(a, q):
                value += L[k, a] * T[k, c]
            A[a, c] = value


@inlined
def apply_factors(b: Blocks, factors: Floats, x: Floats) -> None:
    """Λ x in place."""
    for f in range(len(b.width)):
        q, L = b.width[f], factors[f + 1]
        for o in range(b.first[f], b.first[f + 1], q):
            for a in range(q - 1, -1, -1):
                value = 0.0
                for k in range(a + 1):
                    value += L[a, k] * x[o + k]
                x[o + a] = value


@inlined
def _rest_system(b: Blocks, factors: Floats, work: Work) -> None:
    """M = Λᵀ Q Λ + prior, and Λᵀ r + shift: into U and z."""
    m, p = b.size[2], b.size[3]
    Q, M, z = work.Q, work.U, work.z
    for f in range(len(b.width)):
        q, L = b.width[f], factors[f + 1]
        for o in range(b.first[f], b.first[f + 1], q):
            for a in range(q):
                z[o + a] = 0.0
                for k in range(a):
                    Q[o + a, o + k] = Q[o + k, o + a]
            for a in range(q):
                M[o + a, o:] = 0.0
                for k in range(a, q):
                    z[o + a] += L[k, a] * work.r[o + k]
                    for j in range(o, m):
                        M[o + a, j] += L[k, a] * Q[o + k, j]
                _times_factors(b, factors, f, o, M[o + a])
                M[o + a, o + a] += 1.0
    for i in range(p):
        z[m - p + i] = work.r[m - p + i] + b.prior_shift[i]
        for k in range(i, p):
            M[m - p + i, m - p + k] = Q[m - p + i, m - p + k] + b.prior_precision[i, k]


@inlined
def _times_factors(b: Blocks, factors: Floats, f: int, start: int, x: Floats) -> None:
    """xᵀ Λ in place, from column `start`, which is factor f's, on."""
    for g in range(f, len(b.width)):
        q, L = b.width[g], factors[g + 1]
        if q == 1:
            x[max(start, b.first[g]) : b.first[g + 1]] *= L[0, 0]
            continue
        for o in range(max(start, b.first[g]), b.first[g + 1], q):
            for c in range(q):
                total = 0.0
                for k in range(c, q):
                    total += x[o + k] * L[k, c]
                x[o + c] = total


@inlined
def value(b: Blocks, factors: Floats, precision: Floats, integrate: bool, work: Work) -> float:
    """Log p(y | variances); population effects at their best, not integrated out, if `integrate` is false.

    Parameters
    ----------
    b : Blocks
    factors : (factors, widest, widest)
        Lower Cholesky factors of the effects' covariances, the eliminated one's first.
    precision : (classes,)
        Of the residuals.
    integrate : bool
    work : Work
        Is filled.
    """
    m, p = b.size[2], b.size[3]
    _weigh(b, precision, work.entries)
    total = _eliminate(b, factors[0], work) + work.entries[-1]
    _rest_system(b, factors, work)
    if not _factor_rest(work.U):
        return -np.inf
    for i in range(m):
        work.z[i] /= work.U[i, i]
        total -= work.z[i] * work.z[i]
        for k in range(i + 1, m):
            work.z[k] -= work.U[i, k] * work.z[i]
        if integrate or i < m - p:
            total += 2.0 * np.log(work.U[i, i])
    for k in range(len(precision)):
        total -= b.counts[k] * np.log(precision[k])
    result = b.constant - 0.5 * total
    return result if np.isfinite(result) else -np.inf


@inlined
def solve_upper(U: Floats, x: Floats) -> None:
    """U⁻¹ x in place."""
    for i in range(len(x) - 1, -1, -1):
        total = x[i]
        for k in range(i + 1, len(x)):
            total -= U[i, k] * x[k]
        x[i] = total / U[i, i]


@inlined
def solve_transposed(C: Floats, x: Floats) -> None:
    """C⁻ᵀ x in place."""
    for i in range(len(x) - 1, -1, -1):
        for k in range(i + 1, len(x)):
            x[i] -= C[k, i] * x[k]
        x[i] /= C[i, i]
