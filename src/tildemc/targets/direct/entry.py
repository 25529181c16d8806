"""The kernel as a C function of addresses, as samplers call it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import numba
import numpy as np
from numba import types as numba_types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from tildemc.targets.direct.cache import compiled
from tildemc.targets.direct.kernel import log_density, room
from tildemc.targets.direct.tables import BLOCK, GROUP, HEADER, MAP, SCALAR, SHIFT, SLOT, STRETCH, Tables

__all__ = ["addresses", "copy_function", "density_function", "evaluate"]

NOT_FINITE = 3
"""What the kernel returns where density or gradient are not finite; a sampler takes it for a divergence."""

NUMBERS = 2 * len(Tables._fields)

carray: Any = cast(Any, numba).carray
types: Any = numba_types
_POINT = types.CPointer(types.float64)
_ADDRESSES = types.CPointer(types.int64)
_DENSITY = types.int64(types.uint64, _POINT, _POINT, _POINT, _ADDRESSES)
_COPY = types.int64(types.uint64, types.uint64, _POINT, _POINT, _ADDRESSES)


def addresses(tables: Tables) -> NDArray[np.int64]:
    """The address and the length of each table, as the C function takes them; valid as long as `tables` lives."""
    return np.array([(table.ctypes.data, table.size) for table in tables], dtype=np.int64)


def _to_pointer(typing_context: Any, address: Any) -> tuple[Any, Callable[..., Any]]:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), generate


_pointer: Any = cast(Any, intrinsic)(_to_pointer)


def _log_density(n: int, x_: Any, gradient_: Any, value_: Any, at_: Any) -> int:
    at = carray(at_, (NUMBERS,))
    tables = Tables(
        carray(_pointer(at[0]), (at[1],), HEADER),
        carray(_pointer(at[2]), (at[3],), SLOT),
        carray(_pointer(at[4]), (at[5],), GROUP),
        carray(_pointer(at[6]), (at[7],), BLOCK),
        carray(_pointer(at[8]), (at[9],), SCALAR),
        carray(_pointer(at[10]), (at[11],), SCALAR),
        carray(_pointer(at[12]), (at[13],), MAP),
        carray(_pointer(at[14]), (at[15],), SHIFT),
        carray(_pointer(at[16]), (at[17],), STRETCH),
        carray(_pointer(at[18]), (at[19],), np.int64),
        carray(_pointer(at[20]), (at[21],), np.int32),
        carray(_pointer(at[22]), (at[23],), np.float64),
        carray(_pointer(at[24]), (at[25],), np.float64),
        carray(_pointer(at[26]), (at[27],), np.float64),
    )
    gradient, value = carray(gradient_, (n,)), carray(value_, (1,))
    size = room(tables, n)
    space = np.empty(size)
    value[0] = log_density(tables, carray(x_, (n,)), gradient, carray(_pointer(space.ctypes.data), (size,), np.float64))
    space[0] = value[0]  # it lives until here
    finite = np.isfinite(value[0])
    for i in range(gradient.size):
        finite &= np.isfinite(gradient[i])
    return 0 if finite else NOT_FINITE


def _copy(n: int, _expanded: int, x_: Any, out_: Any, _at: Any) -> int:
    x, out = carray(x_, (n,)), carray(out_, (n,))
    out[:] = x
    return 0


@cache
def density_function() -> Any:
    """The kernel: (dimension, point, gradient, value, addresses) -> 0, or `NOT_FINITE`."""
    return compiled(_log_density, _DENSITY)


@cache
def copy_function() -> Any:
    """What samplers keep of a point: the point."""
    return compiled(_copy, _COPY)


def evaluate(tables: Tables, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """The log density and its gradient at `x`, up to a constant; NaN where they are not finite."""
    import ctypes

    gradient, value, at = np.empty_like(x), np.empty(1), addresses(tables)
    number = ctypes.POINTER(ctypes.c_double)
    failed = density_function().ctypes(
        len(x), x.ctypes.data_as(number), gradient.ctypes.data_as(number), value.ctypes.data_as(number),
        at.ctypes.data_as(ctypes.POINTER(ctypes.c_int64)),
    )  # fmt: skip
    return (float("nan") if failed else float(value[0])), gradient
