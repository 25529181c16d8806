"""Cross-products, Cholesky factors and precisions -> log p(y | variances), its gradient, and draws of all effects.

The factor with the most effects is eliminated level by level (its part of A is block diagonal); what the others and the population
effects are left with, `rest`, is factored densely. See docs and the module `likelihood` for the notation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tildemc.targets.kernels import jit, kernel

__all__ = ["Blocks", "Work", "gradient", "log_likelihood", "sweep", "value", "workspace"]

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
        `classes[start[k]:start[k + 1]]` and its values in each. Entries: S (levels, q(q+1)/2), E (pairs, q), R (nonzeros),
        c (levels, q), b (m,), yy.
    counts : (classes,)
        The weight of the rows in each residual class.
    neighbour : (levels + 1,), column : (pairs,)
        For each level of the eliminated factor, the columns of the rest that it meets, ascending.
    rest_row, rest_column : (nonzeros,)
        Of R, its lower triangle.
    first, width : (factors,)
        Of the other factors, where their columns begin and how many effects a level has; the last entry of `first` is where
        the population effects begin.
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
    Q: Floats  # (m, m), the rest's cross-products less what elimination took, symmetric
    r: Floats  # (m,)
    M: Floats  # (m, m), Λᵀ Q Λ + prior
    C: Floats  # (m, m), its lower Cholesky factor
    z: Floats  # (m,), C⁻¹ Λᵀ r


@jit
def workspace(b: Blocks) -> Work:
    """Arrays for one evaluation after another."""
    J, q, m = b.size[0], b.size[1], b.size[2]
    pairs = len(b.column)
    return Work(
        np.empty(len(b.start) - 1), np.empty((J, q, q)), np.empty((pairs, q)), np.empty((J, q)), np.empty((m, m)),
        np.empty(m), np.empty((m, m)), np.empty((m, m)), np.empty(m),
    )  # fmt: skip


@jit
def _weigh(b: Blocks, precision: Floats, entries: Floats) -> None:
    """Sum the cross-products over residual classes, each times its precision."""
    for k in range(len(entries)):
        total = 0.0
        for i in range(b.start[k], b.start[k + 1]):
            total += b.table[i] * precision[b.classes[i]]
        entries[k] = total


@jit
def _cholesky(A: Floats, C: Floats) -> bool:
    """The lower factor of A into C; whether A was positive definite."""
    n = A.shape[0]
    C[:] = 0.0
    if n > SMALL:
        try:
            C[:] = np.linalg.cholesky(A)
        except Exception:
            return False
        return True
    for j in range(n):
        total = A[j, j]
        for k in range(j):
            total -= C[j, k] * C[j, k]
        if not total > 0.0:
            return False
        C[j, j] = np.sqrt(total)
        for i in range(j + 1, n):
            total = A[i, j]
            for k in range(j):
                total -= C[i, k] * C[j, k]
            C[i, j] = total / C[j, j]
    return True


@jit
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
        Q[b.rest_row[k], b.rest_column[k]] = entries[at_R + k]
    for i in range(m):
        r[i] = entries[at_b + i]
    S, T, A = np.empty((q, q)), np.empty((q, q)), np.empty((q, q))
    total = 0.0
    for j in range(J):
        C = work.levels[j]
        _symmetric(entries, j * triangle, S)
        _scaled_block(S, L, T, A)
        _cholesky(A, C)
        for a in range(q):
            total += 2.0 * np.log(C[a, a])
        for a in range(q):
            value = 0.0
            for k in range(a, q):
                value += L[k, a] * entries[at_c + j * q + k]
            for k in range(a):
                value -= C[a, k] * w[j, k]
            w[j, a] = value / C[a, a]
            total -= w[j, a] * w[j, a]
        for i in range(b.neighbour[j], b.neighbour[j + 1]):
            for a in range(q):
                value = 0.0
                for k in range(a, q):
                    value += L[k, a] * entries[at_E + i * q + k]
                for k in range(a):
                    value -= C[a, k] * W[i, k]
                W[i, a] = value / C[a, a]
            for h in range(b.neighbour[j], i + 1):
                value = 0.0
                for a in range(q):
                    value += W[i, a] * W[h, a]
                Q[b.column[i], b.column[h]] -= value
            for a in range(q):
                r[b.column[i]] -= W[i, a] * w[j, a]
    return total


@jit
def _symmetric(entries: Floats, at: int, S: Floats) -> None:
    """Unpack a lower triangle, row by row, into a symmetric matrix."""
    for a in range(S.shape[0]):
        for c in range(a + 1):
            S[a, c] = S[c, a] = entries[at]
            at += 1


@jit
def _scaled_block(S: Floats, L: Floats, T: Floats, A: Floats) -> None:
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


@jit
def _times_factors(b: Blocks, factors: Floats, X: Floats) -> None:
    """X Λ in place, X with a column for each of the rest's."""
    for f in range(len(b.width)):
        q, L = b.width[f], factors[f + 1]
        row = np.empty(q)
        for i in range(X.shape[0]):
            for o in range(b.first[f], b.first[f + 1], q):
                for c in range(q):
                    row[c] = 0.0
                    for k in range(c, q):
                        row[c] += X[i, o + k] * L[k, c]
                for c in range(q):
                    X[i, o + c] = row[c]


