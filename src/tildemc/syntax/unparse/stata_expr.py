"""A condition on rows in, Stata's `if` out."""

from __future__ import annotations

import re

from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Parens, Text, Unary, deparse

__all__ = ["is_stata_name", "stata_expression"]

_OPERATORS = {"==", "!=", "<", "<=", ">", ">=", "&", "|", "+", "-", "*", "/", "^"}
_FUNCTIONS = {
    "is.na": "missing", "log": "log", "exp": "exp", "sqrt": "sqrt", "abs": "abs", "floor": "floor", "trunc": "int",
    "ceiling": "ceil", "pmax": "max", "pmin": "min", "lgamma": "lngamma", "tanh": "tanh", "round": "round",
}  # fmt: skip
"""What Stata calls functions."""


def is_stata_name(text: str) -> bool:
    """Whether a column may be called so in Stata."""
    return bool(re.fullmatch(r"[^\W\d]\w*", text))


def stata_expression(expr: Expr) -> str | None:
    """`expr` as Stata writes it; None where it cannot."""
    match expr:
        case Name(text) if is_stata_name(text):
            return text
        case Binary("%%", left, right):
            sides = stata_expression(left), stata_expression(right)
            return None if None in sides else f"mod({', '.join(side or '' for side in sides)})"
        case Number():
            return deparse(expr)
        case Text(value) if '"' not in value:
            return f'"{value}"'
        case Parens(inner):
            shown = stata_expression(inner)
            return None if shown is None else f"({shown})"
        case Unary(operator, operand):
            shown = stata_expression(operand)
            return None if shown is None else f"{operator}{shown}"
        case Binary():
            return _chain(expr)
        case Call(written, ()) if re.fullmatch(r"\w+\[[^\[\]]*\]|sum\(.*\)", written):
            return written
        case Call("I", (Argument(inner, None),)):
            return stata_expression(Parens(inner))
        case Call(function, arguments) if function in _FUNCTIONS and all(a.name is None for a in arguments):
            inside = [stata_expression(argument.value) for argument in arguments]
            return None if None in inside else f"{_FUNCTIONS[function]}({', '.join(map(str, inside))})"
        case _:
            return None


def _chain(expr: Expr) -> str | None:
    """`a & b & c`, which may be longer than Python recurses."""
    match expr:
        case Binary("%in%", value, Call("c", listed)) if all(isinstance(a.value, Text | Number) for a in listed):
            inside = [stata_expression(part) for part in (value, *(a.value for a in listed))]
            return None if None in inside else f"inlist({', '.join(map(str, inside))})"
        case _:
            pass
    parts: list[str] = []
    while isinstance(expr, Binary):
        right = stata_expression(expr.right)
        if right is None or expr.operator not in _OPERATORS:
            return None
        parts.append(f" {expr.operator} {right}")
        expr = expr.left
    first = stata_expression(expr)
    return None if first is None else first + "".join(reversed(parts))
