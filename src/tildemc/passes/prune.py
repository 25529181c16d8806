"""Drop group levels that no row can inform: clusters that exist in one arm of a trial only."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tildemc.errors import DataError
from tildemc.spec.design import Design, GroupDesign, Numbers, PredictorDesign
from tildemc.spec.model import Grouping, ModelSpec, Predictor
from tildemc.spec.summary import GroupSummary

__all__ = ["prune"]

Kept = NDArray[np.bool_] | None
"""Which levels of a grouping are kept; None if rows keep what they have."""


def prune(spec: ModelSpec, design: Numbers) -> tuple[ModelSpec, Numbers, tuple[str, ...]]:
    """The same model without the levels whose effects are multiplied by zero in every row, and what was dropped.

    Where that is so, rows in which all of a grouping's columns are zero have no level (-1).

    Raises
    ------
    DataError
        If fewer than two levels are left.
    """
    kept = tuple(
        tuple(_kept(g, s) for g, s in zip(predictor.groupings, summary.groups, strict=True))
        for predictor, summary in zip(spec.predictors, design.summary.predictors, strict=True)
    )
    if all(levels is None for predictor in kept for levels in predictor):
        return spec, design, ()
    pairs = [_smaller(predictor, levels) for predictor, levels in zip(spec.predictors, kept, strict=True)]
    notes = tuple(note for _, dropped in pairs for note in dropped)
    smaller = replace(spec, predictors=tuple(predictor for predictor, _ in pairs))
    return smaller, design.then(_Renumber(kept)), notes


def _kept(grouping: Grouping, summary: GroupSummary) -> Kept:
    informed = np.zeros(len(grouping.factor.levels), dtype=bool)
    informed[: len(summary.informed)] = summary.informed
    if informed.all() and not summary.lacking:
        return None
    if informed.sum() < 2:
        columns = ", ".join(column.label for column in grouping.columns)
        raise DataError(
            f"`{grouping.factor.label}`: {int(informed.sum())} of its {len(informed)} levels are in rows where "
            f"{columns} is not zero; a group effect needs at least two"
        )
    return informed


def _smaller(predictor: Predictor, kept: tuple[Kept, ...]) -> tuple[Predictor, list[str]]:
    groupings: list[Grouping] = []
    notes: list[str] = []
    for grouping, informed in zip(predictor.groupings, kept, strict=True):
        if informed is None or informed.all():
            groupings.append(grouping)
            continue
        factor, here = grouping.factor, np.flatnonzero(informed).tolist()
        groupings.append(replace(grouping, factor=factor.only(here)))
        notes.append(
            f"{len(here)} of the {len(informed)} levels of {factor.label} have an effect: no row informs the others"
        )
    return replace(predictor, groupings=tuple(groupings)), notes


@dataclass(frozen=True, eq=False)
class _Renumber:
    """Number the levels that are kept, of each grouping of each predictor."""

    kept: tuple[tuple[Kept, ...], ...]

    def __call__(self, design: Design) -> Design:
        pairs = zip(design.predictors, self.kept, strict=True)
        return replace(design, predictors=tuple(_renumbered(predictor, kept) for predictor, kept in pairs))


def _renumbered(design: PredictorDesign, kept: tuple[Kept, ...]) -> PredictorDesign:
    groups = tuple(
        group if informed is None else _without(group, informed)
        for group, informed in zip(design.groups, kept, strict=True)
    )
    return replace(design, groups=groups)


def _without(group: GroupDesign, informed: NDArray[np.bool_]) -> GroupDesign:
    number = np.cumsum(informed) - 1
    here = (group.Z != 0).any(axis=1) & (group.index >= 0)
    return GroupDesign(group.Z, np.where(here, number[group.index], -1))
