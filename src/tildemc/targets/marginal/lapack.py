"""LAPACK's Cholesky factor and inverse for kernels, in place: nothing is copied, and no threads are started here."""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numba import types
from numba.extending import get_cython_function_address
from numpy.typing import NDArray

from tildemc.kernels import jit

__all__ = ["factor_upper", "invert_upper"]

Floats = NDArray[np.float64]


def _routine(name: str) -> Any:
    """A LAPACK routine (uplo, n, A, lda, info), known to kernels by name: one that was kept finds it again."""
    symbol = f"tildemc_{name}"
    llvm.add_symbol(symbol, get_cython_function_address("scipy.linalg.cython_lapack", name))
    pointer: Any = types.CPointer
    integers, numbers = pointer(types.int32), pointer(types.float64)
    signature = types.void(pointer(types.uint8), integers, numbers, integers, integers)
    return types.ExternalFunction(symbol, signature)


_dpotrf, _dpotri = _routine("dpotrf"), _routine("dpotri")

# The upper triangle of a matrix by rows is the lower triangle of one by columns, which is what LAPACK reads.


@jit
def factor_upper(M: Floats) -> bool:
    """M = Uᵀ U: U over M's upper triangle, the rest left alone; whether M was positive definite."""
    numbers = np.array([M.shape[0], M.shape[1], 0], np.int32)
    lower = np.array([ord("L")], np.uint8)
    _dpotrf(lower.ctypes, numbers.ctypes, M.ctypes, numbers[1:].ctypes, numbers[2:].ctypes)
    return bool(numbers[2] == 0)


@jit
def invert_upper(U: Floats, n: int) -> None:
    """(Uᵀ U)⁻¹ of U's leading n rows and columns: its upper triangle over U's."""
    numbers = np.array([n, U.shape[1], 0], np.int32)
    lower = np.array([ord("L")], np.uint8)
    _dpotri(lower.ctypes, numbers.ctypes, U.ctypes, numbers[1:].ctypes, numbers[2:].ctypes)
