"""Rows that are made up: each combination of the values that a person states, all else at what is typical."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, assert_never, get_args

from tildemc.errors import SemanticError, nearest
from tildemc.resolve.used import given_rows
from tildemc.results.margins.asked import crossed, settings_of, variables_of
from tildemc.results.margins.variables import Variables
from tildemc.visible import shown

if TYPE_CHECKING:
    from pandas import DataFrame

    from tildemc.results.fit import Fit

__all__ = ["GridType", "made_up", "made_up_of"]

GridType = Literal["mean_or_mode", "balanced", "counterfactual"]


def made_up_of(fit: Fit, newdata: object, grid_type: object, values: Mapping[str, Any]) -> DataFrame:
    """A grid for a fit; see `tildemc.datagrid`."""
    if grid_type not in get_args(GridType):
        close = nearest(str(grid_type), get_args(GridType))
        raise SemanticError(f"`grid_type` is one of {', '.join(get_args(GridType))}, not {shown(grid_type)}{close}")
    known = variables_of(fit) if newdata is None else Variables(fit.spec, given_rows(newdata))
    stated = settings_of(known, values, lambda variable: [variable.typical()]) if values else {}
    kind: GridType = grid_type  # type: ignore[assignment]
    match kind:
        case "mean_or_mode":
            return made_up(known, stated, known.typical)
        case "balanced":
            levels = {n: list(known[n].levels) for n in known.effects if not known[n].number and n not in stated}
            return made_up(known, {**stated, **levels}, known.typical)
        case "counterfactual":
            return crossed(known.table(), stated).reset_index(drop=True)
        case never:
            assert_never(never)


def made_up(variables: Variables, stated: Mapping[str, list[Any]], else_: Callable[[str], Any]) -> DataFrame:
    """A row for each combination of values, the first varying slowest; other columns are as `else_` has them."""
    import pandas as pd

    rows = list(product(*stated.values()))
    found = pd.DataFrame(rows, columns=[*stated])
    others = {name: [else_(name)] * len(rows) for name in variables.names if name not in stated}
    return pd.DataFrame({**{name: found[name] for name in stated}, **others}, found.index)
