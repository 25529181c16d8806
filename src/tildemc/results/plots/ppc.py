"""What the model would give again, against what was observed."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from tildemc.errors import UnsupportedError
from tildemc.results.plots.record import Asked
from tildemc.results.plots.scalars import drawn
from tildemc.results.predictive import prior_predictive
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names

if TYPE_CHECKING:
    from arviz_plots.plot_collection import PlotCollection

__all__ = ["one_number", "ppc", "prior_ppc"]

REPLICATIONS = 50
SIZE = (7.0, 4.5)
SHOWN = (0.05, 0.95)
"""Of what the priors foresee; its ends may be far away."""
BESIDE = 3.0
"""How far beside the observed it is shown at most, in their range."""


def one_number(spec: ModelSpec) -> None:
    """Refuse a response that is several numbers a row.

    Raises
    ------
    UnsupportedError
    """
    if spec.family.several is not None:
        raise UnsupportedError(
            f'a picture shows one number a row, and `{spec.response.label}` is several: `predict(kind="response")` '
            "draws them"
        )


def ppc(asked: Asked) -> PlotCollection:
    """Replicated data over the observed; of counts, how often each came; of a binary response, what was foreseen."""
    from xarray import DataTree

    fit = asked.fit
    one_number(fit.spec)
    tree = fit.posterior_predictive(seed=1)
    values = fit.spec.family.values
    if not values.whole:
        title = _titled(f"observed in black, {REPLICATIONS} replications")
        shown: PlotCollection = drawn("plot_ppc_dist", tree, SIZE, visuals=title, num_samples=REPLICATIONS)
        return shown
    # ArviZ tells counts by their type.
    for group in ("posterior_predictive", "observed_data"):
        tree[group] = DataTree(tree[group].to_dataset().astype(np.int64))
    counts: PlotCollection = drawn("plot_ppc_pava" if values.binary else "plot_ppc_rootogram", tree, SIZE)
    return counts


def prior_ppc(asked: Asked) -> PlotCollection:
    """Distribution functions of the response: as observed, and of each draw from the priors."""
    from xarray import DataTree

    fit = asked.fit
    one_number(fit.spec)
    response = names(fit.spec).response
    found = prior_predictive(fit.spec, asked.design, REPLICATIONS, 1)
    foreseen = found["prior_predictive"].to_dataset()
    tree = DataTree.from_dict({
        "/posterior": found["prior"].to_dataset(),
        "/posterior_predictive": foreseen.isel(draw=np.isfinite(foreseen[response].to_numpy()[0]).all(axis=-1)),
        "/observed_data": found["observed_data"].to_dataset(),
    })  # fmt: skip
    title = _titled(f"observed in black, {REPLICATIONS} draws from the priors")
    with warnings.catch_warnings():
        # That a step function shows little of a binary response is known.
        warnings.simplefilter("ignore", UserWarning)
        shown: PlotCollection = drawn("plot_ppc_dist", tree, SIZE, visuals=title, kind="ecdf", num_samples=REPLICATIONS)
    values = [tree[f"/{group}"][response].to_numpy() for group in ("posterior_predictive", "observed_data")]
    foreseen_low, foreseen_high = np.quantile(values[0], SHOWN)
    least, most = values[1].min(), values[1].max()
    room = BESIDE * (most - least or 1.0)
    low, high = max(foreseen_low, least - room), min(foreseen_high, most + room)
    shown.viz["figure"].item().axes[0].set_xlim(min(low, least), max(high, most))
    return shown


def _titled(told: str) -> dict[str, dict[str, str]]:
    """What ArviZ is to write behind the response's name: `plot_ppc_dist` takes a labeller and does not pass it on."""
    return {"title": {"text": told}}
