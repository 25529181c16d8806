"""Frame -> Schema: what each column is, and what stateful functions learned of it.

`Learning` reads a formula with the data in hand; the module `survey` has the schema of a stream's rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tildemc.errors import UnknownColumn, nearest
from tildemc.model.expr import Expr
from tildemc.model.spec import Factor
from tildemc.resolve.frame import Categorical, Frame, Kind, Logical, label_of, place
from tildemc.resolve.lessons import Lesson
from tildemc.syntax.tree import Name, deparse

__all__ = [
    "Learning",
    "Schema",
    "factor_of",
    "level_index",
    "unused_levels",
]


class Schema(ABC):
    """What a formula needs to know of the data to be a model; what was asked once is remembered.

    Attributes
    ----------
    kinds : mapping
        What each column in use is.
    lessons : mapping
        For the text of a stateful call, what it learned.
    factors : mapping
        For a grouping's columns, its observed combinations.
    """

    def __init__(self) -> None:
        self.kinds: dict[str, Kind] = {}
        self.lessons: dict[str, Any] = {}
        self.factors: dict[tuple[str, ...], Factor] = {}

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """All columns."""

    @property
    @abstractmethod
    def coded(self) -> bool:
        """Whether columns are taken as Stata takes them, `Frame.as_codes`."""

    def label(self, name: str, value: Any) -> str:
        """What a value of a column is called."""
        return label_of(value)

    def kind(self, name: str) -> Kind:
        """What a column is."""
        if name not in self.kinds:
            self.kinds[name] = self._kind(name)
        return self.kinds[name]

    def learned(self, key: str, expr: Expr, lesson: Lesson) -> Any:
        """What `lesson` makes of the values of `expr`, the argument of the call with the text `key`."""
        if key not in self.lessons:
            with np.errstate(all="ignore"):
                self.lessons[key] = self._learn(expr, lesson)
        return self.lessons[key]

    def factor(self, columns: tuple[Name, ...]) -> Factor:
        """The observed combinations of some columns; levels keep their columns' own order, the first slowest."""
        names = tuple(column.text for column in columns)
        if names not in self.factors:
            _check_columns(columns, self.names)
            self.factors[names] = self._factor(names, _factor_label(columns))
        return self.factors[names]

    @abstractmethod
    def _kind(self, name: str) -> Kind: ...

    @abstractmethod
    def _learn(self, expr: Expr, lesson: Lesson) -> Any: ...

    @abstractmethod
    def _factor(self, names: tuple[str, ...], label: str) -> Factor: ...


class Learning(Schema):
    """The schema of a frame."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.frame = frame

    @property
    def names(self) -> tuple[str, ...]:
        """All columns."""
        return self.frame.names

    @property
    def coded(self) -> bool:
        """As the frame is."""
        return self.frame.coded

    def label(self, name: str, value: Any) -> str:
        """By the frame's value labels."""
        return self.frame.label(name, value)

    def _kind(self, name: str) -> Kind:
        return self.frame.kind(name)

    def _learn(self, expr: Expr, lesson: Lesson) -> Any:
        return lesson(np.asarray(self.frame.evaluate(expr)))

    def _factor(self, names: tuple[str, ...], label: str) -> Factor:
        return _observed(self.frame, names, label)


def unused_levels(columns: Schema) -> dict[str, tuple[str, ...]]:
    """For each factor that was asked about, the levels that it declares and no row has."""
    return {
        name: tuple(columns.label(name, value) for value in kind.unused)
        for name, kind in columns.kinds.items()
        if isinstance(kind, Categorical) and kind.unused
    }


def _observed(frame: Frame, names: tuple[str, ...], label: str) -> Factor:
    orders = [level_order(frame, name) for name in names]
    number = np.zeros(len(frame), dtype=np.int64)
    known = np.ones(len(frame), dtype=bool)
    for name, order in zip(names, orders, strict=True):
        position = frame.place(name, order)
        known &= position >= 0
        number = number * len(order) + position
    import pandas as pd

    observed = np.sort(pd.unique(number[known]))
    digits = np.unravel_index(observed, [max(1, len(order)) for order in orders])
    keys = tuple(zip(*([order[d] for d in digit] for order, digit in zip(orders, digits, strict=True)), strict=True))
    return factor_of(label, names, keys, frame.value_labels)


def level_order(frame: Frame, name: str) -> tuple[Any, ...]:
    """The values of a column in the order of its levels."""
    match frame.kind(name):
        case Categorical(levels):
            return levels
        case Logical():
            return (False, True)
        case _:
            return frame.distinct(name)


def _check_columns(columns: tuple[Name, ...], names: tuple[str, ...]) -> None:
    """Refuse a column that is not there."""
    for column in columns:
        if column.text not in names:
            raise UnknownColumn(f"no column `{column.text}` in the data{nearest(column.text, names)}", column.span)


def _factor_label(columns: tuple[Name, ...]) -> str:
    """`school:class`."""
    return ":".join(deparse(column) for column in columns).replace("`", "")


def factor_of(
    label: str,
    names: tuple[str, ...],
    keys: tuple[tuple[Any, ...], ...],
    value_labels: Callable[[str], Mapping[float, str]] = lambda name: {},
) -> Factor:
    """The factor whose levels are these combinations of the columns' values; some of these may have names."""
    known = [value_labels(name) for name in names]
    levels = (":".join(map(label_of, key, known)) for key in keys)
    return Factor(label, names, keys, tuple(levels), named=any(known))


def level_index(frame: Frame, factor: Factor) -> NDArray[np.int64]:
    """Each row's level of a factor, (n,); -1 where it has none of them."""
    number = np.zeros(len(frame), dtype=np.int64)
    key_number = np.zeros(len(factor.keys), dtype=np.int64)
    known = np.ones(len(frame), dtype=bool)
    for j, name in enumerate(factor.columns):
        values = tuple(dict.fromkeys(key[j] for key in factor.keys))
        position = frame.place(name, values)
        known &= position >= 0
        number = number * len(values) + position
        digit = {value: i for i, value in enumerate(values)}
        key_number = key_number * len(values) + np.array([digit[key[j]] for key in factor.keys], dtype=np.int64)
    return np.where(known, place(number, tuple(key_number.tolist())), -1)
