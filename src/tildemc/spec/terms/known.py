"""Covariances between levels that are given with the data: relatedness, phylogenies, distances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tildemc.arrays import Floats

__all__ = ["Known"]


@dataclass(frozen=True, eq=False)
class Known:
    """A covariance between the levels of a factor, in their order.

    Attributes
    ----------
    name : str
        What the text calls it.
    values : (levels, levels)
        Symmetric and positive definite.
    """

    name: str
    values: Floats

    def only(self, levels: Sequence[int]) -> Known:
        """Between these levels."""
        return Known(self.name, np.ascontiguousarray(self.values[np.ix_(levels, levels)]))

    @cached_property
    def factor(self) -> Floats:
        """Its lower Cholesky factor: effects of levels are its product with independent ones."""
        return np.linalg.cholesky(self.values)
