"""Coordinates in which the coefficients of a predictor are nearly uncorrelated and of similar spread."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats

__all__ = ["upper_root"]


def upper_root(precision: Floats) -> Floats:
    """The upper triangular T with T T' the inverse of `precision`, so that T⁻¹ c is uncorrelated and of spread one."""
    scale = 1 / np.sqrt(np.diag(precision))
    lower = np.linalg.cholesky(precision * np.outer(scale, scale) + 1e-10 * np.eye(len(scale)))
    return np.asarray(scale[:, None] * np.linalg.inv(lower).T)
