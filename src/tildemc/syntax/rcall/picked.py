"""An R expression in, one of columns out: `d$x` and `d[["x"]]` are `x`, and conditions are in the words of formulas."""

from __future__ import annotations

from dataclasses import replace

from tildemc.span import Span
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


def _looked_up(x: Expr, group: Expr, function: Expr, by: Expr, span: Span | None) -> Expr | None:
    """`tapply(x, g, mean)[g]`, the mean of each row's group, as `ave(x, g, FUN = mean)`."""
    if without_data(group) != without_data(by):
        return None
    given = (Argument(without_data(x)), Argument(without_data(group)), Argument(function, "FUN"))
    return Call("ave", given, span)


def _column(part: Expr) -> Expr | None:
    match part:
        case Call("$", (Argument(Name()), Argument(Name(column) | Text(column)))):
            return Name(column, part.span)
        case Call("[[", (Argument(Name()), Argument(Text(column)))):
            return Name(column, part.span)
        case Call("[", (Argument(Name()), Argument(Name("")), Argument(Text(column)))):
            return Name(column, part.span)
        case Call("with", (Argument(Name()), Argument(inner))):
            return without_data(inner)
        case Call("[" | "[[", (Argument(Call("tapply", (x, group, function))), Argument(by))):
            return _looked_up(x.value, group.value, function.value, by, part.span)
        case _:
            return None


def condition_of(expr: Expr) -> Expr:
    """A condition on rows: `x %in% c(1, 2)` is `x == 1 | x == 2`, `between(x, 1, 2)` two comparisons.

    `which(x > 1)` is the rows where it is true, `-which(x > 1)` all others: where it is neither true nor false, too.
    """
    match unparenthesised(expr):
        case Call("which", (Argument(condition), *_)):
            return condition_of(condition)
        case Unary("-", Call("which", (Argument(condition), *_)), span):
            test = condition_of(condition)
            fails = Unary("!", Parens(test, condition.span), span)
            return Binary("|", fails, Call("is.na", (Argument(test),), condition.span), span)
        case _:
            return rewritten(without_data(expr), _comparisons)


def _comparisons(part: Expr) -> Expr | None:
    match part:
        case Unary("!", inside) if _is_among(inside):
            # What has no value is none of them, and stays.
            return part
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


def _is_among(expr: Expr) -> bool:
    inside = unparenthesised(expr)
    return isinstance(inside, Binary) and inside.operator == "%in%"


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
