"""Small multiples: each group's data, and its regression without and with partial pooling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.errors import FitError
from tildemc.passes.pool import Own
from tildemc.results.drawn import Drawn
from tildemc.results.expected import middles
from tildemc.results.plots.along import Axis, Members, along, axes_of, axis_of
from tildemc.results.plots.record import Asked
from tildemc.results.plots.style import COMPLETE, DATA, NONE, PARTIAL, Panels, grid, legend_outside, tidy
from tildemc.results.plots.words import centre_label, centred
from tildemc.results.predict import posterior_draws

if TYPE_CHECKING:
    from matplotlib.axes import Axes


__all__ = ["groups"]


MOST, LINES = 12, 30
"""Panels where no levels are named, and draws shown in each."""
COLUMNS = 4


@dataclass(frozen=True, eq=False)
class _Panel:
    """What one level's panel shows; `determined`: its own rows say where its line is, beyond where they are."""

    level: int
    rows: Integers
    determined: bool


def groups(asked: Asked) -> Panels:
    """A panel for each level: some of them, from few rows to many, where none are named."""
    pooling = asked.pooling
    own = next((own for own in pooling.own if own.parameter == asked.fit.spec.predictors[0].parameter), None)
    if own is None:
        raise FitError(
            f"the plot `groups` is of the response's own predictor, which has no effects by `{pooling.group}`"
        )
    axis = _axis(asked, own)
    index = pooling.members(own).index
    shown = asked.chosen_levels() or _across_sizes(pooling.sizes(own))
    varies = axis.label not in own.absorbed
    panels = [_Panel(j, np.flatnonzero(index == j), varies and bool(own.known[j].all())) for j in shown]
    figure, found = grid(len(panels), (2.6, 2.2), COLUMNS)
    for ax, panel in zip(found, panels, strict=True):
        _draw(ax, asked, own, axis, panel)
    figure.supxlabel(axis.label, fontsize=10)
    figure.supylabel(centre_label(asked.fit.spec), fontsize=10)
    legend_outside(figure, found, "outside upper center")
    return found


def _axis(asked: Asked, own: Own) -> Axis:
    """The column that is asked for, or the first that varies by group, or the first of all."""
    spec = asked.fit.spec
    if asked.parameters is not None:
        if len(asked.parameters) > 1:
            raise FitError("the plot `groups` has one axis: `parameters` names one column")
        return axis_of(spec, asked.frame, asked.parameters[0])
    known = {label: axis for label, axis in axes_of(spec, asked.frame).items() if axis.alone(spec)}
    within = (label for label in known if label not in own.absorbed)
    label = next((effect for effect in own.effects if effect in known), next(within, next(iter(known), None)))
    if label is None:
        raise FitError("the plot `groups` draws lines along a column, and the formula has none: see `shrinkage`")
    return known[label]


def _across_sizes(sizes: Integers) -> list[int]:
    """Some levels, from the fewest rows to the most."""
    order = np.argsort(sizes, kind="stable")
    return [int(order[place]) for place in np.unique(np.linspace(0, len(order) - 1, MOST).round().astype(int))]


def _draw(ax: Axes, asked: Asked, own: Own, axis: Axis, panel: _Panel) -> None:
    tidy(ax)
    grid_, pooling = axis.grid, asked.pooling
    members = Members(asked.frame, panel.rows, pooling.group)
    curves = {way: _curves(fit, axis, grid_, members) for way, fit in pooling.fits.items()}
    partial = curves["partial"]
    some = partial[np.linspace(0, len(partial) - 1, LINES).round().astype(int)]
    ax.plot(grid_, some.T, color=PARTIAL, alpha=0.15, linewidth=0.8, zorder=1)
    ax.plot(
        grid_, curves["complete"].mean(axis=0), color=COMPLETE, linewidth=1, linestyle=":", label="complete pooling"
    )
    if panel.determined:
        ax.plot(grid_, curves["none"].mean(axis=0), color=NONE, linewidth=1.6, linestyle="--", label="no pooling")
    else:
        here = np.unique(axis.values[panel.rows])
        at = _curves(pooling.fits["none"], axis, here, members).mean(axis=0)
        ax.plot(
            here,
            at,
            color=NONE,
            linestyle="none",
            marker="_",
            markersize=16,
            markeredgewidth=2,
            label="no pooling, at the data",
        )
    ax.plot(grid_, partial.mean(axis=0), color=PARTIAL, linewidth=2, label="partial pooling (mean, draws)")
    y = centred(pooling.fits["partial"].spec, pooling.design)[panel.rows]
    ax.scatter(_beside(axis, panel.rows), y, s=12, color=DATA, alpha=0.7, linewidth=0, zorder=4, label="data")
    ax.set_title(f"{own.factor.levels[panel.level]} (n = {len(panel.rows)})", fontsize=9)
    ax.tick_params(labelsize=8)
    if axis.apart:
        ax.set_xticks(grid_, axis.steps or None)
        ax.margins(x=0.15)


def _beside(axis: Axis, rows: Integers) -> Floats:
    """The rows' places: those of a column of few values a little to the side, so that none hides another."""
    x = axis.values[rows]
    if not axis.apart:
        return x
    width = 0.05 * (axis.grid[-1] - axis.grid[0] or 1.0)
    return x + np.random.default_rng(0).uniform(-width, width, len(x))


def _curves(fit: Drawn, axis: Axis, at: Floats, members: Members) -> Floats:
    """The mean parameter along the axis under each draw, (draws, k)."""
    design = along(fit.spec, fit.design.whole("a picture"), axis, at, members)
    drawn, _ = posterior_draws(fit.groups["posterior"])
    return middles(fit.spec, design, drawn)
