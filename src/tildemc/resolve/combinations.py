"""Combinations of several columns' values: a number for each row's, and one row for each that there is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tildemc.arrays import Integers

__all__ = ["first_rows", "numbered"]


_LARGEST = 2**62


def numbered(places: Sequence[Integers], sizes: Sequence[int]) -> Integers:
    """A number for each row's combination of places, (n,): the same for the same one, and in their order.

    Parameters
    ----------
    places : sequence of (n,)
        The place of each row's value in each column, the slowest first; of a row with a place of -1 the number means
        nothing.
    sizes : sequence of int
        How many places each column has.
    """
    number, size = np.zeros_like(places[0]), 1
    for place, width in zip(places, sizes, strict=True):
        if size * width > _LARGEST:
            # More combinations than there are integers: only those that occur are numbered on.
            number = np.unique(number, return_inverse=True)[1]
            size = int(number.max(initial=0)) + 1
        number = number * width + place
        size *= max(1, width)
    return number


def first_rows(number: Integers) -> Integers:
    """For each number, in order, the first row that has it."""
    import pandas as pd

    first = np.flatnonzero(~pd.Series(number).duplicated().to_numpy())
    return first[np.argsort(number[first])]
