"""How the chains share the ranks of all draws: alike, if they found the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tildemc.results.plots.record import Asked
from tildemc.results.plots.scalars import drawn, tree

if TYPE_CHECKING:
    from arviz_plots.plot_collection import PlotCollection

__all__ = ["rank"]

MOST, COLUMNS = 60, 3


def rank(asked: Asked) -> PlotCollection:
    """A panel for each parameter, with the band in which chains that agree stay."""
    found = tree(asked, MOST)
    rows = -(-len(found["posterior"]) // COLUMNS)
    shown: PlotCollection = drawn("plot_rank", found, (10.0, 0.6 + 2.4 * rows), col_wrap=COLUMNS)
    return shown
