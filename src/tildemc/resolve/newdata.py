"""ModelSpec × new data -> Design: transforms, levels and coding as the model learned them, rows as they come."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, assert_never

import numpy as np

from tildemc.arrays import Floats, Mask, Values
from tildemc.errors import DataError, UnknownColumn, nearest
from tildemc.resolve.contents import HELD, uses
from tildemc.resolve.encode import check_beside, check_noise, companion, numbers, response_of
from tildemc.resolve.frame import FUNCTIONS, Frame
from tildemc.resolve.ordered import with_sources
from tildemc.resolve.rows import unlabelled_rows
from tildemc.resolve.schema import level_index
from tildemc.resolve.stream import Data
from tildemc.resolve.undecided import minded
from tildemc.resolve.unseen import NewRead, check_levels, check_steps, combination, refused, unrelated
from tildemc.resolve.used import given_rows
from tildemc.spec.design import Design, RowLabels
from tildemc.spec.expr import Expr, columns_of
from tildemc.spec.model import AnyTerm, ModelSpec
from tildemc.spec.ordered import used_of
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.functions import Functions
from tildemc.spec.terms.group import GroupDesign, GroupEffects
from tildemc.spec.terms.latent import Latent
from tildemc.spec.terms.measured import Measured, MeasuredDesign
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.product import Column, Levels, Product
from tildemc.spec.terms.residual import Residual
from tildemc.spec.terms.shared import SharedEffects
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.thresholds import Thresholds

if TYPE_CHECKING:
    from pandas import Index

__all__ = ["Needed", "NewLevels", "NewRows", "Wanted", "new_rows"]

Wanted = Callable[[GroupEffects], Mask]
"""Which of a group's effects are asked for, (q,)."""
NewLevels = Literal["error", "sample", "population", "existing"]
"""What becomes of a level that the model has not seen."""


@dataclass(frozen=True, eq=False)
class NewRows:
    """New data as a model takes them.

    Attributes
    ----------
    design : Design
        Of the rows that have a value in all that is needed. A level of a grouping that the model has not seen has a
        number from the number of its levels on, the same in each predictor.
    complete : (n,) of bool
        Which of the data's rows those are.
    index : pandas Index or None
        What the data call their rows; None if they count them.
    """

    design: Design
    complete: Mask
    index: Index | None

    @property
    def labels(self) -> Values:
        """The rows as a coordinate has them, (n,)."""
        return np.arange(len(self.complete)) if self.index is None else RowLabels(self.index).values


def new_rows(needed: Needed, data: Data, new_levels: NewLevels) -> NewRows:
    """A model's numbers for new data.

    Parameters
    ----------
    needed : Needed
    data : data frame, mapping or path
    new_levels : str

    Raises
    ------
    DataError
        If a column is not there or holds something else than at the fit, or a row has a level that no row had.
    """
    # Values are as they are: what a value means the model knows.
    frame = with_sources(used_of(needed.spec.ordered, needed.names), given_rows(data).as_codes())
    needed.check_columns(frame)
    complete = np.ones(len(frame), dtype=bool)
    for name in needed.valued:
        complete &= ~frame.missing(name)
    complete &= needed.there(frame)
    design = needed.encoded(frame.select(complete), new_levels)
    lacking = unlabelled_rows(needed.spec, design)
    if lacking:
        complete[np.flatnonzero(complete)[np.logical_or.reduce(list(lacking.values()))]] = False
        design = needed.encoded(frame.select(complete), new_levels)
    labels = frame.labels
    return NewRows(design, complete, None if labels is None else labels.index)


