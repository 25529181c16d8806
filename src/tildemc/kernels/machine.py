"""What extensions of numba handle, by name: its types, and LLVM's code that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from llvmlite.ir import IRBuilder as Builder
from llvmlite.ir import Value
from numba import extending, types
from numba.core.base import BaseContext
from numba.core.typing.context import Context as TypingContext
from numba.core.typing.templates import Signature

__all__ = [
    "Builder",
    "Context",
    "Generate",
    "Pointer",
    "Signature",
    "Type",
    "Typed",
    "TypingContext",
    "Value",
    "intrinsic",
    "types",
]

Type = types.Type
"""What numba knows of a value before there is code."""

Context = BaseContext
"""What numba knows of the machine that it writes for."""

Generate = Callable[[Context, Builder, Signature, tuple[Value, ...]], Value]
"""Writes the code of a call, given its signature and the values of its arguments."""

Typed = tuple[Signature, Generate]
"""What an intrinsic makes of its arguments' types."""

# numba says of an intrinsic that calls of it do not return, which from Python they do not.
intrinsic: Callable[[Callable[..., Typed]], Any] = extending.intrinsic
"""A function of kernels whose code is written here; whoever makes one says what it is called with."""


class Pointer(Protocol):
    """Numbers from an address on, as code that numba compiles has them."""

    def __getitem__(self, at: int) -> float: ...

    def __setitem__(self, at: int, value: float) -> None: ...
