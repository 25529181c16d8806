"""Pictures of margins: points with intervals by levels, lines with bands along a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tildemc.errors import FitError
from tildemc.results.margins.margins import Margins
from tildemc.results.plots.style import PALETTE, PARTIAL, axes, legend_outside, tidy
from tildemc.spec.columns import label_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

__all__ = ["draw", "draw_all"]

_WIDTH = 0.5
"""Of the place between two levels, how much the points of one take."""
_CURVES = 12


def draw(margins: Margins, ax: Axes | None) -> Axes:
    """One panel."""
    if not margins.along:
        raise FitError("a picture shows estimates by one or two columns: average over the others, as with `by=`")
    ax = axes(ax, (5.5, 4.0))
    _fill(ax, margins)
    if _several(margins):
        legend_outside(ax.get_figure(root=True), [ax], "outside lower center")
    return ax


def draw_all(several: Sequence[Margins]) -> Any:
    """A panel for each."""
    if len(several) == 1:
        return draw(several[0], None)
    columns = min(3, len(several))
    rows = -(-len(several) // columns)
    only = axes(None, (3.2 * columns + 0.5, 2.8 * rows + 0.7))
    figure = only.get_figure(root=True)
    assert figure is not None
    only.remove()
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for spare in panels[len(several) :]:
        spare.set_axis_off()
    panels = panels[: len(several)]
    for ax, margins in zip(panels, several, strict=True):
        _fill(ax, margins)
        if _several(margins):
            ax.legend(frameon=False, fontsize=8, loc="best")
    return panels


def _several(margins: Margins) -> bool:
    return len(margins.along) > 1


def _fill(ax: Axes, margins: Margins) -> None:
    tidy(ax)
    frame, across = margins.frame(), margins.along[0]
    curves = _curves(frame, margins.along[1:])
    if len(curves) > _CURVES:
        raise FitError(f"{len(curves)} curves are too many for a picture: average over some columns, or choose values")
    colours = [PARTIAL] if len(curves) == 1 else [PALETTE[i % len(PALETTE)] for i in range(len(curves))]
    order = list(dict.fromkeys(frame[across]))
    for number, ((label, some), colour) in enumerate(zip(curves.items(), colours, strict=True)):
        middle, lower, upper = (some[column].to_numpy() for column in _ends(some))
        if margins.lines:
            x = some[across].to_numpy(dtype=float)
            ax.fill_between(x, lower, upper, color=colour, alpha=0.2, linewidth=0)
            ax.plot(x, middle, color=colour, linewidth=2, label=label)
        else:
            shift = _WIDTH * ((number + 0.5) / len(curves) - 0.5)
            places = np.array([order.index(value) for value in some[across]]) + shift
            ax.errorbar(places, middle, [middle - lower, upper - middle], fmt="o", color=colour, capsize=3,
                        linewidth=1.6, label=label)  # fmt: skip
    if not margins.lines:
        names = [label_of(value) for value in order]
        slanted = sum(map(len, names)) > 45
        ax.set_xticks(range(len(order)), names, rotation=30 if slanted else 0, ha="right" if slanted else "center")
        ax.set_xlim(-0.6, len(order) - 0.4)
    ax.set_xlabel(across)
    ax.set_ylabel(margins.of)


def _ends(frame: DataFrame) -> list[str]:
    """The columns of the middle and of the interval's ends, which are the last four but for the sd."""
    columns = list(frame.columns)
    return [columns[-4], columns[-2], columns[-1]]


def _curves(frame: DataFrame, by: tuple[str, ...]) -> dict[str, DataFrame]:
    """The rows of each curve, by its label."""
    if not by:
        return {"": frame}
    keys = [", ".join(_said(name, row[name]) for name in by) for _, row in frame[[*by]].iterrows()]
    return {key: frame[[key == other for other in keys]] for key in dict.fromkeys(keys)}


def _said(name: str, value: object) -> str:
    shown = f"{value:.3g}" if isinstance(value, float) else label_of(value)
    return shown if name in ("term", "contrast") else f"{name} = {shown}"
