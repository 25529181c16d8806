"""Merge rows with one likelihood: a million rows over a few thousand cells cost what a few thousand rows cost.

Rows with one linear predictor have sufficient statistics: of Bernoulli's and binomial rows the sums of successes and
trials, of Poisson's under a log link the sum of y, with log(rows) more offset. Rows of any family that are identical in
y, too, are one row whose weight is the sum of theirs. The log likelihood changes by a constant only.

Merged rows can be merged again, so that of streamed rows each chunk leaves them behind, as it leaves cross-products of
a Gaussian model (targets/marginal/statistics.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.errors import FitError
from tildemc.passes.distinct import Part, distinct
from tildemc.spec.companions import COMPANIONS
from tildemc.spec.design import DataSet, Design, Streamed
from tildemc.spec.expr import Apply, Col
from tildemc.spec.families import FAMILIES
from tildemc.spec.model import AnyTerm, ModelSpec
from tildemc.spec.terms.offset import Offset, OffsetDesign
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Rows

__all__ = ["Merged", "TooVaried", "aggregate", "pays"]

PAYS = 0.5
"""Merge where at most this share of the rows is distinct."""
LARGEST = 1 << 24
"""So many numbers, rows × columns, are kept of streamed rows at most: 128 MB."""

ROWS = Column("rows", Col("rows"))
LOG_ROWS = Column("log(rows)", Apply("log", (Col("rows"),)))
"""Columns that only the merged data have: how many rows one stands for."""


class TooVaried(FitError):
    """Streamed rows of which too many differ to be kept."""


def aggregate(spec: ModelSpec, design: DataSet) -> tuple[ModelSpec, Design, str]:
    """The same posterior from fewer rows, and a note of how many; the same objects and "" where it does not pay.

    The merged rows stand in the order in which the first of each appears, and `Design.rows` has that one's position.
    Centred predictors stay measured from the means of all rows (`PopulationDesign.mean`), because priors refer to them.

    Parameters
    ----------
    spec : ModelSpec
        With numbers for all priors: they are scaled to the rows as they came.
    design : DataSet
        Streamed rows are merged whether it pays or not.

    Raises
    ------
    TooVaried
        If too many of streamed rows differ.
    """
    sums = _has_sums(spec, design)
    found = _merged(spec, design, sums)
    if found.rows.n == design.n:
        return spec, found.rows, ""
    note = f"{design.n:,} rows, {found.rows.n:,} distinct: sampling {found.rows.n:,}"
    return (*(_by_sums if sums else _by_weights)(spec, found), note)


def pays(spec: ModelSpec, design: Streamed) -> bool:
    """Whether streamed rows come to few distinct ones."""
    try:
        return aggregate(spec, design)[1].n <= PAYS * design.n
    except TooVaried:
        return False


def _has_sums(spec: ModelSpec, design: DataSet) -> bool:
    """Whether rows that differ in y merge, too. A common weight multiplies sums as it does rows."""
    beside = {*spec.response.companions}
    if not beside <= {"trials", *_WEIGHTS}:
        # What is known of a row beside its response is not known of a sum.
        return False
    if "weights" in beside and np.ptp(design.reduce(_weights, _ends)) > 0.0:
        return False
    return spec.family.adds == "trials" or (spec.family.adds == "exposure" and spec.predictors[0].link.name == "log")


def _weights(design: Design) -> Floats:
    assert design.weights is not None
    return _ends(design.weights)


def _ends(*values: Floats) -> Floats:
    """The least and the greatest."""
    every = np.concatenate(values)
    return np.array([every.min(), every.max()])


# What rows leave behind


@dataclass(frozen=True, eq=False)
class Merged:
    """Distinct rows, and what those that each stands for come to.

    Attributes
    ----------
    rows : Design
        The first of each.
    totals : mapping of str to (rows,)
        How many there are, `rows`, and the sums of what adds up.
    merging : Merging
        How they are merged further.
    """

    rows: Design
    totals: Mapping[str, Floats]
    merging: Merging

    def merge(self, other: Merged) -> Merged:
        """Of all rows.

        Raises
        ------
        _Many
        """
        totals = {name: np.concatenate([own, other.totals[name]]) for name, own in self.totals.items()}
        found = self.merging.merged(self.rows.followed_by(other.rows), totals)
        columns = [values for part in _key(found.rows, sums=False) for values in part(slice(1))]
        if found.rows.n * sum(values.size for values in columns) > LARGEST:
            raise _Many(found.rows, int(found.totals["rows"].sum()))
        return found


class _Many(Exception):
    """Rows that differ, and of how many they are."""

    def __init__(self, rows: Design, seen: int) -> None:
        self.rows, self.seen = rows, seen
        super().__init__(rows, seen)


@dataclass(frozen=True)
class Merging:
    """Merges some rows.

    Attributes
    ----------
    sums : bool
        Whether the response adds up, or must be the same.
    most : float
        The largest share of distinct rows with which rows are merged at all.
    """

    sums: bool
    most: float

    def __call__(self, design: Design) -> Merged:
        adding = ("y", "trials") if self.sums else ("weights",)
        totals = {name: values for name, values in design.row.items() if name in adding}
        return self.merged(design, {"rows": np.ones(design.n), **totals})

    def merged(self, rows: Design, totals: Mapping[str, Floats]) -> Merged:
        """Rows that stand for some already."""
        found = distinct(tuple(_key(rows, sums=self.sums)), rows.n, self.most * rows.n)
        if found is None:
            return Merged(rows, totals, self)
        codes, first = found
        added = {name: np.bincount(codes, values, len(first)) for name, values in totals.items()}
        return Merged(rows.take(first), added, self)


def _merged(spec: ModelSpec, design: DataSet, sums: bool) -> Merged:
    if isinstance(design, Design):
        return Merging(sums, PAYS)(design)
    try:
        found = design.reduce(Merging(sums, 1.0), Merged.merge)
    except _Many as many:
        raise TooVaried(_told(spec, design, sums, many)) from None
    measured = {}
    for predictor in spec.predictors:
        population = predictor.population
        mean = design.summary.of(population).X.mean
        measured[population.path] = replace(found.rows.of(population), mean=mean)
    return replace(found, rows=replace(found.rows, terms={**found.rows.terms, **measured}))


def _told(spec: ModelSpec, design: Streamed, sums: bool, many: _Many) -> str:
    """What makes so many rows differ, and what would work."""
    seen = {label: values for term in spec.terms() for label, values in _labelled(term, many.rows)}
    if not sums and many.rows.y is not None:
        seen[spec.response.label] = many.rows.y
    counts = {label: len(np.unique(values)) for label, values in seen.items()}
    most = sorted((label for label in counts if counts[label] > 1), key=lambda label: -counts[label])[:3]
    listed = ", ".join(f"`{label}` has {counts[label]:,} values" for label in most)
    return (
        f"of the first {many.seen:,} of {design.n:,} rows {many.rows.n:,} differ, too many to be kept, and streamed "
        f"rows are merged where they do not: {listed}; round or cut what has many (`round(x, 1)`, `cut(x, 20)`), "
        f"leave it out, or {design.advice}"
    )


def _labelled(term: AnyTerm, rows: Design) -> Iterator[tuple[str, Floats | Integers]]:
    """The numbers of a term under the names of its columns."""
    numbers: Any = rows.of(term)
    for values in numbers.alike(slice(None)):
        if values.ndim == 2:
            yield from zip((column.label for column in term.columns), values.T, strict=True)
        elif term.grouped_by is not None:
            yield term.grouped_by.label, values
        else:
            yield ", ".join(column.label for column in term.columns), values


# What they come to


def _by_sums(spec: ModelSpec, found: Merged) -> tuple[ModelSpec, Design]:
    smaller = replace(found.rows, y=found.totals["y"])
    if spec.family.adds == "trials":
        trials = found.totals.get("trials", found.totals["rows"])
        smaller = replace(smaller, companions={**smaller.companions, "trials": trials})
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
        replace(smaller, terms={**smaller.terms, offset.path: OffsetDesign(np.log(found.totals["rows"]) + given)}),
    )


def _by_weights(spec: ModelSpec, found: Merged) -> tuple[ModelSpec, Design]:
    weights = found.totals.get("weights", found.totals["rows"])
    response = replace(spec.response, companions={"weights": ROWS, **spec.response.companions})
    return replace(spec, response=response), replace(
        found.rows, companions={**found.rows.companions, "weights": weights}
    )


# Which rows are the same

_WEIGHTS = {companion.name for companion in COMPANIONS.values() if companion.weighs}


def _key(design: Design, *, sums: bool) -> Iterator[Part]:
    """What rows must share to be merged."""
    yield from (numbers.alike for numbers in design.terms.values())
    summed = {"trials"} if sums else set()
    alike = [values for name, values in design.companions.items() if name not in summed | _WEIGHTS]
    alike += [design.y] if design.y is not None and not sums else []
    yield from (partial(_some, values) for values in alike)


def _some(values: Floats, rows: Rows) -> Iterator[Floats]:
    yield values[rows]
