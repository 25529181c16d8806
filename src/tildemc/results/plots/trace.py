"""Chains over time, beside what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tildemc.results.plots.record import Asked
from tildemc.results.plots.scalars import drawn, tree

if TYPE_CHECKING:
    from arviz_plots.plot_collection import PlotCollection

__all__ = ["trace"]

MOST = 40


def trace(asked: Asked) -> PlotCollection:
    """A row for each parameter, a line for each chain."""
    found = tree(asked, MOST)
    size = (9.0, 0.6 + 1.5 * len(found["posterior"]))
    shown: PlotCollection = drawn("plot_trace_dist", found, size)
    return shown
