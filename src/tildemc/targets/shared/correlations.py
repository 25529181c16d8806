"""Correlations that follow from one number: the entries of their Cholesky factor, for kernels and for arrays of draws.

Kernels know a pattern by its number; another pattern is one more function here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tildemc.kernels import jit

__all__ = ["FORMULAS", "element", "unit_factor"]

Floats = NDArray[np.float64]


FORMULAS: dict[int, Callable[[Any, int, int], tuple[Any, Any]]] = {}
"""Entry (i, j), i >= j, of each pattern's lower factor, and its derivative by rho: for numbers and arrays."""


@jit
def element(pattern: int, rho: float, i: int, j: int) -> tuple[float, float]:
    """Entry (i, j), i >= j, of the correlations' lower factor, and its derivative by rho."""
    return np.nan, np.nan


def unit_factor(pattern: int, rho: Floats, n: int) -> Floats:
    """The lower factors, (…, n, n), of many matrices: rho (…,)."""
    factor = np.zeros((*rho.shape, n, n))
    for i in range(n):
        for j in range(i + 1):
            factor[..., i, j] = FORMULAS[pattern](rho, i, j)[0]
    return factor
