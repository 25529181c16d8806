"""Pictures of a fit: one record for each kind, one module for each picture."""

from __future__ import annotations

from typing import Any

from tildemc.errors import FitError, nearest
from tildemc.results.plots.conditional import conditional
from tildemc.results.plots.forest import forest
from tildemc.results.plots.groups import groups
from tildemc.results.plots.loo_pit import loo_pit
from tildemc.results.plots.pairs import pairs
from tildemc.results.plots.ppc import ppc
from tildemc.results.plots.prior import prior
from tildemc.results.plots.ranef import ranef
from tildemc.results.plots.rank import rank
from tildemc.results.plots.record import Asked, Picture
from tildemc.results.plots.residuals import residuals
from tildemc.results.plots.shrinkage import shrinkage
from tildemc.results.plots.trace import trace
from tildemc.visible import shown

__all__ = ["PICTURES", "Asked", "Picture", "plot"]

_GROUPS = frozenset({"levels", "parameters", "group"})
_ONE = frozenset({"ax", "parameters"})

PICTURES = {
    picture.name: picture
    for picture in (
        Picture("shrinkage", "arrows from each group's own estimate to its pooled one", shrinkage, _GROUPS | {"ax"}),
        Picture("groups", "each group's data and regressions, small multiples", groups, _GROUPS),
        Picture("ranef", "each group's effects with intervals", ranef, _GROUPS | {"ax"}),
        Picture("conditional", "the mean along each column of the design", conditional, _ONE),
        Picture("ppc", "replicated data against the observed", ppc, frozenset()),
        Picture("loo_pit", "where rows fall among what the others foresee", loo_pit, frozenset()),
        Picture("residuals", "quantile residuals", residuals, frozenset({"ax"})),
        Picture("forest", "intervals of parameters", forest, _GROUPS),
        Picture("prior", "priors against posteriors", prior, _GROUPS),
        Picture("trace", "chains over time", trace, _GROUPS),
        Picture("rank", "whether chains agree, by ranks", rank, _GROUPS),
        Picture("pairs", "parameters against one another", pairs, _GROUPS),
    )
}
"""By name; to add a kind, add its record and the module that draws it."""


def plot(kind: str, asked: Asked) -> Any:
    """Draw a picture.

    Returns
    -------
    PlotCollection, Axes or array of Axes
        ArviZ's where it draws, else matplotlib's.

    Raises
    ------
    FitError
        If there is no such kind, or it does not go by what is given.
    """
    if not isinstance(kind, str) or kind not in PICTURES:
        hint = nearest(kind, PICTURES) if isinstance(kind, str) else ""
        raise FitError(f"there is no plot {shown(kind)}{hint}; there are {', '.join(PICTURES)}")
    picture = PICTURES[kind]
    asked.check(picture)
    return picture.draw(asked)
