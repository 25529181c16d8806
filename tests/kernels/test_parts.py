"""A part belongs to the kernels that call it, and can be called from Python all the same."""

from __future__ import annotations

from typing import Any

import numba

from tildemc.kernels import inlined, jit


@jit
def _twice(x: float) -> float:
    return 2 * x


@inlined
def _fourfold(x: float) -> float:
    return _twice(_twice(x))


def test_kernels_call_parts_of_parts() -> None:
    kernel: Any = numba.njit(lambda x: _fourfold(x) + _twice(x))
    assert (kernel(3), kernel(0.25)) == (18, 1.5)


def test_python_calls_a_part() -> None:
    assert (_fourfold(3), _fourfold(0.25)) == (12, 1.0)


def test_a_part_of_two_kernels_is_compiled_once() -> None:
    one: Any = numba.njit(lambda x: _twice(x) + 1)
    other: Any = numba.njit(lambda x: _twice(x) + 2)
    assert one(1.0) + other(1.0) == 7.0
    assert sum(signature == (numba.float64,) for signature in _twice.overloads) == 1  # type: ignore[attr-defined]
