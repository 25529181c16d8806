"""A condition on rows in, Stata's `if` out."""

from __future__ import annotations

from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Parens, Text, Unary, deparse

__all__ = ["stata_expression"]

_OPERATORS = {"==", "!=", "<", "<=", ">", ">=", "&", "|", "+", "-", "*", "/", "^"}
_FUNCTIONS = {"is.na": "missing", "log": "log", "exp": "exp", "sqrt": "sqrt", "abs": "abs", "floor": "floor"}


def stata_expression(expr: Expr) -> str | None:
    """`expr` as Stata writes it; None where it cannot."""
    match expr:
        case Name(text):
            return text
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
        case Call(function, (Argument(value, None),)) if function in _FUNCTIONS:
            shown = stata_expression(value)
            return None if shown is None else f"{_FUNCTIONS[function]}({shown})"
    return None


def _chain(expr: Expr) -> str | None:
    """`a & b & c`, which may be longer than Python recurses."""
    parts: list[str] = []
    while isinstance(expr, Binary):
        right = stata_expression(expr.right)
        if right is None or expr.operator not in _OPERATORS:
            return None
        parts.append(f" {expr.operator} {right}")
        expr = expr.left
    first = stata_expression(expr)
    return None if first is None else first + "".join(reversed(parts))
