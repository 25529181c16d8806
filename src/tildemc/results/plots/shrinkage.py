"""Arrows from each group's own estimate to the one that is pooled with the others'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.errors import FitError, nearest
from tildemc.results.plots.record import Asked
from tildemc.results.plots.style import COMPLETE, NONE, PARTIAL, axes, label_points, legend_outside, tidy
from tildemc.visible import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tildemc.passes.pool import Own
    from tildemc.results.pooled import Pooled

__all__ = ["shrinkage"]

_Ends = tuple[Floats, Floats]
"""Where the arrows begin and end, (levels, 2) each."""


MOST_LABELS = 10
"""Of the levels that move most, where none are named."""


@dataclass(frozen=True, eq=False)
class _Moved:
    """The levels that are drawn, and the means of their effects under each way of pooling, (levels, effects)."""

    pooling: Pooled
    own: Own
    effects: list[int]
    levels: Integers
    named: bool

    def means(self, way: str) -> Floats:
        """Of the effects that are drawn."""
        draws = self.pooling.level_draws(way, self.own)
        return np.asarray(draws[:, self.levels][:, :, self.effects].mean(axis=0))

    @property
    def labels(self) -> list[str]:
        """What the effects are called."""
        return [self.own.effects[effect] for effect in self.effects]


def shrinkage(asked: Asked) -> Axes:
    """Of two effects one against the other; of one, against the number of rows of the level."""
    pooling = asked.pooling
    own = pooling.own[0]
    levels = asked.chosen_levels()
    size = len(own.factor.levels)
    chosen = np.arange(size) if levels is None else np.array(levels)
    moved = _Moved(pooling, own, _effects(asked, own), chosen, levels is not None)
    ax = axes(asked.ax, (7.5, 6.0))
    tidy(ax)
    at = (_two if len(moved.effects) == 2 else _one)(ax, moved)
    some = f"{len(chosen)} of {size} levels" if len(chosen) < size else f"{size} levels"
    ax.set_title(f"{some} of {pooling.group}: from no pooling to partial pooling", loc="left", fontsize=10)
    if asked.ax is None:
        legend_outside(ax.get_figure(root=True), [ax], "outside lower center")
    _name(ax, moved, at)
    return ax


def _effects(asked: Asked, own: Own) -> list[int]:
    """The places of the effects that are asked for: the first two that vary."""
    if asked.parameters is None:
        return [*range(min(2, len(own.effects)))]
    for name in asked.parameters:
        if name not in own.effects:
            listed = ", ".join(own.effects)
            raise FitError(
                f"no effect {shown(name)} varies by `{own.factor.label}`{nearest(str(name), own.effects)}; "
                f"there are {listed}"
            )
    if len(asked.parameters) > 2:
        raise FitError("the plot `shrinkage` has two axes: `parameters` names one effect or two")
    return [own.effects.index(name) for name in asked.parameters]


def _two(ax: Axes, moved: _Moved) -> _Ends:
    """One effect against the other."""
    complete = moved.means("complete")
    ends = moved.means("none"), moved.means("partial")
    _points(ax, *ends)
    if (complete == complete[0]).all():
        x, y = complete[0]
        ax.scatter(x, y, s=90, marker="X", color=COMPLETE, zorder=5, label="complete pooling")
    ax.set_xlabel(moved.labels[0])
    ax.set_ylabel(moved.labels[1])
    return ends


def _one(ax: Axes, moved: _Moved) -> _Ends:
    """The effect against the number of rows, those of equal number side by side."""
    rows = moved.pooling.sizes(moved.own)[moved.levels]
    x = _spread(rows)
    complete = moved.means("complete")[:, 0]
    start, end = (np.column_stack([x, moved.means(way)[:, 0]]) for way in ("none", "partial"))
    factor = moved.own.factor.label
    if rows.max() > 8 * rows.min():
        ax.set_xscale("log")
        ticks = [digit * 10**power for power in range(8) for digit in (1, 2, 5)]
        ticks = [tick for tick in ticks if rows.min() <= tick <= rows.max()]
        ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        ax.set_xticks([], minor=True)
    if rows.min() == rows.max():
        ax.set_xticks([])
        ax.set_xlabel(f"levels of {factor}, {'one row' if rows[0] == 1 else f'{rows[0]:,} rows'} each")
    else:
        ax.set_xlabel(f"rows of the level of {factor} (equal numbers side by side)")
    if (complete == complete[0]).all():
        ax.axhline(complete[0], color=COMPLETE, linewidth=1, linestyle=(0, (5, 3)), zorder=1, label="complete pooling")
    ax.set_ylabel(moved.labels[0])
    _points(ax, start, end)
    return start, end


def _points(ax: Axes, start: Floats, end: Floats) -> None:
    """Arrows between the points, (levels, 2)."""
    whole = np.isfinite(start).all(axis=1)
    for a, b in zip(start[whole], end[whole], strict=True):
        style = {"arrowstyle": "-|>,head_width=0.12,head_length=0.25", "color": "0.6", "linewidth": 0.7}
        ax.annotate("", b, a, arrowprops={**style, "shrinkA": 3, "shrinkB": 2}, zorder=2)
    x, y = start[whole].T
    ax.scatter(x, y, s=14, facecolor="white", edgecolor=NONE, linewidth=0.9, zorder=3, label="no pooling")
    x, y = end[whole].T
    ax.scatter(x, y, s=16, color=PARTIAL, zorder=4, label="partial pooling")
    if not whole.all():
        x, y = end[~whole].T
        label = f"partial pooling only ({len(x)})"
        ax.scatter(x, y, s=18, marker="D", facecolor="none", edgecolor=PARTIAL, zorder=4, label=label)


def _name(ax: Axes, moved: _Moved, ends: _Ends) -> None:
    """Write the names of the levels that move most, once everything else has its place."""
    start, end = ends
    whole = np.isfinite(start).all(axis=1)
    scale = start[whole].std(axis=0) if whole.any() else np.ones(2)
    step = np.where(whole[:, None], (start - end) / np.where(scale > 0, scale, 1.0), 0.0)
    order = np.argsort(-(step**2).sum(axis=1), kind="stable")
    order = order if moved.named else order[whole[order]]
    at = np.where(whole[:, None], start, end)[order]
    labels = [moved.own.factor.levels[moved.levels[j]] for j in order]
    label_points(ax, at[:, 0], at[:, 1], labels, None if moved.named else MOST_LABELS)


def _spread(rows: Integers) -> Floats:
    """The levels' places: those with equally many rows side by side, short of the next number."""
    x = rows.astype(float)
    for size in np.unique(rows):
        same = np.flatnonzero(rows == size)
        room = 0.4 * np.log1p(1 / size)
        x[same] = size * np.exp(np.linspace(-room, room, len(same)) if len(same) > 1 else 0.0)
    return x
