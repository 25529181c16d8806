"""The decorators of the kernel's pieces: numba's, typed, with one set of options each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba

__all__ = ["OPTIONS", "carray", "exactly", "inlined", "jit"]

carray: Any = cast(Any, numba).carray
"""An array at an address."""

# Sums may be reordered; infinities and NaN keep their meaning, for a density that is not finite must show.
OPTIONS: dict[str, Any] = {"fastmath": {"reassoc", "contract", "arcp", "nsz"}, "error_model": "numpy", "nogil": True}


def jit[F: Callable[..., Any]](function: F) -> F:
    """Compile `function` when the kernel that calls it is compiled."""
    return cast(F, numba.njit(**OPTIONS)(function))


def inlined[F: Callable[..., Any]](function: F) -> F:
    """As `jit`, as part of each caller: a loop runs several rows at a time only if it calls nothing."""
    return cast(F, numba.njit(**OPTIONS, forceinline=True)(function))


def exactly[F: Callable[..., Any]](function: F) -> F:
    """As `inlined`, for arithmetic that must not be reordered."""
    return cast(F, numba.njit(**{**OPTIONS, "fastmath": {"contract"}}, forceinline=True)(function))
