"""Say what of a model the data leave open: where effects have a rival that could do all that they do, priors decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from tildemc.arrays import Floats, Integers, Pairs
from tildemc.passes.rank import rank, spanned
from tildemc.spec.design import Design, Numbers
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.summary import Summary
from tildemc.spec.terms.group import GroupDesign, GroupEffects
from tildemc.spec.terms.population import Population, PopulationDesign
from tildemc.spec.terms.term import Path
from tildemc.threads import one_blas_thread

__all__ = ["unidentified"]


CHUNK = 1 << 12
"""Rows at once."""
_SHOWN = 4
NOTHING = 1e-8
"""What is left of a column after others, as a share of its sum of squares, is no more than rounding below this."""


def unidentified(spec: ModelSpec, design: Numbers) -> tuple[str, ...]:
    """A sentence for each thing that the data do not determine, and only priors do.

    lme4 drops such columns of the population design and refuses a grouping with as many effects as rows; here they
    stay, as in brms. An optimum has no priors to go by, so there these are the reasons why there is none.
    """
    found: list[str] = []
    for predictor in spec.predictors:
        found += _columns(predictor.population, design.summary)
        # Of effects that come in elsewhere too, what the rows say here is not all.
        shared = {group.path for group in predictor.groups if len(spec.having(group)) > 1}
        own = replace(predictor, terms=tuple(term for term in predictor.terms if term.path not in shared))
        found += _dependent(own, design.summary)
        found += _within_population(own, design)
        found += _grouped_alike(own, design)
        found += _rows_of_their_own(spec, own, design)
    return (*found, *_no_residual(spec, design), *_lone_rows(spec, design))


# Population effects against one another


def _columns(population: Population, summary: Summary) -> Iterator[str]:
    numbers = summary.of(population)
    if numbers.triangle is None:
        return
    zero = (numbers.X.low == 0) & (numbers.X.high == 0)
    empty = [column.label for column, unused in zip(population.columns, zero, strict=True) if unused]
    if empty:
        what = "column is" if len(empty) == 1 else "columns are"
        yield f"{len(empty)} {what} zero in every row, and known from the prior alone: {_listed(empty)}"
    yield from _combined(population, spanned(_with_intercept(population, numbers.triangle)).combined)


def _combined(population: Population, combined: dict[int, list[int]]) -> Iterator[str]:
    """Columns that others make up, each with those of them, as places in [1 X]."""
    labels = ["the intercept", *(column.label for column in population.columns)]
    for column, others in list(combined.items())[:_SHOWN]:
        made = _listed([labels[k] for k in others])
        what = "a multiple" if len(others) == 1 else "a combination"
        yield f"{labels[column]} is {what} of {made}: only their priors tell their coefficients apart"
    if len(combined) > _SHOWN:
        more = _listed([labels[k] for k in list(combined)[_SHOWN:]])
        yield f"so are {len(combined) - _SHOWN:,} more columns of {population.parameter}: {more}"


def _with_intercept(population: Population, triangle: Floats) -> Floats:
    """The triangle of [1 X], or of [0 X] if there is no intercept."""
    return triangle if population.intercept is not None else triangle * (np.arange(triangle.shape[1]) > 0)


# Group effects against population effects, one another, and what is left of a row


def _dependent(predictor: Predictor, summary: Summary) -> Iterator[str]:
    """Groupings whose columns make up one another: `(x + I(2 * x) | g)`."""
    for grouping in predictor.groups:
        # Sums of a few factors may be of columns that other effects are of, too: their covariances differ.
        whole = np.concatenate([np.full(block.width, block.standard == block.width) for block in grouping.blocks])
        size, triangle = int(whole.sum()), summary.of(grouping).triangle
        told = size if triangle is None else rank(triangle[:, whole])
        if told < size:
            yield (
                f"the {size} columns of the effects by `{grouping.factor.label}` have rank {told}: "
                "some of their sds are told apart by their priors alone"
            )


def _within_population(predictor: Predictor, design: Numbers) -> Iterator[str]:
    """Groupings whose effects the population's can be: `y ~ school + (1 | school)`."""
    population = predictor.population
    triangle = design.summary.of(population).triangle
    if triangle is None:
        return
    basis = spanned(_with_intercept(population, triangle)).basis
    for grouping in predictor.groups:
        levels = len(grouping.factor.levels)
        if levels > basis.shape[1]:
            continue
        with one_blas_thread():
            met = design.reduce(_Met(population.path, grouping.path, levels), _Products.merge)
        within = ((basis.T @ met.product) ** 2).sum(axis=1) >= (1.0 - NOTHING) * met.square
        theirs = [column.label for column, whole in zip(grouping.columns, within.all(axis=1), strict=True) if whole]
        if theirs:
            yield (
                f"the population effects can be those of {_listed(theirs)} by `{grouping.factor.label}`: "
                f"the data say nothing of {_sds(theirs)}"
            )


