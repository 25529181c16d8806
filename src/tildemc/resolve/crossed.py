"""Formula functions that make one factor of several: `interaction(a, b)` and `paste(a, b)`."""

from __future__ import annotations

from functools import partial, reduce
from itertools import pairwise, product

from tildemc.errors import SemanticError
from tildemc.limits import allowed, too_many
from tildemc.resolve.arguments import Arguments, Transform
from tildemc.resolve.lessons import values
from tildemc.resolve.values import Category, Level, Value, levels_of
from tildemc.spec.columns import own_types
from tildemc.spec.expr import Const, Expr, Op
from tildemc.syntax.tree import Text, deparse

__all__ = ["CROSSED"]

_NAMES = ("x", "y", "z", "w")
_ALL = Const(1.0)
"""Where a row has a text that all rows have."""
_USUAL = {"interaction": ".", "paste": " ", "paste0": ""}


def _crossed(a: Arguments) -> Value:
    """The observed combinations: `interaction()` varies the first factor fastest, pasted texts are in their order."""
    function = a.call.function
    parts = [_levels(a, name) for name in _NAMES if name in a.given]
    if all(part[0].indicator == _ALL for part in parts):
        raise SemanticError(f"`{a.key}` is one text in every row", a.call.span)
    joined = _joined(a, _USUAL[function])
    stride, code = 1.0, Category(tuple(parts[0])).code(tuple(map(float, range(len(parts[0])))))
    for before, part in pairwise(parts):
        stride *= len(before)
        code = code + Category(tuple(part)).code(tuple(k * stride for k in range(len(part))))
    seen = set(a.columns.learned(a.key, code, values(own_types)))
    first_slowest = a.flag("lex.order", False)
    places = product(*(range(len(part)) for part in (parts if first_slowest else parts[::-1])))
    found: list[Level] = []
    for place in places:
        chosen = [part[k] for part, k in zip(parts, place if first_slowest else place[::-1], strict=True)]
        number = _number(parts, chosen)
        if number in seen:
            indicators: list[Expr] = [level.indicator for level in chosen if level.indicator != _ALL]
            label = joined.join(level.label for level in chosen)
            found.append(Level(label, label, reduce(partial(Op, "&"), indicators)))
    if len(found) > allowed().columns:
        raise SemanticError(too_many(f"`{a.key}`", "columns", len(found)), a.call.span)
    if function == "interaction":
        return Category(tuple(found))
    return Category(tuple(sorted(found, key=lambda level: level.label)), text=True)


def _number(parts: list[tuple[Level, ...]], chosen: list[Level]) -> float:
    number, stride = 0.0, 1.0
    for part, level in zip(parts, chosen, strict=True):
        number += stride * part.index(level)
        stride *= len(part)
    return number


def _joined(a: Arguments, usual: str) -> str:
    match a.given.get("sep"):
        case None:
            return usual
        case Text(text):
            return text
        case other:
            raise SemanticError('`sep` is a text, as in `sep = "_"`', other.span)


def _levels(a: Arguments, name: str) -> tuple[Level, ...]:
    given = a.given[name]
    if isinstance(given, Text):
        return (Level(given.value, given.value, _ALL),)
    value = a.as_given(name)
    if isinstance(value, Category):
        return value.levels
    x = a.number(name)
    key = f"{a.key} {deparse(a.given[name])}"
    return levels_of(x, a.columns.learned(key, x, values(own_types)))


_FUNCTION = Transform((*_NAMES, "sep", "drop", "lex.order"), 1, _crossed)
CROSSED: dict[str, Transform] = dict.fromkeys(_USUAL, _FUNCTION)
"""By R's names."""
