"""Estimands × rows × draws -> draws of each: in each row, or averaged over groups of rows; some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tildemc.arrays import Floats
from tildemc.errors import FitError
from tildemc.resolve.newdata import NewRows
from tildemc.results.conditioning import Conditioning
from tildemc.results.datatree import Group
from tildemc.results.predict import evaluated, posterior_draws, rows_for
from tildemc.results.quantity import Quantity
from tildemc.spec.design import Numbers
from tildemc.spec.model import ModelSpec

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Estimand", "Parts", "Setting", "averaged", "by_row"]

Places = NDArray[np.intp]
Parts = Iterator[tuple[Places | slice, Floats]]
"""Which estimates, and their draws (draws, some)."""


@dataclass(frozen=True, eq=False)
class Setting:
    """What is asked of rows, and under which draws.

    Attributes
    ----------
    spec, design, posterior
        Of the fit.
    quantity : Quantity
    conditioning : Conditioning
    """

    spec: ModelSpec
    design: Numbers
    posterior: Group
    quantity: Quantity
    conditioning: Conditioning

    def over(self, tables: Sequence[DataFrame], quantity: Quantity) -> Iterator[tuple[Places, list[Floats]]]:
        """Some rows at a time: which they are, and a quantity in each of the tables, (draws, some).

        The tables differ in values only; rows that lack one in any of them do not come.
        """
        found = [self._rows(each) for each in tables]
        complete = np.logical_and.reduce([rows.complete for rows in found])
        places = np.flatnonzero(complete)
        if not len(places):
            return
        some = [replace(rows, design=rows.design.take(np.flatnonzero(complete[rows.complete]))) for rows in found]
        draws, (chains, length) = posterior_draws(self.posterior)
        # Every table meets the same draws and the same chance, so that a difference has no noise of its own.
        runs = [evaluated(self.spec, rows, draws, chains * length, self.conditioning) for rows in some]
        for chunks in zip(*runs, strict=True):
            yield places[chunks[0][0]], [quantity.of(rows, generator) for _, rows, generator in chunks]

    def _rows(self, each: DataFrame) -> NewRows:
        return rows_for(self.spec, self.design, self.conditioning, self.quantity, each)


@dataclass(frozen=True, eq=False)
class Estimand:
    """Something of each row that is made of a quantity at one or more settings of the row.

    Attributes
    ----------
    labels : mapping
        What it is called, by the frame's column: its term, its contrast.
    tables : callable
        The rows at each of the settings.
    of : callable
        Of the quantity at each setting, (draws, some), and of which rows these are.
    of_averages : bool
        Whether an average is made of the averages of the quantities: a ratio of averages, not the average of ratios.
    quantity : Quantity or None
        What is asked of the rows, if it is not what the setting says: the chance of one category.
    """

    labels: dict[str, str]
    tables: Callable[[], Sequence[DataFrame]]
    of: Callable[[Sequence[Floats], Places | slice], Floats]
    of_averages: bool = False
    quantity: Quantity | None = None


def by_row(setting: Setting, estimands: Sequence[Estimand], n: int) -> Parts:
    """Each estimand in each of n rows, the rows of the first before those of the second."""
    for number, estimand in enumerate(estimands):
        for places, values in setting.over(estimand.tables(), estimand.quantity or setting.quantity):
            with np.errstate(all="ignore"):
                yield number * n + places, estimand.of(values, places)


def averaged(setting: Setting, estimands: Sequence[Estimand], group: Places, k: int, weight: Floats) -> Parts:
    """The weighted average of each estimand over the rows of each of k groups; a row's group is in `group`, (n,)."""
    for number, estimand in enumerate(estimands):
        total_weight, sums = np.zeros(k), np.zeros((0, 0, 0))
        for places, values in setting.over(estimand.tables(), estimand.quantity or setting.quantity):
            with np.errstate(all="ignore"):
                parts = values if estimand.of_averages else [estimand.of(values, places)]
            if not sums.size:
                sums = np.zeros((len(parts), len(parts[0]), k))
            here, local = np.unique(group[places], return_inverse=True)
            # Weights by row and group: the sums of all groups under all draws are one product.
            member = np.zeros((len(places), len(here)))
            member[np.arange(len(places)), local.reshape(-1)] = weight[places]
            total_weight[here] += member.sum(axis=0)
            for part, total in zip(parts, sums, strict=True):
                total[:, here] += part @ member
        if not total_weight.any():
            raise FitError("no row has a value in all that the model needs: there is nothing to average")
        with np.errstate(all="ignore"):
            means = [total / total_weight for total in sums]
            found = estimand.of(means, slice(None)) if estimand.of_averages else means[0]
        yield slice(number * k, (number + 1) * k), found
