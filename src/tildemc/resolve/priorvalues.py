"""What stands in the parentheses of a prior -> numbers, or arithmetic of the model's quantities."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

import numpy as np

from tildemc.errors import PriorError, nearest
from tildemc.spec.expr import Apply, Const, Expr, Op, Var
from tildemc.spec.vocabulary import NUMPY
from tildemc.syntax import tree
from tildemc.syntax.tree import Argument, PriorStatement, deparse, spine

__all__ = ["flag", "for_one", "mentioned", "value_of"]

_FUNCTIONS = ("sqrt", "log", "exp")
_BINARY: dict[str, tuple[str, Callable[[float, float], float]]] = {
    "+": ("+", lambda a, b: a + b),
    "-": ("-", lambda a, b: a - b),
    "*": ("*", lambda a, b: a * b),
    "/": ("/", lambda a, b: a / b),
    "^": ("**", lambda a, b: a**b),
}


def value_of(expr: tree.Expr, quantities: Collection[str] = ()) -> Expr:
    """A prior's argument: a number, or arithmetic on numbers and on quantities of the model.

    Raises
    ------
    PriorError
        If it is neither, or no number comes of it.
    """
    first, nodes = spine(expr, _BINARY)
    found = _operand(first, quantities)
    for node in nodes:
        symbol, function = _BINARY[node.operator]
        right = value_of(node.right, quantities)
        if isinstance(found, Const) and isinstance(right, Const):
            found = _calculated(node, function, found, right)
        elif symbol == "**" and not isinstance(right, Const):
            raise PriorError(f"`{deparse(node)}`: the exponent has to be a number", node.span)
        else:
            found = Op(symbol, found, right)
    return found


def _operand(expr: tree.Expr, quantities: Collection[str]) -> Expr:
    match expr:
        case tree.Number(value):
            return Const(float(value))
        case tree.Name(name) if name in quantities:
            return Var(name)
        case tree.Parens(inner) | tree.Unary("+", inner):
            return value_of(inner, quantities)
        case tree.Unary("-", inner):
            found = value_of(inner, quantities)
            return Const(-float(found.value)) if isinstance(found, Const) else -found
        case tree.Call(function, (tree.Argument(inner, None),)) if function in _FUNCTIONS:
            found = value_of(inner, quantities)
            if isinstance(found, Const):
                return _calculated(expr, NUMPY[function], found)
            if function == "log":
                raise PriorError(f"`{deparse(expr)}`: of quantities there are no logarithms here", expr.span)
            return Apply(function, (found,))
        case tree.Name(name):
            hint = nearest(name, quantities) or f": give it a prior of its own, as in `{name} ~ exponential(1)`"
            raise PriorError(f"a prior's arguments are numbers, not `{name}`{hint}", expr.span)
        case _:
            raise PriorError(f"a prior's arguments are numbers, not `{deparse(expr)}`", expr.span)


def _calculated(expr: tree.Expr, function: Callable[..., float], *values: Const) -> Const:
    try:
        with np.errstate(all="raise", under="ignore"):
            return Const(float(function(*(float(value.value) for value in values))))
    except OverflowError:
        reason = "it is too large"
    except (ArithmeticError, ValueError) as error:
        reason = str(error)
    except TypeError:
        reason = "it is complex"
    raise PriorError(f"`{deparse(expr)}` is not a number: {reason}", expr.span)


def mentioned(expr: tree.Expr) -> Iterator[tree.Name]:
    """The names that an argument is arithmetic of."""
    first, nodes = spine(expr, _BINARY)
    for node in nodes:
        yield from mentioned(node.right)
    match first:
        case tree.Name():
            yield first
        case tree.Parens(inner) | tree.Unary(_, inner):
            yield from mentioned(inner)
        case tree.Call(_, arguments):
            for argument in arguments:
                yield from mentioned(argument.value)
        case _:
            pass


def for_one(statement: PriorStatement, place: tuple[int, int]) -> PriorStatement:
    """The statement for one of the parameters that it names: with its own of the numbers of `c(0, 1)`.

    Raises
    ------
    PriorError
        If there are not as many numbers as parameters.
    """
    if statement.distribution == "dirichlet":
        return statement
    number, count = place
    own: list[Argument] = []
    for argument in statement.arguments:
        match argument.value:
            case tree.Call("c", values):
                if len(values) not in (1, count):
                    message = f"`{deparse(argument.value)}` has {len(values)} numbers, and `{statement.target_span}`"
                    message += f" names {count} parameter{'s' * (count > 1)}"
                    raise PriorError(message, argument.span or statement.span)
                own.append(replace(argument, value=values[number % len(values)].value))
            case _:
                own.append(argument)
    return replace(statement, arguments=tuple(own))


def flag(argument: Argument) -> bool:
    """TRUE or FALSE.

    Raises
    ------
    PriorError
        If it is neither.
    """
    match argument.value:
        case tree.Constant(bool(value)):
            return value
        case other:
            raise PriorError(f"`{argument.name}` is TRUE or FALSE, not `{deparse(other)}`", argument.span or other.span)