@dataclass(frozen=True, eq=False)
class _Products:
    """Of each column and level of a grouping, the products with [1 X], (q, p + 1, levels), and the square."""

    product: Floats
    square: Floats

    def merge(self, other: _Products) -> _Products:
        return _Products(self.product + other.product, self.square + other.square)


@dataclass(frozen=True)
class _Met:
    """The products of a grouping's effects with the population's columns, over some rows."""

    population: Path
    group: Path
    levels: int

    def __call__(self, design: Design) -> _Products:
        numbers: PopulationDesign = design.terms[self.population]
        group: GroupDesign = design.terms[self.group]
        q, p = group.Z.shape[1], numbers.X.shape[1]
        product, square = np.zeros((q, p + 1, self.levels)), np.zeros((q, self.levels))
        for at in range(0, design.n, CHUNK):
            rows = at + np.flatnonzero(group.index[at : at + CHUNK] >= 0)
            level = group.index[rows]
            X = np.column_stack([np.ones(len(rows)), numbers.X[rows]]).T
            for a, z in enumerate(group.Z[rows].T):
                effects = np.zeros((len(rows), self.levels))
                effects[np.arange(len(rows)), level] = z
                product[a] += X @ effects
                square[a] += np.bincount(level, z * z, self.levels)
        return _Products(product, square)


def _grouped_alike(predictor: Predictor, design: Numbers) -> Iterator[str]:
    """Groupings with the same levels under two names: `(1 | id) + (1 | name)`, `(1 | a/b)` with one b in each a."""
    for one, two in combinations(predictor.groups, 2):
        labels = {column.label for column in two.columns}
        shared = [column.label for column in one.columns if column.label in labels]
        if not shared or len(one.factor.levels) != len(two.factor.levels) or one.between is not two.between:
            continue
        pairs = design.reduce(_Pairs(one.path, two.path), _together)
        if len(pairs) == len(np.unique(pairs.real)) == len(np.unique(pairs.imag)):
            yield (
                f"`{one.factor.label}` and `{two.factor.label}` group the rows in the same way: the data do not tell "
                f"their effects of {_listed(shared)} apart, only the priors of their sds do"
            )


@dataclass(frozen=True)
class _Pairs:
    """The levels of two groupings that meet in a row, as complex numbers, which sort by both: (pairs,)."""

    one: Path
    two: Path

    def __call__(self, design: Design) -> Pairs:
        one: GroupDesign = design.terms[self.one]
        two: GroupDesign = design.terms[self.two]
        return np.unique(one.index + 1j * two.index)


def _together(one: Pairs, two: Pairs) -> Pairs:
    return np.union1d(one, two)


def _rows_of_their_own(spec: ModelSpec, predictor: Predictor, design: Numbers) -> Iterator[str]:
    """Effects that can fit each row exactly: `(1 | id)` with a row each, `(x | pair)` with two."""
    for grouping in predictor.groups:
        labels, group = list(grouping.labels), design.summary.of(grouping)
        if grouping.between is not None and grouping.between.relates:
            # Rows of relatives are alike, which no noise of their own is.
            continue
        if group.rows.max(initial=0) > len(labels) or _rival(spec, predictor, labels) is None:
            continue
        sigma = spec.residual_sd
        by = (
            sigma
            if sigma is not None and sigma.by is not None and predictor.parameter == spec.predictors[0].parameter
            else None
        )
        sharing = np.array([design.n]) if by is None else design.summary.of(by).rows
        rows = design.reduce(_Informing(grouping.path, None if by is None else by.path), _Rows.merge)
        for unit in _free(grouping):
            if not rows.fitted_by(unit, sharing):
                continue
            row = "row" if group.rows.sum() == design.n else "row that informs it"
            mine = [labels[a] for a in unit]
            if len(unit) == 1:
                told = f"`{grouping.factor.label}` has a level for each {row}"
            else:
                told = f"the effects of {_listed(mine)} by `{grouping.factor.label}` can fit each {row} exactly"
            yield f"{told}: {_rival(spec, predictor, mine)}"


