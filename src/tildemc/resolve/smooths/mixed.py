"""Raw -> Mixed: constraints taken up, penalties made sds of coefficients; as mgcv's `smoothCon` and `smooth2random` do.

Wood, S. N. (2017). Generalized Additive Models, 2nd edition, sections 5.4.1 and 5.8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.resolve.smooths.raw import Raw, decreasing_eigen
from tildemc.spec.bases import Basis

__all__ = ["Mixed", "mixed", "natural_parameters"]

EPSILON = float(np.finfo(float).eps)
NOTHING = 1e-11


@dataclass(frozen=True, eq=False, slots=True)
class Mixed:
    """A smooth in mixed-model form: what its functions are multiplied by.

    Attributes
    ----------
    basis : Basis
    unpenalised : (K, k)
        The functions whose coefficients are population effects, of those of the basis.
    penalised : tuple of (K, q)
        For each penalty those whose coefficients are independent and normal with one sd.
    """

    basis: Basis
    unpenalised: Floats
    penalised: tuple[Floats, ...]


def mixed(raw: Raw, by: Floats | None = None, *, varies: bool = False) -> Mixed:
    """The mixed-model form of a smooth.

    Parameters
    ----------
    raw : Raw
    by : (n,), optional
        What multiplies it in each row: of a factor the indicator of the first level.
    varies : bool
        Whether `by` is a number that varies: the smooth then need not sum to zero.
    """
    penalties = [_rescaled(S, raw.X) for S in raw.penalties]
    C = raw.X.mean(axis=0)[None] if raw.constraints is None else raw.constraints
    Z = _within(np.zeros((0, raw.X.shape[1])) if varies else C)
    X = raw.X @ Z if by is None else by[:, None] * raw.X @ Z
    penalties = [Z.T @ S @ Z for S in penalties]
    if len(penalties) > 1:
        unpenalised, parts = _by_diagonals(penalties)
        return Mixed(raw.basis, Z @ unpenalised, tuple(Z @ part for part in parts))
    if not penalties:
        return Mixed(raw.basis, Z, ())
    [S], rank = penalties, min(raw.rank, Z.shape[1])
    P = np.eye(len(S))
    plain = np.zeros(len(S))
    plain[:rank] = S[0, 0]
    if np.abs(S - np.diag(plain)).max() > abs(S[0, 0]) * EPSILON**0.8:
        P = natural_parameters(X, S, rank)
        S = np.diag((np.arange(len(S)) < rank).astype(float))
    ev, U = decreasing_eigen(S)
    U[:, :rank] /= np.sqrt(ev[:rank])
    mix = Z @ P @ U
    return Mixed(raw.basis, _without_rounding(mix[:, rank:]), (mix[:, :rank],))


def _without_rounding(mix: Floats) -> Floats:
    """What is nothing but for rounding as nothing: unpenalised functions take no part of penalised ones."""
    return np.asarray(np.where(np.abs(mix) < NOTHING * np.abs(mix).max(axis=0, initial=0.0), 0.0, mix))


def _rescaled(S: Floats, X: Floats) -> Floats:
    """A penalty of the size of X'X, roughly: sds of different smooths can then be compared."""
    return np.asarray(S * np.abs(X).sum(axis=1).max() ** 2 / np.abs(S).sum(axis=0).max())


def _within(C: Floats) -> Floats:
    """Z with C Z = 0: combinations of the columns that a constraint is about, the others as they are."""
    from scipy.linalg import qr

    k = C.shape[1]
    if not len(C):
        return np.eye(k)
    about = np.flatnonzero(C.sum(axis=0) != 0)
    Q = qr(C[:, about].T)[0]
    Z = np.eye(k)
    free = len(about) - len(C)
    Z[np.ix_(about, about[:free])] = Q[:, len(C) :]
    return np.delete(Z, about[free:], axis=1)


def natural_parameters(X: Floats, S: Floats, rank: int) -> Floats:
    """P with PᵀSP an identity of that rank; the other columns of X P are of the size of the first ones."""
    ev, vectors = decreasing_eigen(S)
    norms = ((X @ vectors) ** 2).sum(axis=0)
    scale = np.ones(len(S))
    scale[:rank] = np.sqrt(ev[:rank])
    average = (norms[:rank] / scale[:rank] ** 2).mean()
    scale[rank:] = np.sqrt(norms[rank:] / average)
    return np.asarray(vectors / scale)


def _by_diagonals(penalties: list[Floats]) -> tuple[Floats, list[Floats]]:
    """Of several penalties that are diagonal: the columns that none is of, and for each those that it is of."""
    identity, weights = np.eye(len(penalties[0])), [np.diag(S) for S in penalties]
    free = np.all([w == 0 for w in weights], axis=0)
    return identity[:, free], [identity[:, w != 0] / np.sqrt(w[w != 0]) for w in weights]
