"""A model and the rows of its data -> the variables that one can set, compare and average over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from tildemc.arrays import Floats, Label, Values
from tildemc.errors import SemanticError, nearest
from tildemc.resolve.frame import Frame
from tildemc.resolve.ordered import with_sources
from tildemc.resolve.used import given_rows, table
from tildemc.spec.columns import NO_NAMES, label_of
from tildemc.spec.companions import COVARIATE, companion_of
from tildemc.spec.expr import columns_of
from tildemc.spec.model import ModelSpec
from tildemc.spec.terms.functions import Functions
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.product import Coding, Product
from tildemc.visible import listed, shown

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Variable", "Variables"]


@dataclass(frozen=True, eq=False)
class Variable:
    """A column of the data.

    Attributes
    ----------
    name : str
    values : (n,)
        In the rows.
    levels : tuple
        Its different values in order; empty of a number.
    reference : object
        The level that contrasts are against; None of a number.
    named : mapping
        What the data call some of the levels.
    """

    name: str
    values: Values
    levels: tuple[Label, ...]
    reference: Label | None = None
    named: Mapping[Label, str] = NO_NAMES

    @property
    def number(self) -> bool:
        """Whether it is one, and no level of something."""
        return not self.levels

    @cached_property
    def numbers(self) -> Floats:
        """Its values where it has any."""
        found: Floats = self.values.astype(np.float64)
        return found[~np.isnan(found)]

    def typical(self) -> Label:
        """The mean of numbers, else the level that most rows have."""
        if self.number:
            return float(self.numbers.mean())
        counts = [int(np.sum(self.values == level)) for level in self.levels]
        return self.levels[int(np.argmax(counts))]

    def level(self, value: object) -> Label:
        """The level that a person means: itself, or what is written like it.

        Raises
        ------
        SemanticError
            If there is none.
        """
        plain = value.item() if isinstance(value, np.generic) else value
        written = label_of(plain) if isinstance(plain, str | bool | int | float) else ""
        for level in self.levels:
            if written in (label_of(level), self.label(level)):
                return level
        labels = [self.label(level) for level in self.levels]
        raise SemanticError(
            f"`{self.name}` has no level {shown(value)}{nearest(written, labels)}; it has {listed(labels)}"
        )

    def label(self, level: Label) -> str:
        """What a level is called."""
        return label_of(level, self.named)


@dataclass(frozen=True, eq=False)
class Variables:
    """The columns of some rows, as far as a model uses them.

    Attributes
    ----------
    spec : ModelSpec
    frame : Frame
        The rows.
    """

    spec: ModelSpec
    frame: Frame

    @classmethod
    def of(cls, spec: ModelSpec, newdata: Any) -> Variables:
        """Those of new data, with the columns that the model makes of other rows."""
        return cls(spec, with_sources(spec.ordered, given_rows(newdata)))

    def _products(self) -> Iterator[Product]:
        for predictor in self.spec.predictors:
            yield from predictor.population.products
        if self.spec.specific is not None:
            yield from self.spec.specific.products

    def _codings(self) -> Iterator[Coding]:
        for product in self._products():
            yield from product.codings

    @cached_property
    def effects(self) -> tuple[str, ...]:
        """The columns that population effects, smooths and the like are of, and those that curves read, in order."""
        terms = (term for predictor in self.spec.predictors for term in predictor.terms)
        coded = [column for coding in self._codings() for column in coding.columns]
        coded += [
            column
            for term in terms
            if isinstance(term, Functions | Monotonic | MeasuredEffect)
            for column in term.columns
        ]
        beside = self.spec.response.companions.items()
        read = (column for name, column in beside if companion_of(name) == COVARIATE)
        return _each_once(name for column in (*coded, *read) for name in columns_of(column.value))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All columns that the model uses and the rows have, but for the response's own; those of `effects` first."""
        response = {self.spec.response.value}
        used = (name for expr in self.spec.expressions() if expr not in response for name in columns_of(expr))
        grouped = (name for factor in self.spec.factors() for name in factor.columns)
        return tuple(n for n in _each_once((*self.effects, *used, *grouped)) if n in self.frame.names)

    @cached_property
    def grouping(self) -> frozenset[str]:
        """The columns that do nothing but group rows whose effects vary."""
        terms = (term for term in self.spec.terms() if not isinstance(term, GroupEffects))
        others = {name for term in terms if term.grouped_by is not None for name in term.grouped_by.columns}
        others |= {name for expr in self.spec.expressions() for name in columns_of(expr)}
        return frozenset(name for group in self.spec.groups() for name in group.factor.columns) - others

    @cached_property
    def interactions(self) -> tuple[tuple[str, str], ...]:
        """Pairs of columns that stand in one product."""
        found: dict[tuple[str, str], None] = {}
        for product in self._products():
            parts = [_each_once(n for c in coding.columns for n in columns_of(c.value)) for coding in product.codings]
            for left, right in combinations(parts, 2):
                found |= dict.fromkeys((a, b) for a in left for b in right if a != b)
        return tuple(found)

    def table(self, also: Sequence[str] = ()) -> DataFrame:
        """The columns of the rows; further ones by name."""
        return table(self.frame, _each_once((*self.names, *also)))

    def typical(self, name: str) -> Label:
        """What a column is where nothing is said of it."""
        for companion, column in self.spec.response.companions.items():
            # Of trials, say: a mean number of them is nobody's question, one of them is.
            usual = companion_of(companion).usual
            if usual is not None and name in columns_of(column.value) and name not in self.effects:
                return usual
        return self[name].typical()

    def __getitem__(self, name: str) -> Variable:
        """The column of that name."""
        values = table(self.frame, [name])[name].to_numpy()
        if values.dtype.kind in "iuf" and not self._has_levels(name):
            return Variable(name, values, ())
        levels = self.frame.distinct(name)
        return Variable(name, values, levels, self._reference(name, levels), self.frame.value_labels(name))

    def chosen(self, name: object) -> Variable:
        """The column that a person names.

        Raises
        ------
        SemanticError
            If the model does not use it.
        """
        if name not in self.names:
            there = f"it has {', '.join(self.names)}" if self.names else "it has none"
            close = nearest(name, self.names) if isinstance(name, str) else ""
            raise SemanticError(f"the model has no variable {shown(name)}{close}; {there}")
        return self[str(name)]

    def _has_levels(self, name: str) -> bool:
        """Whether the numbers of a column are names of levels, or steps between which there is nothing."""
        effects = (effect for predictor in self.spec.predictors for effect in predictor.monotonic)
        if any(name in columns_of(effect.code.value) for effect in effects):
            return True
        if any(name in columns_of(levels.has_one) for coding in self._codings() for levels in coding.factors):
            return True
        return name not in self.effects and any(name in factor.columns for factor in self.spec.factors())

    def _reference(self, name: str, levels: tuple[Label, ...]) -> Label:
        """The level at which all columns of a coding are zero; the first where it is none or several."""
        each = Frame({name: np.array(levels, dtype=object)})
        each = each.as_codes() if self.frame.coded else each
        for coding in self._codings():
            if coding.columns and all(columns_of(column.value) == (name,) for column in coding.columns):
                values = np.array([each.evaluate(column.value) for column in coding.columns], dtype=np.float64)
                # Contrasts that sum to zero have no such level; then the first is as good as any.
                zero = np.flatnonzero((values == 0).all(axis=0))
                if len(zero) == 1:
                    return levels[int(zero[0])]
        return levels[0]


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
