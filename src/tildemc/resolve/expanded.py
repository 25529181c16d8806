"""Expanded: what a formula says once its algebra is worked out, predictor by predictor, with its group terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tildemc.resolve.algebra import Terms
from tildemc.resolve.areas import grouped_by
from tildemc.resolve.grouped import Members
from tildemc.resolve.remarks import Remark
from tildemc.span import Span, span_field
from tildemc.syntax.residuals import Residuals
from tildemc.syntax.tree import (
    Call,
    Expr,
    Fixed,
    Modifier,
    Name,
    Predictor,
)

__all__ = ["SPECIFIC", "Bar", "Expanded", "ExpandedPredictor", "Imputing", "Specific"]


SPECIFIC = ("cs", "cse")
"""What brms calls category-specific effects, now and before."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`(terms | factor)`: effects that vary by the combinations of `factor`'s columns; `(terms | shared | factor)`.

    `structure` is that of their covariance; `doubled`: it was said by `||`; each level of `by` has its own; a row may
    have several groups, `members`; `known` is the covariance between levels; effects are Student-t if `student`;
    `weights` say how much each level counts; `rank` is how many factors effects are sums of.
    """

    terms: Terms
    factor: tuple[Name, ...]
    structure: str
    doubled: bool = False
    shared: Name | None = None
    by: Name | None = None
    members: Members | None = None
    known: Name | None = None
    student: bool = False
    weights: Name | None = None
    rank: int | None = None
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True)
class Specific:
    """`cs(terms)`: effects that each threshold has by itself."""

    terms: Terms
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True)
class ExpandedPredictor:
    """What one parameter depends on: population terms, group terms, or (`by`) nothing but a level.

    `specific` are the terms within `cs()`.
    """

    parameter: str
    terms: Terms
    bars: tuple[Bar, ...] = ()
    by: tuple[Name, ...] = ()
    smooths: tuple[Call, ...] = ()
    areas: tuple[Call, ...] = ()
    span: Span | None = span_field()
    specific: Specific | None = None

    residuals: tuple[Residuals, ...] = ()

    @property
    def sums(self) -> tuple[Terms, ...]:
        """All sums of terms in it."""
        specific = () if self.specific is None else (self.specific.terms,)
        return (self.terms, *specific, *(bar.terms for bar in self.bars))


@dataclass(frozen=True, slots=True)
class Imputing:
    """`mi()` or `mi(noise)` beside a response."""

    noise: Expr | None
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True)
class Expanded:
    """A formula with its algebra worked out; `curves` are the parameters that are arithmetic of others.

    Where there are several responses it is that of the first, and `others` are those of the further ones; `rescor`,
    `complete` and `doubled` are as `Formula` has them. `correlated_measured`: the true values of several variables that
    are measured with error are correlated.
    """

    response: Expr
    modifiers: tuple[Modifier, ...]
    predictors: tuple[ExpandedPredictor, ...]
    text: str
    notes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    curves: tuple[Predictor, ...] = ()
    residuals: Residuals | None = None
    correlated_measured: bool = True
    imputing: Imputing | None = None
    others: tuple[Expanded, ...] = ()
    rescor: bool | None = None
    complete: bool = False
    doubled: bool = False

    @property
    def each(self) -> tuple[Expanded, ...]:
        """Those of all responses."""
        return (self, *self.others)

    @property
    def factors(self) -> Iterator[tuple[Name, ...]]:
        """The columns that rows are grouped by, each with those that it stands beside."""
        for formula in self.each:
            yield from formula._own_factors()

    def _own_factors(self) -> Iterator[tuple[Name, ...]]:
        for predictor in self.predictors:
            for bar in predictor.bars:
                yield bar.factor
                yield from ((name,) for name in (() if bar.members is None else bar.members.columns))
                if bar.by is not None:
                    yield (*bar.factor, bar.by)
                if bar.members is not None and bar.members.by:
                    yield from zip(bar.members.columns, bar.members.by, strict=True)
                if bar.weights is not None:
                    yield (*bar.factor, bar.weights)
            yield from ((grouped_by(call),) for call in predictor.areas)
            if predictor.by:
                yield predictor.by
        for modifier in self.modifiers:
            yield from ((a.value,) for a in modifier.arguments if a.name == "gr" and isinstance(a.value, Name))
