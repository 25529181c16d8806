"""`indicators(g)`, `indicators(a, b)`: Stata's indicators, whose base is left out, or not, whatever else is there."""

from __future__ import annotations

from itertools import product

from tildemc.errors import SemanticError, Unvarying
from tildemc.resolve.arguments import Arguments
from tildemc.resolve.frame import as_float
from tildemc.resolve.values import Category, Level, Quantity, Value
from tildemc.spec.expr import Expr
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["INDICATORS", "indicators"]

INDICATORS = ("x", "y", "z", "base")
"""The function's arguments: up to three factors, and for one of them the level left out; `NULL` leaves out none."""


def indicators(a: Arguments) -> Value:
    """One column for each level, or each cell of several factors, but the first or `base`."""
    written = [a.given[name] for name in ("x", "y", "z") if name in a.given]
    factors = [_factor(expr, a) for expr in written]
    cells = list(product(*(factor.levels for factor in factors)))
    left_out = _base(factors, a)
    kept = [cell for number, cell in enumerate(cells) if number != left_out]
    if not kept:
        raise Unvarying(f"`{a.key}` has only one level", a.call.span, "leave it out")
    return Quantity(
        tuple(_column(cell) for cell in kept),
        tuple(":".join(level.label for level in cell) for cell in kept),
        tuple(":".join(level.code for level in cell) for cell in kept),
        tuple(known for expr, factor in zip(written, factors, strict=True) for known in factor.known(deparse(expr))),
    )


def _factor(expr: tree.Expr, a: Arguments) -> Category:
    """A column as a factor, numbers by their values."""
    found = a.reader.meaning(tree.Call("factor", (tree.Argument(expr),), a.call.span))
    assert isinstance(found, Category), "factor() makes a factor"
    return found


def _base(factors: list[Category], a: Arguments) -> int | None:
    """The number of the cell that is left out."""
    if a.given.get("base") == tree.Constant(None):
        return None
    base = a.level("base", factors[0].levels)
    if base is not None and len(factors) > 1:
        raise SemanticError("`base` names one level of one factor", a.given["base"].span)
    return base or 0


def _column(cell: tuple[Level, ...]) -> Expr:
    column = as_float(cell[0].indicator)
    for level in cell[1:]:
        column = column * as_float(level.indicator)
    return column
