"""Where a program's arithmetic with integers would leave what float64, the model's arithmetic, holds."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tildemc.model.columns import EXACT, Stored
from tildemc.model.expr import Apply, Col, Const, Expr, Op, Recode, columns_of

__all__ = ["overflowing"]

_KEEPING = {"neg", "abs", "floor", "ceil", "round", "trunc"}
"""Functions whose values are integers where their arguments are."""


def overflowing(expr: Expr, columns: Mapping[str, Stored]) -> set[str]:
    """The columns of numbers that pandas must have as floats for `expr` to be the model's."""
    found: set[str] = set()
    _bound(expr, columns, found)
    return {name for name in found if columns[name].content == "number"}


def _bound(expr: Expr, columns: Mapping[str, Stored], found: set[str]) -> float | None:
    """The largest absolute value of an `expr` that has integers or truth values in pandas; None if it has floats."""
    match expr:
        case Const(value):
            return abs(float(value)) if not isinstance(value, str) and float(value).is_integer() else None
        case Col(name):
            return 1.0 if columns[name].content == "truth" else columns[name].largest
        case Recode(_, mapping):
            numbers = [abs(number) for _, number in mapping]
            return max(numbers) if all(float(number).is_integer() for number in numbers) else None
        case Op(operator, left, right):
            bound = _combined(operator, right, _bound(left, columns, found), _bound(right, columns, found))
            if bound is not None and bound >= EXACT:
                found.update(columns_of(expr))
            return bound
        case Apply(function, arguments):
            bounds = [_bound(argument, columns, found) for argument in arguments]
            return bounds[0] if function in _KEEPING else None
        case _:
            return None


def _combined(operator: str, right: Expr, one: float | None, two: float | None) -> float | None:
    if operator in ("==", "!=", "<", "<=", ">", ">=", "&", "|"):
        return 1.0
    if one is None or two is None or operator == "/":
        return None
    match operator:
        case "+" | "-":
            return one + two
        case "*":
            return one * two
        case "**":
            return _power(one, two) if isinstance(right, Const) and float(right.value) >= 0 else math.inf
        case _:
            return max(one, two)


def _power(base: float, exponent: float) -> float:
    return math.inf if exponent * math.log2(max(base, 1.0)) >= math.log2(EXACT) else base**exponent
