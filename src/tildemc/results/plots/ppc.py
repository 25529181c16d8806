"""What the model would give again, against what was observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tildemc.results.plots.record import Asked
from tildemc.results.plots.scalars import drawn

if TYPE_CHECKING:
    from arviz_plots.plot_collection import PlotCollection

__all__ = ["ppc"]


def ppc(asked: Asked) -> PlotCollection:
    """Replicated data over the observed; of a binary response, how often what was foreseen came."""
    tree = asked.fit.posterior_predictive(seed=SEED)
    name = "plot_ppc_pava" if asked.fit.spec.family.values.binary else "plot_ppc_dist"
    shown: PlotCollection = drawn(name, tree, (7.0, 4.5))
    return shown


SEED = 1
"""A picture is the same each time."""
