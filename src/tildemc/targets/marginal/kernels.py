"""The decorators of the marginal likelihood's kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba

from tildemc.kernels import keep

__all__ = ["inlined", "jit", "kernel"]

# Sums may be reordered; infinities and NaN keep their meaning, for a density that is not finite must show.
OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True, "fastmath": {"reassoc", "contract", "arcp", "nsz"}}


def jit[F: Callable[..., Any]](function: F) -> F:
    """Compile `function` when the kernel that calls it is compiled."""
    return cast(F, numba.njit(**OPTIONS)(function))


def inlined[F: Callable[..., Any]](function: F) -> F:
    """As `jit`, as part of each caller: to hand a model's arrays over may cost more than the arithmetic."""
    return cast(F, numba.njit(**OPTIONS, forceinline=True)(function))


def kernel[F: Callable[..., Any]](function: F) -> F:
    """Compile `function` at its first call, or load it from the cache."""
    dispatcher = numba.njit(**OPTIONS)(function)
    keep(dispatcher, function)
    return cast(F, dispatcher)
