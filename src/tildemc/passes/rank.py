"""Say where a population design's columns do not tell their coefficients apart, and only priors do."""

from __future__ import annotations

import numpy as np

from tildemc.model.design import Numbers
from tildemc.model.spec import ModelSpec

__all__ = ["rank_notes"]

_SHOWN = 4


def rank_notes(spec: ModelSpec, design: Numbers) -> tuple[str, ...]:
    """A note for each predictor whose design is rank-deficient; lme4 would drop columns, here they stay, as in brms."""
    notes: list[str] = []
    for predictor, numbers in zip(spec.predictors, design.summary.predictors, strict=True):
        if numbers.triangle is None:
            continue
        zero = (numbers.X.low == 0) & (numbers.X.high == 0)
        empty = [column.label for column, unused in zip(predictor.columns, zero, strict=True) if unused]
        if empty:
            shown = ", ".join(empty[:_SHOWN]) + (", …" if len(empty) > _SHOWN else "")
            what = "column is" if len(empty) == 1 else "columns are"
            notes.append(f"{len(empty)} {what} zero in every row, and known from the prior alone: {shown}")
        X = numbers.triangle[:, np.concatenate([[predictor.intercept is not None], ~zero])]
        rank = int(np.linalg.matrix_rank(X / np.linalg.norm(X, axis=0))) if X.shape[1] else 0
        if rank < X.shape[1]:
            notes.append(
                f"the {X.shape[1]} population columns of {predictor.parameter} have rank {rank}: "
                "some coefficients are told apart by their priors alone"
            )
    return tuple(notes)
