"""Where each row falls among what the other rows foresee of it: evenly, if the model is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tildemc.results.plots.ppc import one_number
from tildemc.results.plots.record import Asked
from tildemc.results.plots.scalars import drawn

if TYPE_CHECKING:
    from arviz_plots.plot_collection import PlotCollection

__all__ = ["loo_pit"]


def loo_pit(asked: Asked) -> PlotCollection:
    """The difference of its distribution from an even one, and the band in which that stays by chance."""
    from xarray import DataTree

    one_number(asked.fit.spec)
    tree = asked.fit.posterior_predictive(seed=1)
    likelihood = asked.fit.log_likelihood()
    tree["log_likelihood"] = DataTree(likelihood.to_dataset())
    shown: PlotCollection = drawn("plot_loo_pit", tree, (7.0, 4.5))
    return shown
