"""Drop group levels that no row can inform: clusters that exist in one arm of a trial only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tildemc.arrays import Mask
from tildemc.errors import DataError
from tildemc.spec.design import Design, Numbers
from tildemc.spec.model import AnyTerm, ModelSpec
from tildemc.spec.terms.group import GroupDesign, GroupEffects, GroupSummary
from tildemc.spec.terms.term import Path

__all__ = ["prune"]


def prune(spec: ModelSpec, design: Numbers) -> tuple[ModelSpec, Numbers, tuple[str, ...]]:
    """The same model without the levels whose effects are multiplied by zero in every row, and what was dropped.

    Where that is so, rows in which all of a grouping's columns are zero have no level (-1).

    Raises
    ------
    DataError
        If fewer than two levels are left.
    """
    kept: dict[Path, Mask] = {}
    smaller: dict[Path, AnyTerm] = {}
    notes: list[str] = []
    for group in spec.groups():
        terms = spec.having(group)
        informed = _kept(group, [design.summary.of(term) for term in terms])
        if informed is None:
            continue
        kept |= {term.path: informed for term in terms}
        if not informed.all():
            here = np.flatnonzero(informed).tolist()
            smaller |= {term.path: term.only(here) for term in terms}
            notes.append(
                f"{len(here)} of the {len(informed)} levels of {group.factor.label} have an effect: "
                "no row informs the others"
            )
    if not kept:
        return spec, design, ()
    return spec.with_terms(smaller), design.then(_Renumber(kept)), tuple(notes)


def _kept(group: GroupEffects, summaries: Sequence[GroupSummary]) -> Mask | None:
    """Which levels are kept; None if rows keep what they have."""
    informed = np.full(len(group.factor.levels), group.between is not None and group.between.whole)
    for summary in summaries:
        informed[: len(summary.informed)] |= summary.informed
    if informed.all() and not any(summary.lacking for summary in summaries):
        return None
    if informed.sum() < 2:
        columns = ", ".join(group.labels)
        raise DataError(
            f"`{group.factor.label}`: {int(informed.sum())} of its {len(informed)} levels are in rows where "
            f"{columns} is not zero; a group effect needs at least two"
        )
    return informed


@dataclass(frozen=True, eq=False)
class _Renumber:
    """Number the levels that are kept, of each grouping of each predictor."""

    kept: Mapping[Path, Mask]

    def __call__(self, design: Design) -> Design:
        renumbered = {path: _without(design.terms[path], informed) for path, informed in self.kept.items()}
        return replace(design, terms={**design.terms, **renumbered})


def _without(group: GroupDesign, informed: Mask) -> GroupDesign:
    number = np.cumsum(informed) - 1
    here = (group.Z != 0).any(axis=1) & (group.index >= 0)
    return GroupDesign(group.Z, np.where(here, number[group.index], -1))
