"""Views: memory that a kernel reads and writes but does not own, and structures of them; numba types.

An array of numba's counts its references, may have any strides and may be indexed from its end; a tuple of arrays is
copied, and counted, at every use. That costs more to compile than the arithmetic does. A view is an address and a
shape, row by row; a structure is the address of a table of these, which does not change while a kernel runs.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, NamedTuple, get_args, get_origin, get_type_hints

import numpy as np
from llvmlite import ir
from numba import from_dtype
from numba.core import cgutils
from numba.core.datamodel.manager import DataModelManager
from numba.core.typing import templates
from numba.core.typing.templates import signature
from numba.extending import lower_builtin, lower_getattr, lower_getattr_generic, models, register_model
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
    "Cube",
    "Indices",
    "Integers",
    "Matrix",
    "Packed",
    "Struct",
    "Table",
    "Vector",
    "View",
    "add",
    "at_by_length",
    "copy",
    "fill",
    "numbers",
    "pack",
    "records",
    "view",
    "view_at",
]

_WORD = ir.IntType(64)


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


def _made(context: Context, builder: Builder, kind: View, data: Value, shape: list[Value]) -> Value:
    made = cgutils.create_struct_proxy(kind)(context, builder)
    made.data, made.shape = data, cgutils.pack_array(builder, shape)
    return made._getvalue()


def _parts(context: Context, builder: Builder, kind: View, value: Value) -> tuple[Value, list[Value]]:
    """The address and the shape."""
    proxy = cgutils.create_struct_proxy(kind)(context, builder, value=value)
    shape = cgutils.unpack_tuple(builder, proxy.shape)
    known = zip(shape, kind.sizes, strict=True)
    return proxy.data, [found if size is None else ir.Constant(_WORD, size) for found, size in known]


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
        return _made(context, builder, called.return_type, pointer, shape)
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
    return _made(context, builder, kind.sliced, pointer, [size, *shape[1:]])


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
    return _made(context, builder, View(kind.dtype), data, [_size(context, builder, kind, value)])


@lower_builtin(len, View)
def _length(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
    return _parts(context, builder, called.args[0], arguments[0])[1][0]


# Structures


class Struct[T](types.Type):
    """The fields of a NamedTuple whose annotations say which views they are; or `int`, or `float`.

    Parameters
    ----------
    layout : type
    element : Type
        What its views of numbers are of: a number, or lanes.
    sizes : mapping
        What code is to know of the sizes of views.
    kinds : Type
        Of fields by name, where annotations do not say.
    """

    def __init__(
        self,
        layout: type[T],
        element: Type = types.float64,
        sizes: Mapping[str, tuple[int | None, ...]] = MappingProxyType({}),
        **kinds: Type,
    ) -> None:
        hints = get_type_hints(layout, include_extras=True)
        scalars = {int: types.int64, float: types.float64}
        self.fields = {
            name: kinds.get(name) or (get_args(hint)[1] if get_origin(hint) is Annotated else scalars[hint])
            for name, hint in hints.items()
        }
        for name, kind in self.fields.items():
            if isinstance(kind, View) and kind.dtype == types.float64:
                self.fields[name] = View(element, kind.ndim, sizes.get(name))
        # A view takes its address and the length of each axis, a number one word.
        at = 0
        self.places: dict[str, int] = {}
        for name, kind in self.fields.items():
            self.places[name] = at
            at += 1 + (kind.ndim if isinstance(kind, View) else 0)
        super().__init__(name=f"struct({layout.__name__}: {self.fields})")

    @property
    def at(self) -> Callable[[int | Pointer], T]:
        """For kernels: the structure at an address, a number or a pointer."""

        def typed(_typing_context: TypingContext, address: Type) -> Typed:
            number = isinstance(address, types.Integer)

            def generate(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
                return builder.inttoptr(arguments[0], _WORD.as_pointer()) if number else arguments[0]

            return self(types.int64 if number else types.CPointer(types.int64)), generate

        found: Callable[[int | Pointer], T] = intrinsic(typed)
        return found


def at_by_length[T](of: Callable[[int], Struct[T]]) -> Callable[[int, tuple[int, ...]], T]:
    """For kernels: the structure at an address; the length of a tuple, which is part of its type, says which one."""

    def typed(_typing_context: TypingContext, _address: Type, counted: types.BaseTuple) -> Typed:
        def generate(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
            return builder.inttoptr(arguments[0], _WORD.as_pointer())

        return of(len(counted))(types.int64, counted), generate

    found: Callable[[int, tuple[int, ...]], T] = intrinsic(typed)
    return found


@register_model(Struct)
class _StructModel(models.PrimitiveModel):
    def __init__(self, manager: DataModelManager, kind: Struct[tuple[object, ...]]) -> None:
        super().__init__(manager, kind, _WORD.as_pointer())


@templates.infer_getattr
class _StructAttributes(templates.AttributeTemplate):
    key = Struct

    def generic_resolve(self, kind: Struct[tuple[object, ...]], name: str) -> Type | None:  # type: ignore[override]
        return kind.fields.get(name)


@lower_getattr_generic(Struct)
def _field(context: Context, builder: Builder, kind: Struct[tuple[object, ...]], value: Value, name: str) -> Value:
    wanted, place = kind.fields[name], kind.places[name]

    def word(i: int, of: ir.Type = _WORD) -> Value:
        pointer = builder.gep(value, [ir.Constant(_WORD, place + i)], inbounds=True)
        loaded = builder.load(builder.bitcast(pointer, of.as_pointer()))
        # So that it need not be read again after each store.
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    if not isinstance(wanted, View):
        return word(0, context.get_value_type(wanted))
    data = word(0, context.get_value_type(types.CPointer(wanted.dtype)))
    return _made(context, builder, wanted, data, [word(1 + axis) for axis in range(wanted.ndim)])


class Packed(NamedTuple):
    """A structure in memory: its address, which holds as long as this does."""

    address: int
    words: arrays.Integers
    values: tuple[object, ...]


def pack[T: tuple[object, ...]](kind: Struct[T], values: T) -> Packed:
    """Write down where the arrays of a NamedTuple are, for kernels."""
    words: list[int] = []
    kept: list[object] = []
    for value, wanted in zip(values, kind.fields.values(), strict=True):
        if isinstance(wanted, View):
            assert isinstance(value, np.ndarray) and value.flags.c_contiguous
            assert value.ndim == wanted.ndim + (wanted.dtype == LANES)
            words += [value.ctypes.data, *value.shape[: wanted.ndim]]
        else:
            assert isinstance(value, int | float | np.number)
            word = np.float64(value).view(np.int64) if wanted == types.float64 else np.int64(value)
            words.append(int(word))
        kept.append(value)
    table = np.array(words, dtype=np.int64)
    return Packed(table.ctypes.data, table, tuple(kept))


# Arrays


def _viewed(_typing_context: TypingContext, array: types.Array) -> Typed:
    def generate(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
        kind = called.return_type
        proxy = context.make_array(called.args[0])(context, builder, value=arguments[0])
        return _made(context, builder, kind, proxy.data, cgutils.unpack_tuple(builder, proxy.shape))

    assert array.layout == "C"
    return View(array.dtype, array.ndim)(array), generate


view: Callable[[Floats], Floats] = intrinsic(_viewed)
"""For kernels: an array, row by row, that the caller keeps."""


def _viewed_at(_typing_context: TypingContext, pointer: types.CPointer, _size: Type) -> Typed:
    def generate(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
        return _made(context, builder, called.return_type, arguments[0], [arguments[1]])

    return View(pointer.dtype)(pointer, types.int64), generate


view_at: Callable[[Pointer, int], Floats] = intrinsic(_viewed_at)
"""For kernels: so many numbers from a pointer on."""


def _numbered(_typing_context: TypingContext, kind: View) -> Typed:
    def generate(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
        data, _ = _parts(context, builder, kind, arguments[0])
        size = _size(context, builder, kind, arguments[0])
        if kind.dtype == LANES:
            data = builder.bitcast(data, ir.DoubleType().as_pointer())
            size = builder.mul(size, ir.Constant(_WORD, WIDTH), flags=["nsw"])
        return _made(context, builder, called.return_type, data, [size])

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
