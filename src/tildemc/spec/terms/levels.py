"""The numbers of a term that has something for each level of a factor, or the same for all rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Integers
from tildemc.spec.moments import added
from tildemc.spec.terms.term import Rows

__all__ = ["LevelsDesign", "LevelsSummary"]


@dataclass(frozen=True, eq=False)
class LevelsDesign:
    """`index` (n,): the level that each row belongs to; None if there is but one for all."""

    index: Integers | None

    def summary(self) -> LevelsSummary:
        """How many rows each level has."""
        return LevelsSummary(np.zeros(0, np.int64) if self.index is None else np.bincount(self.index))

    def take(self, rows: Rows) -> LevelsDesign:
        """Those of some rows."""
        return LevelsDesign(None if self.index is None else self.index[rows])

    def followed_by(self, other: LevelsDesign) -> LevelsDesign:
        """Those of the rows of both."""
        if self.index is None or other.index is None:
            return self
        return LevelsDesign(np.concatenate([self.index, other.index]))

    def alike(self, rows: Rows) -> Iterator[Integers]:
        """The levels."""
        if self.index is not None:
            yield self.index[rows]


@dataclass(frozen=True, eq=False)
class LevelsSummary:
    """`rows`: how many each level has, up to the last that a row has."""

    rows: Integers

    def merge(self, other: LevelsSummary) -> LevelsSummary:
        """Of all rows."""
        return LevelsSummary(added(self.rows, other.rows))
