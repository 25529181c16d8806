"""Which numbers of a model are told at one point, what each is called, and between what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tildemc.arrays import Floats
from tildemc.resolve.quantities import population_label
from tildemc.results.summary import cells
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import coordinates, parameters
from tildemc.spec.support import REAL, Support
from tildemc.spec.terms.term import ASIDE, Role

__all__ = ["ToldNumber", "told_numbers"]

CORRELATION = Support(-1.0, 1.0)


@dataclass(frozen=True, slots=True)
class ToldNumber:
    """One number.

    Attributes
    ----------
    array : str
        Of which it is an element.
    cell : tuple of int
        Where it stands there.
    name : str
        Population effects have brms's names, others those of summaries.
    role : Role
    support : Support
    """

    array: str
    cell: tuple[int, ...]
    name: str
    role: Role
    support: Support


def told_numbers(spec: ModelSpec, reported: Mapping[str, Floats]) -> list[ToldNumber]:
    """All of them but effects, in the order in which people read them.

    Parameters
    ----------
    spec : ModelSpec
    reported : mapping of str to array
        What there is at one point, (…), which says which correlations are any.
    """
    labels = coordinates(spec)
    found: list[ToldNumber] = []
    for p in (p for p in parameters(spec) if p.role not in ASIDE and p.name in reported):
        support = CORRELATION if p.support.matrix else REAL if p.support.ordered else p.support
        for cell in cells(p, reported[p.name][None, None]):
            along = [str(labels[dim][i]) for dim, i in zip(p.dims, cell, strict=True)]
            inside = f"[{', '.join(along)}]" if along else ""
            name = population_label(spec, p, along) if p.role == "population" else f"{p.name}{inside}"
            found.append(ToldNumber(p.name, cell, name, p.role, support))
    return found
