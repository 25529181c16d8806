"""Merge rows with one likelihood: a million rows over a few thousand cells cost what a few thousand rows cost.

Rows with one linear predictor have sufficient statistics: of Bernoulli's and binomial rows the sums of successes and
trials, of Poisson's under a log link the sum of y, with log(rows) more offset. Rows of any family that are identical in
y, too, are one row whose weight is the sum of theirs. The log likelihood changes by a constant only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from tildemc.arrays import Floats, Integers
from tildemc.spec.companions import COMPANIONS
from tildemc.spec.design import Design
from tildemc.spec.expr import Apply, Col
from tildemc.spec.families import FAMILIES
from tildemc.spec.model import ModelSpec
from tildemc.spec.terms.offset import Offset, OffsetDesign
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Rows

__all__ = ["aggregate"]

Bits = NDArray[np.uint64]
Part = Callable[[Rows], Iterator[Floats | Integers]]
"""Some columns: takes what selects m rows, gives arrays (m,) or (m, columns)."""

PAYS = 0.5
"""Merge where at most this share of the rows is distinct."""

CHUNK = 1 << 14
MULTIPLIERS = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""Of the hash: golden ratio and SplitMix64's; the second is for when two different rows share the first's."""

ROWS = Column("rows", Col("rows"))
LOG_ROWS = Column("log(rows)", Apply("log", (Col("rows"),)))
"""Columns that only the merged data have: how many rows one stands for."""


def aggregate(spec: ModelSpec, design: Design) -> tuple[ModelSpec, Design, str]:
    """The same posterior from fewer rows, and a note of how many; the same objects and "" where it does not pay.

    The merged rows stand in the order in which the first of each appears, and `Design.rows` has that one's position.
    Centred predictors stay measured from the means of all rows (`PopulationDesign.mean`), because priors refer to them.

    Parameters
    ----------
    spec : ModelSpec
        With numbers for all priors: they are scaled to the rows as they came.
    design : Design
    """
    sums = _has_sums(spec, design)
    merged = _distinct(tuple(_key(design, sums)), design.n)
    if merged is None:
        return spec, design, ""
    codes, first = merged
    note = f"{design.n:,} rows, {len(first):,} distinct: sampling {len(first):,}"
    smaller = design.take(first)
    return (*(_by_sums if sums else _by_weights)(spec, design, smaller, codes), note)


def _has_sums(spec: ModelSpec, design: Design) -> bool:
    """Whether rows that differ in y merge, too. A common weight multiplies sums as it does rows."""
    if design.weights is not None and (design.weights != design.weights[:1]).any():
        return False
    if not {*design.companions} <= {"trials", *_WEIGHTS}:
        # What is known of a row beside its response is not known of a sum.
        return False
    return spec.family.adds == "trials" or (spec.family.adds == "exposure" and spec.predictors[0].link.name == "log")


def _by_sums(spec: ModelSpec, design: Design, smaller: Design, codes: Integers) -> tuple[ModelSpec, Design]:
    def total(values: Floats | None) -> Floats:
        return np.bincount(codes, values, smaller.n).astype(np.float64)

    smaller = replace(smaller, y=total(design.y))
    if spec.family.adds == "trials":
        smaller = replace(smaller, companions={**smaller.companions, "trials": total(design.trials)})
        several = [family for family in FAMILIES.values() if family.single == spec.family.name]
        if not several:
            return spec, smaller
        response = replace(spec.response, success=None, companions={**spec.response.companions, "trials": ROWS})
        return replace(spec, family=several[0], response=response), smaller
    mu, known = spec.predictors[0], spec.predictors[0].offset
    columns, given = ((), 0.0) if known is None else (known.columns, smaller.of(known).values)
    offset = Offset(mu.parameter, (*columns, LOG_ROWS))
    others = tuple(term for term in mu.terms if term != known)
    return (
        replace(spec, predictors=(replace(mu, terms=(*others, offset)), *spec.predictors[1:])),
        replace(smaller, terms={**smaller.terms, offset.path: OffsetDesign(np.log(total(None)) + given)}),
    )


def _by_weights(spec: ModelSpec, design: Design, smaller: Design, codes: Integers) -> tuple[ModelSpec, Design]:
    weights = np.bincount(codes, design.weights, smaller.n).astype(np.float64)
    response = replace(spec.response, companions={"weights": ROWS, **spec.response.companions})
    return replace(spec, response=response), replace(smaller, companions={**smaller.companions, "weights": weights})


# Which rows are the same

_WEIGHTS = {companion.name for companion in COMPANIONS.values() if companion.weighs}


def _key(design: Design, sums: bool) -> Iterator[Part]:
    """What rows must share to be merged."""
    yield from (numbers.alike for numbers in design.terms.values())
    summed = {"trials"} if sums else set()
    alike = [values for name, values in design.companions.items() if name not in summed | _WEIGHTS]
    alike += [design.y] if design.y is not None and not sums else []
    yield from (partial(_some, values) for values in alike)


def _some(values: Floats, rows: Rows) -> Iterator[Floats]:
    yield values[rows]


def _bits(values: Floats | Integers) -> Bits:
    """Of some rows, (columns, rows)."""
    if values.dtype.kind == "i":
        return np.atleast_2d(values.T).astype(np.uint64)
    # Adding zero takes the sign off a negative one.
    return np.ascontiguousarray(np.atleast_2d(values.T) + 0.0).view(np.uint64)


def _distinct(parts: tuple[Part, ...], n: int) -> tuple[Integers, Integers] | None:
    """Each row's number among the distinct ones, (n,), and where each of these is first; None if it does not pay."""
    from pandas import factorize

    for multiplier in MULTIPLIERS:
        codes, found = factorize(_hash(parts, n, np.uint64(multiplier)))
        if len(found) > PAYS * n:
            return None
        first = np.empty(len(found), dtype=np.int64)
        first[codes[::-1]] = np.arange(n - 1, -1, -1)
        if _same(parts, codes, first):
            return codes, first
    return None


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
        distinct = [*map(_bits, part(first))]
        for start in range(0, len(codes), CHUNK):
            rows = slice(start, start + CHUNK)
            own = map(_bits, part(rows))
            if any((bits != known[:, codes[rows]]).any() for bits, known in zip(own, distinct, strict=True)):
                return False
    return True
