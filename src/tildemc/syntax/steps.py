"""What a text does to its data before the model: records for every front end, done in `resolve.prepare`."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.span import Span, span_field
from tildemc.syntax.tree import Expr, Name, Number, deparse

__all__ = ["Complete", "FirstOf", "Keep", "Make", "Pick", "RowNumbers", "Step"]


@dataclass(frozen=True, slots=True)
class RowNumbers:
    """Rows by number, from 1: those from each first to its last, or all others; below zero it counts from the end."""

    ranges: tuple[tuple[int, int], ...]
    others: bool = False
    span: Span | None = span_field()

    def __str__(self) -> str:
        match self.ranges, self.others:
            case ((1, last),), False if last < -1:
                return f"all rows but the last {-last - 1}"
            case ((first, -1),), False if first < 0:
                return f"the last {-first} rows"
            case _:
                pass
        shown = [f"{first} to {last}" if first != last else f"{first}" for first, last in self.ranges]
        return f"{'all rows but' if self.others else 'the rows'} {', '.join(shown)}"


@dataclass(frozen=True, slots=True)
class FirstOf:
    """The first rows of each combination of some columns' values, or the last."""

    columns: tuple[Name, ...]
    count: int = 1
    last: bool = False
    span: Span | None = span_field()

    def __str__(self) -> str:
        end = "last" if self.last else "first"
        shown = f"{end} row" if self.count == 1 else f"{end} {self.count} rows"
        return f"the {shown} of each {' and '.join(f'`{column.text}`' for column in self.columns)}"


@dataclass(frozen=True, slots=True)
class Keep:
    """A step before the model: the rows where `condition` is true, or those of some numbers; `is.na(x)` may stand."""

    condition: Expr | RowNumbers | FirstOf
    span: Span | None = span_field()

    def __str__(self) -> str:
        if isinstance(self.condition, RowNumbers | FirstOf):
            return str(self.condition)
        shown = deparse(self.condition)
        return f"the rows where {shown}" if "`" in shown else f"the rows where `{shown}`"


@dataclass(frozen=True, slots=True)
class Complete:
    """A step before the model: the rows with a value in all of these columns; of none named, in every column."""

    columns: tuple[Name, ...] = ()
    span: Span | None = span_field()

    def __str__(self) -> str:
        named = " and ".join(f"`{column.text}`" for column in self.columns)
        return f"the rows with a value of {named or 'every column'}"


@dataclass(frozen=True, slots=True)
class Make:
    """A step before the model: a column `name` of what `value` is, within each group of `by` where there is one.

    `value` may say what other rows hold, by dplyr's names: `lag(x, 1)`, `lead(x, 1)`, `first(x)`, `last(x)`,
    `nth(x, 2)`, `row_number()`, `n()`, `cumsum(x)`, and `locf(x)`, the last value that was there. Rows then go in the
    `order` of these, and as they stand among equals. With a `unit` the last of `order` is a time, and a lag is of so
    much time: what a row of that time has, and no value where there is none.

    `finite`: what is no finite number is no value, as in Stata.
    """

    name: str
    value: Expr
    by: tuple[Name, ...] = ()
    span: Span | None = span_field()
    finite: bool = False
    order: tuple[Expr, ...] = ()
    unit: float | None = None

    def __str__(self) -> str:
        within = f" within {' and '.join(f'`{column.text}`' for column in self.by)}" if self.by else ""
        ordered = f", rows in the order of {' and '.join(f'`{deparse(key)}`' for key in self.order)}"
        timed = f", by time `{deparse(self.order[-1])}`" if self.unit is not None else ""
        timed += f" in steps of {self.unit:.12g}" if self.unit not in (None, 1.0) else ""
        return f"`{self.name}` = `{deparse(self.value)}`{within}{timed or (ordered if self.order else '')}"


@dataclass(frozen=True, slots=True)
class Pick:
    """A step before the model: these columns stay, by name or by place from 1, or all others; `.` means what stays."""

    columns: tuple[Name | Number, ...]
    others: bool = False
    span: Span | None = span_field()

    def __str__(self) -> str:
        shown = ", ".join(f"`{c.text}`" if isinstance(c, Name) else deparse(c) for c in self.columns)
        return f"{'all columns but' if self.others else 'the columns'} {shown}"


Step = Keep | Complete | Make | Pick
"""What a script does to its data before the model."""
