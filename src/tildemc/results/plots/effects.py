"""Conditional effects: what the mean of the response does along each variable, and along two of one term."""

from __future__ import annotations

from tildemc.results.plots.record import Asked
from tildemc.results.plots.style import Plotted

__all__ = ["effects"]


def effects(asked: Asked) -> Plotted:
    """A panel for each effect, `x` or `x:f`; one Axes if there is one. Categories in no order have a curve each."""
    categories = asked.fit.spec.family.categories
    each = categories is not None and not categories.ordered
    return asked.fit.conditional_effects(asked.parameters, categorical=each).plot()
