"""The calls by which a `Make` says what other rows hold, by dplyr's names; see `steps.Make`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tildemc.syntax.expression import walk
from tildemc.syntax.rewrite import rewritten
from tildemc.syntax.steps import Make
from tildemc.syntax.tree import Call, Expr, Name

__all__ = ["ORDERED", "hoisted", "is_ordered", "ordered_name"]

ORDERED = ("lag", "lead", "first", "last", "nth", "row_number", "n", "cumsum", "locf")
"""`locf(x)` is zoo's: the last value that was there."""


def ordered_name(expr: Expr) -> str | None:
    """The name of such a call, without the package before it; None for whatever else."""
    if not isinstance(expr, Call):
        return None
    name = expr.function.rpartition("::")[2]
    return name if name in ORDERED else None


def is_ordered(value: Expr) -> bool:
    """Whether an expression says what other rows hold."""
    return any(ordered_name(part) is not None for part in walk(value))


def hoisted(value: Expr, called: Callable[[Call], str]) -> tuple[Expr, tuple[Make, ...]]:
    """An expression of columns alone, and the steps that make those of what other rows hold.

    Parameters
    ----------
    value : Expr
    called : callable
        What the column of a call is called.
    """
    steps: dict[str, Make] = {}

    def instead(part: Expr) -> Expr | None:
        if not isinstance(part, Call) or ordered_name(part) is None:
            return None
        name = called(part)
        steps[name] = Make(name, part, (), part.span)
        return Name(name, part.span)

    changed = rewritten(value, instead)
    return changed, tuple(replace(step, span=value.span) for step in steps.values())
