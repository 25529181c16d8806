"""Texts that an R script puts together: `paste("y ~", "x")`, `sprintf("y ~ %s", v)` in, what they say out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import cycle, islice

from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Name, Number, Text, Tilde, deparse

__all__ = ["PASTING", "text_of", "texts_of"]

PASTING = ("paste", "paste0", "sprintf", "glue", "str_glue")

Bound = Callable[[str], Expr | None]
"""What a name is bound to, if it is."""


def text_of(expr: Expr) -> str | None:
    """The one text that an expression is, whose names have been looked up; None where it is something else."""
    found = texts_of(expr, lambda _name: None)
    return found[0] if found is not None and len(found) == 1 else None


def texts_of(expr: Expr, bound: Bound) -> list[str] | None:
    """The texts that an expression comes to; None for what is no text that is known.

    Parameters
    ----------
    expr : Expr
    bound : callable
    """
    match unparenthesised(expr):
        case Text(value):
            return [value]
        case Number() as number:
            return [deparse(number)]
        case Tilde() as formula:
            return [deparse(formula)]
        case Name(name):
            found = bound(name)
            return None if found is None else texts_of(found, bound)
        case Binary(":", Number(first), Number(last)):
            return [str(k) for k in range(int(first), int(last) + 1)]
        case Call("glue" | "str_glue" | "glue::glue", (Argument(Text(value)),)) if "{" not in value:
            return [value]
        case Call("deparse" | "quote" | "as.name", (Argument(Name(name)),)):
            return [name]
        case Call("c" | "as.character" | "unlist" | "deparse" | "list", arguments):
            parts = [texts_of(argument.value, bound) for argument in arguments]
            return None if None in parts else [text for part in parts for text in part or ()]
        case Call("paste" | "paste0" as function, arguments):
            return _pasted(arguments, "" if function == "paste0" else " ", bound)
        case Call("sprintf", (Argument(Text(pattern)), *others)):
            parts = [texts_of(argument.value, bound) for argument in others]
            if None in parts or pattern.count("%s") + pattern.count("%d") != len(parts):
                return None
            return [_filled(pattern, row) for row in _rows([part or [] for part in parts])] if parts else [pattern]
        case _:
            return None


def _pasted(arguments: Sequence[Argument], joined: str, bound: Bound) -> list[str] | None:
    collapse: str | None = None
    parts: list[list[str]] = []
    for argument in arguments:
        if argument.name == "collapse" and argument.value == Constant(None):
            continue
        found = texts_of(argument.value, bound)
        if found is None:
            return None
        if argument.name == "sep":
            joined = found[0]
        elif argument.name == "collapse":
            collapse = found[0]
        else:
            parts.append(found)
    rows = [joined.join(row) for row in _rows(parts)]
    return rows if collapse is None else [collapse.join(rows)]


def _rows(parts: list[list[str]]) -> list[tuple[str, ...]]:
    """The parts side by side, the shorter repeated."""
    if not parts or not all(parts):
        return []
    longest = max(map(len, parts))
    return [*zip(*(islice(cycle(part), longest) for part in parts), strict=True)]


def _filled(pattern: str, values: Sequence[str]) -> str:
    each = iter(values)
    return re.sub("%[sd]", lambda _: next(each), pattern)
