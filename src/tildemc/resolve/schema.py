"""Frame -> Schema: what each column is, and what stateful functions learned of it.

`Learning` reads a formula with the data in hand and remembers; the `Schema` it leaves is all that lowering needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tildemc.errors import UnknownColumn, nearest
from tildemc.model.expr import Expr
from tildemc.model.spec import Factor
from tildemc.resolve.frame import Categorical, Frame, Kind, Logical, label_of
from tildemc.syntax.tree import Name, deparse

__all__ = ["Learning", "Schema"]


@dataclass(frozen=True)
class Schema:
    """What a formula needs to know of the data to be a model.

    Attributes
    ----------
    names : tuple of str
        All columns.
    kinds : mapping
        What each column in use is.
    lessons : mapping
        For the text of a stateful call, what it learned.
    factors : mapping
        For a grouping's columns, its observed combinations.
    """

    names: tuple[str, ...]
    kinds: Mapping[str, Kind]
    lessons: Mapping[str, Any]
    factors: Mapping[tuple[str, ...], Factor]

    def kind(self, name: str) -> Kind:
        """What a column is."""
        return self.kinds[name]

    def learned(self, key: str, expr: Expr, learn: Callable[[NDArray[Any]], Any]) -> Any:
        """What a stateful call learned."""
        return self.lessons[key]

    def factor(self, columns: tuple[Name, ...]) -> Factor:
        """A grouping factor."""
        return self.factors[tuple(column.text for column in columns)]


class Learning:
    """A Schema in the making: answers as one, from the data, and remembers what it was asked."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.kinds: dict[str, Kind] = {}
        self.lessons: dict[str, Any] = {}
        self.factors: dict[tuple[str, ...], Factor] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All columns."""
        return self.frame.names

    def kind(self, name: str) -> Kind:
        """What a column is."""
        if name not in self.kinds:
            self.kinds[name] = self.frame.kind(name)
        return self.kinds[name]

    def learned(self, key: str, expr: Expr, learn: Callable[[NDArray[Any]], Any]) -> Any:
        """What `learn` makes of the values of `expr`."""
        if key not in self.lessons:
            with np.errstate(all="ignore"):
                self.lessons[key] = learn(np.asarray(self.frame.evaluate(expr)))
        return self.lessons[key]

    def factor(self, columns: tuple[Name, ...]) -> Factor:
        """The observed combinations of some columns; levels keep their columns' own order, the first slowest."""
        key = tuple(column.text for column in columns)
        if key not in self.factors:
            for column in columns:
                if column.text not in self.names:
                    raise UnknownColumn(
                        f"no column `{column.text}` in the data{nearest(column.text, self.names)}", column.span
                    )
            self.factors[key] = _observed(self.frame, key, ":".join(deparse(c) for c in columns).replace("`", ""))
        return self.factors[key]

    def schema(self) -> Schema:
        """What was learned."""
        return Schema(self.names, self.kinds, self.lessons, self.factors)


def level_order(kind: Kind, frame: Frame, name: str) -> tuple[Any, ...]:
    """The values of a column in the order of its levels."""
    match kind:
        case Categorical(levels):
            return levels
        case Logical():
            return (False, True)
        case _:
            return frame.distinct(name)


def codes(frame: Frame, columns: tuple[str, ...]) -> tuple[list[tuple[Any, ...]], NDArray[np.int64]]:
    """Each column's level values, and (n, columns) the position of each row's value in them; -1 where missing."""
    orders = [level_order(frame.kind(name), frame, name) for name in columns]
    positions = np.full((len(frame), len(columns)), -1, dtype=np.int64)
    for j, (name, order) in enumerate(zip(columns, orders, strict=True)):
        place = {value: i for i, value in enumerate(order)}
        present = ~frame.missing(name)
        positions[present, j] = [place[value] for value in frame.values(name)[present].tolist()]
    return orders, positions


def _observed(frame: Frame, columns: tuple[str, ...], label: str) -> Factor:
    orders, positions = codes(frame, columns)
    complete = positions[(positions >= 0).all(axis=1)]
    combinations = np.unique(complete, axis=0)
    keys = tuple(tuple(orders[j][i] for j, i in enumerate(row)) for row in combinations.tolist())
    levels = tuple(":".join(label_of(value) for value in key) for key in keys)
    return Factor(label, columns, keys, levels)
