"""Pictures of a fit: one record for each kind, one module for each picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tildemc.errors import FitError, nearest
from tildemc.results.plots.conditional import conditional
from tildemc.results.plots.effects import effects
from tildemc.results.plots.forest import forest
from tildemc.results.plots.groups import groups
from tildemc.results.plots.loo_pit import loo_pit
from tildemc.results.plots.pairs import pairs
from tildemc.results.plots.ppc import ppc, prior_ppc
from tildemc.results.plots.prior import prior
from tildemc.results.plots.ranef import ranef
from tildemc.results.plots.rank import rank
from tildemc.results.plots.record import Asked, Picture
from tildemc.results.plots.residuals import residuals
from tildemc.results.plots.shrinkage import shrinkage
from tildemc.results.plots.style import Plotted, missing_library
from tildemc.results.plots.trace import trace
from tildemc.visible import shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PICTURES", "Asked", "Picture", "check_file", "figure_of", "picture_of", "plot", "save"]

_GROUPS = frozenset({"levels", "parameters", "group"})
_ONE = frozenset({"ax", "parameters"})

PICTURES = {
    picture.name: picture
    for picture in (
        Picture(
            "shrinkage",
            "arrows from each group's own estimate to its pooled one",
            shrinkage,
            _GROUPS | {"ax"},
            "groups",
            refits=True,
        ),
        Picture("groups", "each group's data and regressions, small multiples", groups, _GROUPS, "groups", refits=True),
        Picture("ranef", "each group's effects with intervals", ranef, _GROUPS | {"ax"}, "groups"),
        Picture("conditional", "the mean along each column of the design", conditional, _ONE),
        Picture(
            "effects",
            "the mean along each variable, and along two of one term",
            effects,
            frozenset({"parameters"}),
            "response",
        ),
        Picture("ppc", "replicated data against the observed (black)", ppc, frozenset(), "response"),
        Picture("loo_pit", "where rows fall among what the others foresee", loo_pit, frozenset()),
        Picture("residuals", "quantile residuals", residuals, frozenset({"ax"}), "response"),
        Picture("forest", "intervals of parameters", forest, _GROUPS),
        Picture("prior_ppc", "draws from the priors against the observed (black)", prior_ppc, frozenset(), "priors"),
        Picture("prior", "priors against posteriors", prior, _GROUPS, "priors"),
        Picture("trace", "chains over time", trace, _GROUPS, "draws"),
        Picture("rank", "whether chains agree, by ranks", rank, _GROUPS, "draws"),
        Picture("pairs", "parameters against one another", pairs, _GROUPS),
    )
}
"""By name; to add a kind, add its record and the module that draws it."""


def plot(kind: str, asked: Asked, out: str | Path | None = None) -> Plotted:
    """Draw a picture, and write it to a file if one is named.

    Returns
    -------
    PlotCollection, Axes or array of Axes
        ArviZ's where it draws, else matplotlib's.

    Raises
    ------
    FitError
        If there is no such kind, or it does not go by what is given; or the file cannot be written.
    """
    picture = picture_of(kind)
    asked.check(picture)
    if out is not None:
        check_file(out)
    drawn = picture.draw(asked)
    if out is not None:
        save(drawn, out)
    return drawn


def picture_of(kind: object) -> Picture:
    """The kind of plot of that name.

    Raises
    ------
    FitError
        If there is none.
    """
    if not isinstance(kind, str) or kind not in PICTURES:
        hint = nearest(kind, PICTURES) if isinstance(kind, str) else ""
        raise FitError(f"there is no plot {shown(kind)}{hint}; there are {', '.join(PICTURES)}")
    return PICTURES[kind]


def figure_of(picture: Plotted) -> Figure:
    """The figure of what `plot` returned."""
    import numpy as np

    if hasattr(picture, "viz"):
        found: Figure = picture.viz["figure"].item()
        return found
    return np.ravel(np.asarray(picture, dtype=object))[0].get_figure(root=True)  # type: ignore[no-any-return]


def check_file(path: object) -> None:
    """Refuse a file of a kind that no picture is written as.

    Raises
    ------
    FitError
        With the kinds that there are; or if there is no matplotlib.
    """
    try:
        from matplotlib.backend_bases import FigureCanvasBase
    except ImportError as error:
        raise missing_library(error) from error
    kinds = FigureCanvasBase.filetypes
    if not isinstance(path, str | Path):
        raise FitError(f"a picture's file is a path, not {shown(path)}")
    if Path(path).suffix[1:].lower() not in kinds:
        raise FitError(f"a picture is a file of {', '.join(sorted(kinds))}, not {shown(str(path))}")


def save(picture: Plotted, path: str | Path, *, dpi: int = 150) -> None:
    """Write what `plot` returned as a file of the kind that its name says: png, svg, pdf.

    Raises
    ------
    FitError
        If there is no such kind of file, or it cannot be written.
    """
    check_file(path)
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        figure_of(picture).savefig(path, dpi=dpi)
    except OSError as error:
        raise FitError(f"cannot write {path}: {error.strerror}") from None
