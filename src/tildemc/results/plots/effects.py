"""Conditional effects: what the mean of the response does along each variable, and along two of one term."""

from __future__ import annotations

from tildemc.results.plots.record import Asked
from tildemc.results.plots.style import Plotted

__all__ = ["effects"]


def effects(asked: Asked) -> Plotted:
    """A panel for each effect, `x` or `x:f`; one Axes if there is one."""
    return asked.fit.conditional_effects(asked.parameters).plot()
