"""Drop group levels that no row can inform: clusters that exist in one arm of a trial only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tildemc.errors import DataError
from tildemc.model.design import Design, GroupDesign, PredictorDesign
from tildemc.model.spec import Factor, Grouping, ModelSpec, Predictor

__all__ = ["prune"]


def prune(spec: ModelSpec, design: Design) -> tuple[ModelSpec, Design, tuple[str, ...]]:
    """The same model without the levels whose effects are multiplied by zero in every row, and what was dropped.

    Where that is so, rows in which all of a grouping's columns are zero have no level (-1).

    Raises
    ------
    DataError
        If fewer than two levels are left.
    """
    pairs = [_prune_predictor(p, d) for p, d in zip(spec.predictors, design.predictors, strict=True)]
    notes = tuple(note for _, _, dropped in pairs for note in dropped)
    return (
        replace(spec, predictors=tuple(predictor for predictor, _, _ in pairs)),
        replace(design, predictors=tuple(numbers for _, numbers, _ in pairs)),
        notes,
    )


def _prune_predictor(
    predictor: Predictor, design: PredictorDesign
) -> tuple[Predictor, PredictorDesign, tuple[str, ...]]:
    groups = [_prune_grouping(g, d) for g, d in zip(predictor.groupings, design.groups, strict=True)]
    return (
        replace(predictor, groupings=tuple(grouping for grouping, _, _ in groups)),
        replace(design, groups=tuple(numbers for _, numbers, _ in groups)),
        tuple(note for _, _, note in groups if note),
    )


def _prune_grouping(grouping: Grouping, design: GroupDesign) -> tuple[Grouping, GroupDesign, str]:
    factor = grouping.factor
    touched = (design.Z != 0).any(axis=1)
    informed = np.zeros(len(factor.levels), dtype=bool)
    informed[design.index[touched & (design.index >= 0)]] = True
    if informed.all() and (design.index >= 0).all():
        return grouping, design, ""
    if informed.sum() < 2:
        columns = ", ".join(column.label for column in grouping.columns)
        raise DataError(
            f"`{factor.label}`: {int(informed.sum())} of its {len(informed)} levels are in rows where {columns} "
            "is not zero; a group effect needs at least two"
        )
    number = np.cumsum(informed) - 1
    index = np.where(touched & (design.index >= 0), number[design.index], -1)
    kept = np.flatnonzero(informed).tolist()
    smaller = Factor(
        factor.label,
        factor.columns,
        tuple(factor.keys[k] for k in kept),
        tuple(factor.levels[k] for k in kept),
    )
    note = f"{len(kept)} of the {len(informed)} levels of {factor.label} have an effect: no row informs the others"
    return replace(grouping, factor=smaller), GroupDesign(design.Z, index), note if not informed.all() else ""