def _free(grouping: GroupEffects) -> Iterator[list[int]]:
    """The grouping's columns by what noise could be taken for: a correlated block's, or one of their own."""
    start = 0
    for block in grouping.blocks:
        n = len(block.columns)
        yield from ([start + a for a in unit] for unit in block.covariance.like_noise(n))
        start += n


def _rival(spec: ModelSpec, predictor: Predictor, labels: list[str]) -> str | None:
    """What the effects cannot be told from where they can be anything in each row; None if the rest is known."""
    if predictor.parameter != "mu":
        return f"only the most outlying rows speak of how {predictor.parameter} varies by it"
    if spec.family.values.binary:
        return f"one outcome in each says nothing of {_sds(labels)}"
    if not spec.family.values.whole and spec.auxiliaries:
        sds = "its sd" if len(labels) == 1 else "their sds"
        spread = spec.auxiliaries[0]
        rival = "the residual sd" if spread == spec.residual_sd else f"`{spread.parameter}`"
        return f"the data do not tell {sds} from {rival}, only their priors do"
    return None


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows that inform a grouping: their level (n,), columns (n, q), and level of the residual sd (n,)."""

    index: Integers
    Z: Floats
    residual: Integers

    def merge(self, other: _Rows) -> _Rows:
        return _Rows(
            np.concatenate([self.index, other.index]),
            np.concatenate([self.Z, other.Z]),
            np.concatenate([self.residual, other.residual]),
        )

    def fitted_by(self, columns: list[int], rows: Integers) -> bool:
        """Whether these columns fit all rows that they touch, and of these, no other rows share a residual sd.

        `rows` is how many rows each residual sd has.
        """
        Z = self.Z[:, columns]
        here = (Z != 0).any(axis=1)
        mine = np.bincount(self.residual[here], minlength=len(rows))
        if not here.any() or ((mine > 0) & (mine < rows)).any():
            return False
        return _independent(self.index[here], Z[here] / np.maximum(np.abs(Z).max(axis=0), np.finfo(float).tiny))


def _independent(index: Integers, Z: Floats) -> bool:
    """Whether in each level the rows, none of which is zero, are independent, so that effects can fit all of them."""
    order = np.argsort(index, kind="stable")
    _, start, size = np.unique(index[order], return_index=True, return_counts=True)
    blocks = ((m, Z[order][start[size == m, None] + np.arange(m)]) for m in np.unique(size) if m > 1)
    return size.max() <= Z.shape[1] and all((np.linalg.matrix_rank(block) == m).all() for m, block in blocks)


@dataclass(frozen=True)
class _Informing:
    """Those of some rows that inform a grouping; `by` is the auxiliary whose levels have residual sds of their own."""

    group: Path
    by: Path | None

    def __call__(self, design: Design) -> _Rows:
        group: GroupDesign = design.terms[self.group]
        here = (group.Z != 0).any(axis=1) & (group.index >= 0)
        level = None if self.by is None else design.terms[self.by].index
        residual = np.zeros(design.n, dtype=np.int64) if level is None else level
        return _Rows(group.index[here], group.Z[here], residual[here])


# Residual sds


def _no_residual(spec: ModelSpec, design: Numbers) -> Iterator[str]:
    """A population design that fits every row."""
    population = spec.predictors[0].population
    triangle, known = design.summary.of(population).triangle, spec.residual_sd is None
    if triangle is None or known or not spec.family.values.unbounded or len(population.columns) + 1 < design.n:
        return
    if rank(_with_intercept(population, triangle)) >= design.n:
        yield (
            f"the population effects can fit each of the {design.n:,} rows exactly: "
            "the data say nothing of the residual sd, only its prior does"
        )


def _lone_rows(spec: ModelSpec, design: Numbers) -> Iterator[str]:
    """`sigma ~ by(id)` where a level has one row."""
    for auxiliary in spec.auxiliaries:
        rows = design.summary.of(auxiliary).rows
        alone = int((rows == 1).sum())
        if auxiliary.by is None or not alone:
            continue
        what = "the residual sd" if auxiliary == spec.residual_sd else auxiliary.parameter
        has = "has" if alone == 1 else "have"
        yield (
            f"{alone:,} of the {len(rows):,} levels of `{auxiliary.by.label}` {has} but one row, which says next to "
            f"nothing of {what} there: its prior does"
        )


# Words


def _listed(labels: list[str]) -> str:
    return ", ".join(labels[:_SHOWN]) + (", …" if len(labels) > _SHOWN else "")


def _sds(labels: list[str]) -> str:
    return "its sd, only the prior does" if len(labels) == 1 else "their sds, only the priors do"
