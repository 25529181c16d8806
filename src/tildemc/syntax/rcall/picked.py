"""An R expression in, one of columns out: `d$x` and `d[["x"]]` are `x`, and conditions are in the words of formulas."""

from __future__ import annotations

from dataclasses import replace

from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rewrite import rewritten
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Parens, Text, Unary

__all__ = ["condition_of", "unqualified", "without_data"]

MOST = 200
"""How many numbers a range in a condition may be written out as."""


def unqualified(expr: Expr) -> Expr:
    """`expr` with functions by their names alone, `nlme::varIdent(…)` as `varIdent(…)`."""
    return rewritten(expr, _unqualified)


def _unqualified(part: Expr) -> Expr | None:
    match part:
        case Call(function, arguments) if "::" in function:
            given = tuple(replace(argument, value=unqualified(argument.value)) for argument in arguments)
            return replace(part, function=function.rpartition("::")[2], arguments=given)
        case _:
            return None


def without_data(expr: Expr) -> Expr:
    """`expr` with columns by their names alone, however the text takes them out of data."""
    return rewritten(expr, _column)


def _column(part: Expr) -> Expr | None:
    match part:
        case Call("$", (Argument(Name()), Argument(Name(column) | Text(column)))):
            return Name(column, part.span)
        case Call("[[", (Argument(Name()), Argument(Text(column)))):
            return Name(column, part.span)
        case Call("[", (Argument(Name()), Argument(Name("")), Argument(Text(column)))):
            return Name(column, part.span)
        case _:
            return None


def condition_of(expr: Expr) -> Expr:
    """A condition on rows: `x %in% c(1, 2)` is `x == 1 | x == 2`, `between(x, 1, 2)` two comparisons."""
    return rewritten(without_data(expr), _comparisons)


def _comparisons(part: Expr) -> Expr | None:
    match part:
        case Unary("!", Binary("%in%") as inside):
            found = _comparisons(inside)
            return None if found is None else Unary("!", found, part.span)
        case Binary("%in%", left, right):
            values = _listed(right)
            if values is None:
                return None
            total: Expr = Binary("==", left, values[0], part.span)
            for value in values[1:]:
                total = Binary("|", total, Binary("==", left, value, part.span), part.span)
            return Parens(total, part.span)
        case Call("between" | "dplyr::between", (Argument(x), Argument(low), Argument(high))):
            both = Binary("&", Binary(">=", x, low, part.span), Binary("<=", x, high, part.span), part.span)
            return Parens(both, part.span)
        case _:
            return None


def _listed(expr: Expr) -> list[Expr] | None:
    """What `c(…)`, `1:5` or one value lists."""
    match unparenthesised(expr):
        case Call("c", arguments) if arguments:
            parts = [_listed(argument.value) for argument in arguments]
            return None if None in parts else [value for part in parts for value in part or []]
        case Binary(":", Number(first), Number(last)) if 0 <= last - first < MOST:
            return [Number(float(value), expr.span) for value in range(int(first), int(last) + 1)]
        case Number() | Text() | Unary("-", Number()):
            return [expr]
        case _:
            return None
