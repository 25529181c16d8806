"""A row's place among others, `_n`, `_N`, `x[_n-1]` and `sum(x)`, in; calls of what other rows hold out."""

from __future__ import annotations

import re

from tildemc.errors import UnsupportedError
from tildemc.span import Span
from tildemc.syntax.ordered import hoisted, is_ordered
from tildemc.syntax.steps import Make
from tildemc.syntax.tree import Argument, Call, Expr, Name, Number, Unary, deparse

__all__ = ["PLACES", "of_places", "row_of", "so_far"]

PLACES = {"_n": "row_number", "_N": "n"}
"""Stata's names, and the calls that they are."""
_INDEXED = re.compile(r"(\w+)\[\s*(_n|_N|)\s*(?:([+-]?)\s*(\d{1,4}))?\s*\]")


def row_of(written: str, span: Span) -> Expr:
    """`x[_n-1]` as `lag(x, 1)`, `x[_n+1]` as `lead(x, 1)`, `x[2]` as `nth(x, 2)`, `x[_N]` as `last(x)`.

    Raises
    ------
    UnsupportedError
        If the row is said in another way.
    """
    found = _INDEXED.fullmatch(written)
    name, start, sign, digits = found.groups() if found else ("", "", "", None)
    count = int(digits or 0)
    x = Name(name, span)
    match start:
        case "_n" if (sign or digits is None) and count == 0:
            return x
        case "_n" if sign:
            return _call("lag" if sign == "-" else "lead", span, x, count)
        case "_N" if digits is None or sign == "-":
            return _call("last", span, x) if count == 0 else _call("nth", span, x, -count - 1)
        case "" if digits is not None and not sign and count > 0:
            return _call("first", span, x) if count == 1 else _call("nth", span, x, count)
        case _:
            message = (
                f"`{written}` is a value of a row that is not read: `x[_n-1]`, `x[_n+1]`, `x[1]` and `x[_N]` are. "
                "Make the column first"
            )
            raise UnsupportedError(message, span)


def _call(function: str, span: Span, x: Name, count: int | None = None) -> Call:
    values: list[Expr] = [x]
    if count is not None:
        number = Number(float(abs(count)), span)
        values.append(number if count >= 0 else Unary("-", number, span))
    return Call(function, tuple(Argument(value, None, span) for value in values), span)


def so_far(value: Expr, span: Span | None) -> Call:
    """Stata's `sum(x)`: the sum of the rows so far, of those that have a value."""
    there = Call(
        "ifelse", tuple(map(Argument, (Call("is.na", (Argument(value),), span), Number(0.0, span), value))), span
    )
    return Call("cumsum", (Argument(there),), span)


def of_places(value: Expr, by: tuple[Name, ...], order: tuple[Expr, ...]) -> tuple[Expr, tuple[Make, ...]]:
    """A condition of columns alone, and the steps that make columns of what it says of other rows."""
    if not is_ordered(value):
        return value, ()
    changed, steps = hoisted(value, _called)
    return changed, tuple(Make(step.name, step.value, by, step.span, order=order) for step in steps)


def _called(call: Call) -> str:
    """The name of a column that another row's is: as Stata writes it, where it has one name for it."""
    return {"row_number": "_n", "n": "_N"}.get(call.function, deparse(call))
