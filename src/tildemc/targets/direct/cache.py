"""The kernel as a C function, compiled once and then kept."""

from __future__ import annotations

from collections.abc import Callable

from numba.core.ccallback import CFunc

from tildemc.kernels import OPTIONS, keep
from tildemc.kernels.machine import Signature

__all__ = ["compiled"]


def compiled(function: Callable[..., float], signature: Signature, made_of: str = "") -> CFunc:
    """`function` as a C function, from the cache if it is there; `made_of` says which, if it is made of a model."""
    callback = CFunc(function, (signature.args, signature.return_type), {}, dict(OPTIONS))
    keep(callback, function, made_of)
    callback.compile()
    return callback
