"""What the model would give again, against what was observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tildemc.results.plots.record import Asked
from tildemc.results.plots.scalars import drawn
from tildemc.spec.parameters import names

if TYPE_CHECKING:
    from arviz_plots.plot_collection import PlotCollection

__all__ = ["ppc"]

REPLICATIONS = 50


def ppc(asked: Asked) -> PlotCollection:
    """Replicated data over the observed; of a binary response, how often what was foreseen came."""
    fit = asked.fit
    tree = fit.posterior_predictive(seed=1)
    response = names(fit.spec).response
    shown: PlotCollection
    if fit.spec.family.values.binary:
        shown = drawn("plot_ppc_pava", tree, (7.0, 4.5))
    else:
        title = f"{response}: observed (black) and {REPLICATIONS} replications"
        shown = drawn("plot_ppc_dist", tree, (7.0, 4.5), titles={response: title}, num_samples=REPLICATIONS)
    return shown
