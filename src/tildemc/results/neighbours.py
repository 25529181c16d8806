"""Neighbours: what a model reports at an estimate and a little beside it, as far as it is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tildemc.arrays import Floats

__all__ = ["STEP", "Neighbours"]

STEP = 1e-3
"""Of a standard error: central differences lose no more than a millionth so near."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """What a model reports at 1 + 2 p points, by which any function of it has a standard error (the delta method).

    Attributes
    ----------
    values : mapping of str to (1 + 2 p, …)
        By the names of its parameters: at the estimate, then for each column of a root of its covariance matrix those
        `STEP` times that column above and below.
    """

    values: Mapping[str, Floats]
