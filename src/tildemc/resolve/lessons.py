"""What stateful functions learn of the data, in parts where that can be: a mean, a range, the different values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Label, Values
from tildemc.errors import DataError
from tildemc.spec.columns import in_order
from tildemc.spec.moments import Moments

__all__ = ["Lesson", "NothingThereError", "extremes", "moments", "values", "whole"]


class NothingThereError(DataError):
    """No row has a value to learn from."""


@dataclass(frozen=True)
class Lesson[P, T]:
    """Something to learn of values.

    Attributes
    ----------
    part : callable
        What to keep of some of them, at least one.
    merge : callable
        Of two parts that for both; associative.
    finish : callable
        What is learned from that for all.
    labels : bool
        Whether the values are to be those that tell rows apart.
    """

    part: Callable[[Values], P]
    merge: Callable[[P, P], P]
    finish: Callable[[P], T]
    labels: bool = False

    def __call__(self, values: Values) -> T:
        """What is learned of all values."""
        return self.finish(self.part(values))


def moments[T](finish: Callable[[Moments], T]) -> Lesson[Moments, T]:
    """From the number of values, their mean and their squared deviations."""
    return Lesson(_moments, Moments.merge, finish)


def _moments(values: Values) -> Moments:
    return Moments.of(np.asarray(values, dtype=float)[:, None])


def extremes[T](finish: Callable[[float, float], T]) -> Lesson[Moments, T]:
    """From the least and the greatest value."""
    return moments(lambda found: finish(float(found.low[0]), float(found.high[0])))


def values[T](finish: Callable[[tuple[Label, ...]], T]) -> Lesson[frozenset[Label], T]:
    """From the different values in order."""
    return Lesson(_distinct, lambda one, two: one | two, lambda found: finish(in_order(found)), labels=True)


def _distinct(values: Values) -> frozenset[Label]:
    return frozenset(np.unique(values).tolist())


def whole[T](finish: Callable[[Values], T]) -> Lesson[list[Values], T]:
    """From all values at once: there is no way to learn it in parts."""
    return Lesson(lambda values: [values], lambda one, two: one + two, lambda found: finish(np.concatenate(found)))
