"""Trees of frozen dataclasses that may be as deep as a sum is long: what goes through them here does not recurse.

Python recurses some hundred levels, and `x + x + …` is a tree with a level for each summand. So nodes are compared,
hashed, shown, pickled and folded with a list of what is still to be done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

__all__ = ["Flat", "Node", "flat", "fold"]

Flat = tuple[type | None, object]
"""A node's or tuple's class and the number of its parts; or None and a value."""


class Node:
    """A node of such a tree: its parts are nodes, tuples of them, or plain values.

    Its class is `@dataclass(frozen=True, slots=True, eq=False, repr=False)`: these are defined here.
    """

    __slots__ = ("_hash",)

    _hash: int

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        todo: list[tuple[object, object]] = [(self, other)]
        while todo:
            one, two = todo.pop()
            if one is two:
                continue
            if isinstance(one, Node) or type(one) is tuple:
                if type(one) is not type(two):
                    return False
                parts, others = _compared(one), _compared(two)
                if len(parts) != len(others):
                    return False
                todo += zip(parts, others, strict=True)
            elif one != two:
                return False
        return True

    def __hash__(self) -> int:
        # Kept, for a table of parts asks each node of a tree, and from the leaves up, for these have theirs kept then.
        todo: list[Node] = [self]
        while todo:
            node = todo[-1]
            if hasattr(node, "_hash"):
                todo.pop()
                continue
            parts = _compared(node)
            unknown = [inner for inner in _nodes(parts) if not hasattr(inner, "_hash")]
            if not unknown:
                object.__setattr__(node, "_hash", hash((type(node), *parts)))
            todo += unknown
        return self._hash

    def __repr__(self) -> str:
        shown: list[str] = []
        todo: list[str | Node | _Value] = [self]
        while todo:
            part = todo.pop()
            if isinstance(part, str):
                shown.append(part)
                continue
            todo += reversed(_shown(part))
        return "".join(shown)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return _rebuilt, (list(_flat(self, _parts)),)


@cache
def _names(kind: Any, which: str) -> tuple[str, ...]:
    """The names of a class's fields; of those that `compare` or that `repr` shows only."""
    return tuple(field.name for field in fields(kind) if not which or getattr(field, which))


def _parts(node: object, which: str = "") -> Sequence[object]:
    kind: Any = type(node)
    return node if isinstance(node, tuple) else [getattr(node, name) for name in _names(kind, which)]


def _compared(node: object) -> Sequence[object]:
    return _parts(node, "compare")


def _nodes(parts: Sequence[object]) -> Iterator[Node]:
    """The nodes among parts, and in tuples among them."""
    for part in parts:
        if isinstance(part, Node):
            yield part
        elif type(part) is tuple:
            yield from _nodes(part)


def flat(node: Node) -> Iterator[Flat]:
    """What a node is compared by: class and number of parts of each node and tuple, then these; None with a value."""
    return _flat(node, _compared)


def _flat(node: Node, parts: Callable[[object], Sequence[object]]) -> Iterator[Flat]:
    todo: list[object] = [node]
    while todo:
        value = todo.pop()
        if isinstance(value, Node) or type(value) is tuple:
            inner = parts(value)
            yield type(value), len(inner)
            todo += reversed(inner)
        else:
            yield None, value


def _rebuilt(flat: list[Flat]) -> object:
    """The node that `_flat` took apart."""
    made: list[object] = []
    for kind, value in reversed(flat):
        if kind is None:
            made.append(value)
            continue
        assert isinstance(value, int)
        parts = [made.pop() for _ in range(value)]
        made.append(tuple(parts) if kind is tuple else kind(*parts))
    (node,) = made
    return node


def _shown(part: Node | _Value) -> list[str | Node | _Value]:
    """`part` as texts and what is yet to be shown, as a dataclass shows itself."""
    if isinstance(part, Node):
        kind: Any = type(part)
        found: list[str | Node | _Value] = [f"{kind.__qualname__}("]
        for position, name in enumerate(_names(kind, "repr")):
            found += [f"{', ' if position else ''}{name}=", _Value(getattr(part, name))]
        return [*found, ")"]
    value = part.value
    if isinstance(value, Node):
        return _shown(value)
    if type(value) is tuple and value:
        inner = [piece for item in value for piece in (_Value(item), ", ")]
        return ["(", *(inner[:-1] if len(value) > 1 else [inner[0], ","]), ")"]
    return [repr(value)]


class _Value:
    """A value that is yet to be shown: a text may be one."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


def fold[N, T](root: N, inside: Callable[[N], Sequence[N]], combine: Callable[[N, Sequence[T]], T]) -> T:
    """What `combine` makes of a node and of what it made of the nodes inside, from the leaves up and left to right.

    Parameters
    ----------
    root : node
    inside : callable
        The nodes that stand directly inside a node.
    combine : callable
    """
    made: list[T] = []
    todo: list[tuple[N, int]] = [(root, -1)]
    while todo:
        node, count = todo.pop()
        if count < 0:
            parts = inside(node)
            todo.append((node, len(parts)))
            todo += [(part, -1) for part in reversed(parts)]
        else:
            first = len(made) - count
            made[first:] = [combine(node, made[first:])]
    (result,) = made
    return result
