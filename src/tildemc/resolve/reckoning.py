"""Text that is arithmetic of numbers, with names for some of them -> an Expr."""

from __future__ import annotations

from collections.abc import Callable
from math import log

from tildemc.errors import SemanticError, nearest
from tildemc.spec.expr import Apply, Const, Expr, Op, Var, substitute
from tildemc.spec.vocabulary import ARGUMENTS, VOCABULARY, apply
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse, spine

__all__ = ["COMPOSED", "FUNCTIONS", "reckon"]

FUNCTIONS = {name: row.name for row in VOCABULARY.values() for name in (row.r, *row.aliases) if name}
"""The functions of one number, by what R and Stan call them."""

_x, _n, _z = (Var(name) for name in ARGUMENTS)
_negative = apply("less", _x, Const(0.0))
_abs = apply("where", _negative, -_x, _x)
_least, _most = (apply("where", apply("less", *pair), _x, _n) for pair in ((_x, _n), (_n, _x)))
_grown, _shrunk = apply("exp", _x), apply("exp", -_x)

COMPOSED: dict[str, tuple[int, Expr]] = {
    "square": (1, _x**2),
    "inv": (1, 1 / _x),
    "inv_square": (1, 1 / _x**2),
    "inv_sqrt": (1, 1 / apply("sqrt", _x)),
    "exp2": (1, apply("exp", log(2) * _x)),
    "log2": (1, apply("log", _x) / log(2)),
    "log10": (1, apply("log", _x) / log(10)),
    "lgamma": (1, apply("log_gamma", _x)),
    "logit": (1, apply("log", _x) - apply("log1p", -_x)),
    "cloglog": (1, apply("log", -apply("log1p", -_x))),
    "inv_cloglog": (1, -apply("expm1", -_grown)),
    "tanh": (1, 2 * apply("sigmoid", 2 * _x) - 1),
    "sinh": (1, 0.5 * (_grown - _shrunk)),
    "cosh": (1, 0.5 * (_grown + _shrunk)),
    "abs": (1, _abs),
    "fabs": (1, _abs),
    "step": (1, 1 - _negative),
    "log": (2, apply("log", _x) / apply("log", _n)),
    "pow": (2, _x**_n),
    "fdim": (2, apply("where", apply("less", _n, _x), _x - _n, Const(0.0))),
    **dict.fromkeys(("fmin", "pmin"), (2, _least)),
    **dict.fromkeys(("fmax", "pmax"), (2, _most)),
    **dict.fromkeys(("fma",), (3, _x * _n + _z)),
}
"""What Stan and R have beside: how many arguments each takes, and what it comes to."""

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
        case tree.Call(function, arguments) if (made := COMPOSED.get(function)) and made[0] == len(arguments):
            values = [reckon(argument.value, leaf) for argument in arguments]
            return substitute(made[1], {Var(name): value for name, value in zip(ARGUMENTS, values, strict=False)})
        case tree.Call(function, (tree.Argument(argument, None),)) if function in FUNCTIONS:
            return Apply(FUNCTIONS[function], (reckon(argument, leaf),))
        case tree.Call(function, arguments, span) if len(arguments) > 1:
            message = f"what `{function}()` computes is not known here; write its arithmetic in its place"
            raise SemanticError(f"{message}, as in `a * exp(-b * x)`", span)
        case tree.Call(function, _, span):
            known = [*dict.fromkeys((*FUNCTIONS, *COMPOSED, "ifelse"))]
            hint = nearest(function, known) or f"; there are {', '.join(known)}"
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
