"""What columns of numbers come to over rows: moments, triangles, counts; those of two parts make that of the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.threads import one_blas_thread

__all__ = ["Moments", "added", "stacked", "triangle"]


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


def triangle(columns: Floats, *, intercept: bool = False) -> Floats | None:
    """R of the QR decomposition, maybe with a column of ones before them, from blocks of rows that stay in cache."""
    n, width = len(columns), columns.shape[1] + intercept
    if width > MOST_COLUMNS:
        return None
    step = max(1 << 10, 4 * width)
    with one_blas_thread():
        blocks = (columns[at : at + step] for at in range(0, n, step))
        parts = [np.linalg.qr(np.column_stack([np.ones(len(b)), b]) if intercept else b, mode="r") for b in blocks]
        return parts[0] if len(parts) == 1 else np.asarray(np.linalg.qr(np.vstack(parts), mode="r"))


def stacked(one: Floats | None, two: Floats | None) -> Floats | None:
    """R of the rows of both."""
    return None if one is None or two is None else triangle(np.vstack([one, two]))


def added(one: Integers, two: Integers) -> Integers:
    """The sums of counts by level, of which one may know fewer levels."""
    longer, shorter = sorted((one, two), key=len, reverse=True)
    total = longer.copy()
    total[: len(shorter)] += shorter
    return total