@jit
def _apply_factors(b: Blocks, factors: Floats, x: Floats) -> None:
    """Λ x in place."""
    for f in range(len(b.width)):
        q, L = b.width[f], factors[f + 1]
        for o in range(b.first[f], b.first[f + 1], q):
            for a in range(q - 1, -1, -1):
                value = 0.0
                for k in range(a + 1):
                    value += L[a, k] * x[o + k]
                x[o + a] = value


@jit
def _rest_system(b: Blocks, factors: Floats, work: Work) -> None:
    """M = Λᵀ Q Λ + prior and Λᵀ r + shift, the latter into z."""
    m, p = b.size[2], b.size[3]
    Q, M, z = work.Q, work.M, work.z
    for i in range(m):
        for k in range(i):
            Q[k, i] = Q[i, k]
    M[:] = Q
    _times_factors(b, factors, M)
    for i in range(m):
        for k in range(i):
            M[i, k], M[k, i] = M[k, i], M[i, k]
    _times_factors(b, factors, M)
    for i in range(m - p):
        M[i, i] += 1.0
        z[i] = work.r[i]
    _times_factors(b, factors, z.reshape((1, m)))
    for i in range(p):
        z[m - p + i] = work.r[m - p + i] + b.prior_shift[i]
        for k in range(p):
            M[m - p + i, m - p + k] += b.prior_precision[i, k]


