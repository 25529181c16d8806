"""Which numbers of a model are told at one point, what each is called, and between what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tildemc.arrays import Floats
from tildemc.resolve.quantities import population_label
from tildemc.results.summary import cells
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import coordinates, names, parameters
from tildemc.spec.support import REAL, Support
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.term import ASIDE, Role

__all__ = ["ToldNumber", "called_groups", "residual_numbers", "told_numbers"]

CORRELATION = Support(-1.0, 1.0)
_ELSEWHERE: tuple[Role, ...] = ("population", "group sd", "group correlation", "smooth parameter")
"""Numbers that have parts of an estimate of their own."""


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


def residual_numbers(spec: ModelSpec, told: Mapping[ToldNumber, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Residual sds by level, one under an empty name; and what else is no coefficient and no group's covariance.

    Parameters
    ----------
    spec : ModelSpec
    told : mapping of ToldNumber to float
    """
    sd = spec.residual_sd
    called = None if sd is None else names(spec).of(sd).name
    rest = {one: value for one, value in told.items() if one.role not in _ELSEWHERE}
    sigma = {one.name.removeprefix(one.array).strip("[]"): v for one, v in rest.items() if one.array == called}
    return sigma, {one.name: value for one, value in rest.items() if one.array != called}


def called_groups(spec: ModelSpec) -> list[tuple[str, GroupEffects, tuple[str, ...]]]:
    """What each grouping is called, it, and its effects: those of further parameters have these before their names."""
    found: dict[str, tuple[GroupEffects, tuple[str, ...]]] = {}
    for group in spec.groups():
        own = group.parameter == spec.predictors[0].parameter
        front = "" if own else f"{group.parameter}_"
        label = group.factor.label
        name = f"{front}{label}" if label in found else label
        found[name] = group, tuple(f"{front}{column}" for column in group.labels)
    return [(name, *pair) for name, pair in found.items()]


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
