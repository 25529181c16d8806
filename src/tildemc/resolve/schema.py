"""Frame -> Schema: what each column is, and what stateful functions learned of it.

`Learning` reads a formula with the data in hand; the module `survey` has the schema of a stream's rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tildemc.arrays import Integers, Label
from tildemc.errors import DataError, UnsupportedError
from tildemc.resolve.column import Categorical, Kind, Logical, Numeric, place
from tildemc.resolve.combinations import first_rows, numbered
from tildemc.resolve.frame import Frame
from tildemc.resolve.lessons import Lesson
from tildemc.resolve.made import NOTHING_MADE, Made
from tildemc.resolve.numerals import Tally
from tildemc.resolve.values import Value, unknown_column
from tildemc.span import Span
from tildemc.spec.columns import label_of
from tildemc.spec.expr import Expr
from tildemc.spec.terms.factor import Factor
from tildemc.syntax.tree import Name, deparse

__all__ = [
    "Learning",
    "Schema",
    "check_columns",
    "held",
    "level_index",
    "tally",
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

    def value_labels(self, name: str) -> Mapping[Label, str]:
        """The names that the data give the values of a column; empty where they give none."""
        return {}

    def made(self, name: str) -> Value | None:
        """What a column is that the text makes; None if the data have it."""
        return None

    def kind(self, name: str) -> Kind:
        """What a column is."""
        if name not in self.kinds:
            self.kinds[name] = self._kind(name)
        return self.kinds[name]

    def learned[P, T](self, key: str, expr: Expr, lesson: Lesson[P, T]) -> T:
        """What `lesson` makes of the values of `expr`, the argument of the call with the text `key`."""
        if key not in self.lessons:
            with np.errstate(all="ignore"):
                self.lessons[key] = self._learn(expr, lesson)
        found: T = self.lessons[key]
        return found

    def factor(self, columns: tuple[Name, ...]) -> Factor:
        """The observed combinations of some columns; levels keep their columns' own order, the first slowest."""
        names = tuple(column.text for column in columns)
        if names not in self.factors:
            check_columns(columns, self.names)
            self.factors[names] = self._factor(names, _factor_label(columns))
        return self.factors[names]

    def members(self, columns: tuple[Name, ...]) -> tuple[Factor, ...]:
        """One factor whose levels are the values of several columns: as each of these has it.

        Raises
        ------
        DataError
            If the columns hold values of unlike kinds.
        """
        each = [self.factor((column,)) for column in columns]
        keys = tuple(dict.fromkeys(key for factor in each for key in factor.keys))
        if len({type(key[0]) is str for key in keys}) > 1:
            raise DataError(
                "the columns of `mm()` hold text and numbers: levels of one factor are alike", columns[0].span
            )
        if all(factor.keys == tuple(sorted(factor.keys)) for factor in each):
            keys = tuple(sorted(keys))
        among, label = tuple(column.text for column in columns), "mm" + "".join(column.text for column in columns)
        names = [{k: v for name in among for k, v in self.value_labels(name).items()}]
        whole = Factor.of(label, among[:1], keys, names)
        return tuple(
            replace(whole, label=label if not number else f"{label}_{number + 1}", columns=(name,), among=among)
            for number, name in enumerate(among)
        )

    @abstractmethod
    def tally(self, name: str) -> Tally:
        """How often each text stands in a column of text, whichever rows are in use."""

    @abstractmethod
    def row(self, position: int) -> str:
        """What the row at a position is called in words."""

    @abstractmethod
    def row_labels(self, span: Span | None) -> tuple[Label, ...]:
        """What each row is called; whoever asks needs all rows at once, because of what stands at `span`."""

    @abstractmethod
    def largest(self, columns: tuple[Name, ...]) -> int:
        """The most rows that a combination of these columns' values has; of no columns, all rows."""

    @abstractmethod
    def _kind(self, name: str) -> Kind: ...

    @abstractmethod
    def _learn[P, T](self, expr: Expr, lesson: Lesson[P, T]) -> T: ...

    @abstractmethod
    def _factor(self, names: tuple[str, ...], label: str) -> Factor: ...


