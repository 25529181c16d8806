"""A call in a formula: its arguments by name, and what a function is that takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tildemc.errors import SemanticError, nearest
from tildemc.resolve.values import NO_CODES, Columns, Level, Reader, Value, number_of
from tildemc.spec.columns import label_of
from tildemc.spec.expr import Expr
from tildemc.syntax import tree
from tildemc.syntax.matching import Signature
from tildemc.syntax.tree import deparse
from tildemc.visible import listed

__all__ = ["Arguments", "Transform"]


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call by name, as written; `reader` says what they mean."""

    call: tree.Call
    given: Mapping[str, tree.Expr]
    reader: Reader

    @property
    def columns(self) -> Columns:
        """What is known of the data's columns."""
        return self.reader.columns

    @property
    def key(self) -> str:
        """The call's text, by which what it learned is remembered."""
        return deparse(self.call)

    def number(self, name: str) -> Expr:
        """An argument as one number for each row."""
        return number_of(self.value(name), self.given[name], self.columns)

    def value(self, name: str) -> Value:
        """An argument as numbers or a factor."""
        return self.reader.meaning(self.given[name])

    def as_given(self, name: str) -> Value:
        """An argument of which levels are made, of text as it is given."""
        return self.reader.as_given(self.given[name])

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

    def numbers(self, name: str) -> tuple[float, ...]:
        """One number or several, `c(1, 2.5)`; none where it is not given."""
        match self.given.get(name):
            case None | tree.Constant(None):
                return ()
            case tree.Call("c", arguments):
                return tuple(self._number(name, argument.value) for argument in arguments)
            case expr:
                return (self._number(name, expr),)

    def _number(self, name: str, expr: tree.Expr) -> float:
        match expr:
            case tree.Number(value):
                return float(value)
            case tree.Name("Inf"):
                return float("inf")
            case tree.Unary("-", operand):
                return -self._number(name, operand)
            case other:
                raise SemanticError(f"`{name}` is made of numbers", other.span or self.call.span)

    def texts(self, name: str) -> tuple[str, ...] | None:
        """One text or several, `c("a", "b")`, or numbers as R would write them; None where it is not given."""
        expr = self.given.get(name)
        match expr:
            case None | tree.Constant(None):
                return None
            case tree.Call("c", arguments):
                parts = [argument.value for argument in arguments]
            case _:
                parts = [expr]
        found: list[str] = []
        for part in parts:
            match part:
                case tree.Text(text):
                    found.append(text)
                case tree.Number():
                    found.append(deparse(part))
                case other:
                    raise SemanticError(f'`{name}` is texts, as in `c("low", "high")`', other.span or self.call.span)
        return tuple(found)

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
            hint = nearest(wanted, labels) or f"; the levels are {listed(labels)}"
            codes = f"; {NO_CODES}" if self.columns.coded and isinstance(known[0].value, str) else ""
            raise SemanticError(f"there is no level {wanted!r}{hint}{codes}", expr.span or self.call.span)
        return found.index(True)


@dataclass(frozen=True)
class Transform:
    """A function that formulas have: its arguments in order, how many of them are needed, and its meaning.

    With `...` for all arguments it takes any, and its meaning goes through those of the call.
    """

    arguments: tuple[str, ...]
    required: int
    value: Callable[[Arguments], Value]

    def __call__(self, call: tree.Call, reader: Reader) -> Value:
        """What a call of it means.

        Raises
        ------
        SemanticError
            If the arguments do not fit.
        """
        if self.arguments == ("...",):
            return self.value(Arguments(call, {}, reader))
        needed = self.arguments[: self.required]
        signature = Signature(call.function, self.arguments, needed, error=SemanticError)
        matched = signature.match(call.arguments, call.span)
        return self.value(Arguments(call, {name: argument.value for name, argument in matched.items()}, reader))
