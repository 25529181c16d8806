"""A call in a formula: its arguments by name, and what a function is that takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tildemc.arrays import Label
from tildemc.errors import SemanticError, nearest
from tildemc.resolve.listed import as_texts, listed_values
from tildemc.resolve.values import NO_CODES, Columns, Level, Reader, Value, number_of
from tildemc.span import Span
from tildemc.spec.columns import label_of
from tildemc.spec.expr import Expr
from tildemc.syntax import tree
from tildemc.syntax.matching import Signature
from tildemc.syntax.tree import deparse
from tildemc.visible import listed

__all__ = ["Arguments", "Transform", "always", "never"]


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

    def listed(self, name: str) -> list[tuple[Label, Span | None]] | None:
        """The values that an argument lists, each with its place; None if it lists none, but has one for each row."""
        expr = self.given[name]
        match expr:
            case tree.Call("c", arguments):
                parts = [argument.value for argument in arguments]
            case _:
                parts = [expr]
        each = [listed_values(part, self.reader) for part in parts]
        if any(values is None for values in each):
            return None
        found = [(value, part.span) for part, values in zip(parts, each, strict=True) for value in values or ()]
        if not any(isinstance(value, str) for value, _ in found):
            return found
        # R makes text of all where some are.
        texts = as_texts([value for value, _ in found])
        return [(text, span) for text, (_, span) in zip(texts, found, strict=True)]

    def numbers(self, name: str) -> tuple[float, ...]:
        """One number or several, `c(1, 2.5)`, `quantile(x)`; none where it is not given."""
        if name not in self.given:
            return ()
        values = self.listed(name)
        if values is None or any(isinstance(value, str) for value, _ in values):
            raise SemanticError(f"`{name}` is made of numbers", self.given[name].span or self.call.span)
        return tuple(float(value) for value, _ in values)

    def texts(self, name: str) -> tuple[str, ...] | None:
        """One text or several, `c("a", "b")`, or numbers as R would write them; None where it is not given."""
        if self.given.get(name) in (None, tree.Constant(None)):
            return None
        values = self.listed(name)
        if values is None:
            message = f'`{name}` is texts, as in `c("low", "high")`'
            raise SemanticError(message, self.given[name].span or self.call.span)
        return as_texts([value for value, _ in values])

    def levels(self, name: str, known: Sequence[Level]) -> tuple[int | None, ...] | None:
        """The places among `known` of `"a"` or `c("a", "b")`: a text is a level's name, a number its value.

        None stands for a level that is not known.
        """
        if name not in self.given:
            return None
        values = self.listed(name)
        if values is None:
            message = f'`{name}` takes quoted level names, as in `c("low", "high")`'
            raise SemanticError(message, self.given[name].span or self.call.span)
        return tuple(_place(value, known) for value, _ in values)

    def level(self, name: str, known: Sequence[Level]) -> int | None:
        """The place of the one level that an argument names.

        Raises
        ------
        SemanticError
            If there is no such level.
        """
        places = self.levels(name, known)
        if places is None:
            return None
        if len(places) != 1:
            raise SemanticError(f"`{name}` names one level", self.given[name].span)
        (place,) = places
        if place is None:
            wanted, span = (self.listed(name) or [])[0]
            raise self.no_level(wanted, span, known)
        return place

    def no_level(self, wanted: Label, span: Span | None, known: Sequence[Level]) -> SemanticError:
        """What to say of a level that the data have not."""
        labels, shown = [level.label for level in known], label_of(wanted)
        hint = nearest(shown, labels) or f"; the levels are {listed(labels)}"
        codes = f"; {NO_CODES}" if self.columns.coded and isinstance(known[0].value, str) else ""
        return SemanticError(f"there is no level {shown!r}{hint}{codes}", span or self.call.span)


def _place(value: Label, known: Sequence[Level]) -> int | None:
    """The place of a level by its name, or by its value."""
    for place, level in enumerate(known):
        if level.label == value or (not isinstance(value, str) and _same(level.value, value)):
            return place
    return None


def _same(one: Label, other: Label) -> bool:
    return one == other or label_of(one) == label_of(other)


def never(_call: tree.Call) -> bool:
    """Of functions that have a value where all their arguments have one, and nowhere else."""
    return False


def always(_call: tree.Call) -> bool:
    """Of functions whose gaps are their own."""
    return True


@dataclass(frozen=True)
class Transform:
    """A function that formulas have: its arguments in order, how many of them are needed, and its meaning.

    With `...` for all arguments it takes any, and its meaning goes through those of the call. `gaps` says of a call
    whether it may have a value in a row where an argument has none, or none where all have one.
    """

    arguments: tuple[str, ...]
    required: int
    value: Callable[[Arguments], Value]
    gaps: Callable[[tree.Call], bool] = never

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
