"""Texts that an R script puts together: `paste("y ~", paste(c("x", "z"), collapse = " + "))` in, what it says out."""

from __future__ import annotations

from itertools import chain

from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.tree import Argument, Call, Constant, Expr, Name, Number, Text, deparse

__all__ = ["PASTING", "text_of"]

PASTING = ("paste", "paste0")


def text_of(expr: Expr) -> str | None:
    """The one text that an expression is; None where it is something else."""
    found = _texts(expr)
    return found[0] if found is not None and len(found) == 1 else None


def _texts(expr: Expr) -> list[str] | None:
    match unparenthesised(expr):
        case Text(value):
            return [value]
        case Number() as number:
            return [deparse(number)]
        case Call("c", arguments):
            parts = [_texts(argument.value) for argument in arguments]
            return None if None in parts else [*chain.from_iterable(part or [] for part in parts)]
        case Call("deparse" | "quote" | "as.name", (Argument(Name(name)),)):
            return [name]
        case Call(function, arguments) if function in PASTING:
            return _pasted(function, arguments)
        case _:
            return None


def _pasted(function: str, arguments: tuple[Argument, ...]) -> list[str] | None:
    """What R makes of texts of different lengths: the shorter begin again."""
    words = {argument.name: argument.value for argument in arguments if argument.name in ("sep", "collapse")}
    parts = [_texts(argument.value) for argument in arguments if argument.name not in ("sep", "collapse")]
    between = words.get("sep", Text("" if function == "paste0" else " "))
    collapse = words.get("collapse", Constant(None))
    if None in parts or not isinstance(between, Text) or not isinstance(collapse, Text | Constant):
        return None
    known = [part for part in parts if part]
    longest = max(map(len, known), default=0)
    pasted = [between.value.join(part[k % len(part)] for part in known) for k in range(longest)]
    return [collapse.value.join(pasted)] if isinstance(collapse, Text) else pasted
