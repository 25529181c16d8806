"""What the model would give again, against what was observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tildemc.results.plots.record import Asked
from tildemc.results.plots.scalars import drawn
from tildemc.spec.parameters import names

if TYPE_CHECKING:
    from arviz_plots.plot_collection import PlotCollection

__all__ = ["ppc"]

REPLICATIONS = 50
SIZE = (7.0, 4.5)


def ppc(asked: Asked) -> PlotCollection:
    """Replicated data over the observed; of counts, how often each came; of a binary response, what was foreseen."""
    from xarray import DataTree

    fit = asked.fit
    tree = fit.posterior_predictive(seed=1)
    response = names(fit.spec).response
    values = fit.spec.family.values
    if not values.whole:
        told = {response: f"{response}: observed (black) and {REPLICATIONS} replications"}
        shown: PlotCollection = drawn("plot_ppc_dist", tree, SIZE, titles=told, num_samples=REPLICATIONS)
        return shown
    # ArviZ tells counts by their type.
    for group in ("posterior_predictive", "observed_data"):
        tree[group] = DataTree(tree[group].to_dataset().astype(np.int64))
    counts: PlotCollection = drawn("plot_ppc_pava" if values.binary else "plot_ppc_rootogram", tree, SIZE)
    return counts
