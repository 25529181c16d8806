"""Fit -> what a report has that is drawn: its equations, and pictures by the part of the report that has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Self

from markupsafe import Markup

from tildemc.errors import TildeError
from tildemc.results.plots import PICTURES, Asked, figure_of, plot
from tildemc.results.plots.inline import equation, inline
from tildemc.results.plots.record import Picture, Place
from tildemc.results.report.tables import MOST_VALUES
from tildemc.spec.model import ModelSpec
from tildemc.targets.latex.equations import lines

if TYPE_CHECKING:
    from tildemc.results.fit import Fit

__all__ = ["MISSING", "Drawn", "Equations", "drawn", "has_library"]

MISSING = "Pictures and set equations need matplotlib: `pip install 'tildemc[plots]'` installs it."
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
class Drawn:
    """A picture with what it shows; or in its place why there is none."""

    title: str
    picture: Markup
    instead: str = ""


def drawn(fit: Fit) -> dict[Place, list[Drawn]]:
    """All pictures that a report has, by its parts."""
    found: dict[Place, list[Drawn]] = {}
    for number, (picture, asked, title) in enumerate(_asked(fit)):
        found.setdefault(picture.place, []).append(_drawn(picture, asked, title, f"picture-{number}"))
    return found


def _asked(fit: Fit) -> Iterator[tuple[Picture, Asked, str]]:
    """Each picture, what is asked of it, and what it shows; those of groups for each grouping factor."""
    whole = Asked(fit)
    factors = [*dict.fromkeys(effects.factor.label for effects in fit.spec.groups())]
    # What is asked of one factor is one object, which fits the other ways of pooling once.
    each = {factor: Asked(fit, group=factor) for factor in factors}
    for picture in PICTURES.values():
        if picture.place == "groups":
            several = len(factors) > 1
            yield from ((picture, each[factor], picture.told + f": {factor}" * several) for factor in factors)
        elif picture.place:
            yield picture, whole, picture.told


def _drawn(picture: Picture, asked: Asked, title: str, name: str) -> Drawn:
    fit = asked.fit
    title = title[0].upper() + title[1:]
    later = f'`fit.plot("{picture.name}")` draws it'
    if picture.refits and fit.seconds > LONGEST:
        return Drawn(title, Markup(), f"Left out, since it takes two more fits as long as this one; {later}.")
    if picture.place == "response" and fit.design.n * fit.draws > MOST_VALUES:
        return Drawn(title, Markup(), f"Left out, since there are many rows; {later}.")
    try:
        return Drawn(title, inline(figure_of(plot(picture.name, asked)), name, title))
    except TildeError as error:
        return Drawn(title, Markup(), f"Not drawn: {error.message}.")
    except Exception as error:  # what a library for plots raised takes no report with it
        return Drawn(title, Markup(), f"Not drawn: {type(error).__name__}: {error}.")
