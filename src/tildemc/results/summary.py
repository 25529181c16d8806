"""Draws -> tables: what was estimated, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tildemc.model.parameters import Parameter, parameters
from tildemc.model.spec import ModelSpec

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataArray, Dataset, DataTree

__all__ = ["PARTS", "summarise"]

PARTS = {
    "population": "Population effects",
    "group sd": "Group standard deviations",
    "group correlation": "Group correlations",
    "residual": "Residual",
    "group effect": "Group effects",
}
"""The parts of a summary: what a parameter is to the model, and the part's title."""


def summarise(
    spec: ModelSpec, data: DataTree, *, group_effects: bool, interval: float, exponentiate: bool = False
) -> DataFrame:
    """Mean, sd, interval, effective sample sizes and R-hat of each parameter.

    Parameters
    ----------
    spec : ModelSpec
    data : DataTree
    group_effects : bool
        Whether to list every level's effects.
    interval : float
        The probability of the equal-tailed interval.
    exponentiate : bool
        Whether population effects are shown as exp of each draw.

    Returns
    -------
    DataFrame
        Indexed by (part, parameter).
    """
    import arviz as az
    import pandas as pd

    tables: dict[str, DataFrame] = {}
    for role, title in PARTS.items():
        chosen = [p for p in parameters(spec) if p.role == role]
        if not chosen or (role == "group effect" and not group_effects):
            continue
        draws = _one_for_each(data["posterior"].to_dataset(), chosen)
        if exponentiate and role == "population":
            draws = draws.map(np.exp)
        table = az.summary(draws, ci_prob=interval, ci_kind="eti", round_to="none")
        tables[title] = table.drop(columns=["mcse_mean", "mcse_sd"])
    return pd.concat(tables, names=["part", "parameter"]).astype(float)


def _one_for_each(posterior: Dataset, chosen: list[Parameter]) -> Dataset:
    """The chosen draws, with each correlation once."""
    return posterior[[p.name for p in chosen]].assign(
        {p.name: _lower_triangle(posterior[p.name]) for p in chosen if p.support.matrix}
    )


def _lower_triangle(matrix: DataArray) -> DataArray:
    from xarray import DataArray

    dim = matrix.dims[-1]
    labels = matrix[dim].to_numpy()
    rows, columns = np.tril_indices(len(labels), -1)
    rows, columns = rows[np.lexsort((rows, columns))], columns[np.lexsort((rows, columns))]
    # Effects of different blocks are independent: there is nothing to summarise.
    free = [k for k, (i, j) in enumerate(zip(rows, columns, strict=True)) if matrix[..., i, j].std() > 0]
    rows, columns = rows[free], columns[free]
    pairs = np.array([f"{labels[j]}, {labels[i]}" for i, j in zip(rows, columns, strict=True)], dtype=object)
    pair = f"{dim}_pair"
    return DataArray(
        matrix.to_numpy()[..., rows, columns],
        dims=("chain", "draw", pair),
        coords={"chain": matrix["chain"], "draw": matrix["draw"], pair: pairs},
    )
