"""Pictures of margins: points with intervals by levels, lines with bands along a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tildemc.arrays import Label
from tildemc.errors import FitError
from tildemc.results.plots.style import PALETTE, PARTIAL, Panels, axes, grid, legend_outside, tidy
from tildemc.spec.columns import label_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

__all__ = ["draw", "draw_all"]

_WIDTH = 0.5
"""Of the place between two levels, how much the points of one take."""
_CURVES = 12
_ABREAST = 3
"""Panels beside one another."""
_ACROSS = 12
"""More levels than these stand one below the other."""


class Estimates(Protocol):
    """What a picture takes of `Margins`, whose method draws it."""

    @property
    def labels(self) -> DataFrame:
        """What each estimate is of."""

    @property
    def along(self) -> tuple[str, ...]:
        """The columns of these that it goes along."""

    @property
    def of(self) -> str:
        """What is estimated."""

    @property
    def lines(self) -> bool:
        """Whether what goes across is a number."""

    def frame(self) -> DataFrame:
        """The estimates with their intervals."""


def draw(margins: Estimates, ax: Axes | None) -> Axes:
    """One panel."""
    if not margins.along:
        raise FitError("a picture shows estimates by one or two columns: average over the others, as with `by=`")
    levels = 0 if margins.lines else margins.labels[margins.along[0]].nunique()
    ax = axes(ax, (5.5, 4.0) if levels <= _ACROSS else (5.5, 0.2 * levels + 1))
    _fill(ax, margins)
    if _several(margins):
        legend_outside(ax.get_figure(root=True), [ax], "outside lower center")
    return ax


def draw_all(several: Sequence[Estimates]) -> Axes | Panels:
    """A panel for each."""
    if len(several) == 1:
        return draw(several[0], None)
    _, panels = grid(len(several), (3.2, 2.8), _ABREAST, share_x=False, share_y=False)
    for place, (ax, margins) in enumerate(zip(panels, several, strict=True)):
        _fill(ax, margins)
        if place % _ABREAST:
            ax.set_ylabel("")
        if _several(margins):
            ax.legend(frameon=False, fontsize=8, loc="best")
    return panels


def _several(margins: Estimates) -> bool:
    return len(margins.along) > 1


def _fill(ax: Axes, margins: Estimates) -> None:
    tidy(ax)
    frame, across = margins.frame(), margins.along[0]
    curves = _curves(frame, margins.along[1:])
    if len(curves) > _CURVES:
        raise FitError(f"{len(curves)} curves are too many for a picture: average over some columns, or choose values")
    colours = [PARTIAL] if len(curves) == 1 else [PALETTE[i % len(PALETTE)] for i in range(len(curves))]
    order = list(dict.fromkeys(frame[across]))
    upright = margins.lines or len(order) <= _ACROSS
    for number, ((label, some), colour) in enumerate(zip(curves.items(), colours, strict=True)):
        middle, lower, upper = (some[column].to_numpy() for column in _ends(some, margins.labels.shape[1]))
        if margins.lines:
            x = some[across].to_numpy(dtype=float)
            ax.fill_between(x, lower, upper, color=colour, alpha=0.2, linewidth=0)
            ax.plot(x, middle, color=colour, linewidth=2, label=label)
            continue
        shift = _WIDTH * ((number + 0.5) / len(curves) - 0.5)
        places = np.array([order.index(value) for value in some[across]]) + shift
        reach = np.array([middle - lower, upper - middle])
        how: dict[str, Any] = {"fmt": "o", "color": colour, "label": label, "linewidth": 1.6}
        if upright:
            ax.errorbar(places, middle, yerr=reach, capsize=3, **how)
        else:
            ax.errorbar(middle, places, xerr=reach, markersize=4, **how)
    if not margins.lines:
        _name_levels(ax, [label_of(value) for value in order], upright=upright)
    (ax.set_xlabel if upright else ax.set_ylabel)(across)
    (ax.set_ylabel if upright else ax.set_xlabel)(margins.of)


def _name_levels(ax: Axes, names: list[str], *, upright: bool) -> None:
    """The names of levels along the axis that they stand on: from left to right, or from top to bottom."""
    ends = (-0.6, len(names) - 0.4)
    if upright:
        slanted = sum(map(len, names)) > 45
        ax.set_xticks(range(len(names)), names, rotation=30 if slanted else 0, ha="right" if slanted else "center")
        ax.set_xlim(*ends)
    else:
        ax.set_yticks(range(len(names)), names, fontsize=8)
        ax.set_ylim(*ends[::-1])


def _ends(frame: DataFrame, labels: int) -> list[str]:
    """The columns of the middle, which comes after the labels, and of the interval's ends, which are the last."""
    columns = list(frame.columns)
    return [columns[labels], columns[-2], columns[-1]]


def _curves(frame: DataFrame, by: tuple[str, ...]) -> dict[str, DataFrame]:
    """The rows of each curve, by its label."""
    if not by:
        return {"": frame}
    keys = [", ".join(_said(name, row[name]) for name in by) for _, row in frame[[*by]].iterrows()]
    return {key: frame[[key == other for other in keys]] for key in dict.fromkeys(keys)}


def _said(name: str, value: Label) -> str:
    shown = f"{value:.3g}" if isinstance(value, float) else label_of(value)
    return shown if name in ("term", "contrast") else f"{name} = {shown}"
