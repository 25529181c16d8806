"""The kernel as a C function, compiled once and then kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from numba.core.ccallback import CFunc

from tildemc.kernels import OPTIONS, keep
from tildemc.kernels.machine import Signature

__all__ = ["compiled"]


def compiled(function: Callable[..., float], signature: Signature, made_of: str = "") -> CFunc:
    """`function` as a C function, from the cache if it is there; `made_of` says which, if it is made of a model."""
    callback = CFunc(function, (signature.args, signature.return_type), {}, dict(OPTIONS))
    # A model's density has thousands of words, and numba reads those of all kept functions to find one.
    keep(callback, function, hashlib.sha256(made_of.encode()).hexdigest() if made_of else "")
    callback.compile()
    return callback
