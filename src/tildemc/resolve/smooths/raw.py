"""Raw: a smooth before its constraints are taken up, with its penalties; mgcv's classes of smooths make such."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.bases import Basis

__all__ = ["Raw", "decreasing_eigen", "symmetric"]


@dataclass(frozen=True, eq=False, slots=True)
class Raw:
    """A smooth as mgcv's `smooth.construct` makes it.

    Attributes
    ----------
    basis : Basis
    X : (n, K)
        Its values at the data.
    penalties : tuple of (K, K)
    rank : int
        Of the penalty, where there is one.
    constraints : (constraints, K) or None
        Combinations of coefficients that are to be zero; None for one, that the function sums to zero over the data.
    """

    basis: Basis
    X: Floats
    penalties: tuple[Floats, ...]
    rank: int
    constraints: Floats | None = None


def decreasing_eigen(matrix: Floats) -> tuple[Floats, Floats]:
    """The eigenvalues of a symmetric matrix, the greatest first, and their vectors as columns."""
    from scipy.linalg import eigh

    values, vectors = eigh(matrix, driver="evr")
    return np.asarray(values[::-1]), np.asarray(vectors[:, ::-1])


def symmetric(S: Floats) -> Floats:
    """A matrix that is symmetric but for rounding, without that."""
    return np.asarray((S + S.T) / 2)
