"""Principal components of group effects: in how many directions effects vary, where a covariance is singular.

lme4's `rePCA`: Bates, Kliegl, Vasishth & Baayen (2015), Parsimonious mixed models, arXiv:1506.04967.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.results.tables import columns_of_interval, described

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Components"]


@dataclass(frozen=True, eq=False)
class Components:
    """The covariances of group effects by their principal components.

    Attributes
    ----------
    covariances : mapping of str to (draws, q, q)
        By grouping factor; one draw of an estimate.
    """

    covariances: Mapping[str, Floats]

    def frame(self, interval: float | None) -> DataFrame:
        """A row for each component, the largest first.

        Parameters
        ----------
        interval : float or None
            Of draws; None for an estimate, whose sds, shares and directions are numbers.
        """
        import pandas as pd

        from tildemc.table import Table

        rows, index = [], []
        for factor, covariance in self.covariances.items():
            values = np.maximum(np.linalg.eigvalsh(covariance)[:, ::-1], 0.0)
            total = values.sum(axis=1, keepdims=True)
            share = np.divide(values, total, out=np.zeros_like(values), where=total > 0)
            index += [(factor, component + 1) for component in range(values.shape[1])]
            sd, cumulative = np.sqrt(values), np.cumsum(share, axis=1)
            if interval is None:
                rows += [*zip(sd[0], share[0], cumulative[0], strict=True)]
                continue
            each = [described(part, interval) for part in (sd, share)]
            rows += [*np.column_stack([*each, cumulative.mean(axis=0)])]
        columns = ["sd", "share", "cumulative"]
        if interval is not None:
            names = ["mean", "sd", *columns_of_interval(interval)]
            columns = [f"{what}_{name}" for what in ("sd", "share") for name in names] + ["cumulative"]
        return Table(
            np.array(rows, dtype=float).reshape(-1, len(columns)),
            pd.MultiIndex.from_tuples(index, names=["group", "component"]),
            columns,
        )
