"""How pictures look: colours that everyone can tell apart, legends outside of the data, labels that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from tildemc.arrays import Floats
from tildemc.errors import FitError

if TYPE_CHECKING:
    from arviz_plots.plot_collection import PlotCollection
    from arviz_plots.plot_matrix import PlotMatrix
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

__all__ = [
    "COMPLETE",
    "DATA",
    "NONE",
    "PALETTE",
    "PARTIAL",
    "Panels",
    "Plotted",
    "axes",
    "grid",
    "label_points",
    "legend_outside",
    "missing_library",
    "tidy",
]

Panels = NDArray[np.object_]
"""Axes of matplotlib, in order."""

type Plotted = Axes | Panels | PlotCollection | PlotMatrix
"""What a picture comes as: ArviZ's where ArviZ draws, else matplotlib's."""

NONE, PARTIAL, COMPLETE, DATA = "#D55E00", "#0072B2", "#666666", "#333333"
"""Of the palette of Okabe & Ito (2008), Color Universal Design, which readers of all kinds of sight can tell apart."""


PALETTE = (PARTIAL, NONE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def missing_library(error: ImportError) -> FitError:
    """What to say where a library for plots is not installed."""
    return FitError(f"pictures need {error.name or 'matplotlib'}: `pip install 'tildemc[plots]'` installs it")


def axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """Where to draw: the axes that are given, or a figure's of that size in inches."""
    try:
        from matplotlib import pyplot
        from matplotlib.axes import Axes
    except ImportError as error:
        raise missing_library(error) from error
    if ax is None:
        _, ax = pyplot.subplots(figsize=size, layout="constrained")
        return ax
    if not isinstance(ax, Axes):
        raise FitError(f"`ax` is an Axes of matplotlib, not a value of type {type(ax).__name__}")
    return ax


def grid(
    panels: int, panel: tuple[float, float], columns: int, *, share_x: bool = True, share_y: bool = True
) -> tuple[Figure, Panels]:
    """A figure of so many panels, which share their axes unless told otherwise, and these in order."""
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise missing_library(error) from error
    columns = min(columns, panels)
    rows = -(-panels // columns)
    figure, found = pyplot.subplots(
        rows, columns, figsize=(columns * panel[0] + 0.5, rows * panel[1] + 0.7), sharex=share_x, sharey=share_y,
        squeeze=False, layout="constrained",
    )  # fmt: skip
    for spare in found.flat[panels:]:
        spare.set_axis_off()
    # Under some of these no panel stands that would show the numbers for them.
    for above in found.flat[max(0, panels - columns) : panels]:
        above.tick_params(labelbottom=True)
    return figure, found.flat[:panels]


def tidy(ax: Axes) -> None:
    """Leave out the lines of the frame that say nothing."""
    ax.spines[["top", "right"]].set_visible(False)


def legend_outside(
    figure: Figure | None, panels: Iterable[Axes], where: Literal["outside lower center", "outside upper center"]
) -> None:
    """One legend of all panels beside the data, in rows that are no wider than the figure."""
    assert figure is not None
    unique: dict[str, Artist] = {}
    for ax in panels:
        handles, labels = ax.get_legend_handles_labels()
        unique |= {label: handle for handle, label in zip(handles, labels, strict=True) if label not in unique}
    room = figure.get_figwidth() / 0.085
    widest = max(map(len, unique)) + 7
    columns = max(1, min(len(unique), int(room // widest)))
    figure.legend([*unique.values()], [*unique], loc=where, ncols=columns, frameon=False, fontsize=9)


def label_points(ax: Axes, x: Floats, y: Floats, labels: Sequence[str], most: int | None = None) -> None:
    """Write labels beside points, the first ones first, and leave out those for which there is no room."""
    figure = ax.figure
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    taken = [ax.transData.transform((a, b)) for a, b in zip(x, y, strict=True)]
    boxes: list[Bbox] = []
    frame = ax.get_window_extent(renderer)
    for a, b, label in zip(x, y, labels, strict=True):
        if most is not None and len(boxes) >= most:
            break
        # Each corner of the point in turn, until one has room.
        for across, up, side in ((5, 4, "left"), (-5, 4, "right"), (5, -11, "left"), (-5, -11, "right")):
            text: Text = ax.annotate(
                label, (a, b), (across, up), textcoords="offset points", fontsize=8, color="0.25", ha=side, zorder=6
            )
            box = text.get_window_extent(renderer)
            free = not any(box.overlaps(other) for other in boxes) and not any(box.contains(*point) for point in taken)
            if free and frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1:
                boxes.append(box)
                break
            text.remove()
