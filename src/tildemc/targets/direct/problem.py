"""Problem: a model packed for the kernel, and where its quantities stand in the vector of coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tildemc.arrays import Floats, Integers
from tildemc.spec.terms.known import Between
from tildemc.spec.terms.term import Path
from tildemc.targets.direct.tables import Tables

__all__ = [
    "BlockLayout",
    "GroupLayout",
    "Layout",
    "MeasuredLayout",
    "MonotonicLayout",
    "PopulationLayout",
    "Problem",
    "ThresholdsLayout",
]


@dataclass(frozen=True, slots=True)
class BlockLayout:
    """Of one block: its effects' columns, and its coordinates; `sd` or `chol` is None where `kind` has none.

    `scores` are what its effects are made of, among those of a level; `sd` has one coordinate for each effect, or one
    for all.
    """

    kind: int
    columns: slice
    sd: slice | None
    chol: slice | None
    scores: slice

    @property
    def step(self) -> int:
        """From the coordinate of one effect's sd to that of the next's."""
        one = self.sd is not None and self.sd.stop - self.sd.start < self.columns.stop - self.columns.start
        return 0 if one else 1

    @property
    def sds(self) -> list[int]:
        """For each effect the coordinate of its sd: on the diagonal of a packed factor where there is no other."""
        n = self.columns.stop - self.columns.start
        if self.sd is not None:
            return [self.sd.start + j * self.step for j in range(n)]
        assert self.chol is not None
        return [self.chol.start + j * (j + 3) // 2 for j in range(n)]


@dataclass(frozen=True, slots=True)
class GroupLayout:
    """Of one grouping: `z`, (levels, ·) row by row, of which each block has its `scores`, and its blocks.

    `df` and `mixing` are there for Student-t effects: one coordinate, and the log of one number for each level.
    """

    levels: int
    width: int
    z: slice
    blocks: tuple[BlockLayout, ...]
    df: int | None = None
    mixing: slice | None = None


@dataclass(frozen=True, slots=True)
class PopulationLayout:
    """Of population effects. `intercept` is that at the predictors' means where they are centred."""

    intercept: int | None
    b: slice


@dataclass(frozen=True, slots=True)
class MonotonicLayout:
    """Of a monotonic effect: the mean effect of a step, and the pieces that make the steps' shares."""

    b: int
    shares: slice


@dataclass(frozen=True, slots=True)
class MeasuredLayout:
    """Of true values: their means and sds, partial correlations, and each variable's standard normal numbers.

    Those of the first variable stand first, one for each level.
    """

    means: slice
    sds: slice
    partials: slice
    z: slice


@dataclass(frozen=True, slots=True)
class ThresholdsLayout:
    """Of thresholds: those that have priors, the distances between them, and the effects on each.

    `effects` are all effects on one threshold, then all on the next; the last two are empty where there are none.
    """

    own: slice
    distances: slice
    effects: slice


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a model's free quantities stand, by the paths of its terms.

    Of residual correlations it is the halves, (1 + p) / 2, that stand somewhere.
    """

    populations: Mapping[Path, PopulationLayout]
    groups: Mapping[Path, GroupLayout]
    auxiliaries: Mapping[Path, slice]
    size: int
    thresholds: ThresholdsLayout | None = None
    shares: Mapping[Path, slice] = field(default_factory=dict)
    monotonic: Mapping[Path, MonotonicLayout] = field(default_factory=dict)
    measured: Mapping[Path, MeasuredLayout] = field(default_factory=dict)
    measured_effects: Mapping[Path, int] = field(default_factory=dict)
    rescor: slice = slice(0, 0)
    residual: Mapping[Path, slice] = field(default_factory=dict)
    latents: Mapping[Path, slice] = field(default_factory=dict)
    hyperparameters: Mapping[Path, slice] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Problem:
    """A model packed for the kernel.

    Attributes
    ----------
    tables : Tables
        What the kernel reads.
    layout : Layout
    means : mapping of Path to array
        What the columns of population effects were centred by.
    start : (size,)
        Where chains begin, before they are set apart.
    free : (size,)
        The coordinates' places among all: the others are numbers.
    measured : mapping of Path to mapping of str to (levels,)
        What was measured with error, by what the density of a row calls it.
    related : mapping of Path to Known or Related
        How effects of related levels are made of independent ones.
    """

    tables: Tables
    layout: Layout
    means: Mapping[Path, Floats]
    start: Floats
    free: Integers
    measured: Mapping[Path, Mapping[str, Floats]] = field(default_factory=dict)
    related: Mapping[Path, Between] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The number of coordinates."""
        return len(self.free)
