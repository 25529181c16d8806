"""`indicators(g)`, `indicators(a, b)`: Stata's indicators, whose base is left out, or not, whatever else is there."""

from __future__ import annotations

from itertools import product

from tildemc.errors import SemanticError, Unvarying
from tildemc.resolve.arguments import Arguments
from tildemc.resolve.frame import as_float
from tildemc.resolve.values import Category, Level, Quantity, Value
from tildemc.spec.expr import Expr
from tildemc.syntax import tree
from tildemc.syntax.expression import walk
from tildemc.syntax.tree import deparse

__all__ = ["INDICATORS", "indicators"]

INDICATORS = ("x", "y", "z", "base", "without")
"""The function's arguments: up to three factors; for one of them the level left out, of which `NULL` leaves out none;
of several, by their names as `"a:b"`, those that are not all at their first level in a cell that stays."""


def indicators(a: Arguments) -> Value:
    """One column for each level, or each cell of several factors, but the first or `base`, or those of `without`."""
    written = [a.given[name] for name in ("x", "y", "z") if name in a.given]
    factors = [_factor(expr, a) for expr in written]
    cells = list(product(*(factor.levels for factor in factors)))
    if "without" in a.given:
        firsts = [factor.levels[0] for factor in factors]
        sets = _without(written, a)
        kept = [cell for cell in cells if not any(all(cell[k] == firsts[k] for k in some) for some in sets)]
    else:
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


def _without(written: list[tree.Expr], a: Arguments) -> list[list[int]]:
    """The places of the factors that `"a:b"` names."""
    if "base" in a.given:
        raise SemanticError("`base` and `without` do not go together", a.given["base"].span)
    names = [next((node.text for node in walk(expr) if isinstance(node, tree.Name)), "") for expr in written]
    sets = [text.split(":") for text in a.texts("without") or ()]
    if not all(set(some) <= set(names) for some in sets) or not sets:
        listed = ":".join(names)
        raise SemanticError(f'`without` names factors of this call, as in `"{listed}"`', a.given["without"].span)
    return [[names.index(name) for name in some] for some in sets]


def _column(cell: tuple[Level, ...]) -> Expr:
    column = as_float(cell[0].indicator)
    for level in cell[1:]:
        column = column * as_float(level.indicator)
    return column
