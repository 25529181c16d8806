"""Parameters against one another, divergences marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tildemc.results.plots.record import Asked
from tildemc.results.plots.scalars import drawn, tree

if TYPE_CHECKING:
    from arviz_plots.plot_matrix import PlotMatrix

__all__ = ["pairs"]

MOST = 12


def pairs(asked: Asked) -> PlotMatrix:
    """A panel for each two parameters."""
    found = tree(asked, MOST)
    size = 1.0 + 1.7 * len(found["posterior"])
    shown: PlotMatrix = drawn("plot_pair", found, (size, size), visuals={"scatter": {"alpha": 0.1, "s": 4}})
    return shown
