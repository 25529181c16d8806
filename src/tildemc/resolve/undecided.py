"""A condition -> where it is neither true nor false, since something that it compares has no value."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.spec.expr import Apply, Const, Expr, Op, columns_of, inside, walk

__all__ = ["lacks", "minded", "unknown"]

_COMPARED = {"==", "!=", "<", "<=", ">", ">="}


def unknown(test: Expr) -> Expr | None:
    """Where a condition is neither true nor false, since something that it compares has no value."""
    match test:
        case Apply("isna" | "notna"):
            return None
        case Op(operator, left, right) if operator in _COMPARED:
            parts: Sequence[Expr | None] = [lacks(side) for side in (left, right)]
        case Op("&" | "|" as operator, left, right):
            parts = [_undecided(unknown(left), right, operator), _undecided(unknown(right), left, operator)]
        case _:
            parts = [unknown(part) for part in inside(test)] or [lacks(test)]
    found = [part for part in parts if part is not None]
    total = found[0] if found else None
    for part in found[1:]:
        total = part if total is None else Op("|", total, part)
    return total


def _undecided(one: Expr | None, other: Expr, operator: str) -> Expr | None:
    """Where one side of `&` or `|` is open and the other does not decide: what is true or open is true, as in R."""
    if one is None:
        return None
    decides = other if operator == "|" else Apply("not", (other,))
    open_too = unknown(other)
    leaves: Expr = Apply("not", (decides,))
    return Op("&", one, leaves if open_too is None else Op("|", open_too, leaves))


def lacks(expr: Expr) -> Expr | None:
    """Where an expression has no value; None if it has one everywhere."""
    return None if isinstance(expr, Const) else Apply("isna", (expr,))


def minded(expr: Expr) -> frozenset[str]:
    """The columns of which an expression asks whether they have a value: without one it may have one itself."""
    asked = (part for part in walk(expr) if isinstance(part, Apply) and part.function in ("isna", "notna"))
    return frozenset(name for part in asked for name in columns_of(part))
