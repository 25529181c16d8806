"""Rows that are made up: each combination of the values that a person states, all else at what is typical."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Literal, assert_never, get_args

from tildemc.arrays import Label
from tildemc.errors import SemanticError, one_of
from tildemc.results.drawn import Drawn
from tildemc.results.margins.asked import crossed, settings_of, variables_of
from tildemc.results.margins.variables import Variables
from tildemc.visible import shown

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["GridType", "made_up", "made_up_of"]

GridType = Literal["mean_or_mode", "balanced", "counterfactual"]
_GRID_TYPES: tuple[GridType, ...] = get_args(GridType)


def made_up_of(fit: object, newdata: object, grid_type: object, values: Mapping[str, object]) -> DataFrame:
    """A grid for a fit; see `tildemc.datagrid`."""
    if not isinstance(fit, Drawn):
        raise SemanticError(f"`datagrid` is for a fit, as in `datagrid(fit, x=[0, 1])`, not for {shown(fit)}")
    kind = one_of("grid_type", grid_type, _GRID_TYPES)
    known = variables_of(fit) if newdata is None else Variables.of(fit.spec, newdata)
    stated = settings_of(known, values, lambda variable: [variable.typical()]) if values else {}
    match kind:
        case "mean_or_mode":
            return made_up(stated, _typical(known))
        case "balanced":
            levels = {n: list(known[n].levels) for n in known.effects if not known[n].number and n not in stated}
            return made_up({**stated, **levels}, _typical(known))
        case "counterfactual":
            return crossed(known.table(), stated).reset_index(drop=True)
        case never:
            assert_never(never)


def _typical(known: Variables) -> dict[str, Label]:
    return {name: known.typical(name) for name in known.names}


def made_up(stated: Mapping[str, Sequence[Label]], others: Mapping[str, Label]) -> DataFrame:
    """A row for each combination of stated values, the first varying slowest, with one value of all others."""
    import pandas as pd

    found = pd.DataFrame(list(product(*stated.values())), columns=[*stated])
    return found.assign(**{name: value for name, value in others.items() if name not in stated})
