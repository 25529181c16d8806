"""Say where a population design's columns do not tell their coefficients apart, and only priors do."""

from __future__ import annotations

import numpy as np

from tildemc.model.design import Design
from tildemc.model.spec import ModelSpec

__all__ = ["rank_notes"]

_MOST_COLUMNS, _SHOWN = 400, 4


def rank_notes(spec: ModelSpec, design: Design) -> tuple[str, ...]:
    """A note for each predictor whose design is rank-deficient; lme4 would drop columns, here they stay, as in brms."""
    notes: list[str] = []
    for predictor, numbers in zip(spec.predictors, design.predictors, strict=True):
        X = numbers.X if predictor.intercept is None else np.column_stack([np.ones(design.n), numbers.X])
        if not 0 < X.shape[1] <= _MOST_COLUMNS:
            continue
        empty = [c.label for c, used in zip(predictor.columns, (numbers.X != 0).any(axis=0), strict=True) if not used]
        if empty:
            shown = ", ".join(empty[:_SHOWN]) + (", …" if len(empty) > _SHOWN else "")
            what = "column is" if len(empty) == 1 else "columns are"
            notes.append(f"{len(empty)} {what} zero in every row, and known from the prior alone: {shown}")
        X = X[:, (X != 0).any(axis=0)]
        triangle = np.linalg.qr(X / np.linalg.norm(X, axis=0), mode="r")
        rank = int(np.linalg.matrix_rank(triangle)) if X.shape[1] else 0
        if rank < X.shape[1]:
            notes.append(
                f"the {X.shape[1]} population columns of {predictor.parameter} have rank {rank}: "
                "some coefficients are told apart by their priors alone"
            )
    return tuple(notes)
