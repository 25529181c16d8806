"""Design: a model's numbers as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["AuxiliaryDesign", "Design", "GroupDesign", "PredictorDesign"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class GroupDesign:
    """Of one grouping: `Z` (n, q), the effects' columns, and `index` (n,), the row's level or -1 for none."""

    Z: Floats
    index: Integers


@dataclass(frozen=True, eq=False)
class PredictorDesign:
    """Of one predictor: `X` (n, p) without the intercept, `offset` (n,) or None, and its groupings' designs.

    `mean` (p,) is for rows that stand for several: the means of the columns before they were merged.
    """

    X: Floats
    offset: Floats | None
    groups: tuple[GroupDesign, ...]
    mean: Floats | None = None

    @property
    def centre(self) -> Floats:
        """What a centred predictor's columns are measured from, (p,)."""
        return np.asarray(self.X.mean(axis=0)) if self.mean is None else self.mean


@dataclass(frozen=True, eq=False)
class AuxiliaryDesign:
    """`index` (n,): the level of `by` that each row belongs to; None if there is but one value."""

    index: Integers | None


@dataclass(frozen=True, eq=False)
class Design:
    """A ModelSpec's numbers for some data.

    Attributes
    ----------
    y : (n,) or None
        The response; None for data to predict.
    predictors, auxiliaries
        In the order of the ModelSpec's.
    rows : (n,) of int
        The position in the data of each row used.
    trials, weights, se : (n,) or None
    """

    y: Floats | None
    predictors: tuple[PredictorDesign, ...]
    auxiliaries: tuple[AuxiliaryDesign, ...]
    rows: Integers
    trials: Floats | None = None
    weights: Floats | None = None
    se: Floats | None = None

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.rows)
