"""Margins: estimates with their labels and draws, as a frame, as arrays, as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Label
from tildemc.errors import SemanticError, doors, nearest
from tildemc.resolve.hypothesis import read_hypothesis
from tildemc.resolve.quantities import Quantity
from tildemc.results.margins.contrasts import pairs_of
from tildemc.results.margins.evaluation import Parts
from tildemc.results.telling import MEDIANS, Telling
from tildemc.span import Span
from tildemc.spec.expr import evaluate
from tildemc.spec.vocabulary import NUMPY
from tildemc.visible import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame
    from xarray import DataArray

    from tildemc.table import Table

__all__ = ["OWN", "Margins", "of_draws"]

OWN = ("estimate", "sd")
"""What the columns of a frame are called, beside the ends of the interval."""


@doors
@dataclass(frozen=True, eq=False)
class Margins:
    """Estimates.

    Attributes
    ----------
    labels : DataFrame
        A row for each: what it is of.
    parts : callable
        Their draws, some estimates at a time.
    sizes : (chains, draws)
    interval : float
        The probability of the intervals.
    along : tuple of str
        The columns of `labels` that a picture goes along: the first across, the second by colour.
    of : str
        What is estimated, in words.
    lines : bool
        Whether what goes across is a number, along which there is a line.
    telling : Telling
        How estimates are told.
    """

    labels: DataFrame
    parts: Callable[[], Parts]
    sizes: tuple[int, int]
    interval: float
    along: tuple[str, ...] = ()
    of: str = ""
    lines: bool = False
    telling: Telling = MEDIANS

    @cached_property
    def table(self) -> Table:
        """What `frame` gives a copy of."""
        import pandas as pd

        from tildemc.table import Table

        columns = self.telling.columns(self.interval)
        values = np.full((len(self.labels), len(columns)), np.nan)
        for places, draws in self.parts():
            values[places] = self.telling.rows(draws, self.interval)
        return Table(pd.concat([self.labels, pd.DataFrame(values, self.labels.index, columns)], axis=1))

    def frame(self) -> DataFrame:
        """A row for each estimate: its labels, the median of its draws, their sd, and an equal-tailed interval."""
        return self.table.copy()

    def draws(self) -> DataArray:
        """Every draw: (chain, draw, estimate); 8 bytes each."""
        from xarray import DataArray

        values = self._draws().reshape(*self.sizes, len(self.labels))
        return DataArray(values, dims=("chain", "draw", "estimate"))

    def _draws(self) -> Floats:
        found = np.full((self.sizes[0] * self.sizes[1], len(self.labels)), np.nan)
        for places, draws in self.parts():
            found[:, places] = draws
        return found

    def hypotheses(self, asked: str | Sequence[str]) -> Margins:
        """Combinations of the estimates: `"b1 - b2 = 0"`, of the first and the second row; or which rows to compare.

        Parameters
        ----------
        asked : str or sequence of str
            Texts as for `Fit.hypothesis`, in which `b1` is the first estimate; or one of "reference", "sequential",
            "pairwise" and the same with "rev" before it.

        Returns
        -------
        Margins
            Of each left side minus its right.

        Raises
        ------
        TildeError
            What is wrong, where in the text, and what would work.
        """
        k = len(self.labels)
        pairs = pairs_of(asked, k) if isinstance(asked, str) else None
        if pairs is not None:
            texts = [f"b{one + 1} - b{other + 1} = 0" for one, other in pairs]
        else:
            texts = [asked] if isinstance(asked, str) else list(asked)
        if not texts or not all(isinstance(text, str) for text in texts):
            raise SemanticError(f"a hypothesis is a text such as `b1 - b2 = 0`, not {shown(asked)}")
        draws = self._draws()
        found = [self._combined(text, draws) for text in texts]
        combined = of_draws({"hypothesis": texts}, np.column_stack(found), self.sizes, self.interval)
        return replace(combined, telling=self.telling)

    def _combined(self, text: str, draws: Floats) -> Floats:
        known = {f"b{i + 1}": i for i in range(draws.shape[1])}

        def find(name: str, span: Span | None) -> Quantity:
            if name not in known:
                there = f"there are b1 to b{len(known)}, one for each row"
                raise SemanticError(f"there is no estimate `{name}`{nearest(name, known)}; {there}", span)
            return Quantity(name, (known[name],), name)

        read = read_hypothesis(text, find)
        with np.errstate(all="ignore"):
            value = evaluate(read.value, lambda name: draws[:, known[name.name]], NUMPY)
        return np.asarray(value, dtype=np.float64)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The estimates with their intervals: points by levels, a line with a band along a number.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw.

        Returns
        -------
        Axes
        """
        from tildemc.results.margins.plot import draw

        return draw(self, ax)

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


def of_draws(
    labels: Mapping[str, Sequence[Label]], draws: Floats, sizes: tuple[int, int], interval: float, *, of: str = ""
) -> Margins:
    """Estimates of which all draws are there, (draws, k)."""
    import pandas as pd

    along = tuple(labels)[:1]
    return Margins(pd.DataFrame(labels), lambda: iter([(slice(None), draws)]), sizes, interval, along, of)
