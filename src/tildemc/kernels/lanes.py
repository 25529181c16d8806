"""Lanes: so many numbers beside one another, which the processor works on at once; a numba type, and its arithmetic.

Code of kernels that neither compares nor counts its numbers is written once, and compiled for one number or for lanes,
by what the views it gets are of.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numba.core.datamodel.manager import DataModelManager
from numba.core.typeconv.castgraph import Conversion
from numba.core.typing import templates
from numba.core.typing.templates import signature
from numba.extending import lower_builtin, lower_cast, models, register_model

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.machine import Builder, Context, Signature, Type, Typed, TypingContext, Value, intrinsic, types

__all__ = ["LANES", "WIDTH", "Lanes", "aligned", "exponent", "finite", "into_lane", "lane", "mantissa"]

WIDTH = 8
"""How many; a vector of AVX-512, two of AVX, four of the smallest."""

_FLOATS, _BITS = ir.VectorType(ir.DoubleType(), WIDTH), ir.VectorType(ir.IntType(64), WIDTH)


class Lanes(types.Type):
    """`WIDTH` numbers; one number by itself stands in each of them."""

    def __init__(self) -> None:
        super().__init__(name=f"lanes({WIDTH})")

    def unify(self, _typing_context: TypingContext, other: Type) -> Type | None:
        """With a number: lanes."""
        return self if isinstance(other, types.Float) else None

    def can_convert_from(self, _typing_context: TypingContext, other: Type) -> Conversion | None:
        """From a number, without loss."""
        return Conversion.safe if isinstance(other, types.Float | types.Integer) else None


LANES = Lanes()


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: DataModelManager, kind: Lanes) -> None:
        super().__init__(manager, kind, _FLOATS)


@lower_cast(types.Float, Lanes)
@lower_cast(types.Integer, Lanes)
def _everywhere(context: Context, builder: Builder, kind: Type, _lanes: Lanes, value: Value) -> Value:
    """A number in each lane."""
    one = context.cast(builder, value, kind, types.float64)
    first = builder.insert_element(ir.Constant(_FLOATS, ir.Undefined), one, ir.Constant(ir.IntType(32), 0))
    nowhere = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, ir.Constant(_FLOATS, ir.Undefined), nowhere)


class _Arithmetic(templates.AbstractTemplate):
    def generic(self, arguments: tuple[Type, ...], _named: dict[str, Type]) -> Signature | None:
        if LANES not in arguments:
            return None
        found: Signature = signature(LANES, *(LANES for _ in arguments))
        return found


def _define(functions: tuple[Callable[..., Any], ...], write: Callable[..., Value], size: int = 2) -> None:
    def generate(_context: Context, builder: Builder, _called: Signature, arguments: tuple[Value, ...]) -> Value:
        return write(builder, *arguments)

    for function in functions:
        templates.infer_global(function)(type("_Arithmetic", (_Arithmetic,), {"key": function}))
        lower_builtin(function, *[Lanes] * size)(generate)


def _called(name: str) -> Callable[[Builder, Value], Value]:
    """LLVM's own function of vectors."""
    kind = ir.FunctionType(_FLOATS, [_FLOATS])

    def write(builder: Builder, value: Value) -> Value:
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{WIDTH}f64")
        return builder.call(function, [value])

    return write


_define((operator.add, operator.iadd), lambda builder, a, b: builder.fadd(a, b))
_define((operator.sub, operator.isub), lambda builder, a, b: builder.fsub(a, b))
_define((operator.mul, operator.imul), lambda builder, a, b: builder.fmul(a, b))
_define((operator.truediv, operator.itruediv), lambda builder, a, b: builder.fdiv(a, b))
_define((math.sqrt,), _called("sqrt"), 1)
_define((math.log,), _called("log"), 1)


# What one number and lanes have in common

_MANTISSA, _ONE, _INTEGER, _BIAS = (1 << 52) - 1, 1023 << 52, 1075 << 52, float(2**52 + 1023)


def _each(write: Callable[[Builder, Value, Callable[[float], Value], Callable[[int], Value]], Value]) -> Any:
    """A function of a number or of lanes; `write` gets constants of either kind."""

    def typed(_typing_context: TypingContext, kind: Type) -> Typed:
        def generate(_context: Context, builder: Builder, _called: Signature, arguments: tuple[Value, ...]) -> Value:
            def floats(x: float) -> Value:
                return ir.Constant(_FLOATS, [x] * WIDTH) if kind == LANES else ir.Constant(ir.DoubleType(), x)

            def bits(x: int) -> Value:
                return ir.Constant(_BITS, [x] * WIDTH) if kind == LANES else ir.Constant(ir.IntType(64), x)

            return write(builder, arguments[0], floats, bits)

        return kind(kind), generate

    return intrinsic(typed)


def _mantissa(builder: Builder, x: Value, floats: Callable[[float], Value], bits: Callable[[int], Value]) -> Value:
    one = bits(_ONE)
    raw = builder.or_(builder.and_(builder.bitcast(x, one.type), bits(_MANTISSA)), one)
    # 0 x is zero, or NaN where x is not finite: which must show.
    return builder.fadd(builder.bitcast(raw, x.type), builder.fmul(x, floats(0.0)))


def _exponent(builder: Builder, x: Value, floats: Callable[[float], Value], bits: Callable[[int], Value]) -> Value:
    # 2^52 + n has n in its last bits: no processor need convert integers.
    shifted = builder.lshr(builder.bitcast(x, bits(0).type), bits(52))
    return builder.fsub(builder.bitcast(builder.or_(shifted, bits(_INTEGER)), x.type), floats(_BIAS))


def _finite(builder: Builder, x: Value, floats: Callable[[float], Value], bits: Callable[[int], Value]) -> Value:
    above, below = (builder.fcmp_ordered(sign, x, floats(end)) for sign, end in ((">", -math.inf), ("<", math.inf)))
    return builder.select(builder.and_(above, below), x, floats(-math.inf))


mantissa: Callable[[float], float] = _each(_mantissa)
"""Of positive x = m 2^e, the m from 1 to 2; NaN where x is not finite."""

exponent: Callable[[float], float] = _each(_exponent)
"""Of positive finite x = m 2^e, the e."""

finite: Callable[[float], float] = _each(_finite)
"""x; -inf where it is not finite."""


def _one_lane(_typing_context: TypingContext, kind: Type, i: Type) -> Typed:
    def generate(_context: Context, builder: Builder, _called: Signature, arguments: tuple[Value, ...]) -> Value:
        return builder.extract_element(*arguments)

    return types.float64(kind, types.int64), generate


lane: Callable[[float, int], float] = intrinsic(_one_lane)
"""The number in one of the lanes."""


# Memory


@jit
def into_lane(i: int, row: Floats, out: Floats) -> None:
    """Put a point's numbers into its lane of `out`, all of whose numbers these are."""
    for k in range(len(row)):
        out[k * WIDTH + i] = row[k]


def aligned(shape: tuple[int, ...]) -> Floats:
    """Memory for lanes, (*shape, WIDTH), which begins where a vector may."""
    size = math.prod(shape) * WIDTH
    plain = np.empty(size + WIDTH)
    start = -(plain.ctypes.data // 8) % WIDTH
    return plain[start : start + size].reshape(*shape, WIDTH)
