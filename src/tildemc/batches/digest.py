"""Values -> a digest: what makes two models the same in every process and on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import FunctionType, NoneType
from typing import TYPE_CHECKING, Any, Literal, assert_never

import numpy as np

from tildemc.trees import Node, flat

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["feed"]


def feed(digest: hashlib._Hash, value: object) -> None:
    """Add a value to a digest, in the same way in every process: sets have an order of their own in each."""
    own: Any = type(value)
    match _kind(own):
        case "plain":
            digest.update(f"{value!r};".encode())
        case "array":
            assert isinstance(value, np.ndarray)
            digest.update(f"{value.dtype.str}{value.shape}".encode())
            numbers = value.dtype != object
            digest.update(np.ascontiguousarray(value).tobytes() if numbers else repr(value.tolist()).encode())
        case "node":
            assert isinstance(value, Node)
            for inner, part in flat(value):
                if inner is None:
                    feed(digest, part)
                else:
                    digest.update((f"({part}" if inner is tuple else inner.__name__).encode())
        case "sequence":
            assert isinstance(value, tuple | list)
            digest.update(f"({len(value)}".encode())
            for item in value:
                feed(digest, item)
        case "mapping":
            assert isinstance(value, Mapping)
            feed(digest, sorted(value.items()))
        case "set":
            assert isinstance(value, set | frozenset)
            feed(digest, sorted(value))
        case "function":
            # Of a record that its name tells from others; a function is no more than one of its fields.
            assert isinstance(value, FunctionType)
            digest.update(value.__qualname__.encode())
        case "record":
            digest.update(own.__name__.encode())
            for name in _compared(own):
                feed(digest, getattr(value, name))
        case never:
            assert_never(never)


_Kind = Literal["plain", "array", "node", "sequence", "mapping", "set", "function", "record"]
_KINDS: tuple[tuple[_Kind, tuple[type, ...]], ...] = (
    ("plain", (NoneType, str, bytes, int, float, np.generic)),
    ("array", (np.ndarray,)),
    ("node", (Node,)),
    ("sequence", (tuple, list)),
    ("mapping", (Mapping,)),
    ("set", (set, frozenset)),
    ("function", (FunctionType,)),
)


@cache
def _kind(kind: Any) -> _Kind:
    """How values of a class are fed to a digest."""
    found = next((name for name, classes in _KINDS if issubclass(kind, classes)), None)
    assert found or is_dataclass(kind), kind
    return found or "record"


@cache
def _compared(kind: type[DataclassInstance]) -> tuple[str, ...]:
    """The fields of a dataclass that its values are compared by."""
    return tuple(field.name for field in fields(kind) if field.compare)