class Learning(Schema):
    """The schema of a frame, some of whose columns the text may make."""

    def __init__(
        self, frame: Frame, made: Mapping[str, Made] = NOTHING_MADE, lessons: Mapping[str, Any] = NOTHING_MADE
    ) -> None:
        super().__init__()
        self.frame = frame
        self.lessons |= lessons
        self._made = made

    @property
    def names(self) -> tuple[str, ...]:
        """All columns."""
        return tuple(dict.fromkeys((*self.frame.names, *self._made)))

    def made(self, name: str) -> Value | None:
        """What the text makes of others."""
        return self._made[name].value if name in self._made else None

    def factor(self, columns: tuple[Name, ...]) -> Factor:
        """The observed combinations, of the columns that those which the text makes have the labels of."""
        found = [source for column in columns for source in self._sources(column)]
        if all(source is column for source, column in zip(found, columns, strict=False)):
            return super().factor(columns)
        return replace(super().factor(tuple(found)), label=_factor_label(columns))

    def _sources(self, column: Name) -> tuple[Name, ...]:
        made = self._made.get(column.text)
        if made is None:
            return (column,)
        if made.labels is None:
            raise UnsupportedError(
                f"`{column.text}` is computed, and groups are by columns of the data: add it to the data first",
                column.span,
            )
        return made.labels

    def tally(self, name: str) -> Tally:
        """Of the frame that the rows were chosen from."""
        return {} if name in self._made else tally(self.frame, name)

    def row(self, position: int) -> str:
        """By its position, and its label if the frame has labels."""
        return self.frame.row(position)

    def row_labels(self, span: Span | None) -> tuple[Label, ...]:
        """As the frame calls them, or their places."""
        labels = self.frame.labels
        return tuple((self.frame.rows if labels is None else labels.values).tolist())

    def largest(self, columns: tuple[Name, ...]) -> int:
        """Of the frame's rows."""
        if not columns:
            return len(self.frame)
        index = level_index(self.frame, self.factor(columns))
        return int(np.bincount(index[index >= 0]).max(initial=0))

    @property
    def coded(self) -> bool:
        """As the frame is."""
        return self.frame.coded

    def value_labels(self, name: str) -> Mapping[Label, str]:
        """Those of the frame."""
        return {} if name in self._made else self.frame.value_labels(name)

    def _kind(self, name: str) -> Kind:
        return self._made[name].kind if name in self._made else self.frame.kind(name)

    def _learn[P, T](self, expr: Expr, lesson: Lesson[P, T]) -> T:
        return lesson(self.frame.told_apart(expr) if lesson.labels else self.frame.evaluate(expr))

    def _factor(self, names: tuple[str, ...], label: str) -> Factor:
        return _observed(self.frame, names, label)


def unused_levels(columns: Schema) -> dict[str, tuple[str, ...]]:
    """For each factor that was asked about, the levels that it declares and no row has."""
    return {
        name: tuple(label_of(value, columns.value_labels(name)) for value in kind.unused)
        for name, kind in columns.kinds.items()
        if isinstance(kind, Categorical) and kind.unused
    }


def held(kinds: Mapping[str, Kind]) -> dict[str, str]:
    """What each column holds, in words."""
    words = {Numeric: "numbers", Logical: "truth values", Categorical: "labels"}
    return {name: words[type(kind)] for name, kind in kinds.items()}


def _observed(frame: Frame, names: tuple[str, ...], label: str) -> Factor:
    orders = [frame.distinct(name) for name in names]
    places = [frame.place(name, order) for name, order in zip(names, orders, strict=True)]
    known = np.logical_and.reduce([place >= 0 for place in places])
    rows = np.flatnonzero(known)
    rows = rows[first_rows(numbered([place[rows] for place in places], [len(order) for order in orders]))]
    levels = ([order[at] for at in place[rows].tolist()] for order, place in zip(orders, places, strict=True))
    keys = tuple(zip(*levels, strict=True))
    return Factor.of(label, names, keys, [frame.value_labels(name) for name in names])


def tally(frame: Frame, name: str) -> Tally:
    """How often each text stands in a column of text, and where first; in all rows of the frame.

    A factor by its type is no column of text.
    """
    import narwhals as nw
    import pandas as pd

    if name not in frame.native.columns or frame.native[name].dtype not in (nw.String, nw.Object):
        return {}
    every = frame.every
    present = np.flatnonzero(~every.missing(name))
    codes, texts = pd.factorize(every.values(name)[present])
    first = np.full(len(texts), len(codes))
    np.minimum.at(first, codes, np.arange(len(codes)))
    counts = zip(np.bincount(codes, minlength=len(texts)).tolist(), every.rows[present[first]].tolist(), strict=True)
    return dict(zip(texts.tolist(), counts, strict=True))


def check_columns(columns: tuple[Name, ...], names: tuple[str, ...]) -> None:
    """Refuse a column that is not there."""
    for column in columns:
        if column.text not in names:
            raise unknown_column(column.text, names, column.span)


def _factor_label(columns: tuple[Name, ...]) -> str:
    """`school:class`."""
    return ":".join(deparse(column) for column in columns).replace("`", "")


def level_index(frame: Frame, factor: Factor) -> Integers:
    """Each row's level of a factor, (n,); -1 where it has none of them."""
    known = np.ones(len(frame), dtype=bool)
    places: list[Integers] = []
    sizes: list[int] = []
    for j, name in enumerate(factor.columns):
        values = tuple(dict.fromkeys(key[j] for key in factor.keys))
        position = frame.place(name, values)
        known &= position >= 0
        digit = {value: i for i, value in enumerate(values)}
        places.append(np.concatenate([position, np.array([digit[key[j]] for key in factor.keys], dtype=np.int64)]))
        sizes.append(len(values))
    number = numbered(places, sizes)
    rows, keys = number[: len(frame)], number[len(frame) :]
    return np.where(known, place(rows, tuple(keys.tolist())), -1)
