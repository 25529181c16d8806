"""Intervals of parameters one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tildemc.results.plots.record import Asked
from tildemc.results.plots.scalars import drawn, tree

if TYPE_CHECKING:
    from arviz_plots.plot_collection import PlotCollection

__all__ = ["forest"]

MOST = 400


def forest(asked: Asked) -> PlotCollection:
    """Of all chains together."""
    found = tree(asked, MOST)
    size = (7.0, min(60.0, 1.0 + 0.3 * len(found["posterior"])))
    longest = max(map(len, map(str, found["posterior"].data_vars)))
    widths = [max(0.5, longest / 20), 3.0]
    shown: PlotCollection = drawn(
        "plot_forest", found, size, fold=False, combined=True, figure={"width_ratios": widths}
    )
    shown.viz["plot"].sel(column="labels").item().set_axis_off()
    return shown
