"""The kernel as a C function of addresses, as samplers call it."""

from __future__ import annotations

from functools import cache
from math import isfinite

import numpy as np
from numba.core.ccallback import CFunc

from tildemc.arrays import Floats, Integers
from tildemc.kernels.machine import Pointer, types
from tildemc.kernels.structures import pack
from tildemc.kernels.views import view, view_at
from tildemc.targets.direct.cache import compiled
from tildemc.targets.direct.kernel import log_density, room
from tildemc.targets.direct.tables import TABLES, Tables

__all__ = ["addresses", "copy_function", "density_function", "evaluate"]

NOT_FINITE = 3
"""What the kernel returns where density or gradient are not finite; a sampler takes it for a divergence."""

_POINT = types.CPointer(types.float64)
_ADDRESSES = types.CPointer(types.int64)
_DENSITY = types.int64(types.uint64, _POINT, _POINT, _POINT, _ADDRESSES)
_COPY = types.int64(types.uint64, types.uint64, _POINT, _POINT, _ADDRESSES)

_tables = TABLES.at


def addresses(tables: Tables) -> Integers:
    """The address and the length of each table, as the C function takes them; valid as long as `tables` lives."""
    return pack(TABLES, tables).words


def _log_density(n: int, x: Pointer, gradient_: Pointer, value: Pointer, at: Pointer) -> int:
    tables, gradient = _tables(at), view_at(gradient_, n)
    space = np.empty(room(tables, n))
    value[0] = log_density(tables, view_at(x, n), gradient, view(space))
    space[0] = value[0]  # it lives until here
    finite = isfinite(value[0])
    for i in range(n):
        finite &= isfinite(gradient[i])
    return 0 if finite else NOT_FINITE


def _copy(n: int, _expanded: int, x: Pointer, out: Pointer, _at: Pointer) -> int:
    for i in range(n):
        out[i] = x[i]
    return 0


@cache
def density_function() -> CFunc:
    """The kernel: (dimension, point, gradient, value, addresses) -> 0, or `NOT_FINITE`."""
    return compiled(_log_density, _DENSITY)


@cache
def copy_function() -> CFunc:
    """What samplers keep of a point: the point."""
    return compiled(_copy, _COPY)


def evaluate(tables: Tables, x: Floats) -> tuple[float, Floats]:
    """The log density and its gradient at `x`, up to a constant; NaN where they are not finite."""
    import ctypes

    gradient, value, at = np.empty_like(x), np.empty(1), addresses(tables)
    number = ctypes.POINTER(ctypes.c_double)
    failed = density_function().ctypes(
        len(x), x.ctypes.data_as(number), gradient.ctypes.data_as(number), value.ctypes.data_as(number),
        at.ctypes.data_as(ctypes.POINTER(ctypes.c_int64)),
    )  # fmt: skip
    return (float("nan") if failed else float(value[0])), gradient
