"""Expression in, expression out: moved to another place in the text, or with some of its parts replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tildemc.span import Span
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Number, Parens, Tilde, Unary, spine

__all__ = [
    "called",
    "is_offset",
    "literal",
    "moved",
    "number_of",
    "respanned",
    "rewritten",
    "scaled_variance",
    "summands",
    "total",
]


def rewritten(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """`expr` with each outermost part that `change` answers for replaced by its answer; sums may be long."""
    chain: list[Binary] = []
    while (changed := change(expr)) is None and isinstance(expr, Binary):
        chain.append(expr)
        expr = expr.left
    result = changed if changed is not None else _inner(expr, change)
    for node in reversed(chain):
        result = replace(node, left=result, right=rewritten(node.right, change))
    return result


def _inner(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    match expr:
        case Parens(inner):
            return replace(expr, inner=rewritten(inner, change))
        case Unary(_, operand):
            return replace(expr, operand=rewritten(operand, change))
        case Tilde(left, right):
            left = None if left is None else rewritten(left, change)
            return replace(expr, left=left, right=rewritten(right, change))
        case Call(_, arguments):
            return replace(expr, arguments=tuple(replace(a, value=rewritten(a.value, change)) for a in arguments))
        case _:
            return expr


def literal(value: float) -> Expr:
    """A number as a text has it: a minus stands before it."""
    return Unary("-", Number(-value)) if value < 0 else Number(value)


def number_of(expr: Expr) -> float | None:
    """The number that stands there, with its sign, if it is one."""
    match expr:
        case Number(value):
            return value
        case Unary("-", Number(value)):
            return -value
        case _:
            return None


def called(function: str, *values: Expr, span: Span | None = None) -> Call:
    """`function(values)`."""
    return Call(function, tuple(Argument(value, None, value.span) for value in values), span)


def is_offset(expr: Expr) -> bool:
    """Whether it is `offset(…)`."""
    return isinstance(expr, Call) and expr.function == "offset"


def moved(expr: Expr, span: Span | None) -> Expr:
    """`expr` with every part at `span`: for text that was quoted within another."""
    return respanned(expr, lambda _: span)


def respanned(expr: Expr, change: Callable[[Span | None], Span | None]) -> Expr:
    """`expr` with every span changed."""
    first, nodes = spine(expr)
    result = _respanned(first, change)
    for node in nodes:
        result = Binary(node.operator, result, respanned(node.right, change), change(node.span))
    return result


def _respanned(expr: Expr, change: Callable[[Span | None], Span | None]) -> Expr:
    span = change(expr.span)
    match expr:
        case Parens(inner):
            return Parens(respanned(inner, change), span)
        case Unary(operator, operand):
            return Unary(operator, respanned(operand, change), span)
        case Tilde(left, right):
            return Tilde(None if left is None else respanned(left, change), respanned(right, change), span)
        case Call(function, arguments):
            given = tuple(replace(a, value=respanned(a.value, change), span=change(a.span)) for a in arguments)
            return Call(function, given, span)
        case _:
            return replace(expr, span=span)


def summands(expr: Expr) -> list[Expr]:
    """`a`, `b`, `c` of `a + b + c`; a plus before one of them says nothing more."""
    first, nodes = spine(expr, "+")
    return [_without_plus(part) for part in (first, *(node.right for node in nodes))]


def _without_plus(expr: Expr) -> Expr:
    while isinstance(expr, Unary) and expr.operator == "+":
        expr = expr.operand
    return expr


def total(parts: list[Expr]) -> Expr:
    """`a + b + c`."""
    result = parts[0]
    for part in parts[1:]:
        span = result.span.join(part.span) if result.span else part.span
        result = Binary("+", result, part, span)
    return result


def scaled_variance(weight: Expr, power: float) -> Expr:
    """`1 + offset(power * log(weight))`: log sigma of a variance that is multiplied by `weight^(2 * power)`."""
    span = weight.span
    half: Expr = Number(abs(power), span)
    factor = Unary("-", half, span) if power < 0 else half
    logarithm = Call("log", (Argument(weight, None, span),), span)
    product = Binary("*", factor, logarithm, span)
    return Binary("+", Number(1.0, span), Call("offset", (Argument(product, None, span),), span), span)