@jit
def value(b: Blocks, factors: Floats, precision: Floats, integrate: bool, work: Work) -> float:
    """log p(y | variances); population effects at their best, not integrated out, if `integrate` is false.

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
    J, q, m, p = b.size[0], b.size[1], b.size[2], b.size[3]
    _weigh(b, precision, work.entries)
    total = _eliminate(b, factors[0], work) + work.entries[-1]
    _rest_system(b, factors, work)
    if not _cholesky(work.M, work.C):
        return -np.inf
    for i in range(m):
        for k in range(i):
            work.z[i] -= work.C[i, k] * work.z[k]
        work.z[i] /= work.C[i, i]
        total -= work.z[i] * work.z[i]
        if integrate or i < m - p:
            total += 2.0 * np.log(work.C[i, i])
    for k in range(len(precision)):
        total -= b.counts[k] * np.log(precision[k])
    result = b.constant - 0.5 * total
    return result if np.isfinite(result) else -np.inf


@jit
def _inverse(M: Floats, C: Floats, n: int) -> Floats:
    """The inverse of M's leading n columns and rows, zeros elsewhere; C is M's Cholesky factor."""
    inverse = np.zeros(M.shape)
    if n > SMALL:
        inverse[:n, :n] = np.linalg.inv(np.ascontiguousarray(M[:n, :n]))
        return inverse
    R = np.zeros((n, n))
    for a in range(n):
        R[a, a] = 1.0 / C[a, a]
        for i in range(a + 1, n):
            total = 0.0
            for k in range(a, i):
                total -= C[i, k] * R[k, a]
            R[i, a] = total / C[i, i]
    for a in range(n):
        for i in range(a + 1):
            total = 0.0
            for k in range(a, n):
                total += R[k, a] * R[k, i]
            inverse[a, i] = inverse[i, a] = total
    return inverse


@jit
def _solve_transposed(C: Floats, x: Floats) -> None:
    """C⁻ᵀ x in place."""
    for i in range(len(x) - 1, -1, -1):
        for k in range(i + 1, len(x)):
            x[i] -= C[k, i] * x[k]
        x[i] /= C[i, i]


@jit
def gradient(
    b: Blocks,
    factors: Floats,
    precision: Floats,
    integrate: bool,
    work: Work,
    by_factor: Floats,
    by_precision: Floats,
) -> None:
    """The derivatives of `value`, which must have filled `work`, by factors and precisions; into the last two arguments.

    Fisher's identity: those of the complete log density, expected over the effects given y.
    """
    m, p = b.size[2], b.size[3]
    mean = work.z.copy()
    _solve_transposed(work.C, mean)
    V = _inverse(work.M, work.C, m if integrate else m - p)
    by_factor[:] = 0.0
    v = mean.copy()
    _apply_factors(b, factors, mean)
    ΛV = V  # transposed twice below; V is symmetric
    _times_factors_transposed(b, factors, ΛV)
    _rest_by_factor(b, work, mean, v, ΛV, by_factor)
    N = ΛV.T.copy()
    _times_factors_transposed(b, factors, N)
    moments = np.zeros(len(work.entries))
    _eliminated_moments(b, factors[0], work, mean, N, by_factor[0], moments)
    at_R = len(work.entries) - 1 - m - len(b.rest_row) - b.size[0] * b.size[1]
    for k in range(len(b.rest_row)):
        i, h = b.rest_row[k], b.rest_column[k]
        moments[at_R + k] = (-0.5 if i == h else -1.0) * (N[i, h] + mean[i] * mean[h])
    for i in range(m):
        moments[len(moments) - 1 - m + i] = mean[i]
    moments[-1] = -0.5
    for k in range(len(precision)):
        by_precision[k] = 0.5 * b.counts[k] / precision[k]
    _share_out(b, moments, by_precision)


@jit
def _share_out(b: Blocks, moments: Floats, by_precision: Floats) -> None:
    """Add what `_weigh` turns the precisions' derivatives into."""
    for k in range(len(moments)):
        for i in range(b.start[k], b.start[k + 1]):
            by_precision[b.classes[i]] += b.table[i] * moments[k]


@jit
def _times_factors_transposed(b: Blocks, factors: Floats, X: Floats) -> None:
    """Λ X in place: each column of X."""
    for f in range(len(b.width)):
        q, L = b.width[f], factors[f + 1]
        for o in range(b.first[f], b.first[f + 1], q):
            for a in range(q - 1, -1, -1):
                for i in range(X.shape[1]):
                    total = 0.0
                    for k in range(a + 1):
                        total += L[a, k] * X[o + k, i]
                    X[o + a, i] = total


@jit
def _rest_by_factor(
    b: Blocks, work: Work, mean: Floats, v: Floats, ΛV: Floats, by_factor: Floats
) -> None:
    """By the other factors: (r - Q u) vᵀ - Q Λ V, summed over each factor's diagonal blocks."""
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
                        total -= work.Q[o + a, i] * ΛV[i, o + c]
                    by_factor[f + 1, a, c] += total


