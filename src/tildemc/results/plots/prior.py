"""What was believed of parameters before the data, and after them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tildemc.results.datatree import drawn_group
from tildemc.results.plots.record import Asked
from tildemc.results.plots.scalars import drawn, scalars
from tildemc.results.prior import prior_draws

if TYPE_CHECKING:
    from arviz_plots.plot_collection import PlotCollection

__all__ = ["prior"]

MOST, COLUMNS, LENGTH = 40, 3, 4000
SHOWN = (0.05, 0.95)
"""Of the prior; its ends may be far away, and would leave no room for the rest."""


def prior(asked: Asked) -> PlotCollection:
    """A panel for each parameter: the density of its prior and of its posterior."""
    from xarray import Dataset, DataTree

    after = scalars(asked, asked.fit.groups["posterior"], MOST)
    # What is drawn after a fit has no prior.
    spec = replace(asked.fit.spec, imputed=None)
    values = prior_draws(spec, asked.fit.design, LENGTH, np.random.default_rng(1))
    group = drawn_group(spec, {name: array[None] for name, array in values.items()}, {})
    before = scalars(asked, group, MOST)
    ends = {label: _ends(before[label], after[label]) for label in after}
    # A density is smoothed over the whole range of its draws, which heavy tails make endless.
    kept = {label: _within(before[label], *ends[label], length=LENGTH) for label in before}
    dims = ("chain", "draw")
    tree = DataTree.from_dict({
        "/prior": Dataset({label: (dims, draws) for label, draws in kept.items()}),
        "/posterior": Dataset({label: (dims, draws) for label, draws in after.items()}),
    })  # fmt: skip
    rows = -(-len(after) // COLUMNS)
    shown: PlotCollection = drawn("plot_prior_posterior", tree, (10.0, 0.8 + 2.4 * rows), col_wrap=COLUMNS)
    return shown


def _ends(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """What the picture shows: most of the prior, and all of the posterior."""
    low, high = np.quantile(before, SHOWN)
    return min(low, after.min()), max(high, after.max())


def _within(draws: np.ndarray, low: float, high: float, *, length: int) -> np.ndarray:
    """The draws that are between, again and again until there are so many, (1, length)."""
    kept = draws[(draws >= low) & (draws <= high)]
    return np.resize(kept, length)[None]
