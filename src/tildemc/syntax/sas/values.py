"""Expressions of SAS in, those of formulas out: conditions that are true or false, and numbers.

A missing value is smaller than any number in SAS, so that each of its comparisons holds or does not, whatever is
missing; `is.na(x)` says so where it matters.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from tildemc.errors import UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.comparing import MIRRORED, holds_for_missing
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rewrite import called
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Parens, Text, Unary

__all__ = ["FUNCTIONS", "number", "truth"]

_COMPARED = ("==", "!=", "<", "<=", ">", ">=")
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_DUAL = {"&": "|", "|": "&"}
_MISSING = (Name("."), Text(""), Text(" "))
FUNCTIONS = {
    **{name: name for name in ("log", "exp", "sqrt", "abs", "floor", "round", "log2", "log10", "sin", "cos", "tan")},
    "int": "trunc", "ceil": "ceiling", "max": "pmax", "min": "pmin", "tanh": "tanh", "lgamma": "lgamma",
}  # fmt: skip
"""Functions of numbers."""


def truth(expr: Expr, *, negated: bool = False) -> Expr:
    """Where SAS takes an expression for true; or, `negated`, where it does not.

    Raises
    ------
    UnsupportedError
        For a function that is not read, with its place.
    """
    match expr:
        case Parens(inner, span):
            found = truth(inner, negated=negated)
            return found if isinstance(found, Parens | Call | Unary) else Parens(found, span)
        case Unary("!", operand):
            return truth(operand, negated=not negated)
        case Binary("&" | "|" as operator, left, right, span):
            one, other = (_closed(truth(side, negated=negated)) for side in (left, right))
            return Binary(_DUAL[operator] if negated else operator, one, other, span)
        case Binary(operator, left, right, span) if operator in _COMPARED:
            return _compared(_OPPOSITE[operator] if negated else operator, left, right, span)
        case Binary("%in%", value, listed, span):
            test: Expr = Binary("%in%", number(value), listed, span)
            return Unary("!", Parens(test, span), span) if negated else test
        case Call("is.na", (Argument(value),), span):
            lacks = called("is.na", number(value), span=span)
            return Unary("!", lacks, span) if negated else lacks
        case _:
            return _compared("==" if negated else "!=", expr, Number(0.0, expr.span), expr.span, zero=True)


def _closed(expr: Expr) -> Expr:
    return Parens(expr, expr.span) if isinstance(expr, Binary) and expr.operator in "&|" else expr


def _compared(operator: str, left: Expr, right: Expr, span: Span | None, *, zero: bool = False) -> Expr:
    """A comparison; `zero`: of a number with 0, by which what is missing is no truth."""
    if unparenthesised(right) in _MISSING:
        lacks: Expr = called("is.na", number(left), span=span)
        return lacks if operator in ("==", "<=") else Unary("!", lacks, span)
    one, other = number(left), number(right)
    plain: Expr = Binary(operator, one, other, span)
    lacking = None if zero and operator == "!=" else _lacking(operator, one, other, span)
    return plain if lacking is None else Parens(Binary("|", lacking, plain, span), span)


def _lacking(operator: str, one: Expr, other: Expr, span: Span | None) -> Expr | None:
    """Where a comparison holds since something is missing."""
    return holds_for_missing(MIRRORED.get(operator, operator), _lacks(one, span), _lacks(other, span), span)


def _lacks(side: Expr, span: Span | None) -> Expr | None:
    constant = unparenthesised(side)
    constant = unparenthesised(constant.operand) if isinstance(constant, Unary) else constant
    return None if isinstance(constant, Number | Text) else called("is.na", side, span=span)


def number(expr: Expr) -> Expr:
    """The value of an expression: a condition is 1 or 0.

    Raises
    ------
    UnsupportedError
        For a function that is not read, with its place.
    """
    match expr:
        case Name(".", span):
            return Name("NA", span)
        case Parens(inner, span):
            found = number(inner)
            return found if isinstance(found, Call) else Parens(found, span)
        case Unary("!", _, span):
            return _as_number(expr, span)
        case Unary(operator, operand, span):
            return Unary(operator, number(operand), span)
        case Binary(operator, left, right, span):
            if operator in (*_COMPARED, "&", "|", "%in%"):
                return _as_number(expr, span)
            return Binary(operator, number(left), number(right), span)
        case Call("is.na", _, span):
            return _as_number(expr, span)
        case Call():
            return _function(expr)
        case _:
            return expr


def _as_number(test: Expr, span: Span | None) -> Expr:
    return called("ifelse", truth(test), Number(1.0, span), Number(0.0, span), span=span)


def _function(call: Call) -> Expr:
    values = [argument.value for argument in call.arguments]
    made = _MADE.get(call.function)
    if made is not None and len(values) > 1:
        return made(values, call.span)
    if call.function not in FUNCTIONS:
        hint = nearest(call.function, (*FUNCTIONS, *_MADE))
        raise UnsupportedError(f"`{call.function}()` is not read here{hint}: make the column first", call.span)
    given = [number(value) for value in values]
    if call.function in ("max", "min") and len(given) > 1:
        return reduce(lambda a, b: called(FUNCTIONS[call.function], a, b, span=call.span), given)
    return called(FUNCTIONS[call.function], *given, span=call.span)


def _modulo(values: list[Expr], span: Span | None) -> Expr:
    return Parens(Binary("%%", number(values[0]), number(values[1]), span), span)


def _chosen(values: list[Expr], span: Span | None) -> Expr:
    return called("ifelse", truth(values[0]), *map(number, values[1:3]), span=span)


def _first_there(values: list[Expr], span: Span | None) -> Expr:
    *others, last = map(number, values)
    return reduce(lambda rest, v: called("ifelse", called("is.na", v), rest, v, span=span), reversed(others), last)


_MADE: dict[str, Callable[[list[Expr], Span | None], Expr]] = {
    "mod": _modulo,
    "ifn": _chosen,
    "ifc": _chosen,
    "coalesce": _first_there,
    "coalescec": _first_there,
}
"""Functions of several values that are written otherwise here."""