@jit
def _eliminated_moments(
    b: Blocks, L: Floats, work: Work, mean: Floats, N: Floats, by_L: Floats, moments: Floats
) -> None:
    """By the eliminated factor's L, and by the cross-products that it has a part in."""
    J, q = b.size[0], b.size[1]
    triangle, pairs = q * (q + 1) // 2, len(b.column)
    at_E = J * triangle
    at_c = at_E + pairs * q + len(b.rest_row)
    entries = work.entries
    S, SL, unused = np.empty((q, q)), np.empty((q, q)), np.empty((q, q))
    vv, v, H = np.empty((q, q)), np.empty(q), np.empty(q)
    widest = 0
    for j in range(J):
        widest = max(widest, b.neighbour[j + 1] - b.neighbour[j])
    K, KN = np.empty((widest, q)), np.empty((widest, q))
    for j in range(J):
        C, lo, hi = work.levels[j], b.neighbour[j], b.neighbour[j + 1]
        for a in range(q):
            v[a] = work.w[j, a]
        for i in range(lo, hi):
            for a in range(q):
                v[a] -= work.W[i, a] * mean[b.column[i]]
                K[i - lo, a] = work.W[i, a]
            _solve_transposed(C, K[i - lo])
        _solve_transposed(C, v)
        for i in range(hi - lo):  # covariance of the rest's column i and v: -KN
            for a in range(q):
                H[a] = 0.0
            for h in range(hi - lo):
                covariance = N[b.column[lo + i], b.column[lo + h]]
                for a in range(q):
                    H[a] += covariance * K[h, a]
            for a in range(q):
                KN[i, a] = H[a]
        for a in range(q):  # E v vᵀ: A⁻¹ + K N Kᵀ + mean
            H[:] = 0.0
            H[a] = 1.0
            for k in range(a, q):
                for i in range(a, k):
                    H[k] -= C[k, i] * H[i]
                H[k] /= C[k, k]
            _solve_transposed(C, H)
            for c in range(q):
                total = H[c] + v[a] * v[c]
                for i in range(hi - lo):
                    total += K[i, a] * KN[i, c]
                vv[a, c] = total
        _symmetric(entries, j * triangle, S)
        _scaled_block(S, L, SL, unused)
        for a in range(q):
            moments[at_c + j * q + a] = 0.0
            for k in range(a + 1):
                moments[at_c + j * q + a] += L[a, k] * v[k]
            for c in range(a + 1):
                total = entries[at_c + j * q + a] * v[c]
                for k in range(q):
                    total -= SL[a, k] * vv[k, c]
                for i in range(hi - lo):
                    total -= entries[at_E + (lo + i) * q + a] * (mean[b.column[lo + i]] * v[c] - KN[i, c])
                by_L[a, c] += total
        at = j * triangle
        for a in range(q):
            for c in range(a + 1):
                total = 0.0
                for k in range(a + 1):
                    for h in range(c + 1):
                        total += L[a, k] * vv[k, h] * L[c, h]
                moments[at] = -0.5 * total if a == c else -total
                at += 1
        for i in range(hi - lo):
            for a in range(q):
                total = 0.0
                for k in range(a + 1):
                    total -= L[a, k] * (mean[b.column[lo + i]] * v[k] - KN[i, k])
                moments[at_E + (lo + i) * q + a] = total


@jit
def _draw(b: Blocks, factors: Floats, work: Work, noise: Floats, out: Floats) -> None:
    """One draw of all effects given the variances of the `value` that filled `work`: eliminated levels, then the rest."""
    J, q, m = b.size[0], b.size[1], b.size[2]
    L, rest = factors[0], out[J * q :]
    for i in range(m):
        rest[i] = work.z[i] + noise[J * q + i]
    _solve_transposed(work.C, rest)
    _apply_factors(b, factors, rest)
    for j in range(J):
        v = out[j * q : (j + 1) * q]
        for a in range(q):
            v[a] = work.w[j, a] + noise[j * q + a]
        for i in range(b.neighbour[j], b.neighbour[j + 1]):
            for a in range(q):
                v[a] -= work.W[i, a] * rest[b.column[i]]
        _solve_transposed(work.levels[j], v)
        for a in range(q - 1, -1, -1):
            total = 0.0
            for k in range(a + 1):
                total += L[a, k] * v[k]
            v[a] = total


@kernel
def log_likelihood(
    b: Blocks, factors: Floats, precision: Floats, integrate: bool, by_factor: Floats, by_precision: Floats
) -> float:
    """`value` and `gradient` at one point."""
    work = workspace(b)
    found = value(b, factors, precision, integrate, work)
    if np.isfinite(found):
        gradient(b, factors, precision, integrate, work, by_factor, by_precision)
    return found


@kernel
def sweep(b: Blocks, factors: Floats, precision: Floats, noise: Floats, values: Floats, out: Floats) -> None:
    """`value` at many points; and a draw of all effects at each where there is noise.

    Parameters
    ----------
    factors : (points, factors, widest, widest), precision : (points, classes)
    noise : (points, effects) or (points, 0)
        Standard normal.
    values : (points,), out : like noise
        Are filled.
    """
    work = workspace(b)
    for s in range(len(values)):
        if s > 0 and np.all(factors[s] == factors[s - 1]) and np.all(precision[s] == precision[s - 1]):
            values[s] = values[s - 1]
        else:
            values[s] = value(b, factors[s], precision[s], True, work)
        if noise.shape[1] > 0:
            _draw(b, factors[s], work, noise[s], out[s])
