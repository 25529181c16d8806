"""Views: memory that a kernel reads and writes but does not own; a numba type.

An array of numba's counts its references, may have any strides and may be indexed from its end. That costs more to
compile than the arithmetic does. A view is an address and a shape, row by row.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Annotated

import numpy as np
from llvmlite import ir
from numba import from_dtype
from numba.core import cgutils
from numba.core.datamodel.manager import DataModelManager
from numba.core.typing import templates
from numba.core.typing.templates import signature
from numba.extending import lower_builtin, lower_getattr, models, register_model
from numpy.typing import NDArray

from tildemc import arrays
from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.lanes import LANES, WIDTH
from tildemc.kernels.machine import (
    Builder,
    Context,
    Pointer,
    Signature,
    Type,
    Typed,
    TypingContext,
    Value,
    intrinsic,
    types,
)

__all__ = [
    "WORD",
    "Cube",
    "Indices",
    "Integers",
    "Matrix",
    "Table",
    "Vector",
    "View",
    "add",
    "copy",
    "fill",
    "made",
    "numbers",
    "records",
    "view",
    "view_at",
]

WORD = ir.IntType(64)


class View(types.Type):
    """`ndim`-dimensional memory of `dtype`, row by row; indexed by integers, or by a slice along its first axis.

    Where code is to know the size of an axis, `sizes` has it, and None elsewhere.
    """

    def __init__(self, dtype: Type, ndim: int = 1, sizes: tuple[int | None, ...] | None = None) -> None:
        self.dtype, self.ndim, self.sizes = dtype, ndim, sizes or (None,) * ndim
        super().__init__(name=f"view({dtype}, {ndim}, {self.sizes})")

    def without(self, indices: int) -> Type:
        """What is left after so many indices: a view, or an element."""
        return View(self.dtype, self.ndim - indices, self.sizes[indices:]) if indices < self.ndim else self.dtype

    @property
    def sliced(self) -> View:
        """A slice along the first axis."""
        return View(self.dtype, self.ndim, (None, *self.sizes[1:]))


Vector = Annotated[Floats, View(types.float64)]
Matrix = Annotated[Floats, View(types.float64, 2)]
Cube = Annotated[Floats, View(types.float64, 3)]
Integers = Annotated[arrays.Integers, View(types.int64)]
Table = Annotated[arrays.Integers, View(types.int64, 2)]
Indices = Annotated[NDArray[np.int32], View(types.int32)]
"""What the fields of a NamedTuple may be, for Python and for kernels."""


def records(dtype: np.dtype[np.void]) -> View:
    """A view of one record after another."""
    return View(from_dtype(dtype))


@register_model(View)
class _ViewModel(models.StructModel):
    def __init__(self, manager: DataModelManager, kind: View) -> None:
        shape = types.UniTuple(types.int64, kind.ndim)
        super().__init__(manager, kind, [("data", types.CPointer(kind.dtype)), ("shape", shape)])


def made(context: Context, builder: Builder, kind: View, data: Value, shape: list[Value]) -> Value:
    """The view of so much memory from an address on."""
    made = cgutils.create_struct_proxy(kind)(context, builder)
    made.data, made.shape = data, cgutils.pack_array(builder, shape)
    return made._getvalue()


def _parts(context: Context, builder: Builder, kind: View, value: Value) -> tuple[Value, list[Value]]:
    """The address and the shape."""
    proxy = cgutils.create_struct_proxy(kind)(context, builder, value=value)
    shape = cgutils.unpack_tuple(builder, proxy.shape)
    known = zip(shape, kind.sizes, strict=True)
    return proxy.data, [found if size is None else ir.Constant(WORD, size) for found, size in known]


def _signature(result: Type, *arguments: Type) -> Signature:
    found: Signature = signature(result, *arguments)
    return found


# Indices


def _indexed(index: Type) -> tuple[Type, int] | None:
    """The type that an index is read as, and how many axes it takes away."""
    if isinstance(index, types.Integer):
        return types.int64, 1
    if isinstance(index, types.UniTuple | types.Tuple) and all(isinstance(each, types.Integer) for each in index):
        return types.UniTuple(types.int64, len(index)), len(index)
    return None


@templates.infer_global(operator.getitem)
class _GetItem(templates.AbstractTemplate):
    def generic(self, arguments: tuple[Type, ...], _named: dict[str, Type]) -> Signature | None:
        kind, index = arguments
        if not isinstance(kind, View):
            return None
        if isinstance(index, types.SliceType):
            return _signature(kind.sliced, kind, types.slice2_type)
        known = _indexed(index)
        return None if known is None else _signature(kind.without(known[1]), kind, known[0])


@templates.infer_global(operator.setitem)
class _SetItem(templates.AbstractTemplate):
    def generic(self, arguments: tuple[Type, ...], _named: dict[str, Type]) -> Signature | None:
        kind, index, _ = arguments
        if not isinstance(kind, View):
            return None
        known = _indexed(index)
        return _signature(types.none, kind, known[0], kind.dtype) if known and known[1] == kind.ndim else None


def _address(builder: Builder, data: Value, shape: list[Value], index: Value) -> tuple[Value, list[Value]]:
    """Where what an index names begins, and its shape."""
    indices = cgutils.unpack_tuple(builder, index) if isinstance(index.type, ir.ArrayType) else [index]
    # Row by row: the place of (i, j) is i × columns + j. Nothing is counted from the end, and no bound is checked.
    at = indices[0]
    for axis, size in enumerate(shape[1:], 1):
        at = builder.mul(at, size, flags=["nsw"])
        if axis < len(indices):
            at = builder.add(at, indices[axis], flags=["nsw"])
    return builder.gep(data, [at], inbounds=True), shape[len(indices) :]


def _get(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
    kind = called.args[0]
    pointer, shape = _address(builder, *_parts(context, builder, kind, arguments[0]), arguments[1])
    if shape:
        return made(context, builder, called.return_type, pointer, shape)
    return context.unpack_value(builder, kind.dtype, pointer)


def _set(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
    kind = called.args[0]
    pointer, _ = _address(builder, *_parts(context, builder, kind, arguments[0]), arguments[1])
    context.pack_value(builder, kind.dtype, arguments[2], pointer)
    return context.get_dummy_value()


def _slice(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
    """From `start` to `stop`, which does not lie before it; both count from the beginning."""
    kind: View = called.args[0]
    data, shape = _parts(context, builder, kind, arguments[0])
    asked = context.make_helper(builder, called.args[1], arguments[1])
    stop = builder.select(builder.icmp_signed("<", asked.stop, shape[0]), asked.stop, shape[0])
    pointer, _ = _address(builder, data, shape, asked.start)
    size = builder.sub(stop, asked.start, flags=["nsw"])
    return made(context, builder, kind.sliced, pointer, [size, *shape[1:]])


for _index in (types.Integer, types.UniTuple):
    lower_builtin(operator.getitem, View, _index)(_get)
    lower_builtin(operator.setitem, View, _index, types.Any)(_set)
lower_builtin(operator.getitem, View, types.SliceType)(_slice)


# Sizes


@templates.infer_getattr
class _ViewAttributes(templates.AttributeTemplate):
    key = View

    def resolve_shape(self, kind: View) -> Type:
        return types.UniTuple(types.int64, kind.ndim)

    def resolve_size(self, kind: View) -> Type:
        return types.int64

    def resolve_flat(self, kind: View) -> Type:
        return View(kind.dtype)

    def resolve_data(self, kind: View) -> Type:
        return types.CPointer(kind.dtype)


@templates.infer_global(len)
class _Length(templates.AbstractTemplate):
    def generic(self, arguments: tuple[Type, ...], _named: dict[str, Type]) -> Signature | None:
        return _signature(types.int64, *arguments) if isinstance(arguments[0], View) else None


@lower_getattr(View, "shape")
def _shape(context: Context, builder: Builder, kind: View, value: Value) -> Value:
    return cgutils.pack_array(builder, _parts(context, builder, kind, value)[1])


@lower_getattr(View, "data")
def _data(context: Context, builder: Builder, kind: View, value: Value) -> Value:
    return cgutils.create_struct_proxy(kind)(context, builder, value=value).data


@lower_getattr(View, "size")
def _size(context: Context, builder: Builder, kind: View, value: Value) -> Value:
    total, *others = _parts(context, builder, kind, value)[1]
    for other in others:
        total = builder.mul(total, other, flags=["nsw"])
    return total


@lower_getattr(View, "flat")
def _flat(context: Context, builder: Builder, kind: View, value: Value) -> Value:
    data, _ = _parts(context, builder, kind, value)
    return made(context, builder, View(kind.dtype), data, [_size(context, builder, kind, value)])


@lower_builtin(len, View)
def _length(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
    return _parts(context, builder, called.args[0], arguments[0])[1][0]


# Arrays


def _viewed(_typing_context: TypingContext, array: types.Array) -> Typed:
    def generate(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
        kind = called.return_type
        proxy = context.make_array(called.args[0])(context, builder, value=arguments[0])
        return made(context, builder, kind, proxy.data, cgutils.unpack_tuple(builder, proxy.shape))

    assert array.layout == "C"
    return View(array.dtype, array.ndim)(array), generate


view: Callable[[Floats], Floats] = intrinsic(_viewed)
"""For kernels: an array, row by row, that the caller keeps."""


def _viewed_at(_typing_context: TypingContext, pointer: types.CPointer, _size: Type) -> Typed:
    def generate(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
        return made(context, builder, called.return_type, arguments[0], [arguments[1]])

    return View(pointer.dtype)(pointer, types.int64), generate


view_at: Callable[[Pointer, int], Floats] = intrinsic(_viewed_at)
"""For kernels: so many numbers from a pointer on."""


def _numbered(_typing_context: TypingContext, kind: View) -> Typed:
    def generate(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
        data, _ = _parts(context, builder, kind, arguments[0])
        size = _size(context, builder, kind, arguments[0])
        if kind.dtype == LANES:
            data = builder.bitcast(data, ir.DoubleType().as_pointer())
            size = builder.mul(size, ir.Constant(WORD, WIDTH), flags=["nsw"])
        return made(context, builder, called.return_type, data, [size])

    return View(types.float64)(kind), generate


numbers: Callable[[Floats], Floats] = intrinsic(_numbered)
"""For kernels: all numbers of a view, one after another; of lanes those of the first, then those of the next."""


@jit
def fill(x: Floats | np.flatiter[Floats], value: float) -> None:
    """Put `value` everywhere along a view's one axis."""
    for i in range(len(x)):
        x[i] = value


@jit
def copy(x: Floats | np.flatiter[Floats], out: Floats | np.flatiter[Floats]) -> None:
    """Put `x` into `out`, which is as long or longer."""
    for i in range(len(x)):
        out[i] = x[i]


@jit
def add(x: Floats) -> float:
    """The sum along a view's one axis."""
    total = 0.0
    for i in range(len(x)):
        total += x[i]
    return total
