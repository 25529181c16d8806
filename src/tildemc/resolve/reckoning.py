"""Text that is arithmetic of numbers, with names for some of them -> an Expr."""

from __future__ import annotations

from collections.abc import Callable

from tildemc.errors import SemanticError, nearest
from tildemc.spec.expr import Apply, Const, Expr, Op
from tildemc.spec.vocabulary import VOCABULARY
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse, spine

__all__ = ["FUNCTIONS", "reckon"]

FUNCTIONS = {name: row.name for row in VOCABULARY.values() for name in (row.r, *row.aliases) if name}
"""The functions of one number, by what R and Stan call them."""

_OPERATORS = {"+": "+", "-": "-", "*": "*", "/": "/", "^": "**"}
_COMPARISONS = {"<", ">", "<=", ">="}


def reckon(expr: tree.Expr, leaf: Callable[[tree.Expr], Expr | None]) -> Expr:
    """The arithmetic of an expression; sums may be long.

    Parameters
    ----------
    expr : Expr
    leaf : callable
        What a part stands for by itself, be it a name or more; None for what is to be worked out from its own parts.

    Raises
    ------
    SemanticError
        For what is no arithmetic, with its place.
    """
    known = leaf(expr)
    if known is not None:
        return known
    first, nodes = spine(expr, _OPERATORS)
    if not nodes:
        return _part(expr, leaf)
    # What stands for itself may be how a chain begins: `x - y` of `x - y + a`.
    begun = ((number, leaf(nodes[number].left)) for number in reversed(range(len(nodes))))
    start, result = next(((number, found) for number, found in begun if found is not None), (0, None))
    result = _part(first, leaf) if result is None else result
    for node in nodes[start:]:
        result = Op(_OPERATORS[node.operator], result, reckon(node.right, leaf))
    return result


def _part(expr: tree.Expr, leaf: Callable[[tree.Expr], Expr | None]) -> Expr:
    match expr:
        case tree.Number(value):
            return Const(value)
        case tree.Parens(inner) | tree.Unary("+", inner):
            return reckon(inner, leaf)
        case tree.Unary("-", operand):
            return -reckon(operand, leaf)
        case tree.Call("ifelse", (tree.Argument(condition), tree.Argument(yes), tree.Argument(no))):
            return Apply("where", (_condition(condition, leaf), reckon(yes, leaf), reckon(no, leaf)))
        case tree.Call("pow", (tree.Argument(base), tree.Argument(exponent))):
            return reckon(base, leaf) ** reckon(exponent, leaf)
        case tree.Call(function, (tree.Argument(argument, None),)) if function in FUNCTIONS:
            return Apply(FUNCTIONS[function], (reckon(argument, leaf),))
        case tree.Call(function, arguments, span) if len(arguments) > 1:
            message = f"what `{function}()` computes is not known here; write its arithmetic in its place"
            raise SemanticError(f"{message}, as in `a * exp(-b * x)`", span)
        case tree.Call(function, _, span):
            hint = nearest(function, FUNCTIONS) or f"; there are {', '.join((*FUNCTIONS, 'pow', 'ifelse'))}"
            raise SemanticError(f"there is no function `{function}` of one number here{hint}", span)
        case _:
            message = f"`{deparse(expr)}` is no arithmetic of numbers; there are `+`, `-`, `*`, `/` and `^`"
            raise SemanticError(message, expr.span)


def _condition(expr: tree.Expr, leaf: Callable[[tree.Expr], Expr | None]) -> Expr:
    match expr:
        case tree.Parens(inner):
            return _condition(inner, leaf)
        case tree.Binary(operator, left, right) if operator in _COMPARISONS:
            low, high = reckon(left, leaf), reckon(right, leaf)
            if operator in (">", "<="):
                low, high = high, low
            less = Apply("less", (low, high))
            return less if len(operator) == 1 else 1 - less
        case _:
            message = "`ifelse()` compares two numbers first, as in `ifelse(x < a, 0, x - a)`"
            raise SemanticError(message, expr.span)
