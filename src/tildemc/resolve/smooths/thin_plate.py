"""Thin-plate regression splines: the eigenvectors of the radial functions that matter most (Wood, 2003).

Wood, S. N. (2003). Thin plate regression splines. Journal of the Royal Statistical Society B 65, 95-114. What the paper
leaves open is as in mgcv: which knots, in which order eigenvectors stand, the scale of the columns.
"""

from __future__ import annotations

from math import comb

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.resolve.smooths.raw import Raw, decreasing_eigen
from tildemc.resolve.smooths.sampling import sample
from tildemc.spec.bases import Polynomial, ThinPlate, thin_plate_radial

__all__ = ["MOST_KNOTS", "null_space", "order_of", "thin_plate"]

MOST_KNOTS = 2000
"""With more different points than these, so many of them are drawn."""
DENSE = 400
"""Up to so many knots, all eigenvalues at once are as quick as some."""
SHRINKAGE = 0.1


def order_of(m: int | None, d: int) -> int:
    """The order of the penalty: as given, or the least by which the function is smooth to the eye."""
    if m is not None and 2 * m > d:
        return m
    return (d + 1) // 2 + 1


def null_space(order: int, d: int) -> Integers:
    """The powers of each polynomial that the penalty leaves alone, (polynomials, d), as mgcv orders them."""
    powers = [[0] * d]
    while len(powers) < comb(order + d - 1, d):
        last = [*powers[-1]]
        for j in range(d):
            if sum(last) < order - 1:
                last[j] += 1
                break
            last[j] = 0
        powers.append(last)
    return np.array(powers)


def thin_plate(x: Floats, k: int, order: int, *, shrink: bool = False, without_null: bool = False) -> Raw:
    """The smooth of inputs (n, d) with k functions; `shrink` penalises its polynomials too, a little."""
    from scipy.spatial.distance import cdist

    d, shift = x.shape[1], x.mean(axis=0)
    centred = x - shift
    powers = null_space(order, d)
    knots = _knots(centred)
    n, M = len(knots), len(powers)
    E = thin_plate_radial(cdist(knots, knots), order, d)
    T = np.prod(knots[:, None, :] ** powers, axis=2)
    if n == k:
        U, values = np.eye(n), None
    else:
        values, U = _largest(E, k)
    Z = _null_of(T.T @ U)
    weights = np.hstack([U @ Z, np.zeros((n, M))])
    S = np.zeros((k, k))
    S[: k - M, : k - M] = Z.T @ (E if values is None else np.diag(values)) @ Z
    polynomial = Polynomial(shift, powers.astype(float), np.eye(k)[k - M :])
    basis = ThinPlate(knots, order, weights, polynomial)
    X = basis(x)
    scale = 1.0 / np.sqrt((X**2).mean(axis=0))
    scaled, X, S = basis.times(np.diag(scale)), X * scale, S * np.outer(scale, scale)
    S, rank = (S + S.T) / 2, k - M
    if shrink:
        ev, vectors = decreasing_eigen(S)
        ev[rank:] = ev[rank - 1] * SHRINKAGE
        S, rank = (vectors * ev) @ vectors.T, k
    if not without_null:
        return Raw(scaled, X, (S,), rank)
    # `m = c(2, 0)`: the functions that are penalised alone, measured from their means.
    mean = X[:, :rank].mean(axis=0)
    mix = np.eye(k)[:, :rank]
    mix[rank] = -mean / X[0, rank]
    return Raw(scaled.times(mix), X[:, :rank] - mean, (S[:rank, :rank],), rank, np.zeros((0, rank)))


def _knots(x: Floats) -> Floats:
    """The different points in order, the last input's the slowest; some of them if there are many."""
    points = np.unique(x, axis=0)
    if len(points) > MOST_KNOTS:
        points = np.unique(points[sample(len(points), MOST_KNOTS)], axis=0)
    return np.asarray(points)


def _largest(E: Floats, k: int) -> tuple[Floats, Floats]:
    """The k eigenvalues of the greatest size, positive ones first, and their vectors."""
    from scipy.sparse.linalg import eigsh

    if len(E) <= max(DENSE, 2 * k):
        values, vectors = np.linalg.eigh(E)
        kept = np.argsort(-np.abs(values))[:k]
        values, vectors = values[kept], vectors[:, kept]
    else:
        values, vectors = eigsh(E, k, which="LM", v0=np.ones(len(E)))
    order = np.argsort(-values)
    return values[order], vectors[:, order]


def _null_of(A: Floats) -> Floats:
    """Columns Z with A Z = 0 for A (M, k), by Householder reflections from the last column on."""
    M, k = A.shape
    Q, A = np.eye(k), A.copy()
    for i in range(M):
        u = np.zeros(k)
        u[: k - i] = A[i, : k - i]
        size = np.copysign(np.linalg.norm(u), u[k - i - 1])
        u[k - i - 1] += size
        g = 1.0 / (size * u[k - i - 1])
        A -= g * np.outer(A @ u, u)
        Q -= g * np.outer(Q @ u, u)
    return Q[:, : k - M]
