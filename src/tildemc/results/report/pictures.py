"""Fit -> what a report has that is drawn: its equations, and pictures by the part of the report that has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Self

from markupsafe import Markup

from tildemc.errors import TildeError
from tildemc.results.plots import PICTURES, Asked, figure_of, plot
from tildemc.results.plots.inline import closing, equation, inline
from tildemc.results.plots.record import Picture, Place
from tildemc.results.report.tables import MOST_VALUES
from tildemc.spec.model import ModelSpec
from tildemc.spec.responses import response_names
from tildemc.targets.latex.equations import lines

if TYPE_CHECKING:
    from tildemc.results.predicted import Predicted

__all__ = ["MISSING", "Equations", "Shown", "drawable", "drawn", "has_library", "pictures"]

MISSING = "Pictures and set equations need matplotlib: `pip install 'tildemc[plots]'` installs it."
PANELS = 12
"""The most parameters that a picture has."""
LONGEST = 60.0
"""A fit that took longer, in seconds, is not fitted twice more for a picture."""


def has_library() -> bool:
    """Whether there is what draws."""
    return find_spec("matplotlib") is not None


@dataclass(frozen=True, slots=True)
class Equations:
    """A model's equations, each in two parts that meet at its relation."""

    lines: tuple[tuple[Markup, Markup], ...]

    @classmethod
    def of(cls, spec: ModelSpec) -> Self:
        """Of a model."""
        return cls(tuple(
            (_part(found.left, f"left-{i}"), _part(f"{found.relation} {found.right}", f"right-{i}"))
            for i, found in enumerate(lines(spec))
        ))  # fmt: skip


def _part(text: str, name: str) -> Markup:
    return equation(text, name) if text.strip() else Markup()


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture with what it shows; or in its place why there is none."""

    title: str
    picture: Markup
    instead: str = ""


def pictures(fit: Predicted) -> dict[Place, list[Shown]]:
    """All pictures that a report has, by its parts."""
    found: dict[Place, list[Shown]] = {}
    for number, (picture, asked, title) in enumerate(drawable(fit)):
        found.setdefault(picture.place, []).append(drawn(picture, asked, title, f"picture-{number}"))
    return found


def drawable(fit: Predicted) -> Iterator[tuple[Picture, Asked, str]]:
    """Each picture, what is asked of it, and what it shows; those of groups for each grouping factor."""
    factors = [*dict.fromkeys(effects.factor.label for effects in fit.spec.groups())]
    # What is asked of one factor is one object, which fits the other ways of pooling once.
    each = {factor: Asked(fit, group=factor) for factor in factors}
    for picture in PICTURES.values():
        if picture.place == "groups":
            several = len(factors) > 1
            yield from ((picture, each[factor], picture.told + f": {factor}" * several) for factor in factors)
        elif picture.place in ("draws", "priors") and "parameters" in picture.takes:
            yield picture, *_of_parameters(fit, picture)
        elif picture.place:
            yield from _of_responses(fit, picture)


def _of_responses(fit: Predicted, picture: Picture) -> Iterator[tuple[Picture, Asked, str]]:
    """A picture of the response, or of each of several."""
    names = response_names(fit.spec)
    if not names or picture.place == "draws":
        yield picture, Asked(fit), picture.told
    for name in names if picture.place != "draws" else ():
        yield picture, Asked(fit.of_response(name)), f"{picture.told}: {name}"


def _of_parameters(fit: Predicted, picture: Picture) -> tuple[Asked, str]:
    """What is asked of a picture of parameters, and what it shows: of many, those on which chains agree least."""
    r_hat = fit.summary(exponentiate=False, variances=False)["r_hat"].droplevel("part")
    if len(r_hat) <= PANELS:
        return Asked(fit), picture.told
    worst = [str(label) for label in r_hat.sort_values(ascending=False, kind="stable").index[:PANELS]]
    return Asked(fit, parameters=worst), f"{picture.told}: {PANELS} of {len(r_hat)}, those with the greatest R-hat"


def drawn(picture: Picture, asked: Asked, title: str, name: str) -> Shown:
    """One of these as it stands in a page, where no other element is called `name`."""
    fit = asked.fit
    title = title[0].upper() + title[1:]
    later = f'`fit.plot("{picture.name}")` draws it'
    if picture.refits and fit.seconds > LONGEST:
        return Shown(title, Markup(), f"Left out, since it takes two more fits as long as this one; {later}.")
    if picture.place == "response" and fit.design.n * fit.draws > MOST_VALUES:
        return Shown(title, Markup(), f"Left out, since there are many rows; {later}.")
    try:
        with closing():
            return Shown(title, inline(figure_of(plot(picture.name, asked)), name, title))
    except TildeError as error:
        return Shown(title, Markup(), f"Not drawn: {error.message}.")
    except Exception as error:  # what a library for plots raised takes no report with it
        return Shown(title, Markup(), f"Not drawn: {type(error).__name__}: {error}.")
