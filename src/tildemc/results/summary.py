"""Draws -> tables: what was estimated, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tildemc.model.parameters import names, parameters
from tildemc.model.spec import ModelSpec

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataArray, Dataset

__all__ = ["PARTS", "summarise"]

PARTS = {
    "population": "Population effects",
    "group sd": "Group standard deviations",
    "group correlation": "Group correlations",
    "residual": "Residual",
    "group effect": "Group effects",
}
"""The parts of a summary: what a parameter is to the model, and the part's title."""
VARIANCE_PARTS = PARTS | {"group sd": "Group variances", "group correlation": "Group covariances"}


def summarise(
    spec: ModelSpec,
    posterior: Dataset,
    *,
    group_effects: bool,
    interval: float,
    exponentiate: bool = False,
    variances: bool = False,
) -> DataFrame:
    """Mean, sd, interval, effective sample sizes and R-hat of each parameter.

    Parameters
    ----------
    spec : ModelSpec
    posterior : Dataset
        The draws of what the model reports.
    group_effects : bool
        Whether to list every level's effects.
    interval : float
        The probability of the equal-tailed interval.
    exponentiate : bool
        Whether population effects are shown as exp of each draw.
    variances : bool
        Whether variances and covariances are shown in place of sds and correlations: of each draw too.

    Returns
    -------
    DataFrame
        Indexed by (part, parameter).
    """
    # Not `arviz`, which would import matplotlib.
    import arviz_stats
    import pandas as pd
    from xarray import Dataset

    untyped = cast(Any, arviz_stats)
    replaced = _variances(spec, posterior) if variances else {}
    tables: dict[str, DataFrame] = {}
    for role, title in (VARIANCE_PARTS if variances else PARTS).items():
        chosen = [p for p in parameters(spec) if p.role == role]
        if not chosen or (role == "group effect" and not group_effects):
            continue
        arrays = [(p, replaced.get(p.name, posterior[p.name])) for p in chosen]
        draws = Dataset({a.name: _lower_triangle(a) if p.support.matrix else a for p, a in arrays})
        if exponentiate and role == "population":
            draws = draws.map(np.exp)
        table = untyped.summary(draws, ci_prob=interval, ci_kind="eti", round_to="none")
        tables[title] = table.drop(columns=["mcse_mean", "mcse_sd"])
    return pd.concat(tables, names=["part", "parameter"]).astype(float)


def _variances(spec: ModelSpec, posterior: Dataset) -> dict[str, DataArray]:
    """By the name of an sd or of correlations: the variance or covariances, named so."""
    known = names(spec)
    found: dict[str, DataArray] = {}
    for group in (group for predictor in known.predictors for group in predictor.groups):
        sd = posterior[group.sd]
        found[group.sd] = (sd**2).rename(group.var)
        if group.cor in posterior:
            covariance = posterior[group.cor] * sd * sd.rename({group.term_dim: group.term_dim2})
            found[group.cor] = covariance.rename(group.cov)
    for auxiliary, named in zip(spec.auxiliaries, known.auxiliaries, strict=True):
        if auxiliary.parameter == "sigma":
            found[named.name] = (posterior[named.name] ** 2).rename(named.var)
    return found


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
