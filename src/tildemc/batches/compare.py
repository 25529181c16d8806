"""Jobs that were fitted to the same rows -> az.compare's table."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Values
from tildemc.batches.store import Store
from tildemc.batches.tables import Row
from tildemc.errors import TildeError
from tildemc.resolve.apart import label

if TYPE_CHECKING:
    import pandas as pd
    from xarray import DataTree

__all__ = ["compare"]


def compare(
    store: Store, rows: Sequence[Row], comparisons: Mapping[str, tuple[str, ...]]
) -> tuple[pd.DataFrame | None, list[str]]:
    """The table of all comparisons, and what kept some from being made."""
    import pandas as pd

    tables, problems = [], []
    for title, models in comparisons.items():
        for by, members in _members(rows, models).items():
            name = f"{title} ({by})" if by else title
            found = _compare(store, members, models)
            if isinstance(found, str):
                problems.append(f"{name} is not compared: {found}")
            else:
                tables.append(found.assign(comparison=title, by=by))
    table = None
    if tables:
        table = pd.concat(tables).rename_axis("model").reset_index()
        first = ["comparison", "by", "model"]
        table = table[[*first, *(name for name in table.columns if name not in first)]]
    return table, problems


def _members(rows: Sequence[Row], models: tuple[str, ...]) -> dict[str, dict[str, Row]]:
    """The rows of the models to compare, by the values of `by`."""
    found: dict[str, dict[str, Row]] = {}
    for job, outcome in rows:
        if job.model in models:
            found.setdefault(label(job.by), {})[job.model] = (job, outcome)
    return found


def _compare(store: Store, members: Mapping[str, Row], models: tuple[str, ...]) -> pd.DataFrame | str:
    import arviz as az

    from tildemc.results.stored import read_tree

    missing = [name for name in models if name not in members or not members[name][1].draws]
    if missing:
        return f"there is no fit of {', '.join(missing)}"
    trees: dict[str, DataTree] = {}
    for name in models:
        try:
            trees[name] = read_tree(store.path_of_draws(members[name][1].key))
        except TildeError as error:
            return str(error)
    first = _observed(trees[models[0]])
    for name in models[1:]:
        other = _observed(trees[name])
        if not all(a.shape == b.shape and np.array_equal(a, b) for a, b in zip(first, other, strict=True)):
            return f"{name} and {models[0]} are not fitted to the same rows and response"
    try:
        with warnings.catch_warnings():
            # What it warns of is in the columns diag_diff and diag_elpd.
            warnings.simplefilter("ignore")
            table: pd.DataFrame = az.compare(trees, round_to="none")
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return table


def _observed(tree: DataTree) -> tuple[Values, Values]:
    [values] = tree["observed_data"].data_vars.values()
    return values.to_numpy(), values[values.dims[0]].to_numpy()
