"""The kernel as a C function of addresses, as samplers call it."""

from __future__ import annotations

import ctypes
from functools import cache
from math import isfinite

import numpy as np
from numba.core.ccallback import CFunc

from tildemc.arrays import Floats, Integers
from tildemc.kernels.machine import Pointer, types
from tildemc.kernels.structures import pack
from tildemc.kernels.views import view, view_at
from tildemc.targets.direct.cache import compiled
from tildemc.targets.direct.kernel import constrained, log_density, room
from tildemc.targets.direct.tables import TABLES, Tables

__all__ = ["addresses", "copy_function", "density_function", "evaluate", "quantities"]

NOT_FINITE = 3
"""What the kernel returns where density or gradient are not finite; a sampler takes it for a divergence."""

_POINT = types.CPointer(types.float64)
_ADDRESSES = types.CPointer(types.int64)
_DENSITY = types.int64(types.uint64, _POINT, _POINT, _POINT, _ADDRESSES)
_CONSTRAIN = types.int64(types.int64, types.int64, types.int64, _POINT, _POINT, _ADDRESSES)
_COPY = types.int64(types.uint64, types.uint64, _POINT, _POINT, _ADDRESSES)

_tables = TABLES.at


def addresses(tables: Tables) -> Integers:
    """The address and the length of each table, as the C function takes them; valid as long as `tables` lives."""
    return pack(TABLES, tables).words


def _log_density(n: int, x: Pointer, gradient_: Pointer, value: Pointer, at: Pointer) -> int:
    tables, gradient = _tables(at), view_at(gradient_, n)
    space = np.empty(room(tables))
    value[0] = log_density(tables, view_at(x, n), gradient, view(space))
    space[0] = value[0]  # it lives until here
    finite = isfinite(value[0])
    for i in range(n):
        finite &= isfinite(gradient[i])
    return 0 if finite else NOT_FINITE


def _constrain(points: int, n: int, size: int, x: Pointer, values: Pointer, at: Pointer) -> int:
    tables = _tables(at)
    space = np.empty(room(tables))
    whole, found = view_at(x, points * n), view_at(values, points * size)
    for k in range(points):
        constrained(tables, whole[k * n : (k + 1) * n], found[k * size : (k + 1) * size], view(space))
    space[0] = 0.0  # it lives until here
    return 0


def _copy(n: int, _expanded: int, x: Pointer, out: Pointer, _at: Pointer) -> int:
    for i in range(n):
        out[i] = x[i]
    return 0


@cache
def density_function() -> CFunc:
    """The kernel: (dimension, point, gradient, value, addresses) -> 0, or `NOT_FINITE`."""
    return compiled(_log_density, _DENSITY)


@cache
def _constrain_function() -> CFunc:
    """The kernel as far as the model's free quantities: (points, dimension, quantities, points, values, addresses)."""
    return compiled(_constrain, _CONSTRAIN)


@cache
def copy_function() -> CFunc:
    """What samplers keep of a point: the point."""
    return compiled(_copy, _COPY)


def evaluate(tables: Tables, x: Floats) -> tuple[float, Floats]:
    """The log density and its gradient at `x`, up to a constant; NaN where they are not finite."""
    gradient, value, at = np.empty_like(x), np.empty(1), addresses(tables)
    failed = density_function().ctypes(
        len(x), _numbers(x), _numbers(gradient), _numbers(value), at.ctypes.data_as(ctypes.POINTER(ctypes.c_int64))
    )
    return (float("nan") if failed else float(value[0])), gradient


def quantities(tables: Tables, x: Floats) -> Floats:
    """The model's free quantities (…, places) at points (…, size): effects standardised, numbers among them."""
    x, at = np.ascontiguousarray(x, dtype=np.float64), addresses(tables)
    size = int(tables.header[0]["places"])
    found = np.empty((*x.shape[:-1], size))
    _constrain_function().ctypes(
        found.size // size, x.shape[-1], size, _numbers(x), _numbers(found),
        at.ctypes.data_as(ctypes.POINTER(ctypes.c_int64)),
    )  # fmt: skip
    return found


def _numbers(array: Floats) -> ctypes._Pointer[ctypes.c_double]:
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
