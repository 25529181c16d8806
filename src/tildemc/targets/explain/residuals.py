"""Residual -> words: how rows go together, for `explain`."""

from __future__ import annotations

from typing import TypedDict

from tildemc.spec.terms.residual import Residual
from tildemc.visible import listed

__all__ = ["ResidualFacts", "residual_facts", "residual_lines"]


class ResidualFacts(TypedDict):
    """How residuals go together: the term, the structure, what rows go together by, where they stand, what is known."""

    term: str
    structure: str
    group: str | None
    places: list[str]
    by: str | None
    known: list[float]
    innovations: bool


def residual_facts(residual: Residual) -> ResidualFacts:
    """What there is to say of a structure."""
    places = [column.label for column in residual.points]
    return {
        "term": residual.label,
        "structure": residual.correlation.title,
        "group": None if residual.group is None else residual.group.label,
        "places": [residual.at.label] if residual.at is not None else places,
        "by": None if residual.by is None else residual.by.label,
        "known": [*residual.known],
        "innovations": residual.correlation.innovations,
    }


def residual_lines(found: ResidualFacts) -> list[str]:
    """The same as people read it."""
    together = "all rows" if found["group"] is None else f"the rows of each {found['group']}"
    at = f", by {listed(found['places'], 4)}" if found["places"] else ", in the order of the data"
    by = "" if found["by"] is None else f"; one set of coefficients for each {found['by']}"
    known = f"; known: {', '.join(f'{value:g}' for value in found['known'])}" if found["known"] else ""
    lines = [f"  {together} go together{at}: {found['structure']}{by}{known}"]
    return [*lines, "  sigma is the sd of what is new in each row"] if found["innovations"] else lines
