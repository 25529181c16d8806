"""Which rows are the same: the distinct ones among many, by a hash of each that is held to the rows themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from tildemc.arrays import Floats, Integers
from tildemc.spec.terms.term import Rows

__all__ = ["Part", "distinct"]

Bits = NDArray[np.uint64]
Part = Callable[[Rows], Iterator[Floats | Integers]]
"""Some columns: takes what selects m rows, gives arrays (m,) or (m, columns)."""

CHUNK = 1 << 14
MULTIPLIERS = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""Of the hash: golden ratio and SplitMix64's; the second is for when two different rows share the first's."""


def distinct(parts: tuple[Part, ...], n: int, most: float) -> tuple[Integers, Integers] | None:
    """Each row's number among the distinct ones, (n,), and where each of these is first; None if there are too many."""
    from pandas import factorize

    for multiplier in MULTIPLIERS:
        codes, found = factorize(_hash(parts, n, np.uint64(multiplier)))
        if len(found) > most:
            return None
        first = np.empty(len(found), dtype=np.int64)
        first[codes[::-1]] = np.arange(n - 1, -1, -1)
        if _same(parts, codes, first):
            return codes, first
    return None


def _bits(values: Floats | Integers) -> Bits:
    """Of some rows, (columns, rows)."""
    if values.dtype.kind == "i":
        return np.atleast_2d(values.T).astype(np.uint64)
    # Adding zero takes the sign off a negative one.
    return np.ascontiguousarray(np.atleast_2d(values.T) + 0.0).view(np.uint64)


def _hash(parts: tuple[Part, ...], n: int, multiplier: np.uint64) -> Bits:
    """64 bits of each row. Each step is one to one in what it adds, so that rows differing in one number differ."""
    mixed = np.zeros(n, dtype=np.uint64)
    for start in range(0, n, CHUNK):
        rows = slice(start, start + CHUNK)
        h = mixed[rows]
        for part in parts:
            for bits in chain.from_iterable(map(_bits, part(rows))):
                bits ^= bits >> np.uint64(32)
                h ^= bits
                h *= multiplier
                h ^= h >> np.uint64(29)
    return mixed


def _same(parts: tuple[Part, ...], codes: Integers, first: Integers) -> bool:
    """Whether every row is what the first with its number is."""
    for part in parts:
        known = [*map(_bits, part(first))]
        for start in range(0, len(codes), CHUNK):
            rows = slice(start, start + CHUNK)
            own = map(_bits, part(rows))
            if any((bits != each[:, codes[rows]]).any() for bits, each in zip(own, known, strict=True)):
                return False
    return True
