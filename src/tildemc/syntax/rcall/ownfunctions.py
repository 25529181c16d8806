"""Functions that a script makes, `c. <- function(x) scale(x, scale = FALSE)`, in; calls of them written out, out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tildemc.errors import TildeError
from tildemc.span import Span
from tildemc.syntax.rcall.parse import parse_statement
from tildemc.syntax.rewrite import moved, rewritten
from tildemc.syntax.tree import Argument, Call, Expr, Name

__all__ = ["Function", "function_of", "written_out"]

_WRITTEN = re.compile(r"(?:function|\\)\s*\(\s*([A-Za-z.][\w.]*)\s*\)\s*(\{)?\s*")


@dataclass(frozen=True, slots=True)
class Function:
    """What its argument is called, and what it is of that."""

    argument: str
    value: Expr


def function_of(span: Span) -> Function | None:
    """The function that a statement's value is, if it is one of one argument that is one expression."""
    found = _WRITTEN.match(span.text, span.start, span.end)
    if found is None:
        return None
    start, end = found.end(), span.end
    if found[2]:
        end = span.text.rindex("}", start, end) if "}" in span.text[start:end] else end
    try:
        value = parse_statement(Span(span.text, start, end))
    except TildeError:
        return None
    match value:
        case Call("return", (Argument(inner),)):
            value = inner
        case _:
            pass
    # What a function makes is one column, whatever its signs mean in a formula.
    return Function(found[1], value if isinstance(value, Call) else Call("I", (Argument(value),), value.span))


def written_out(expr: Expr, functions: Mapping[str, Function]) -> Expr:
    """The expression with calls of such functions as what they are."""
    if not functions:
        return expr

    def change(part: Expr) -> Expr | None:
        match part:
            case Call(name, (Argument(given, None),)) if name in functions:
                own, inside = functions[name], written_out(given, functions)
                value = rewritten(own.value, lambda inner: inside if inner == Name(own.argument) else None)
                return moved(value, part.span)
            case _:
                return None

    return rewritten(expr, change)
