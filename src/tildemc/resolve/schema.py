"""Frame -> Schema: what each column is, and what stateful functions learned of it.

`Learning` reads a formula with the data in hand and remembers; the `Schema` it leaves is all that lowering needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tildemc.errors import UnknownColumn, nearest
from tildemc.model.expr import Expr
from tildemc.model.spec import Factor
from tildemc.resolve.frame import Categorical, Frame, Kind, Logical, label_of
from tildemc.syntax.tree import Name, deparse

__all__ = ["Learning", "Schema", "level_index"]


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


def _observed(frame: Frame, columns: tuple[str, ...], label: str) -> Factor:
    orders = [level_order(frame.kind(name), frame, name) for name in columns]
    number = np.zeros(len(frame), dtype=np.int64)
    known = np.ones(len(frame), dtype=bool)
    for name, order in zip(columns, orders, strict=True):
        position = place(frame.values(name), order)
        known &= position >= 0
        number = number * len(order) + position
    import pandas as pd

    observed = np.sort(pd.unique(number[known]))
    digits = np.unravel_index(observed, [max(1, len(order)) for order in orders])
    keys = tuple(zip(*([order[d] for d in digit] for order, digit in zip(orders, digits, strict=True)), strict=True))
    levels = tuple(":".join(label_of(value) for value in key) for key in keys)
    return Factor(label, columns, keys, levels)


def level_index(frame: Frame, factor: Factor) -> NDArray[np.int64]:
    """Each row's level of a factor, (n,); -1 where it has none of them."""
    number = np.zeros(len(frame), dtype=np.int64)
    key_number = np.zeros(len(factor.keys), dtype=np.int64)
    known = np.ones(len(frame), dtype=bool)
    for j, name in enumerate(factor.columns):
        values = tuple(dict.fromkeys(key[j] for key in factor.keys))
        position = place(frame.values(name), values)
        known &= position >= 0
        number = number * len(values) + position
        digit = {value: i for i, value in enumerate(values)}
        key_number = key_number * len(values) + np.array([digit[key[j]] for key in factor.keys], dtype=np.int64)
    return np.where(known, place(number, tuple(key_number.tolist())), -1)


def place(values: NDArray[Any], order: Sequence[Any]) -> NDArray[np.int64]:
    """The position of each value in `order`; -1 where it is not there."""
    import pandas as pd

    return np.asarray(pd.Index(np.array(order, dtype=values.dtype)).get_indexer(values), dtype=np.int64)
