"""The panels of the page: one record for each, of the data, of a model of them, or of a fit; a new one is one more.

The server answers for them, and the page has a tab for each, in this order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from markupsafe import Markup

import tildemc
from tildemc.errors import TildeError, nearest
from tildemc.markup import render
from tildemc.play.tables import of_frame, of_rows
from tildemc.resolve.frame import Frame
from tildemc.resolve.stream import Stream
from tildemc.spec.design import Design

if TYPE_CHECKING:
    from tildemc.compiled import Model
    from tildemc.page import Page
    from tildemc.results.fit import Fit

__all__ = ["PANELS", "Of", "Opened", "Panel", "panel_of"]

Of = Literal["data", "model", "fit"]
ROWS = 8
"""So many of the first are shown of data, and of a design."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A data file as it was read."""

    name: str
    data: Frame | Stream


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel.

    Attributes
    ----------
    name : str
    title : str
        Of its tab.
    told : str
        What it shows, in a few words.
    of : {"data", "model", "fit"}
    show : callable
        Takes an `Opened`, a `Model` or a `Fit`, and the number of a choice; gives HTML.
    choices : callable, optional
        What there is to choose from, of the same.
    """

    name: str
    title: str
    told: str
    of: Of
    show: Callable[[Any, int], Markup]
    choices: Callable[[Any], Sequence[str]] = lambda subject: ()


def panel_of(name: str, of: Sequence[Of]) -> Panel:
    """The panel of that name.

    Raises
    ------
    TildeError
        If there is none of such a thing.
    """
    known = {panel.name: panel for panel in PANELS if panel.of in of}
    if name not in known:
        raise TildeError(f"there is no panel `{name}`{nearest(name, known)}; there are {', '.join(known)}")
    return known[name]


# Of the data


def _data(opened: Opened, choice: int) -> Markup:
    if isinstance(opened.data, Stream):
        told = [f"{opened.data.rows:,} rows, read in chunks; columns: {', '.join(opened.data.names)}"]
        return _shown("data", told=told, tables=[])
    data = opened.data
    told = [f"{len(data):,} rows of {len(data.names)} columns", *data.notes]
    return _shown("data", told=told, tables=[of_rows(data, ROWS)])


# Of a model


def _model(model: Model, choice: int) -> Markup:
    from tildemc.targets.explain import page

    return _page(page(model.facts()))


def _design(model: Model, choice: int) -> Markup:
    from tildemc.results.report.tables import columns, numbers_of, sizes

    spec, design = model.spec, model.design
    tables = [columns(model.report), numbers_of(spec, design), sizes(spec, design)]
    for predictor in spec.predictors if isinstance(design, Design) else ():
        frame = model.design_matrix(predictor.parameter)
        tables.append(of_frame(f"Design of {predictor.parameter}, the first rows", frame, ROWS, f"{len(frame):,} rows"))
    return _shown("data", told=[], tables=tables)


def _priors(model: Model, choice: int) -> Markup:
    return _shown("priors", priors=model.priors().to_dict("records"))


def _equations(model: Model, choice: int) -> Markup:
    from tildemc.results.report.pictures import Equations, has_library

    equations = Equations.of(model.spec) if has_library() else None
    return _shown("equations", equations=equations, latex=model.latex())


def _source(model: Model, choice: int) -> Markup:
    return _shown("copied", told="The model as a program that needs numpy, pandas and PyMC.", text=model.source())


def _conversions(model: Model, choice: int) -> Markup:
    request = model.request
    found: list[dict[str, object]] = []
    for language in tildemc.TARGETS:
        try:
            said = tildemc.convert(
                request.text, language, data=request.data, syntax=request.syntax, panel=request.panel, na=request.na
            )
            found.append({"language": language, "text": said.text, "unsaid": said.cannot_say, "refused": ""})
        except TildeError as error:
            found.append({"language": language, "text": "", "unsaid": (), "refused": error.message})
    beside = [what for what, given in (("family", request.family), ("priors", request.priors)) if given]
    return _shown("conversions", conversions=found, beside=" and ".join(beside))


# Of a fit


def _summary(fit: Fit, choice: int) -> Markup:
    return _page(fit.page())


def _checks(fit: Fit, choice: int) -> Markup:
    from tildemc.results.report.tables import diagnostics

    return _shown("checks", ok=fit.ok, table=diagnostics(fit))


def _pictures(fit: Fit, choice: int) -> Markup:
    from tildemc.results.report.pictures import MISSING, drawable, drawn, has_library

    if not has_library():
        raise TildeError(MISSING)
    each = [*drawable(fit)]
    return _shown("picture", shown=drawn(*each[min(choice, len(each) - 1)], "picture"))


def _pictured(fit: Fit) -> Sequence[str]:
    from tildemc.results.report.pictures import drawable

    return [f"{picture.name}: {title}" for picture, _, title in drawable(fit)]


def _page(page: Page) -> Markup:
    return _shown("page", page=page)


def _shown(part: str, **values: object) -> Markup:
    """A part of `play/panels.html` with these values."""
    return Markup(render(f"play/{part}.html", **values))


PANELS = (
    Panel("data", "Data", "the columns and the first rows", "data", _data),
    Panel("model", "Model", "what the text means for these data", "model", _model),
    Panel("design", "Design", "the columns that the model makes of the data", "model", _design),
    Panel("priors", "Priors", "every prior, and where its numbers come from", "model", _priors),
    Panel("equations", "Equations", "the model in mathematics", "model", _equations),
    Panel("source", "PyMC", "the model as a program", "model", _source),
    Panel("conversions", "Conversions", "the same in other languages", "model", _conversions),
    Panel("summary", "Summary", "what was estimated", "fit", _summary),
    Panel("checks", "Checks", "whether the draws can be trusted", "fit", _checks),
    Panel("pictures", "Pictures", "the fit as it is drawn", "fit", _pictures, _pictured),
)
