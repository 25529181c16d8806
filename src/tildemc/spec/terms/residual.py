"""Residual: which rows' residuals go together, and how, by their places in a group."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, override

import numpy as np

from tildemc.arrays import Floats, Integers, Label
from tildemc.errors import DataError
from tildemc.span import Span, span_field
from tildemc.spec.correlation import Coefficients, Correlation, Order, Step
from tildemc.spec.expr import Expr, Var
from tildemc.spec.moments import Moments
from tildemc.spec.priors import Prior
from tildemc.spec.support import CORRELATIONS, Support
from tildemc.spec.terms.address import Kind, Sense, Target
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Dim, Free, Path, Reader, Role, Rows, Term

__all__ = ["PATH", "Metric", "Residual", "ResidualDesign", "ResidualNames", "ResidualSummary"]

PATH = ("residual",)
"""Where it stands in a model."""

Metric = Literal["euclidean", "maximum", "manhattan"]
"""How far two points are apart."""

ROLE: Role = "residual correlation"

MATRIX = "cortime"
"""What brms calls correlations between times that are free."""


@dataclass(frozen=True, slots=True)
class ResidualNames:
    """Its coefficients and what numbers them; `dim` and `index` are those of its `by` factor.

    `block` is the group of each row, `place` where it stands there; of series whose rows follow one another, `before`
    is the row before each, `begins` whether there is none, and `lag` how far that is.
    """

    block: str
    place: str
    ar_number: str = ""
    ma_number: str = ""
    cor_lag_number: str = ""
    partial_number: str = ""
    time: str = ""
    time2: str = ""
    ar: str = ""
    ma: str = ""
    cosy: str = ""
    car: str = ""
    range: str = ""
    nugget: str = ""
    cor_lag: str = ""
    partial: str = ""
    cortime: str = ""
    errorsar: str = ""
    lagsar: str = ""
    beside: str = ""
    cov: str = ""
    before: str = ""
    begins: str = ""
    lag: str = ""
    dim: str = ""
    index: str = ""


@dataclass(frozen=True, eq=False)
class ResidualDesign:
    """`block` (n,): the group of each row; `place` (n, k): where it stands there; `level` (n,): of `by`, if any."""

    block: Integers
    place: Floats
    level: Integers | None = None

    def summary(self) -> ResidualSummary:
        """What they come to."""
        return ResidualSummary(Moments.of(self.place), len(np.unique(self.block)))

    def take(self, rows: Rows) -> ResidualDesign:
        """Those of some rows."""
        level = None if self.level is None else self.level[rows]
        return ResidualDesign(self.block[rows], self.place[rows], level)

    def alike(self, rows: Rows) -> Iterator[Floats | Integers]:
        """The rows themselves: none can stand for another."""
        yield np.arange(len(self.block))[rows]


@dataclass(frozen=True, eq=False)
class ResidualSummary:
    """Of the places, and how many groups there are."""

    place: Moments
    blocks: int

    def merge(self, other: ResidualSummary) -> ResidualSummary:
        """Of all rows."""
        return ResidualSummary(self.place.merge(other.place), self.blocks + other.blocks)


@dataclass(frozen=True, slots=True)
class Residual(Term[ResidualDesign, ResidualSummary, ResidualNames]):
    """A structure of the residuals.

    Attributes
    ----------
    correlation : Correlation
    order : Order
    group : Factor or None
        Whose levels' rows go together; None for all rows.
    points : tuple of Column
        Where rows stand; none for the order of the data.
    ranked : bool
        Whether only the order of places counts, and not how far apart they are.
    at : Factor or None
        Whose levels rows stand at, where places are such and not numbers.
    times : tuple of Label
        What the places are called, where each pair has a correlation of its own.
    metric : Metric
    by : Factor or None
        What each level of has coefficients of its own; only rows of one level go together.
    prior_of : tuple of Prior
        Of each kind of coefficient, or of the matrix; none where they are known.
    known : tuple of float
        The coefficients, where they are not estimated.
    crossed : tuple of str
        The factors of which rows that go together may have different levels.
    effects : tuple of str
        Where the text has a group term for it, that one's effects.
    beside : (n, n) or None
        The matrix beside the data that says how its rows go together.
    matrix : str
        What the text calls it.
    """

    correlation: Correlation
    order: Order = (0, 0)
    group: Factor | None = None
    points: tuple[Column, ...] = ()
    ranked: bool = False
    at: Factor | None = None
    times: tuple[Label, ...] = ()
    metric: Metric = "euclidean"
    by: Factor | None = None
    prior_of: tuple[Prior, ...] = ()
    known: tuple[float, ...] = ()
    crossed: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    beside: Floats | None = field(default=None, compare=False, repr=False)
    matrix: str = ""
    label: str = ""
    span: Span | None = span_field()

    @property
    @override
    def path(self) -> Path:
        return PATH

    @property
    @override
    def grouped_by(self) -> Factor | None:
        return self.by

    @property
    def grouped(self) -> tuple[Factor, ...]:
        """What rows go together by, and the levels that they stand at."""
        return tuple(factor for factor in (self.group, self.at) if factor is not None)

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return self.points

    @property
    def coefficients(self) -> tuple[Coefficients, ...]:
        """Those that it has."""
        return tuple(c for c in self.correlation.coefficients if c.size(self.order))

    @property
    def free_matrix(self) -> bool:
        """Whether its correlations are a matrix of their own."""
        return self.correlation.matrix is None

    @property
    def step(self) -> Step | None:
        """How rows follow from those before them, where that says all and they stand in one line."""
        return None if len(self.points) > 1 else self.correlation.step(self.order)

    @property
    def sets(self) -> int:
        """How many sets of coefficients there are."""
        return 1 if self.by is None else len(self.by.levels)

    def given(self) -> dict[str, Floats]:
        """The coefficients that are known, by name."""
        sizes = [c.size(self.order) for c in self.coefficients]
        parts = np.split(np.array(self.known), np.cumsum(sizes)[:-1])
        return {c.name: part for c, part in zip(self.coefficients, parts, strict=True)}

    # What is estimated

    @override
    def free(self) -> Iterator[Free]:
        if self.free_matrix:
            yield Free((*PATH, MATRIX), self._times(), CORRELATIONS, ROLE, self.prior_of, squared="cov")
        elif not self.known:
            for c, prior in zip(self.coefficients, self.prior_of, strict=True):
                dims = (*self._by(), *self._numbers(c))
                priors = (prior,) * (c.size(self.order) * self.sets)
                yield Free((*PATH, c.name), dims, c.support(self.order), ROLE, priors)

    @override
    def dims(self) -> Iterator[Dim]:
        yield from self._by()
        if self.free_matrix:
            yield from self._times()
        for c in self.coefficients:
            yield from self._numbers(c)

    def _by(self) -> tuple[Dim, ...]:
        return () if self.by is None else (Dim("dim", self.by.values),)

    def _times(self) -> tuple[Dim, Dim]:
        return Dim("time", self.times), Dim("time2", self.times)

    def _numbers(self, c: Coefficients) -> tuple[Dim, ...]:
        return (Dim(f"{c.name}_number", tuple(range(1, c.size(self.order) + 1))),) if c.several else ()

    @override
    def fixed_names(self) -> Mapping[str, str]:
        found = {c.name: c.name for c in self.coefficients} if not self.known else {}
        found |= {dim.name: dim.name for c in self.coefficients for dim in self._numbers(c)}
        found |= {"block": "block", "place": "place"} | ({"beside": self.matrix} if self.beside is not None else {})
        if self.step is not None:
            found |= {"before": "before", "begins": "begins", "lag": "lag"}
        return found | (
            {MATRIX: MATRIX, "cov": "covtime", "time": "time", "time2": "time2"} if self.free_matrix else {}
        )

    @override
    def named(self, given: Mapping[str, str]) -> ResidualNames:
        return ResidualNames(**given)

    # Priors

    @override
    def spoken_for(self, names: ResidualNames) -> Collection[str]:
        return tuple(getattr(names, name) for name in self._kinds)

    @property
    def _kinds(self) -> tuple[str, ...]:
        """What priors are of."""
        if self.known:
            return ()
        return (MATRIX,) if self.free_matrix else tuple(c.name for c in self.coefficients)

    def support(self, kind: str) -> Support:
        """What each coefficient of that name may be."""
        return next((c.support(self.order) for c in self.coefficients if c.name == kind), CORRELATIONS)

    @override
    def targets(self, names: ResidualNames, taken: Collection[str]) -> Iterator[Target]:
        for kind, prior in zip(self._kinds, self.prior_of, strict=True):
            known = ((kind,), Sense.ONE), ((getattr(names, kind),), Sense.ONE)
            what: Kind = "cor" if self.free_matrix else "parameter"
            yield Target(PATH[0], what, (kind,), self.support(kind), prior, (kind,), known, made=False)

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return self.prior_of

    @override
    def with_priors(self, priors: Sequence[Prior]) -> Residual:
        return replace(self, prior_of=tuple(priors))

    @override
    def spreads(self, summary: ResidualSummary) -> Sequence[tuple[str, float]]:
        where = self.points[0].label if self.points else "row"
        return [(where, float(summary.place.spread[0]))] * len(self.prior_of)

    # Numbers

    @override
    def read(self, rows: Reader) -> ResidualDesign:
        level = None if self.by is None else rows.levels(self.by, needed=True)
        if self.at is not None:
            place = rows.levels(self.at, needed=True)[:, None].astype(float)
        else:
            place = rows.numbers(self.points)
        block = np.zeros(len(place), dtype=np.int64) if self.group is None else rows.levels(self.group, needed=True)
        if level is not None:
            block = block * self.sets + level
        self.check_rows(len(block))
        if self.at is None and (self.ranked or not self.points):
            place = _ranks(block, place)
        return ResidualDesign(block, place, level)

    def check_rows(self, n: int) -> None:
        """Hold rows to be those that a matrix beside the data is of.

        Raises
        ------
        DataError
        """
        if self.beside is not None and n != len(self.beside):
            known = f"{len(self.beside):,} rows go together, those of the fit"
            raise DataError(f"`{self.label}` knows how {known}, and not {n:,} others")

    @override
    def outline(self, summary: ResidualSummary) -> ResidualDesign:
        level = None if self.by is None else np.zeros(1, np.int64)
        return ResidualDesign(np.zeros(1, np.int64), np.zeros((1, len(summary.place.mean))), level)

    @override
    def value(self, names: ResidualNames) -> Expr:
        if self.free_matrix or not self.coefficients:
            return Var(names.cortime if self.free_matrix else names.beside)
        return Var(getattr(names, self.coefficients[0].name))


def _ranks(block: Integers, place: Floats) -> Floats:
    """Each row's number within its group, from 0, by place or else in the order of the data: (n, 1)."""
    keys = (np.arange(len(block)), *place.T[::-1], block)
    order = np.lexsort(keys)
    _, first, size = np.unique(block[order], return_index=True, return_counts=True)
    found = np.empty(len(block))
    found[order] = np.arange(len(block)) - np.repeat(first, size)
    return found[:, None]
