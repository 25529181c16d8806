"""Summary: what a design's numbers come to over its rows; the summaries of two parts make that of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tildemc.threads import one_blas_thread

if TYPE_CHECKING:
    from tildemc.spec.design import Design, GroupDesign, PredictorDesign

__all__ = ["GroupSummary", "Moments", "PredictorSummary", "Summary"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

MOST_COLUMNS = 400
"""Of wider designs no triangle is computed."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Of k columns over n rows: means, sums of squared deviations from them, least and greatest values; each (k,)."""

    n: int
    mean: Floats
    squares: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, values: Floats) -> Moments:
        """Of columns (n, k), n > 0."""
        mean = values.mean(axis=0)
        squares = ((values - mean) ** 2).sum(axis=0)
        return cls(len(values), mean, squares, values.min(axis=0), values.max(axis=0))

    def merge(self, other: Moments) -> Moments:
        """Of all rows: Chan, Golub & LeVeque (1983), Algorithms for computing the sample variance."""
        n = self.n + other.n
        step = other.mean - self.mean
        return Moments(
            n,
            self.mean + step * (other.n / n),
            self.squares + other.squares + step**2 * (self.n * other.n / n),
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
        )

    @property
    def sd(self) -> Floats:
        """Square roots of the mean squared deviations, (k,)."""
        return np.asarray(np.sqrt(self.squares / self.n))

    @property
    def size(self) -> Floats:
        """Square roots of the mean squares, (k,)."""
        return np.asarray(np.sqrt(self.squares / self.n + self.mean**2))

    @property
    def spread(self) -> Floats:
        """Sample sds, (k,); 1 for a column without spread."""
        if self.n < 2:
            return np.ones(len(self.mean))
        sd = np.sqrt(self.squares / (self.n - 1))
        # A constant column computed in floating point may have a spread of rounding errors.
        largest = np.maximum(np.abs(self.low), np.abs(self.high))
        return np.where(sd > 1e-12 * np.maximum(1.0, largest), sd, 1.0)


@dataclass(frozen=True, eq=False)
class GroupSummary:
    """Of one grouping.

    Attributes
    ----------
    Z : Moments
    triangle : (·, q) or None
        R of the QR decomposition of Z; None if there are too many columns.
    rows : (levels,) of int
        For each level up to the last that a row has, how many of its rows have a column that is not zero.
    lacking : bool
        Whether a row has no level.
    unlabelled : bool
        Whether a row has none and a column that is not zero.
    """

    Z: Moments
    triangle: Floats | None
    rows: Integers
    lacking: bool
    unlabelled: bool

    @classmethod
    def of(cls, design: GroupDesign) -> GroupSummary:
        """Of some rows."""
        touched = (design.Z != 0).any(axis=1)
        labelled = design.index >= 0
        levels = int(design.index.max(initial=-1)) + 1
        rows = np.bincount(design.index[touched & labelled], minlength=levels)
        unlabelled = bool((touched & ~labelled).any())
        return cls(Moments.of(design.Z), _triangle(design.Z), rows, not labelled.all(), unlabelled)

    def merge(self, other: GroupSummary) -> GroupSummary:
        """Of all rows."""
        lacking, unlabelled = self.lacking or other.lacking, self.unlabelled or other.unlabelled
        triangle, rows = _stacked(self.triangle, other.triangle), _added(self.rows, other.rows)
        return GroupSummary(self.Z.merge(other.Z), triangle, rows, lacking, unlabelled)

    @property
    def informed(self) -> Mask:
        """For each of these levels, whether a row informs it."""
        return np.asarray(self.rows > 0)


def _added(one: Integers, two: Integers) -> Integers:
    """The sums of counts by level, of which one may know fewer levels."""
    longer, shorter = sorted((one, two), key=len, reverse=True)
    total = longer.copy()
    total[: len(shorter)] += shorter
    return total


@dataclass(frozen=True, eq=False)
class PredictorSummary:
    """Of one predictor.

    Attributes
    ----------
    X, offset : Moments
    triangle : (·, p + 1) or None
        R of the QR decomposition of [1 X]; None if there are too many columns.
    groups : tuple of GroupSummary
    """

    X: Moments
    offset: Moments | None
    triangle: Floats | None
    groups: tuple[GroupSummary, ...]

    @classmethod
    def of(cls, design: PredictorDesign) -> PredictorSummary:
        """Of some rows."""
        triangle = _triangle(design.X, intercept=True)
        offset = None if design.offset is None else Moments.of(design.offset[:, None])
        return cls(Moments.of(design.X), offset, triangle, tuple(GroupSummary.of(group) for group in design.groups))

    def merge(self, other: PredictorSummary) -> PredictorSummary:
        """Of all rows."""
        triangle = _stacked(self.triangle, other.triangle)
        offset = None
        if self.offset is not None and other.offset is not None:
            offset = self.offset.merge(other.offset)
        groups = tuple(one.merge(two) for one, two in zip(self.groups, other.groups, strict=True))
        return PredictorSummary(self.X.merge(other.X), offset, triangle, groups)


def _triangle(columns: Floats, *, intercept: bool = False) -> Floats | None:
    """R of the QR decomposition, maybe with a column of ones before them, from blocks of rows that stay in cache."""
    n, width = len(columns), columns.shape[1] + intercept
    if width > MOST_COLUMNS:
        return None
    step = max(1 << 10, 4 * width)
    with one_blas_thread():
        blocks = (columns[at : at + step] for at in range(0, n, step))
        parts = [np.linalg.qr(np.column_stack([np.ones(len(b)), b]) if intercept else b, mode="r") for b in blocks]
        return parts[0] if len(parts) == 1 else np.asarray(np.linalg.qr(np.vstack(parts), mode="r"))


def _stacked(one: Floats | None, two: Floats | None) -> Floats | None:
    """R of the rows of both."""
    return None if one is None or two is None else _triangle(np.vstack([one, two]))


@dataclass(frozen=True, eq=False)
class Summary:
    """Of a design with a response.

    Attributes
    ----------
    y : Moments
        The response.
    share : Moments
        The response over its trials, if it has any.
    predictors : tuple of PredictorSummary
    auxiliaries : tuple of (levels,) of int
        For each auxiliary, how many rows each of its levels has, up to the last that a row has.
    """

    y: Moments
    share: Moments
    predictors: tuple[PredictorSummary, ...]
    auxiliaries: tuple[Integers, ...]

    @classmethod
    def of(cls, design: Design) -> Summary:
        """Of some rows."""
        assert design.y is not None
        y = Moments.of(design.y[:, None])
        share = y if design.trials is None else Moments.of((design.y / np.maximum(design.trials, 1))[:, None])
        auxiliaries = tuple(
            np.array([y.n]) if numbers.index is None else np.bincount(numbers.index) for numbers in design.auxiliaries
        )
        return cls(y, share, tuple(PredictorSummary.of(predictor) for predictor in design.predictors), auxiliaries)

    def merge(self, other: Summary) -> Summary:
        """Of all rows."""
        predictors = tuple(one.merge(two) for one, two in zip(self.predictors, other.predictors, strict=True))
        auxiliaries = tuple(_added(one, two) for one, two in zip(self.auxiliaries, other.auxiliaries, strict=True))
        return Summary(self.y.merge(other.y), self.share.merge(other.share), predictors, auxiliaries)
