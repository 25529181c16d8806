"""What the times of a response and `bhaz()` make of a family whose hazard is a curve: where its knots are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tildemc.arrays import Values
from tildemc.errors import SemanticError, UnsupportedError
from tildemc.resolve.lessons import whole
from tildemc.resolve.values import Columns
from tildemc.spec.expr import Expr
from tildemc.spec.families import Family
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["FUNCTION", "timed"]

FUNCTION = "bhaz"
"""What formulas call what they say of a baseline hazard, as in brms."""
_SPLINES, _FEWEST = 5, 4


def timed(
    family: Family, expr: tree.Expr, number: Expr, modifiers: Sequence[tree.Modifier], columns: Columns
) -> Family:
    """The family of a hazard over the times that there are: brms's knots, and as many splines as it has or is told.

    Raises
    ------
    SemanticError, UnsupportedError
        If `bhaz()` says something else.
    """
    count = next((_stated(modifier) for modifier in modifiers if modifier.function == FUNCTION), _SPLINES)

    def knots(times: Values) -> tuple[float, ...]:
        found = times.astype(float)
        low, high = float(found.min()), float(found.max())
        shares = np.linspace(0, 1, count - _FEWEST + 2)[1:-1]
        beyond = (high - low) / 50
        return (max(low - beyond, 0.0), *np.quantile(found, shares).tolist(), high + beyond)

    assert family.timed is not None
    found = columns.learned(f"{FUNCTION}({deparse(expr)}, {count})", number, whole(knots))
    if len(set(found)) < len(found):
        message = f"the times of `{deparse(expr)}` are too few for {count} splines: `{FUNCTION}(df = {_FEWEST})`"
        raise SemanticError(message, expr.span)
    return family.timed(found)


def _stated(modifier: tree.Modifier) -> int:
    count = _SPLINES
    for argument in modifier.arguments:
        match argument:
            case tree.Argument(tree.Number(value), "df") if value >= _FEWEST and value == int(value):
                count = int(value)
            case tree.Argument(_, "df"):
                message = f"`df` is a number of splines from {_FEWEST} up, as in `{FUNCTION}(df = 6)`"
                raise SemanticError(message, argument.span or modifier.span)
            case tree.Argument(_, "gr"):
                message = "a baseline hazard for each group, `gr`, is not built; `(1 | g)` shifts the log hazard"
                raise UnsupportedError(message, argument.span or modifier.span)
            case _:
                what = f"`{argument.name}`" if argument.name else "this"
                raise SemanticError(f"`{FUNCTION}()` takes `df`, and not {what}", argument.span or modifier.span)
    return count
