"""Cholesky factors by coordinates in which a likelihood can be climbed to its maximum, be that at a boundary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tildemc.arrays import Floats, Integers, Mask
from tildemc.spec.covariance import Single
from tildemc.spec.terms.effects import Effects, EffectsBlock
from tildemc.targets.shared.correlations import FORMULAS
from tildemc.targets.shared.structures import PATTERNS

__all__ = ["Relative"]

Bounds = tuple[float | None, float | None]

NONE = -1
FARTHEST = 12.0
"""How far a correlation may go towards its ends, on the logit scale."""


@dataclass(frozen=True, eq=False)
class Relative:
    """Factors' entries, each `scale` times a size, and, where correlations follow a pattern, times the pattern's entry.

    A size is an entry of a free factor or an sd. It may pass through zero, so that an estimate at the boundary is a
    smooth stationary point, but where a pattern would no longer be one. A pattern's correlation is a logistic function
    of its coordinate.

    Attributes
    ----------
    entries : (entries, 3) of int
        Of each free entry: its factor, row and column.
    scale : (entries,)
    size, rho : (entries,) of int
        The coordinates of its size, and of the correlation that it follows from, -1 for none.
    pattern : (entries,) of int
    row : (entries, 2) of int
        Row and column within the block.
    start : (coordinates,)
    ends : (coordinates, 2)
        Between which a correlation is; NaN for sizes.
    """

    entries: Integers
    scale: Floats
    size: Integers
    rho: Integers
    pattern: Integers
    row: Integers
    start: Floats
    ends: Floats

    @classmethod
    def of(cls, groupings: Sequence[Effects[Any]], sizes: Sequence[Floats]) -> Relative:
        """The coordinates of a model's factors; `sizes` are those of the effects' columns."""
        building = _Building()
        for f, (grouping, own) in enumerate(zip(groupings, sizes, strict=True)):
            first = 0
            for block in grouping.blocks:
                n = block.width
                building.block(f, first, block, [float(size) or 1.0 for size in own[first : first + n]])
                first += n
        return building.done()

    @property
    def sizes(self) -> Mask:
        """Which coordinates are sizes."""
        return np.isnan(self.ends[:, 0])

    @property
    def bounds(self) -> list[Bounds]:
        """Between what each coordinate is."""
        kept = set(self.size[self.rho != NONE].tolist())
        sizes: list[Bounds] = [(0.0, None) if k in kept else (None, None) for k in range(len(self.start))]
        return [size if free else (-FARTHEST, FARTHEST) for size, free in zip(sizes, self.sizes, strict=True)]

    def values(self, x: Floats) -> Floats:
        """The entries at coordinates x."""
        return self.scale * x[self.size] * self._units(x)[0]

    def back(self, x: Floats, by_entry: Floats) -> Floats:
        """Derivatives by entries -> by coordinates."""
        unit, slope = self._units(x)
        out = np.zeros_like(x)
        np.add.at(out, self.size, by_entry * self.scale * unit)
        np.add.at(out, self.rho[self.rho != NONE], (by_entry * self.scale * x[self.size] * slope)[self.rho != NONE])
        return out

    def _units(self, x: Floats) -> tuple[Floats, Floats]:
        """The patterns' entries, 1 where there is none, and their derivatives by coordinate."""
        unit, slope = np.ones(len(self.scale)), np.zeros(len(self.scale))
        for k in np.flatnonzero(self.rho != NONE):
            lower, upper = self.ends[self.rho[k]]
            share = 1.0 / (1.0 + np.exp(-x[self.rho[k]]))
            unit[k], by_rho = FORMULAS[int(self.pattern[k])](lower + (upper - lower) * share, *self.row[k])
            slope[k] = by_rho * (upper - lower) * share * (1.0 - share)
        return unit, slope


class _Building:
    """The coordinates so far."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, int, int]] = []
        self.scale: list[float] = []
        self.rows: list[tuple[int, int, int, int, int]] = []
        self.start: list[float] = []
        self.ends: list[tuple[float, float]] = []

    def block(self, f: int, first: int, block: EffectsBlock, sizes: Sequence[float]) -> None:
        """The entries of a block that begins at row `first` of factor `f`."""
        n = block.width
        if block.one_sd:
            sizes = [min(sizes)] * n
        match block.covariance.correlations:
            case Single(name) as single:
                at = [self.coordinate(1.0) for _ in block.sd_priors]
                support = single.support(n)
                share = -support.lower / (support.upper - support.lower)
                rho = self.coordinate(float(np.log(share / (1.0 - share))), (support.lower, support.upper))
                for a in range(n):
                    for c in range(a + 1):
                        self.entry(f, first, (a, c), sizes[a], at[block.sds[a]], rho, PATTERNS[name])
            case None:
                at = [self.coordinate(1.0) for _ in block.sd_priors]
                for a in range(n):
                    self.entry(f, first, (a, a), sizes[a], at[block.sds[a]])
            case _:
                for a in range(n):
                    for c in range(a + 1):
                        self.entry(f, first, (a, c), sizes[a], self.coordinate(float(a == c)))

    def coordinate(self, start: float, ends: tuple[float, float] = (np.nan, np.nan)) -> int:
        self.start.append(start)
        self.ends.append(ends)
        return len(self.start) - 1

    def entry(
        self, f: int, first: int, place: tuple[int, int], size: float, at: int, rho: int = NONE, pattern: int = NONE
    ) -> None:
        a, c = place
        self.entries.append((f, first + a, first + c))
        self.scale.append(1.0 / size)
        self.rows.append((at, rho, pattern, a, c))

    def done(self) -> Relative:
        rows = np.array(self.rows, dtype=np.int64).reshape(-1, 5)
        return Relative(
            np.array(self.entries, dtype=np.int64).reshape(-1, 3),
            np.array(self.scale),
            rows[:, 0],
            rows[:, 1],
            rows[:, 2],
            rows[:, 3:],
            np.array(self.start),
            np.array(self.ends).reshape(-1, 2),
        )
