"""Fit -> tables: what was estimated, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tildemc.model.parameters import Parameter, parameters
from tildemc.model.spec import ModelSpec

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataTree

__all__ = ["SECTIONS", "summarise"]

SECTIONS = {
    "population": "Population effects",
    "group sd": "Group standard deviations",
    "group correlation": "Group correlations",
    "residual": "Residual",
    "group effect": "Group effects",
}


def summarise(spec: ModelSpec, data: DataTree, *, group_effects: bool, interval: float) -> DataFrame:
    """Mean, sd, interval, effective sample sizes and R-hat of each parameter.

    Parameters
    ----------
    spec : ModelSpec
    data : DataTree
    group_effects : bool
        Whether to list every level's effects.
    interval : float
        The probability of the (equal-tailed) interval.

    Returns
    -------
    DataFrame
        Indexed by (part, parameter).
    """
    import arviz as az
    import pandas as pd

    tables: dict[str, DataFrame] = {}
    for role, title in SECTIONS.items():
        chosen = [p for p in parameters(spec) if p.role == role]
        if not chosen or (role == "group effect" and not group_effects):
            continue
        table = az.summary(data, var_names=[p.name for p in chosen], ci_prob=interval, ci_kind="eti", round_to="none")
        tables[title] = table.loc[[label for label in table.index if _worth_showing(label, chosen)]]
    joined = pd.concat(tables, names=["part", "parameter"])
    return joined.astype(float)


def _worth_showing(label: str, chosen: list[Parameter]) -> bool:
    """A correlation matrix's lower triangle is its upper one, and its diagonal is 1."""
    matrix = next((p for p in chosen if label.startswith(f"{p.name}[") and p.support.matrix), None)
    return matrix is None or "\0" not in label
