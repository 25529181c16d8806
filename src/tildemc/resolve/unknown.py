"""A condition in, where it is neither true nor false out: where something that it compares has no value, as in R."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.spec.expr import Apply, Const, Expr, Op, inside

__all__ = ["unknown_where"]

_COMPARED = {"==", "!=", "<", "<=", ">", ">="}


def unknown_where(test: Expr) -> Expr | None:
    """Where a condition is neither true nor false, since something that it compares has no value."""
    match test:
        case Apply("isna" | "notna"):
            return None
        case Op(operator, left, right) if operator in _COMPARED:
            parts: Sequence[Expr | None] = [_lacks(side) for side in (left, right)]
        case Op("&" | "|" as operator, left, right):
            parts = [_undecided(unknown_where(left), right, operator), _undecided(unknown_where(right), left, operator)]
        case _:
            parts = [unknown_where(part) for part in inside(test)] or [_lacks(test)]
    found = [part for part in parts if part is not None]
    total = found[0] if found else None
    for part in found[1:]:
        total = part if total is None else Op("|", total, part)
    return total


def _undecided(unknown: Expr | None, other: Expr, operator: str) -> Expr | None:
    """Where one side of `&` or `|` is open and the other does not decide: what is true or open is true, as in R."""
    if unknown is None:
        return None
    decides = other if operator == "|" else Apply("not", (other,))
    open_too = unknown_where(other)
    leaves: Expr = Apply("not", (decides,))
    return Op("&", unknown, leaves if open_too is None else Op("|", open_too, leaves))


def _lacks(expr: Expr) -> Expr | None:
    return None if isinstance(expr, Const) else Apply("isna", (expr,))
