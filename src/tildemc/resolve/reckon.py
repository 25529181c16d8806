"""An expression as written -> arithmetic: operators, signs and numbers; what its other parts mean, a caller says."""

from __future__ import annotations

from collections.abc import Callable

from tildemc.spec.expr import Const, Expr, Op
from tildemc.syntax import tree
from tildemc.syntax.tree import spine

__all__ = ["reckon"]

_OPERATORS = {"+": "+", "-": "-", "*": "*", "/": "/", "^": "**"}


def reckon(expr: tree.Expr, part: Callable[[tree.Expr], Expr]) -> Expr:
    """An expression as arithmetic; sums may be long.

    Parameters
    ----------
    expr : tree.Expr
    part : callable
        What a name, a call or anything else is that is no arithmetic of numbers.
    """
    first, nodes = spine(expr, _OPERATORS)
    result = _operand(first, part)
    for node in nodes:
        result = Op(_OPERATORS[node.operator], result, reckon(node.right, part))
    return result


def _operand(expr: tree.Expr, part: Callable[[tree.Expr], Expr]) -> Expr:
    match expr:
        case tree.Number(value):
            return Const(value)
        case tree.Parens(inner):
            return reckon(inner, part)
        case tree.Unary("+", operand):
            return reckon(operand, part)
        case tree.Unary("-", operand):
            return -reckon(operand, part)
        case _:
            return part(expr)
