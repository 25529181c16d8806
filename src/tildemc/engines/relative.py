"""Cholesky factors by coordinates in which a likelihood can be climbed to its maximum, be that at a boundary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tildemc.arrays import Floats, Integers, Mask
from tildemc.spec.covariance import Loadings, Pattern, Shape
from tildemc.spec.terms.effects import Effects, EffectsBlock
from tildemc.targets.shared.correlations import factor_back, factor_of
from tildemc.targets.shared.recipes import recipe_of, room_for

__all__ = ["Relative"]

Bounds = tuple[float | None, float | None]

FARTHEST = 12.0
"""How far the coordinate of what correlations follow from may go from where it starts."""


@dataclass(frozen=True, eq=False)
class _Patterned:
    """Entries of a block whose correlations follow from a few numbers.

    Attributes
    ----------
    recipe : (·,)
    entries : slice
        Row by row among all entries.
    at : slice
        The numbers' coordinates.
    ends : (numbers, 2)
        A number between two ends is a logistic function of its coordinate, one above an end an exponential one.
    """

    recipe: Floats
    entries: slice
    at: slice
    ends: Floats

    def shapes(self, x: Floats) -> tuple[Floats, Floats]:
        """The numbers and their derivatives by coordinate."""
        lower, upper = self.ends.T
        own = x[self.at]
        share = 1.0 / (1.0 + np.exp(-own))
        wide = np.where(np.isinf(upper), 0.0, upper) - lower
        between = np.isfinite(upper)
        value = np.where(between, lower + wide * share, lower + np.exp(own))
        return value, np.where(between, wide * share * (1.0 - share), np.exp(own))

    def worked_out(self, x: Floats) -> Floats:
        """The memory after the recipe."""
        memory = np.empty(room_for(self.recipe))
        factor_of(self.recipe, self.shapes(x)[0], memory)
        return memory

    def units(self, memory: Floats) -> Floats:
        """The entries, for correlations alone."""
        return memory[self._triangle : self._triangle + self._size]

    def back(self, x: Floats, memory: Floats, by_unit: Floats) -> Floats:
        """Derivatives by entries -> by coordinates."""
        memory[self._triangle + self._size :] = by_unit
        factor_back(self.recipe, memory)
        first = int(self.recipe[0] + self.recipe[1])
        return memory[first : first + len(self.ends)] * self.shapes(x)[1]

    @property
    def _triangle(self) -> int:
        return 2 * int(self.recipe[0] + self.recipe[1])

    @property
    def _size(self) -> int:
        n = int(self.recipe[2])
        return n * (n + 1) // 2


@dataclass(frozen=True, eq=False)
class Relative:
    """Factors' entries, each `scale` times a size, and, where correlations follow a pattern, times the pattern's entry.

    A size is an entry of a free factor or an sd. It may pass through zero, so that an estimate at the boundary is a
    smooth stationary point, but where a pattern would no longer be one.

    Attributes
    ----------
    entries : (entries, 3) of int
        Of each free entry: its factor, row and column.
    scale : (entries,)
    size : (entries,) of int
        The coordinate of its size.
    patterned : tuple of _Patterned
    start : (coordinates,)
    sizes : (coordinates,) of bool
        Which coordinates are sizes.
    """

    entries: Integers
    scale: Floats
    size: Integers
    patterned: tuple[_Patterned, ...]
    start: Floats
    sizes: Mask

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
    def bounds(self) -> list[Bounds]:
        """Between what each coordinate is."""
        kept = {int(at) for block in self.patterned for at in self.size[block.entries]}
        return [
            ((0.0, None) if k in kept else (None, None)) if own else (start - FARTHEST, start + FARTHEST)
            for k, (own, start) in enumerate(zip(self.sizes, self.start, strict=True))
        ]

    def values(self, x: Floats) -> Floats:
        """The entries at coordinates x."""
        found = self.scale * x[self.size]
        for block in self.patterned:
            found[block.entries] *= block.units(block.worked_out(x))
        return found

    def back(self, x: Floats, by_entry: Floats) -> Floats:
        """Derivatives by entries -> by coordinates."""
        out, by_size = np.zeros_like(x), by_entry * self.scale
        by_unit = by_size * x[self.size]
        for block in self.patterned:
            memory = block.worked_out(x)
            by_size[block.entries] *= block.units(memory)
            out[block.at] += block.back(x, memory, by_unit[block.entries])
        np.add.at(out, self.size, by_size)
        return out


@dataclass
class _Building:
    """The coordinates so far."""

    entries: list[tuple[int, int, int]] = field(default_factory=list)
    scale: list[float] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    patterned: list[_Patterned] = field(default_factory=list)
    start: list[float] = field(default_factory=list)
    sizes: list[bool] = field(default_factory=list)

    def block(self, f: int, first: int, block: EffectsBlock, sizes: Sequence[float]) -> None:
        """The entries of a block that begins at row `first` of factor `f`."""
        n = block.width
        if block.one_sd:
            sizes = [min(sizes)] * n
        triangle = [(a, c) for a in range(n) for c in range(a + 1)]
        match block.covariance.correlations:
            case Pattern() as pattern:
                at = [self.coordinate(1.0) for _ in block.sd_priors]
                begin = len(self.entries)
                for a, c in triangle:
                    self.entry(f, first, (a, c), sizes[a], at[block.sds[a]])
                self.pattern(pattern, block, slice(begin, len(self.entries)))
            case Loadings() as loadings:
                # Columns past the last factor are zeros, of which there is nothing to find.
                for a, c in (entry for entry in triangle if entry[1] < loadings.rank):
                    self.entry(f, first, (a, c), sizes[a], self.coordinate(_begin(a, c, loadings.rank)))
            case None:
                at = [self.coordinate(1.0) for _ in block.sd_priors]
                for a in range(n):
                    self.entry(f, first, (a, a), sizes[a], at[block.sds[a]])
            case _:
                for a, c in triangle:
                    self.entry(f, first, (a, c), sizes[a], self.coordinate(float(a == c)))

    def pattern(self, pattern: Pattern, block: EffectsBlock, entries: slice) -> None:
        """The coordinates of what a block's correlations follow from."""
        apart, begin = block.apart, len(self.start)
        shapes = pattern.shapes(apart)
        for shape in shapes:
            self.coordinate(_start(shape), size=False)
        ends = np.array([(shape.support.lower, shape.support.upper) for shape in shapes])
        own = _Patterned(recipe_of(pattern, apart), entries, slice(begin, len(self.start)), ends)
        self.patterned.append(own)

    def coordinate(self, start: float, *, size: bool = True) -> int:
        self.start.append(start)
        self.sizes.append(size)
        return len(self.start) - 1

    def entry(self, f: int, first: int, place: tuple[int, int], size: float, at: int) -> None:
        a, c = place
        self.entries.append((f, first + a, first + c))
        self.scale.append(1.0 / size)
        self.size.append(at)

    def done(self) -> Relative:
        return Relative(
            np.array(self.entries, dtype=np.int64).reshape(-1, 3),
            np.array(self.scale),
            np.array(self.size, dtype=np.int64),
            tuple(self.patterned),
            np.array(self.start),
            np.array(self.sizes, dtype=bool),
        )


def _begin(a: int, c: int, rank: int) -> float:
    """Where loadings begin: effects beyond the last factor's own are not zero, and unlike one another."""
    return 1.0 if a == c else 0.0 if a < rank else 0.5 / (1 + (a + c) % 3)


def _start(shape: Shape) -> float:
    """No correlation, where that is a value; else what the default prior finds plausible."""
    lower, upper = shape.support.lower, shape.support.upper
    if np.isinf(upper):
        return float(np.log(shape.prior.plausible - lower))
    share = -lower / (upper - lower)
    return float(np.log(share / (1.0 - share)))
