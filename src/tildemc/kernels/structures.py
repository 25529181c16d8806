"""Structures: views of several arrays, and numbers, as the fields of a NamedTuple; a numba type.

A tuple of arrays is copied, and counted, at every use. A structure is the address of a table of addresses and shapes,
which does not change while a kernel runs.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, NamedTuple, get_args, get_origin, get_type_hints

import numpy as np
from llvmlite import ir
from numba.core.datamodel.manager import DataModelManager
from numba.core.typing import templates
from numba.extending import lower_getattr_generic, models, register_model

from tildemc import arrays
from tildemc.kernels.lanes import LANES
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
from tildemc.kernels.views import WORD, View, made

__all__ = ["Packed", "Struct", "at_by_length", "pack"]

_REAL, _WHOLE = struct.Struct("=d"), struct.Struct("=q")


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
        self.written = tuple(map(_written, self.fields.values()))
        super().__init__(name=f"struct({layout.__name__}: {self.fields})")

    @property
    def at(self) -> Callable[[int | Pointer], T]:
        """For kernels: the structure at an address, a number or a pointer."""

        def typed(_typing_context: TypingContext, address: Type) -> Typed:
            number = isinstance(address, types.Integer)

            def generate(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
                return builder.inttoptr(arguments[0], WORD.as_pointer()) if number else arguments[0]

            return self(types.int64 if number else types.CPointer(types.int64)), generate

        found: Callable[[int | Pointer], T] = intrinsic(typed)
        return found


def at_by_length[T](of: Callable[[int], Struct[T]]) -> Callable[[int, tuple[int, ...]], T]:
    """For kernels: the structure at an address; the length of a tuple, which is part of its type, says which one."""

    def typed(_typing_context: TypingContext, _address: Type, counted: types.BaseTuple) -> Typed:
        def generate(context: Context, builder: Builder, called: Signature, arguments: tuple[Value, ...]) -> Value:
            return builder.inttoptr(arguments[0], WORD.as_pointer())

        return of(len(counted))(types.int64, counted), generate

    found: Callable[[int, tuple[int, ...]], T] = intrinsic(typed)
    return found


@register_model(Struct)
class _StructModel(models.PrimitiveModel):
    def __init__(self, manager: DataModelManager, kind: Struct[tuple[object, ...]]) -> None:
        super().__init__(manager, kind, WORD.as_pointer())


@templates.infer_getattr
class _StructAttributes(templates.AttributeTemplate):
    key = Struct

    def generic_resolve(self, kind: Struct[tuple[object, ...]], name: str) -> Type | None:  # type: ignore[override]
        return kind.fields.get(name)


@lower_getattr_generic(Struct)
def _field(context: Context, builder: Builder, kind: Struct[tuple[object, ...]], value: Value, name: str) -> Value:
    wanted, place = kind.fields[name], kind.places[name]

    def word(i: int, of: ir.Type = WORD) -> Value:
        pointer = builder.gep(value, [ir.Constant(WORD, place + i)], inbounds=True)
        loaded = builder.load(builder.bitcast(pointer, of.as_pointer()))
        # So that it need not be read again after each store.
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    if not isinstance(wanted, View):
        return word(0, context.get_value_type(wanted))
    data = word(0, context.get_value_type(types.CPointer(wanted.dtype)))
    return made(context, builder, wanted, data, [word(1 + axis) for axis in range(wanted.ndim)])


class Packed(NamedTuple):
    """A structure in memory: its address, which holds as long as this does."""

    address: int
    words: arrays.Integers
    values: tuple[object, ...]


class _Written(NamedTuple):
    """How a field is written down: a view of so many axes, as an array of so many; or a number, real or whole."""

    view: bool
    axes: int
    array_axes: int
    real: bool


def _written(kind: Type) -> _Written:
    if not isinstance(kind, View):
        return _Written(False, 0, 0, kind == types.float64)
    return _Written(True, kind.ndim, kind.ndim + (kind.dtype == LANES), False)


def pack[T: tuple[object, ...]](kind: Struct[T], values: T) -> Packed:
    """Write down where the arrays of a NamedTuple are, for kernels."""
    words: list[int] = []
    for value, wanted in zip(values, kind.written, strict=True):
        if wanted.view:
            assert isinstance(value, np.ndarray) and value.flags.c_contiguous and value.ndim == wanted.array_axes
            words += [value.ctypes.data, *value.shape[: wanted.axes]]
        else:
            assert isinstance(value, int | float | np.number)
            words.append(_WHOLE.unpack(_REAL.pack(value))[0] if wanted.real else int(value))
    table = np.array(words, dtype=np.int64)
    return Packed(table.ctypes.data, table, tuple(values))
