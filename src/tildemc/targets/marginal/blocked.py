"""Cross-products, Cholesky factors and precisions -> log p(y | variances).

The factor with the most effects is eliminated level by level (its part of A is block diagonal); what the others and the
population effects are left with, the rest, is factored densely. The module `likelihood` has the notation. A number may
be lanes of them, one for each of several points.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, log, sqrt
from typing import NamedTuple

import numpy as np

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.lanes import LANES, aligned, exponent, finite, mantissa
from tildemc.kernels.structures import Packed, Struct, pack
from tildemc.kernels.views import Cube, Indices, Integers, Matrix, Vector, copy, fill
from tildemc.targets.marginal.lapack import ROUTINE, factor_upper

__all__ = [
    "BLOCKS",
    "SMALL",
    "WORK",
    "Blocks",
    "Work",
    "apply_factors",
    "in_lanes",
    "scaled_block",
    "solve_transposed",
    "solve_upper",
    "symmetric",
    "value",
    "workspace",
]

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
    twin : (levels,)
        The first level with the same S, whose factor serves for all of them; in balanced data that is the first of all.
    counts : (classes,)
        The weight of the rows in each residual class; zeros where classes are kinds of pairs of rows (`kinds.py`).
    neighbour : (levels + 1,), column : (pairs,)
        For each level of the eliminated factor, the columns of the rest that it meets, ascending.
    rest_row, rest_column : (nonzeros,)
        Of R, its lower triangle.
    first, width : (factors,)
        Of the other factors, where their columns begin and how many effects a level has; the last entry of `first` is
        where the population effects begin.
    factor : (factors,)
        Which of the model's factors each of them is.
    size : (4,)
        Levels and q of the eliminated factor, m columns of the rest, p population effects.
    prior_precision : (p, p), prior_shift : (p,)
        Of the population effects: B⁻¹ and B⁻¹ b0.
    constant : float
    """

    start: Integers
    classes: Integers
    table: Vector
    twin: Integers
    counts: Vector
    neighbour: Integers
    column: Integers
    rest_row: Integers
    rest_column: Integers
    first: Integers
    width: Integers
    factor: Integers
    size: Integers
    prior_precision: Matrix
    prior_shift: Vector
    constant: float


BLOCKS = Struct(Blocks)


class Work(NamedTuple):
    """Arrays that an evaluation fills: factors of the eliminated levels, and the rest's system and factor."""

    entries: Vector  # as in Blocks
    levels: Cube  # (levels, q, q), lower Cholesky factors
    roots: Vector  # (levels,), of the blocks' determinants
    W: Matrix  # (pairs, q)
    w: Matrix  # (levels, q)
    Q: Matrix  # (m, m), the rest's cross-products less what elimination took; this and the next: upper triangles
    r: Vector  # (m,)
    U: Matrix  # (m, m), Uᵀ U = Λᵀ Q Λ + prior
    z: Vector  # (m,), U⁻ᵀ (Λᵀ r + shift)
    block: Cube  # (3, q, q), of one level: its cross-products S, S L, and Lᵀ S L + I
    inverses: Matrix  # (levels, q), of the diagonals of the levels' factors
    routine: Indices  # what LAPACK's routines are called with


WORK = Struct(Work)


def in_lanes(q: int = 0) -> Struct[Work]:
    """Work in lanes, for code that knows how many effects a level has, if that is not 0.

    A loop over so few that does not know takes longer than what is done in it.
    """
    if q == 0:
        return Struct(Work, LANES)
    row, square = (None, q), (None, q, q)
    return Struct(Work, LANES, {"levels": square, "W": row, "w": row, "block": square, "inverses": row})


def workspace(b: Blocks, kind: Struct[Work] = WORK) -> Packed:
    """Memory for one evaluation after another, of one point or of as many as there are lanes."""
    J, q, m, _ = (int(n) for n in b.size)
    rest, level = ((m, m), (m,), (m, m), (m,)), ((3, q, q), (J, q))
    shapes = (len(b.start) - 1,), (J, q, q), (J,), (len(b.column), q), (J, q), *rest, *level
    empty: Callable[[tuple[int, ...]], Floats] = np.empty if kind is WORK else aligned
    return pack(kind, (*(empty(shape) for shape in shapes), np.array(ROUTINE)))


@jit
def _weigh(b: Blocks, precision: Vector, entries: Vector) -> None:
    """Sum the cross-products over residual classes, each times its precision."""
    # The data come in here and nowhere else: what follows costs the same for a thousand rows and for a million.
    if len(precision) == 1 and len(b.table) == len(entries):
        for k in range(len(entries)):
            entries[k] = b.table[k] * precision[0]
        return
    for k in range(len(entries)):
        total = 0.0
        for i in range(b.start[k], b.start[k + 1]):
            total += b.table[i] * precision[b.classes[i]]
        entries[k] = total


