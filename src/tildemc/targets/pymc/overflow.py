"""Where a program's arithmetic with integers would leave what float64, the model's arithmetic, holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tildemc.model.columns import EXACT, Stored
from tildemc.model.expr import Apply, Col, Const, Expr, Op, Recode, columns_of, inside
from tildemc.trees import fold

__all__ = ["has_integers", "overflowing"]

_KEEPING = {"neg", "abs", "floor", "ceil", "round", "trunc"}
"""Functions whose values are integers where their arguments are."""


def overflowing(expr: Expr, columns: Mapping[str, Stored]) -> set[str]:
    """The columns of numbers that pandas must have as floats for `expr` to be the model's."""
    found: set[str] = set()
    fold(expr, _operands, lambda part, bounds: _bound(part, bounds, columns, found))
    return {name for name in found if columns[name].content == "number"}


def has_integers(expr: Expr, columns: Mapping[str, Stored]) -> bool:
    """Whether `expr` has integers or truth values in pandas, and no floats."""
    return fold(expr, _operands, lambda part, bounds: _bound(part, bounds, columns, set())) is not None


def _operands(part: Expr) -> Sequence[Expr]:
    return () if isinstance(part, Recode) else inside(part)


def _bound(part: Expr, bounds: Sequence[float | None], columns: Mapping[str, Stored], found: set[str]) -> float | None:
    """The largest absolute value of a `part` that has integers or truth values in pandas; None if it has floats."""
    match part:
        case Const(value):
            return abs(float(value)) if not isinstance(value, str) and float(value).is_integer() else None
        case Col(name):
            return 1.0 if columns[name].content == "truth" else columns[name].largest
        case Recode(_, mapping):
            numbers = [abs(number) for _, number in mapping]
            return max(numbers) if all(float(number).is_integer() for number in numbers) else None
        case Op(operator, left, right):
            bound = _combined(operator, right, *bounds)
            if bound is not None and bound >= EXACT:
                for operand, own in zip((left, right), bounds, strict=True):
                    # Those of an operation that is too large by itself are found already.
                    if not isinstance(operand, Op) or own is None or own < EXACT:
                        found.update(columns_of(operand))
            return bound
        case Apply(function):
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
