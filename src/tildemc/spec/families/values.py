"""Values: what a response may be, which checks of data and densities go by."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite

import numpy as np

from tildemc.arrays import Floats, Mask

__all__ = ["BETWEEN", "BINARY", "NUMBERS", "POSITIVES", "SUCCESSES", "WHOLE", "Values"]


@dataclass(frozen=True, slots=True)
class Values:
    """What a response may be.

    Attributes
    ----------
    told : str
        As in "a gamma response is a number greater than 0".
    lower, upper : float
        Its ends.
    whole : bool
        Only whole numbers, the ends among them; else any number between the ends.
    successes : bool
        Successes of trials.
    categories : bool
        The numbers of categories, from 1 up.
    atoms : tuple of float
        The single numbers of its own probability that a response between the ends may be beside.
    """

    told: str
    lower: float = -inf
    upper: float = inf
    whole: bool = False
    successes: bool = False
    categories: bool = False
    atoms: tuple[float, ...] = ()

    @property
    def binary(self) -> bool:
        """Whether there are two values only."""
        return self.whole and not self.categories and self.upper - self.lower == 1

    @property
    def unbounded(self) -> bool:
        """Whether any number will do."""
        return not self.whole and self.lower == -inf and self.upper == inf

    def refused(self, y: Floats) -> Mask:
        """Which numbers it may not be."""
        if self.whole:
            return np.asarray((y < self.lower) | (y > self.upper) | (y != np.floor(y)))
        return np.asarray(((y <= self.lower) | (y >= self.upper)) & ~np.isin(y, self.atoms))

    def before(self, y: Floats) -> Floats:
        """The largest number below one that has a probability of its own; `y` itself where that has none."""
        return np.where(np.isin(y, self.atoms), np.nextafter(y, -inf), y - self.whole)

    @property
    def inner(self) -> float:
        """A number that it may be, whichever."""
        if isfinite(self.lower) and isfinite(self.upper):
            return self.upper if self.whole else 0.5 * (self.lower + self.upper)
        return self.lower + 1 if isfinite(self.lower) else 0.0


NUMBERS = Values("any number")
WHOLE = Values("a whole number from 0 up", lower=0.0, whole=True)
SUCCESSES = Values("a whole number from 0 up", lower=0.0, whole=True, successes=True)
BINARY = Values("0 or 1", 0.0, 1.0, whole=True)
POSITIVES = Values("a number greater than 0", lower=0.0)
BETWEEN = Values("a number between 0 and 1, and neither", 0.0, 1.0)
