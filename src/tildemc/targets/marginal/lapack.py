"""LAPACK's Cholesky factor and inverse for kernels, in place: nothing is copied, and no threads are started here."""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numba import types
from numba.extending import get_cython_function_address

from tildemc.kernels import jit
from tildemc.kernels.views import Indices, Matrix, Vector, numbers

__all__ = ["ROUTINE", "ROUTINE_LOWER", "factor_lower", "factor_upper", "invert_upper"]


def _routine(name: str) -> Any:
    """A LAPACK routine (uplo, n, A, lda, info), known to kernels by name: one that was kept finds it again."""
    # An address would be another in the next process, and the kernel is kept on disk: so it calls by name.
    symbol = f"tildemc_{name}"
    llvm.add_symbol(symbol, get_cython_function_address("scipy.linalg.cython_lapack", name))
    pointer: Any = types.CPointer
    integers, numbers = pointer(types.int32), pointer(types.float64)
    return types.ExternalFunction(symbol, types.void(integers, integers, numbers, integers, integers))


_dpotrf, _dpotri = _routine("dpotrf"), _routine("dpotri")

ROUTINE = np.frombuffer(b"L\0\0\0" + bytes(12), dtype=np.int32)
"""What a routine is called with: uplo, n, lda, info. The upper triangle of a matrix by rows is the lower triangle of
one by columns, which is what LAPACK reads."""

ROUTINE_LOWER = np.frombuffer(b"U\0\0\0" + bytes(12), dtype=np.int32)
"""The same for a lower triangle by rows."""


@jit
def factor_upper(M: Matrix, routine: Indices) -> bool:
    """M = Uᵀ U: U over M's upper triangle, the rest left alone; whether M was positive definite."""
    routine[1], routine[2] = len(M), M.shape[1]
    _dpotrf(routine.data, routine[1:].data, numbers(M).data, routine[2:].data, routine[3:].data)
    return bool(routine[3] == 0)


@jit
def factor_lower(M: Vector, n: int, routine: Indices) -> bool:
    """M = L Lᵀ, n rows one after another: L over M's lower triangle; whether M was positive definite."""
    routine[1], routine[2] = n, n
    _dpotrf(routine.data, routine[1:].data, M.data, routine[2:].data, routine[3:].data)
    return bool(routine[3] == 0)


@jit
def invert_upper(U: Matrix, n: int, routine: Indices) -> None:
    """(Uᵀ U)⁻¹ of U's leading n rows and columns: its upper triangle over U's."""
    routine[1], routine[2] = n, U.shape[1]
    _dpotri(routine.data, routine[1:].data, numbers(U).data, routine[2:].data, routine[3:].data)
