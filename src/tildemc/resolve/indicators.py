"""`indicators(g)`, `indicators(a, b)`: Stata's indicators, whose base is left out whatever else is in the model."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from tildemc.errors import SemanticError, nearest
from tildemc.model.expr import Expr
from tildemc.resolve.frame import as_float
from tildemc.resolve.values import Category, Level, Quantity, Value, meaning
from tildemc.syntax import tree

if TYPE_CHECKING:
    from tildemc.resolve.arguments import Arguments

__all__ = ["INDICATORS", "indicators"]

INDICATORS = ("x", "y", "z", "base")
"""The function's arguments: up to three factors, and for one of them the level that is left out."""


def indicators(a: Arguments) -> Value:
    """One column for each level, or each cell of several factors, but the first or `base`."""
    factors = [_factor(a.given[name], a) for name in ("x", "y", "z") if name in a.given]
    cells = list(product(*(factor.levels for factor in factors)))
    left_out = _base(factors, a)
    kept = [cell for number, cell in enumerate(cells) if number != left_out]
    if not kept:
        raise SemanticError(f"`{a.key}` has only one level: leave it out", a.call.span)
    return Quantity(
        tuple(_column(cell) for cell in kept), tuple(":".join(level.label for level in cell) for cell in kept)
    )


def _factor(expr: tree.Expr, a: Arguments) -> Category:
    """A column as a factor, numbers by their values."""
    found = meaning(tree.Call("factor", (tree.Argument(expr),), a.call.span), a.columns)
    assert isinstance(found, Category), "factor() makes a factor"
    return found


def _base(factors: list[Category], a: Arguments) -> int:
    """The number of the cell that is left out."""
    wanted = a.texts("base")
    if wanted is None:
        return 0
    labels = [level.label for level in factors[0].levels]
    if len(factors) > 1 or len(wanted) != 1:
        raise SemanticError("`base` names one level of one factor", a.given["base"].span)
    if wanted[0] not in labels:
        message = f"there is no level {wanted[0]!r}{nearest(wanted[0], labels)}"
        raise SemanticError(message, a.given["base"].span)
    return labels.index(wanted[0])


def _column(cell: tuple[Level, ...]) -> Expr:
    column = as_float(cell[0].indicator)
    for level in cell[1:]:
        column = column * as_float(level.indicator)
    return column
