"""Draws of several numbers -> their means, sds and intervals in a frame, or the draws themselves with their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Label
from tildemc.errors import FitError
from tildemc.results.diagnose import CHUNK, quantiles
from tildemc.visible import shown

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataArray

__all__ = ["Labelled", "Levels", "checked_interval", "columns_of_interval", "described"]


def checked_interval(interval: object) -> float:
    """The probability of an interval.

    Raises
    ------
    FitError
        If it is none.
    """
    if isinstance(interval, bool) or not isinstance(interval, Real) or not 0 < float(interval) < 1:
        raise FitError(f"`interval` is a number between 0 and 1, not {shown(interval)}")
    return float(interval)


def columns_of_interval(interval: float) -> tuple[str, str]:
    """What ArviZ calls the ends of an equal-tailed interval: `eti95_lb` and `eti95_ub`."""
    return f"eti{100 * interval:g}_lb", f"eti{100 * interval:g}_ub"


def described(draws: Floats, interval: float, *, median: bool = False) -> Floats:
    """Of draws (draws, k), all chains one after the other: mean or median, sd, lower and upper end, (k, 4).

    A number without a value in some draw has none in the table.
    """
    found = np.empty((draws.shape[1], 4))
    shares = (0.5, (1 - interval) / 2, (1 + interval) / 2)
    step = max(1, CHUNK // max(1, len(draws)))
    for start in range(0, draws.shape[1], step):
        rows = np.sort(np.ascontiguousarray(draws[:, start : start + step].T, dtype=float), axis=1)
        with np.errstate(invalid="ignore"):
            sd = rows.std(axis=1, ddof=1) if rows.shape[1] > 1 else np.full(len(rows), np.nan)
            middle, lower, upper = quantiles(rows, shares)
            found[start : start + step] = np.column_stack([middle if median else rows.mean(axis=1), sd, lower, upper])
        # Sorting puts NaN last, where no quantile would see it.
        found[start : start + step][np.isnan(rows[:, -1])] = np.nan
    return found


@dataclass(frozen=True, eq=False)
class Labelled:
    """Draws of several numbers.

    Attributes
    ----------
    values : (chains, draws, k)
    dim : str
    labels : sequence
        Along the last axis.
    """

    values: Floats
    dim: str
    labels: Sequence[Label]

    def frame(self, interval: float) -> DataFrame:
        """A row for each number: mean, sd and interval."""
        import pandas as pd

        from tildemc.table import Table

        table = described(self.values.reshape(-1, len(self.labels)), interval)
        return Table(table, pd.Index(self.labels, name=self.dim), ["mean", "sd", *columns_of_interval(interval)])

    def array(self) -> DataArray:
        """The draws: (chain, draw) and the dim."""
        return _array(self.values, {self.dim: self.labels})


@dataclass(frozen=True, eq=False)
class Levels:
    """Draws of the same effects for each level of a factor.

    Attributes
    ----------
    effects : dict of str to (chains, draws, levels)
        Those of an effect that is the same for all levels are a view of one.
    dim : str
    labels : sequence
        The levels.
    """

    effects: dict[str, Floats]
    dim: str
    labels: Sequence[Label]

    def frame(self, interval: float) -> DataFrame:
        """A row for each level; columns by effect, and of each mean, sd and interval."""
        import pandas as pd

        from tildemc.table import Table

        found = {}
        index = pd.Index(self.labels, name=self.dim)
        for effect, draws in self.effects.items():
            # Of what all levels share, one is enough to sort.
            some = draws[..., :1] if draws.strides[-1] == 0 else draws
            rows = described(some.reshape(-1, some.shape[-1]), interval)
            columns = ["mean", "sd", *columns_of_interval(interval)]
            found[effect] = Table(np.broadcast_to(rows, (len(index), 4)), index, columns)
        return pd.concat(found, axis=1, names=["effect", None])

    def array(self) -> DataArray:
        """The draws: (chain, draw), the factor and `effect`."""
        return _array(np.stack([*self.effects.values()], axis=-1), {self.dim: self.labels, "effect": [*self.effects]})


def _array(values: Floats, labels: Mapping[str, Sequence[Label]]) -> DataArray:
    from xarray import DataArray

    chains, draws = values.shape[:2]
    return DataArray(
        values, {"chain": np.arange(chains), "draw": np.arange(draws), **labels}, ["chain", "draw", *labels]
    )
