"""Cholesky factors of many small matrices at once, singular ones among them."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats

__all__ = ["cholesky", "inverse", "loadings"]


def cholesky(correlations: Floats) -> Floats:
    """The lower factors of matrices (…, n, n); a column of zeros where one is singular to rounding."""
    factor = np.zeros_like(correlations)
    for j in range(correlations.shape[-1]):
        left = factor[..., j:, :j] @ factor[..., j, :j, None]
        column = correlations[..., j:, j] - left[..., 0]
        factor[..., j:, j] = column * inverse(np.sqrt(np.maximum(column[..., :1], 0.0)))
    return factor


def loadings(values: Floats, n: int, rank: int) -> Floats:
    """Matrices (…, n, rank) that are zero above the diagonal: that, then what is below row by row, (…, entries)."""
    found = np.zeros((*values.shape[:-1], n, rank))
    on = np.arange(rank)
    found[..., on, on] = values[..., :rank]
    found[..., *np.tril_indices(n, -1, rank)] = values[..., rank:]
    return found


def inverse(positive: Floats) -> Floats:
    """`1 / positive`, and zero where that is none or as good as none."""
    return np.divide(1.0, positive, out=np.zeros_like(positive), where=positive > np.finfo(float).tiny)
