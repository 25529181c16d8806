"""Report: what became of a person's rows, levels and words on the way to a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tildemc.model.columns import Stored
from tildemc.model.expr import Expr, columns_of
from tildemc.model.spec import ModelSpec

__all__ = ["Report", "Selection", "read_columns"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that a text asks for.

    Attributes
    ----------
    condition : Expr or None
        They are those where it is true.
    bounds : (int, int) or None
        They are those from the first position to before the second.
    outside : int
        How many rows are not among them.
    """

    condition: Expr | None
    bounds: tuple[int, int] | None
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
    unused_levels : mapping of str to tuple of str
        Levels that a factor declares and no row has.
    notes : tuple of str
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
    columns: Mapping[str, Stored] = field(default_factory=dict, compare=False)

    @property
    def left_out(self) -> int:
        """How many rows that were asked for are not in the model."""
        return self.rows - self.used - (0 if self.selection is None else self.selection.outside)


def read_columns(spec: ModelSpec, selection: Selection | None) -> tuple[str, ...]:
    """The columns of the data that a model reads, and the choice of its rows."""
    condition = None if selection is None else selection.condition
    exprs = (*spec.expressions(), *(() if condition is None else (condition,)))
    in_factors = (name for factor in spec.factors() for name in factor.columns)
    return tuple(dict.fromkeys((*(name for expr in exprs for name in columns_of(expr)), *in_factors)))
