"""Expr -> the same in steps: parts that occur twice, or are long, are named before what they are parts of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from tildemc.spec.expr import Apply, Expr, Op, Var, inside, walk

__all__ = ["in_steps"]

LONG = 60
"""So many characters an argument may have."""


def in_steps(expr: Expr, text: Callable[[Expr], str]) -> tuple[dict[str, Expr], Expr]:
    """The parts that have names of their own, each in terms of those before it, and what is left.

    Parameters
    ----------
    expr : Expr
    text : callable
        How a part is written.
    """
    often = _repeated(expr)
    steps: dict[str, Expr] = {}
    known: dict[Expr, Expr] = {}

    def step(part: Expr) -> Expr:
        name = f"part{len(steps) + 1}"
        steps[name] = part
        return Var(name)

    def named(part: Expr) -> Expr:
        if part not in known:
            parts = tuple(named(inner) for inner in inside(part))
            if isinstance(part, Apply):
                parts = tuple(step(inner) if len(text(inner)) > LONG else inner for inner in parts)
            made = _with(part, parts)
            known[part] = step(made) if part in often else made
        return known[part]

    return steps, named(expr)


def _with(part: Expr, parts: tuple[Expr, ...]) -> Expr:
    match part:
        case Op(symbol):
            return Op(symbol, *parts)
        case Apply(function):
            return Apply(function, parts)
        case _:
            return part


def _repeated(expr: Expr) -> set[Expr]:
    """The largest parts that stand in several places."""
    places = Counter[Expr]()
    todo = [expr]
    while todo:
        part = todo.pop()
        places[part] += 1
        if places[part] == 1:
            todo += inside(part)
    return {part for part, count in places.items() if count > 1 and any(isinstance(p, Apply) for p in walk(part))}
