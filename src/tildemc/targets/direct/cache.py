"""The kernel as a C function, compiled once and then kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core.ccallback import CFunc

from tildemc.kernels import OPTIONS, keep

__all__ = ["compiled"]


def compiled(function: Callable[..., int], signature: Any) -> Any:
    """`function` as a C function, from the cache if it is there."""
    callback: Any = CFunc(function, (signature.args, signature.return_type), {}, dict(OPTIONS))
    keep(callback, function)
    callback.compile()
    return callback
