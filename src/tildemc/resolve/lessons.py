"""What stateful functions learn of the data, in parts where that can be: a mean, a range, the different values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tildemc.spec.moments import Moments

__all__ = ["Lesson", "extremes", "moments", "values", "whole"]

Values = NDArray[Any]


@dataclass(frozen=True)
class Lesson:
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

    part: Callable[[Values], Any]
    merge: Callable[[Any, Any], Any]
    finish: Callable[[Any], Any]
    labels: bool = False

    def __call__(self, values: Values) -> Any:
        """What is learned of all values."""
        return self.finish(self.part(values))


def moments(finish: Callable[[Moments], Any]) -> Lesson:
    """From the number of values, their mean and their squared deviations."""
    return Lesson(_moments, Moments.merge, finish)


def _moments(values: Values) -> Moments:
    return Moments.of(np.asarray(values, dtype=float)[:, None])


def extremes(finish: Callable[[float, float], Any]) -> Lesson:
    """From the least and the greatest value."""
    return moments(lambda found: finish(float(found.low[0]), float(found.high[0])))


def values(finish: Callable[[tuple[Any, ...]], Any]) -> Lesson:
    """From the different values in order."""
    return Lesson(_distinct, lambda one, two: one | two, lambda found: finish(tuple(sorted(found))), labels=True)


def _distinct(values: Values) -> frozenset[Any]:
    return frozenset(np.unique(values).tolist())


def whole(finish: Callable[[Values], Any]) -> Lesson:
    """From all values at once: there is no way to learn it in parts."""
    return Lesson(lambda values: [values], lambda one, two: one + two, lambda found: finish(np.concatenate(found)))
