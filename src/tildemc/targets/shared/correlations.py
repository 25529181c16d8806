"""Correlations that follow from one number: the entries of their Cholesky factor, for kernels and for arrays of draws.

Kernels know a pattern by its number; another pattern is one more function here.
"""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.targets.shared.structures import PATTERNS

__all__ = ["FORMULAS", "element", "unit_factor"]


def _exchangeable[N: (float, Floats)](rho: N, i: int, j: int) -> tuple[N, N]:
    """All are rho: what j effects leave of the others is again exchangeable.

    With a = 1 + (j - 1) rho and b = 1 + j rho, the others' variance given j of them is (1 - rho) b / a, and their
    covariance rho (1 - rho) / a.
    """
    if j == 0:
        return (1.0 + 0.0 * rho, 0.0 * rho) if i == 0 else (rho, 1.0 + 0.0 * rho)
    a, b = 1.0 + (j - 1) * rho, 1.0 + j * rho
    if i == j:
        found = np.sqrt((1.0 - rho) * b / a)
        return found, 0.5 * found * (j / b - (j - 1) / a - 1.0 / (1.0 - rho))
    share = np.sqrt((1.0 - rho) / (a * b))
    return rho * share, share * (1.0 - 0.5 * rho * (j / b + (j - 1) / a + 1.0 / (1.0 - rho)))


FORMULAS = {PATTERNS["exchangeable"]: _exchangeable}
"""Entry (i, j), i >= j, of each pattern's lower factor, and its derivative by rho: for numbers and arrays."""
_compiled_exchangeable = jit(_exchangeable)


@jit
def element(pattern: int, rho: float, i: int, j: int) -> tuple[float, float]:
    """Entry (i, j), i >= j, of the correlations' lower factor, and its derivative by rho."""
    if pattern == 0:
        return _compiled_exchangeable(rho, i, j)
    return np.nan, np.nan


def unit_factor(pattern: int, rho: Floats, n: int) -> Floats:
    """The lower factors, (…, n, n), of many matrices: rho (…,)."""
    factor = np.zeros((*rho.shape, n, n))
    for i in range(n):
        for j in range(i + 1):
            factor[..., i, j] = FORMULAS[pattern](rho, i, j)[0]
    return factor