@jit
def _cholesky(A: Matrix, C: Matrix, inverse: Vector) -> None:
    """The lower factor of A, a lower triangle, into that of C; one over its diagonal."""
    for j in range(A.shape[0]):
        for i in range(j, A.shape[0]):
            total = A[i, j]
            for k in range(j):
                total -= C[i, k] * C[j, k]
            if i == j:
                C[j, j] = sqrt(total)
                # Once: nothing takes a processor as long as a division.
                inverse[j] = 1.0 / C[j, j]
            else:
                C[i, j] = total * inverse[j]


@jit
def _factor_rest(U: Matrix, routine: Indices) -> bool:
    """M = Uᵀ U, U over M, upper triangles; False, or NaN in U, unless M was positive definite."""
    n = U.shape[0]
    if n > SMALL:
        return factor_upper(U, routine)
    for i in range(n):
        for j in range(i, n):
            total = U[i, j]
            for k in range(i):
                total -= U[k, i] * U[k, j]
            U[i, j] = sqrt(total) if i == j else total / U[i, i]
    return True


@jit
def _factor_level(entries: Vector, at: int, L: Matrix, work: Work, j: int) -> None:
    """The factor of level j's block, whose cross-products stand at `at`, and √|A_j|."""
    C = work.levels[j]
    symmetric(entries, at, work.block[0])
    scaled_block(work.block[0], L, work.block[1], work.block[2])
    _cholesky(work.block[2], C, work.inverses[j])
    diagonal = 1.0
    for a in range(C.shape[0]):
        diagonal *= C[a, a]
    work.roots[j] = diagonal


@jit
def _times(m: float, e: float, factor: float) -> tuple[float, float]:
    """A product as m 2^e: it does not overflow, nor takes a logarithm a factor."""
    m *= factor
    return mantissa(m), e + exponent(m)


@jit
def _eliminate(b: Blocks, L: Matrix, work: Work) -> tuple[float, float, float]:
    """Factor each level's block and take its share out of Q and r; √|A| as m 2^e, and the quadratic form."""
    J, q, m = b.size[0], work.w.shape[1], b.size[2]
    triangle, entries, Q, r, W, w = q * (q + 1) // 2, work.entries, work.Q, work.r, work.W, work.w
    at_E = J * triangle
    at_R = at_E + len(b.column) * q
    at_c = at_R + len(b.rest_row)
    fill(Q.flat, 0.0)
    for k in range(len(b.rest_row)):
        Q[b.rest_column[k], b.rest_row[k]] = entries[at_R + k]
    copy(entries[at_c + J * q : at_c + J * q + m], r)
    root, power, squares = 1.0, 0.0, 0.0
    # Level j of the factor has the block A_j = Lᵀ S_j L + I of A, and meets no other level of it: a row has one level.
    # With A_j = C Cᵀ, w_j = C⁻¹ Lᵀ c_j and W_j = C⁻¹ Lᵀ E_j, its effects are out of the system once the rest's
    # cross-products lose W_jᵀ W_j and the right-hand side W_jᵀ w_j (Schur's complement).
    for j in range(J):
        C, inverse, twin = work.levels[j], work.inverses[j], b.twin[j]
        if twin == j:
            _factor_level(entries, j * triangle, L, work, j)
        else:
            copy(work.levels[twin].flat, C.flat)
            copy(work.inverses[twin], inverse)
            work.roots[j] = work.roots[twin]
        root, power = _times(root, power, work.roots[j])
        for a in range(q):
            value = 0.0
            for k in range(a, q):
                value += L[k, a] * entries[at_c + j * q + k]
            for k in range(a):
                value -= C[a, k] * w[j, k]
            w[j, a] = value * inverse[a]
            squares += w[j, a] * w[j, a]
        # Of crossed factors a level meets few columns: those alone have a W.
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
    return root, power, squares


@jit
def _take_out(b: Blocks, j: int, W: Matrix, Q: Matrix) -> None:
    """Q less Wᵀ W of level j; row by row of Q, which is large."""
    q, hi = W.shape[1], b.neighbour[j + 1]
    for i in range(b.neighbour[j], hi):
        row = Q[b.column[i]]
        if q == 1:
            x = W[i, 0]
            for h in range(i, hi):
                row[b.column[h]] -= x * W[h, 0]
        else:
            # Columns are in ascending order: h from i on fills the upper triangle alone.
            for h in range(i, hi):
                value = 0.0
                for a in range(q):
                    value += W[i, a] * W[h, a]
                row[b.column[h]] -= value


