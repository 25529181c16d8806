"""Precisions -> the steps by which effects that have them follow from one another, without a dense matrix.

With Q = L D Lᵀ, L lower triangular with a diagonal of ones, u = L⁻ᵀ D^-½ z has the precision Q: from the last level to
the first, u_k = z_k / √D_kk - Σ_{i > k} L_ik u_i. Levels are ordered so that few entries of L are not zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.terms.known import Recursion

if TYPE_CHECKING:
    from scipy.sparse import csc_array

__all__ = ["few_steps", "recursion"]

_NOTHING = 1e-11
"""An entry of an inverse is rounding, if it is less than so much of what its two levels' own allow."""
_FEW = 0.1
"""A share of entries that is worth steps of their own."""
_ALIKE = 1e-8


def recursion(precision: csc_array) -> Recursion | None:
    """The steps of a symmetric precision (levels, levels); None if it is not positive definite."""
    from scipy.sparse.linalg import splu

    options = {"SymmetricMode": True}
    try:
        found = splu(precision, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options)
    except RuntimeError:
        # An exactly singular matrix.
        return None
    diagonal = found.U.diagonal()
    if (found.perm_r != found.perm_c).any() or not (diagonal > 0).all():
        return None
    level = np.argsort(found.perm_c)
    L = found.L.tocsc()
    order, start, others, weights = [], [0], [], []
    for k in range(len(level) - 1, -1, -1):
        at = slice(L.indptr[k], L.indptr[k + 1])
        below = L.indices[at] > k
        order.append(level[k])
        others.append(level[L.indices[at][below]])
        weights.append(-L.data[at][below])
        start.append(start[-1] + int(below.sum()))
    own = 1.0 / np.sqrt(diagonal[::-1])
    return Recursion(np.array(order), own, np.array(start), np.concatenate(others), np.concatenate(weights))


def few_steps(covariance: Floats) -> Recursion | None:
    """The steps of a covariance (levels, levels) whose inverse has few entries, as that of a pedigree; None if many."""
    from scipy.sparse import csc_array

    inverse = np.linalg.inv(covariance)
    scale = np.sqrt(np.abs(np.diag(inverse)))
    present = np.abs(inverse) > _NOTHING * np.outer(scale, scale)
    if present.mean() > _FEW:
        return None
    found = recursion(csc_array(np.where(present, inverse, 0.0)))
    if found is None or len(found.weights) > _FEW * covariance.size:
        return None
    # What was taken for rounding is looked at where it counts.
    factor = found.related(np.eye(len(covariance)))
    away = np.abs(factor @ factor.T - covariance).max()
    return found if away <= _ALIKE * np.abs(covariance).max() else None
