"""Caterpillar: every group's effects with their intervals, in the order of their means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import FitError, nearest
from tildemc.results.plots.record import Asked
from tildemc.results.plots.style import PARTIAL, Panels, axes, grid, tidy
from tildemc.results.predict import posterior_draws
from tildemc.spec.parameters import names
from tildemc.visible import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ranef"]

INTERVALS = ((0.025, 0.975, 0.8), (0.25, 0.75, 2.2))
"""Of the lines: ends, and widths in points."""
NAMED = 130
"""The most levels whose names are written out."""


def ranef(asked: Asked) -> Axes | Panels:
    """A panel for each effect, all in the order of the first; one Axes if there is one."""
    labels, draws, effects = _drawn(asked)
    # One order for all panels, so that a level is followed from one to the next.
    order = np.argsort(draws[:, :, 0].mean(axis=0), kind="stable")
    if asked.ax is not None and len(effects) > 1:
        raise FitError("`ax` is one panel: name one effect in `parameters`, or leave `ax` out")
    panels = _panels(asked, len(effects), len(order))
    for k, (ax, effect) in enumerate(zip(panels, effects, strict=True)):
        _caterpillar(ax, draws[:, order, k])
        ax.set_title(effect, fontsize=10)
        ax.set_xlabel(f"effect by {asked.factor}", fontsize=9)
    first = panels[0]
    first.set_ylim(-0.8, len(order) - 0.2)
    if len(order) <= NAMED:
        size = 9 if len(order) <= 25 else 7 if len(order) <= 60 else 5.5
        first.set_yticks(range(len(order)), [labels[j] for j in order], fontsize=size)
    else:
        first.set_yticks([])
        first.set_ylabel(f"{len(order)} levels of {asked.factor}, in the order of {effects[0]}")
    return panels[0] if len(panels) == 1 else np.array(panels)


def _panels(asked: Asked, columns: int, levels: int) -> list[Axes]:
    height = min(12.0, max(2.5, 0.14 * levels + 1.0))
    if columns == 1:
        return [axes(asked.ax, (5.0, height))]
    _, found = grid(columns, (3.6 + 0.5 / columns, height - 0.7), columns, share_x=False)
    return [*found]


def _drawn(asked: Asked) -> tuple[list[str], Floats, list[str]]:
    """The levels' labels, the draws of their effects (draws, levels, effects), and the effects' labels."""
    spec, factor = asked.fit.spec, asked.factor
    group = next(one for one in spec.groups() if one.factor.label == factor)
    effects = list(group.labels)
    wanted = effects if asked.parameters is None else list(asked.parameters)
    for name in wanted:
        if name not in effects:
            raise FitError(
                f"no effect {shown(name)} varies by `{asked.factor}`{nearest(str(name), effects)}; "
                f"there are {', '.join(effects)}"
            )
    drawn, _ = posterior_draws(asked.fit.groups["posterior"])
    labels = [str(value) for value in group.factor.values]
    chosen = asked.chosen_levels()
    levels = list(range(len(labels))) if chosen is None else chosen
    kept = drawn[names(spec).of(group).r][:, levels][:, :, [effects.index(name) for name in wanted]]
    return [labels[level] for level in levels], kept, wanted


def _caterpillar(ax: Axes, draws: Floats) -> None:
    """Means, half and nearly all of the draws of each level, (draws, levels)."""
    tidy(ax)
    y = np.arange(draws.shape[1])
    ax.axvline(0.0, color="0.6", linewidth=0.8, zorder=1)
    scale = 1.0 if len(y) <= 60 else 0.6
    for low, high, width in INTERVALS:
        ends = np.quantile(draws, (low, high), axis=0)
        ax.hlines(y, *ends, color=PARTIAL, linewidth=width * scale, zorder=2)
    ax.scatter(draws.mean(axis=0), y, s=14 * scale, color="white", edgecolor=PARTIAL, linewidth=0.9, zorder=3)