@jit
def symmetric(entries: Vector, at: int, S: Matrix) -> None:
    """Unpack a lower triangle, row by row, into a symmetric matrix."""
    for a in range(S.shape[0]):
        for c in range(a + 1):
            S[a, c] = S[c, a] = entries[at]
            at += 1


@jit
def scaled_block(S: Matrix, L: Matrix, T: Matrix, A: Matrix) -> None:
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
def apply_factors(b: Blocks, factors: Cube, x: Vector) -> None:
    """Λ x in place."""
    for f in range(len(b.width)):
        q, L = b.width[f], factors[b.factor[f]]
        for o in range(b.first[f], b.first[f + 1], q):
            # From the last row up: a row needs those above it as they were.
            for a in range(q - 1, -1, -1):
                value = 0.0
                for k in range(a + 1):
                    value += L[a, k] * x[o + k]
                x[o + a] = value


@jit
def _rest_system(b: Blocks, factors: Cube, work: Work) -> None:
    """M = Λᵀ Q Λ + prior, and Λᵀ r + shift: into U and z."""
    m, p = b.size[2], b.size[3]
    Q, M, z = work.Q, work.U, work.z
    for f in range(len(b.width)):
        q, L = b.width[f], factors[b.factor[f]]
        for o in range(b.first[f], b.first[f + 1], q):
            for a in range(q):
                z[o + a] = 0.0
                for k in range(a):
                    Q[o + a, o + k] = Q[o + k, o + a]
            # Row o + a of Λᵀ Q Λ, from its diagonal on: first Λᵀ from the left, then Λ from the right.
            for a in range(q):
                fill(M[o + a][o:], 0.0)
                for k in range(a, q):
                    z[o + a] += L[k, a] * work.r[o + k]
                    for j in range(o, m):
                        M[o + a, j] += L[k, a] * Q[o + k, j]
                _times_factors(b, factors, f, o, M[o + a])
                # The prior precision of standardised effects.
                M[o + a, o + a] += 1.0
    # Population effects have no Λ, and a prior of their own.
    for i in range(p):
        z[m - p + i] = work.r[m - p + i] + b.prior_shift[i]
        for k in range(i, p):
            M[m - p + i, m - p + k] = Q[m - p + i, m - p + k] + b.prior_precision[i, k]


@jit
def _times_factors(b: Blocks, factors: Cube, f: int, start: int, x: Vector) -> None:
    """xᵀ Λ in place, from column `start`, which is factor f's, on."""
    for g in range(f, len(b.width)):
        q, L = b.width[g], factors[b.factor[g]]
        if q == 1:
            for o in range(max(start, b.first[g]), b.first[g + 1]):
                x[o] *= L[0, 0]
            continue
        for o in range(max(start, b.first[g]), b.first[g + 1], q):
            for c in range(q):
                total = 0.0
                for k in range(c, q):
                    total += x[o + k] * L[k, c]
                x[o + c] = total


@jit
def value(b: Blocks, factors: Cube, precision: Vector, integrate: bool, work: Work) -> float:
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
    root, power, squares = _eliminate(b, factors[0], work)
    _rest_system(b, factors, work)
    # Rounding can leave a matrix that is not positive definite, at sds far from all the data say: no density there.
    if not _factor_rest(work.U, work.routine):
        return -inf
    # U⁻ᵀ times the right-hand side: its squares complete rᵀ A⁻¹ r, and U's diagonal completes log|A|. Of population
    # effects that are not integrated out the first is wanted, and not the second, which tells REML from plain
    # likelihood.
    for i in range(m):
        work.z[i] /= work.U[i, i]
        squares += work.z[i] * work.z[i]
        for k in range(i + 1, m):
            work.z[k] -= work.U[i, k] * work.z[i]
        if integrate or i < m - p:
            root, power = _times(root, power, work.U[i, i])
    total = work.entries[len(work.entries) - 1] - squares + 2.0 * (log(root) + log(2.0) * power)
    # Σ n_k log σ_k².
    for k in range(len(precision)):
        if b.counts[k] != 0.0:
            total -= b.counts[k] * log(precision[k])
    return finite(b.constant - 0.5 * total)


@jit
def solve_upper(U: Matrix, x: Vector) -> None:
    """U⁻¹ x in place."""
    for i in range(len(x) - 1, -1, -1):
        total = x[i]
        for k in range(i + 1, len(x)):
            total -= U[i, k] * x[k]
        x[i] = total / U[i, i]


@jit
def solve_transposed(C: Matrix, inverse: Vector, x: Vector) -> None:
    """C⁻ᵀ x in place, by one over C's diagonal."""
    for i in range(len(x) - 1, -1, -1):
        for k in range(i + 1, len(x)):
            x[i] -= C[k, i] * x[k]
        x[i] *= inverse[i]
