"""Report: what became of a person's rows, levels and words on the way to a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tildemc.arrays import Integers, Mask
from tildemc.spec.columns import Stored
from tildemc.spec.expr import Expr, columns_of
from tildemc.spec.model import ModelSpec

__all__ = ["Positions", "Report", "Selection", "read_columns"]


@dataclass(frozen=True, slots=True)
class Positions:
    """Places in the data, from 0: from each start to before its stop, or all others."""

    ranges: tuple[tuple[int, int], ...]
    others: bool = False

    def hold(self, places: Integers) -> Mask:
        """Which of these places are meant; (n,)."""
        inside = np.zeros(len(places), dtype=bool)
        for start, stop in self.ranges:
            inside |= (places >= start) & (places < stop)
        return ~inside if self.others else inside


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that a text asks for.

    Attributes
    ----------
    condition : Expr or None
        They are those where it is true.
    positions : Positions or None
        They are those at these places.
    outside : int
        How many rows are not among them.
    """

    condition: Expr | None
    positions: Positions | None
    outside: int


@dataclass(frozen=True)
class Report:
    """What was left out, and what a reader should know.

    Attributes
    ----------
    rows : int
        In the data.
    used : int
        In the model.
    missing : mapping of str to int
        For each column that cost rows, the rows in which it has no value.
    unlabelled : mapping of str to int
        For each grouping factor, the rows left out because they need its label and have none.
    unanswered : int
        The rows left out because they have none of several responses.
    unused_levels : mapping of str to tuple of str
        Levels that a factor declares and no row has.
    notes : tuple of str
    held : mapping of str to str
        What each column in the formula holds: "numbers", "labels", "truth values". Grouping factors are not among them.
    selection : Selection or None
        The rows that the text asked for, if not all.
    columns : mapping of str to Stored
        How the data hold each column that the model reads; the same rows may be held in several ways.
    """

    rows: int
    used: int
    missing: Mapping[str, int] = field(default_factory=dict)
    unlabelled: Mapping[str, int] = field(default_factory=dict)
    unused_levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    selection: Selection | None = None
    held: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Stored] = field(default_factory=dict, compare=False)
    unanswered: int = 0

    @property
    def left_out(self) -> int:
        """How many rows that were asked for are not in the model."""
        return self.rows - self.used - (0 if self.selection is None else self.selection.outside)


def read_columns(spec: ModelSpec, selection: Selection | None) -> tuple[str, ...]:
    """The columns that a model reads, and the choice of its rows, with those that these are made of."""
    condition = None if selection is None else selection.condition
    exprs = (*spec.expressions(), *(() if condition is None else (condition,)))
    in_factors = (name for factor in spec.factors() for name in factor.columns)
    named = tuple(name for expr in exprs for name in columns_of(expr))
    return tuple(dict.fromkeys((*named, *in_factors, *(name for one in spec.ordered for name in one.columns))))
