"""A call in a formula: its arguments by name, matched as R matches them, and what a function is that takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tildemc.errors import SemanticError, nearest
from tildemc.resolve.values import NO_CODES, Columns, Level, Value, arithmetic, as_given, meaning
from tildemc.spec.columns import label_of
from tildemc.spec.expr import Expr
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["Arguments", "Transform", "bind"]


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call by name, as written; `columns` to read them against."""

    call: tree.Call
    given: Mapping[str, tree.Expr]
    columns: Columns

    @property
    def key(self) -> str:
        """The call's text, by which what it learned is remembered."""
        return deparse(self.call)

    def number(self, name: str) -> Expr:
        """An argument as one number for each row."""
        return arithmetic(self.given[name], self.columns)

    def value(self, name: str) -> Value:
        """An argument as numbers or a factor."""
        return meaning(self.given[name], self.columns)

    def as_given(self, name: str) -> Value:
        """An argument of which levels are made, of text as it is given."""
        return as_given(self.given[name], self.columns)

    def flag(self, name: str, default: bool) -> bool:
        """TRUE or FALSE."""
        match self.given.get(name):
            case None:
                return default
            case tree.Constant(bool(value)):
                return value
            case other:
                raise SemanticError(f"`{name}` is TRUE or FALSE", other.span)

    def whole(self, name: str, default: int, *, lowest: int = 1, most: int) -> int:
        """A whole number."""
        match self.given.get(name):
            case None:
                return default
            case tree.Number(value) if value == int(value) and lowest <= value <= most:
                return int(value)
            case tree.Number(value, span) if value > most:
                raise SemanticError(f"`{name}` is a whole number up to {most:,} here", span)
            case other:
                raise SemanticError(f"`{name}` is a whole number from {lowest} up", other.span)

    def levels(self, name: str, known: Sequence[Level]) -> tuple[int, ...] | None:
        """The places among `known` of `"a"` or `c("a", "b")`: a text is a level's name, a number its value.

        Raises
        ------
        SemanticError
            If there is no such level.
        """
        expr = self.given.get(name)
        match expr:
            case None:
                return None
            case tree.Call("c", arguments):
                parts = [argument.value for argument in arguments]
            case _:
                parts = [expr]
        return tuple(self._place(part, name, known) for part in parts)

    def level(self, name: str, known: Sequence[Level]) -> int | None:
        """The place of the one level that an argument names."""
        places = self.levels(name, known)
        if places is not None and len(places) != 1:
            raise SemanticError(f"`{name}` names one level", self.given[name].span)
        return None if places is None else places[0]

    def _place(self, expr: tree.Expr, name: str, known: Sequence[Level]) -> int:
        labels = [level.label for level in known]
        match expr:
            case tree.Text(text):
                wanted, found = text, [label == text for label in labels]
            case tree.Number(value) | tree.Constant(bool(value)):
                wanted = label_of(value)
                found = [level.value == value or label_of(level.value) == wanted for level in known]
            case _:
                raise SemanticError(f'`{name}` takes quoted level names, as in `c("low", "high")`', expr.span)
        if True not in found:
            listed = ", ".join(labels[:8]) + (" …" if len(labels) > 8 else "")
            hint = nearest(wanted, labels) or f"; the levels are {listed}"
            codes = f"; {NO_CODES}" if self.columns.coded and isinstance(known[0].value, str) else ""
            raise SemanticError(f"there is no level {wanted!r}{hint}{codes}", expr.span or self.call.span)
        return found.index(True)


@dataclass(frozen=True)
class Transform:
    """A function that formulas have: its arguments in order, how many of them are needed, and its meaning."""

    arguments: tuple[str, ...]
    required: int
    value: Callable[[Arguments], Value]


def bind(call: tree.Call, transform: Transform) -> dict[str, tree.Expr]:
    """R's matching: named arguments first, the others in order."""
    signature = f"{call.function}({', '.join(transform.arguments)})"
    given: dict[str, tree.Expr] = {}
    for argument in call.arguments:
        if argument.name is None:
            continue
        if argument.name not in transform.arguments:
            raise SemanticError(f"`{signature}` has no argument `{argument.name}`", argument.span or call.span)
        if argument.name in given:
            raise SemanticError(f"`{argument.name}` is given twice", argument.span or call.span)
        given[argument.name] = argument.value
    free = [name for name in transform.arguments if name not in given]
    positional = [argument for argument in call.arguments if argument.name is None]
    if len(positional) > len(free):
        raise SemanticError(f"`{signature}` takes {_count(len(transform.arguments))}", call.span)
    given.update({name: argument.value for name, argument in zip(free, positional, strict=False)})
    missing = [name for name in transform.arguments[: transform.required] if name not in given]
    if missing:
        raise SemanticError(f"`{signature}` needs `{missing[0]}`", call.span)
    return given


def _count(number: int) -> str:
    return "one argument" if number == 1 else f"at most {number} arguments"