@dataclass(frozen=True, eq=False)
class Needed:
    """What is needed of new data.

    Attributes
    ----------
    spec : ModelSpec
    wanted : callable
        The group effects that are asked for; the columns of the others need not be there.
    response : bool
        Whether the response is needed.
    companions : of str
        The companions of the response that are needed.
    parameters : frozenset of str or None
        The parameters of the response that are needed; None for all. The design has no terms of the others.
    gaps : bool
        Whether rows may lack the response, which is NaN then.
    """

    spec: ModelSpec
    wanted: Wanted
    response: bool = False
    companions: Collection[str] = ()
    parameters: frozenset[str] | None = None
    gaps: bool = False

    @property
    def terms(self) -> tuple[AnyTerm, ...]:
        """The terms of the parameters that are needed."""
        if self.parameters is None:
            return tuple(self.spec.terms())
        own = [term for term in self.spec.terms() if term.path[0] in self.parameters]
        true = {path for term in own if isinstance(term, MeasuredEffect) for path, _ in term.of}
        read: tuple[AnyTerm, ...] = (*self.spec.measured, *self.spec.latents)
        return (*own, *(term for term in read if term.path in true))

    def _columns(self, term: AnyTerm) -> tuple[Column, ...]:
        """What is computed from a row for a term: of group effects those that are asked for."""
        if not isinstance(term, GroupEffects | SharedEffects):
            return term.columns
        return tuple(c for c, asked in zip(term.columns, self._asked(term), strict=True) if asked)

    def _asked(self, term: GroupEffects | SharedEffects) -> Mask:
        """Which of a term's effects are asked for."""
        first = term.first if isinstance(term, SharedEffects) else 0
        return self.wanted(self.spec.owner(term))[first : first + len(term.columns)]

    def _expressions(self) -> Iterator[Expr]:
        if self.response:
            yield self.spec.response.value
        yield from (self.spec.response.companions[name].value for name in self.companions)
        yield from (column.value for term in self.terms for column in self._columns(term))

    def _factors(self) -> Iterator[Factor]:
        """The factors whose levels rows have."""
        for term in self.terms:
            left_out = isinstance(term, GroupEffects | SharedEffects) and not self._asked(term).any()
            if term.grouped_by is not None and not left_out:
                yield term.grouped_by
            if isinstance(term, Residual):
                yield from term.grouped

    def _by(self) -> Iterator[Factor]:
        own = (term for term in self.terms if isinstance(term, Auxiliary | Thresholds))
        return (term.by for term in own if term.by is not None)

    def _levels(self) -> Iterator[Levels]:
        """The factors that terms are made of."""
        products = [product for term in self.terms for product in self._products(term)]
        yield from dict.fromkeys(levels for p in products for coding in p.codings for levels in coding.factors)
        made = (term for term in self.terms if isinstance(term, Functions | Monotonic))
        yield from dict.fromkeys(levels for term in made for levels in term.known)
        if self.response and self.spec.response.levels is not None:
            yield self.spec.response.levels

    def _products(self, term: AnyTerm) -> tuple[Product, ...]:
        match term:
            case Population(products=products) | Specific(products=products):
                return products
            case GroupEffects(blocks=blocks) if self.wanted(term).any():
                return tuple(product for block in blocks for product in block.products)
            case SharedEffects(products=products) if self._asked(term).any():
                return products
            case _:
                return ()

    @property
    def valued(self) -> tuple[str, ...]:
        """The columns that must have a value: all but those that group rows, and whose having one is asked for."""
        minding = [(expr, minded(expr)) for expr in self._expressions()]
        return self._columns_of(name for expr, asked in minding for name in columns_of(expr) if name not in asked)

    def _columns_of(self, named: Iterable[str]) -> tuple[str, ...]:
        by = (name for factor in self._by() for name in factor.columns)
        beside = self._of_response if self.gaps else ()
        return tuple(name for name in dict.fromkeys((*named, *by)) if name not in beside)

    def there(self, frame: Frame) -> Mask:
        """Where what may have a value though a column has none has one; (n,)."""
        found = np.ones(len(frame), dtype=bool)
        with np.errstate(all="ignore"):
            for expr in (expr for expr in self._expressions() if minded(expr)):
                found &= ~FUNCTIONS["isna"](frame.evaluate(expr))
            for has_one in (levels.has_one for levels in self._levels() if minded(levels.has_one)):
                lacking = np.logical_or.reduce([frame.missing(name) for name in minded(has_one)])
                found &= ~lacking | (frame.evaluate(has_one).astype(float) > 0)
        return found

    @property
    def _of_response(self) -> tuple[str, ...]:
        """The columns of the response."""
        return tuple(columns_of(self.spec.response.value)) if self.response else ()

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that are needed."""
        grouping = (name for factor in self._factors() for name in factor.columns)
        read = self._columns_of(name for expr in self._expressions() for name in columns_of(expr))
        return tuple(dict.fromkeys((*self._of_response, *read, *grouping)))

    def check_columns(self, frame: Frame) -> None:
        """Refuse data without a column, or with something else in one than the model knows."""
        names = self.names
        lacking = [name for name in names if name not in frame.names]
        if lacking:
            listed = ", ".join(f"`{name}`" for name in names)
            raise UnknownColumn(
                f"no column `{lacking[0]}` in the new data{nearest(lacking[0], frame.names)}; the model needs {listed}"
            )
        for name, known in uses(
            [*self._expressions(), *(levels.has_one for levels in self._levels())], self._factors()
        ):
            found = frame.stored(name).content
            if found not in known and not frame.missing(name).all():
                raise DataError(
                    f"`{name}` holds {HELD[known[0]]} in the data of the fit, {HELD[found]} in the new data"
                )

    def check_levels(self, frame: Frame) -> None:
        """Refuse rows with a level of a factor that the model does not know."""
        for levels in self._levels():
            check_levels(levels, frame)

    def encoded(self, frame: Frame, new_levels: NewLevels) -> Design:
        """The numbers of rows that have all values."""
        self.check_levels(frame)
        spec, rows = self.spec, NewRead(frame)
        companions = {name: companion(name, spec.response.companions[name], frame) for name in self.companions}
        terms = {
            term.path: (
                self._group(term, frame, new_levels)
                if isinstance(term, GroupEffects | SharedEffects)
                else _measured(term, frame)
                if isinstance(term, Measured)
                else term.read(rows).known
                if isinstance(term, Latent)
                else term.read(replace(rows, together=term.group) if isinstance(term, Residual) else rows)
            )
            for term in self.terms
        }
        for term in self.terms:
            if isinstance(term, Monotonic):
                check_steps(term, term.read(rows).values[:, 0], frame)
        y = self._response(frame, companions.get("trials")) if self.response else None
        if y is not None:
            check_beside(spec.response, frame, y, companions)
        return Design(y, terms, frame.rows, companions, frame.labels)

    def _response(self, frame: Frame, trials: Floats | None) -> Floats:
        known = np.ones(len(frame), dtype=bool)
        for name in self._of_response if self.gaps else ():
            known &= ~frame.missing(name)
        found = np.full(len(frame), np.nan)
        own = None if trials is None else trials[known]
        found[known] = response_of(self.spec.response, frame.select(known), self.spec.family, own)
        return found

    def _group(self, term: GroupEffects | SharedEffects, frame: Frame, new_levels: NewLevels) -> GroupDesign:
        wanted = self._asked(term)
        Z = np.zeros((len(frame), len(wanted)))
        if not wanted.any():
            return GroupDesign(Z, np.full(len(frame), -1, dtype=np.int64))
        Z[:, wanted] = numbers(self._columns(term), frame)
        factor = term.factor
        number = level_index(frame, factor)
        missing = np.logical_or.reduce([frame.missing(name) for name in factor.columns])
        # A row of nothing but zeros has no effect, whatever its level.
        unseen = (number < 0) & ~missing & (Z != 0).any(axis=1)
        if not unseen.any():
            return GroupDesign(Z, number)
        match new_levels:
            case "error":
                raise refused(factor, frame, unseen)
            case "population":
                Z[unseen] = 0.0
            case "sample" | "existing" if self.spec.owner(term).between is not None:
                raise unrelated(factor, frame, unseen)
            case "sample" | "existing":
                number = np.where(unseen, len(factor.levels) + combination(factor, frame), number)
            case never:
                assert_never(never)
        return GroupDesign(Z, number)


def _measured(term: Measured, frame: Frame) -> MeasuredDesign:
    """What was measured in each row, of which the model has seen no true value."""
    found = numbers(term.columns, frame)
    values, noise = found[:, : term.width], found[:, term.width :]
    check_noise(noise, term, frame, least=0.0)
    if term.factor is None:
        return MeasuredDesign(values, noise, term.size + np.arange(len(frame)))
    # What was measured now says it: rows of one level that have the same have one true value.
    level = combination(term.factor, frame)
    place = np.unique(np.column_stack([level, found]), axis=0, return_inverse=True)[1]
    return MeasuredDesign(values, noise, term.size + place.reshape(-1))
