"""What the population's mean does along each column of the design, with the data behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tildemc.errors import FitError
from tildemc.results.expected import middles
from tildemc.results.plots.along import Axis, Members, along, axes_of, axis_of, by_level
from tildemc.results.plots.record import Asked
from tildemc.results.plots.style import DATA, PARTIAL, Panels, axes, grid, tidy
from tildemc.results.plots.words import centre_label, centred
from tildemc.results.predict import posterior_draws

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["conditional"]


def conditional(asked: Asked) -> Axes | Panels:
    """A panel for each column, the others at their means, no group's effect added; one Axes if there is one."""
    spec, wanted = asked.fit.spec, asked.parameters
    grouped = {c.label for p in spec.mains() for effects in by_level(p) for c in effects.columns}
    population = {column.label for predictor in spec.mains() for column in predictor.population.columns}
    known = axes_of(spec, asked.frame)
    average = [axis for label, axis in known.items() if label in population or label not in grouped]
    average = [axis for axis in average if axis.alone(spec)]
    chosen = average if wanted is None else [axis_of(spec, asked.frame, name) for name in wanted]
    if not chosen:
        raise FitError("the formula has no column that could be varied: there is nothing to draw")
    if asked.ax is not None and len(chosen) > 1:
        raise FitError("`ax` is one panel: name one column in `parameters`, or leave `ax` out")
    if len(chosen) == 1:
        panels = np.array([axes(asked.ax, (5.5, 4.0))])
    else:
        _, panels = grid(len(chosen), (3.2, 2.8), 3, share_x=False)
    for ax, axis in zip(panels, chosen, strict=True):
        _draw(ax, asked, axis)
    return panels[0] if len(panels) == 1 else panels


def _draw(ax: Axes, asked: Asked, axis: Axis) -> None:
    tidy(ax)
    spec, at = asked.fit.spec, axis.grid
    rows = along(spec, asked.design, axis, at, Members(asked.frame, np.arange(asked.design.n)))
    drawn, _ = posterior_draws(asked.fit.groups["posterior"])
    mu = middles(spec, rows, drawn)
    lower, upper = np.quantile(mu, (0.025, 0.975), axis=0)
    y = centred(spec, asked.design)
    x = axis.values
    if axis.apart:
        width = 0.06 * (at[-1] - at[0])
        x = x + np.random.default_rng(0).uniform(-width, width, len(x))
    ax.scatter(x, y, s=8, color=DATA, alpha=max(0.12, min(0.6, 60 / len(y))), linewidth=0, zorder=1)
    if axis.apart:
        ax.errorbar(at, mu.mean(axis=0), [mu.mean(axis=0) - lower, upper - mu.mean(axis=0)], fmt="o", color=PARTIAL,
                    capsize=4, linewidth=1.8, zorder=3)  # fmt: skip
        ax.set_xticks(at, axis.steps or None)
        ax.margins(x=0.2)
    else:
        ax.fill_between(at, lower, upper, color=PARTIAL, alpha=0.25, linewidth=0, zorder=2)
        ax.plot(at, mu.mean(axis=0), color=PARTIAL, linewidth=2, zorder=3)
    ax.set_xlabel(axis.label)
    ax.set_ylabel(centre_label(spec))
