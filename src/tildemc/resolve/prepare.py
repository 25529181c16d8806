"""What a script does to its data before the model × Frame -> the frame, what its made columns mean, the rows asked for.

A made column is arithmetic of the data's own columns with what was learned there and then (a mean over the rows that
were left), so the model's columns are too: new data and programs need the data's own columns and nothing else. Only
what rows have by other rows, a lag or a number in order, is worked out once and for all, as a column more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never, override

import numpy as np

from tildemc.arrays import Integers, Mask
from tildemc.errors import DataError, SemanticError, UnknownColumn, UnsupportedError
from tildemc.resolve.frame import FUNCTIONS, Frame
from tildemc.resolve.lessons import Lesson, NothingThereError
from tildemc.resolve.made import Made, labels_of, read_by
from tildemc.resolve.meaning import as_given, has_gaps
from tildemc.resolve.ordered import ordered_column, with_ordered
from tildemc.resolve.rows import complete_rows, names_of
from tildemc.resolve.schema import Learning, check_columns, level_index
from tildemc.resolve.statistics import STATISTICS
from tildemc.resolve.subset import asked_rows, condition_of, none_left, positions_of
from tildemc.resolve.values import Quantity, Value, there
from tildemc.resolve.within import within_groups
from tildemc.spec.expr import Apply, Col, Const, Expr, Op
from tildemc.spec.ordered import Ordered
from tildemc.spec.report import Positions, Selection
from tildemc.syntax import tree
from tildemc.syntax.expression import walk as parts_of
from tildemc.syntax.ordered import is_ordered
from tildemc.syntax.statement import Statement
from tildemc.syntax.steps import Complete, FirstOf, Keep, Make, Pick, RowNumbers, Step
from tildemc.syntax.tree import deparse

__all__ = ["Prepared", "prepare"]


class _Early(Learning):
    """The schema of rows that may lack values: what is learned of a column is learned of those that it has.

    `numbers` has what of that stays where rows are left out later; of levels only those stay that a row has then.
    """

    def __init__(self, frame: Frame, made: Mapping[str, Made]) -> None:
        super().__init__(frame, made)
        self.numbers: dict[str, Any] = {}

    @override
    def learned[P, T](self, key: str, expr: Expr, lesson: Lesson[P, T]) -> T:
        found = super().learned(key, expr, lesson)
        if not lesson.labels:
            self.numbers[key] = found
        return found

    @override
    def _learn[P, T](self, expr: Expr, lesson: Lesson[P, T]) -> T:
        values = self.frame.told_apart(expr) if lesson.labels else self.frame.evaluate(expr)
        there = np.logical_not(FUNCTIONS["isna"](values))
        if not there.any():
            raise NothingThereError("there is no value to learn from in these rows")
        return lesson(values[there])


@dataclass(frozen=True)
class Prepared:
    """Data as the model's formula finds them.

    Attributes
    ----------
    frame : Frame
        The rows that are asked for, with the data's own columns.
    made : mapping of str to Made
    ordered : tuple of Ordered
        The columns that the frame has beside the data's own, made of other rows.
    condition : Expr or None
        Where rows are asked for, of the data's own columns.
    positions : Positions or None
    rows : int
        In the data.
    notes : tuple of str
        What was done.
    lessons : mapping of str to object
        What was learned of rows that the model may have left out, as in `Schema`.
    picked : tuple of str or None
        The columns that the text keeps, if it says which; its formula may name others, of which the data are another
        table.
    """

    frame: Frame
    made: Mapping[str, Made] = field(default_factory=dict)
    ordered: tuple[Ordered, ...] = ()
    condition: Expr | None = None
    positions: Positions | None = None
    rows: int = 0
    notes: tuple[str, ...] = ()
    lessons: Mapping[str, Any] = field(default_factory=dict)
    picked: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that `.` and "every column" mean."""
        return self.columns.names if self.picked is None else self.picked

    @property
    def selection(self) -> Selection | None:
        """What rows were chosen by."""
        if self.condition is None and self.positions is None:
            return None
        return Selection(self.condition, self.positions, self.rows - len(self.frame))

    @property
    def columns(self) -> Learning:
        """The schema of its rows."""
        return _Early(self.frame, self.made)

    def where(self, condition: Expr) -> Prepared:
        """The rows where that is true."""
        keep = asked_rows(self.frame, condition, None, self.frame.rows)
        both = condition if self.condition is None else Op("&", self.condition, condition)
        return replace(self, frame=self.frame.select(keep), condition=both)

    def lacking(self, name: str) -> Mask:
        """The rows without a value in a column; (n,)."""
        if name not in self.made:
            return self.frame.missing(name)
        with np.errstate(all="ignore"):
            return ~self.frame.evaluate(self.made[name].there).astype(bool)

    def complete(self, needed: Iterable[tree.Expr]) -> tuple[Prepared, Mask, dict[str, int]]:
        """The rows with a value of all these, and how many rows each of the data's own columns has none in.

        A made column may lack a value where all that it is made of have one, as `log(x)` of a negative number, or have
        one where they have none, and so may `ifelse(is.na(x), 0, x)`: then the rows are those that are asked for.
        """
        columns, prepared = _Early(self.frame, self.made), self
        own: dict[str, tree.Name] = {}
        for expr in needed:
            if not isinstance(expr, tree.Name) and has_gaps(expr):
                value = as_given(expr, columns)
                prepared = prepared._with_value(expr, there(value), read_by(value), own)
                continue
            for name in names_of(expr):
                made = self.made.get(name.text)
                if made is None:
                    own.setdefault(name.text, name)
                else:
                    prepared = prepared._with_value(name, made.there, made.columns, own)
        keep, missing = complete_rows(prepared.frame, own.values())
        return replace(prepared, lessons=columns.numbers), keep, missing

    def _with_value(self, expr: tree.Expr, known: Expr, columns: Sequence[str], own: dict[str, tree.Name]) -> Prepared:
        """The rows with a value: those where columns have one, which `own` gets, or those where `known` is true."""
        with np.errstate(all="ignore"):
            lacking = ~np.broadcast_to(self.frame.evaluate(known).astype(bool), len(self.frame))
        without = [self.frame.missing(column) for column in columns]
        if without and (lacking == np.logical_or.reduce(without)).all():
            own.update({column: tree.Name(column, expr.span) for column in columns if column not in own})
        elif lacking.any():
            note = f"`{deparse(expr)}` has no value in {lacking.sum():,} rows, which are left out"
            return replace(self.where(known), notes=(*self.notes, note))
        return self


def prepare(frame: Frame, statement: Statement) -> Prepared:
    """Do what a text does to its data first, and choose the rows that it asks for.

    Raises
    ------
    TildeError
        If something that it does cannot be done here, with its place, or no row is left.
    """
    prepared = Prepared(frame, rows=len(frame))
    for step in statement.steps:
        try:
            prepared = _after(prepared, step)
        except UnknownColumn as error:
            if statement.syntax == "stata" or (isinstance(step, Make) and step.name not in prepared.columns.names):
                raise
            prepared = replace(prepared, notes=(*prepared.notes, _done_before(step, error)))
        else:
            prepared = replace(prepared, notes=(*prepared.notes, f"done to the data first: {step}"))
    # The numbers and the condition are both of what the steps leave.
    asked = None if statement.rows is None else condition_of(statement.rows, prepared.columns)
    if statement.row_numbers is not None:
        prepared = _numbered(prepared, statement.row_numbers)
    return prepared if asked is None else _where(prepared, asked, statement.rows)


def _done_before(step: Step, error: UnknownColumn) -> str:
    """What to say of a step that the data given have behind them: what it needs is not there."""
    return f"taken to be done in the data given here: {step} ({error.message})"


def _after(prepared: Prepared, step: Step) -> Prepared:
    match step:
        case Keep(condition):
            match condition:
                case RowNumbers():
                    return _numbered(prepared, condition)
                case FirstOf():
                    return _first_of(prepared, condition)
                case _:
                    return _kept(prepared, condition)
        case Complete(columns):
            check_columns(columns, prepared.columns.names)
            names = [column.text for column in columns] or [*prepared.names]
            for name in (name for name in names if prepared.lacking(name).any()):
                made = prepared.made.get(name)
                prepared = prepared.where(Apply("notna", (Col(name),)) if made is None else made.there)
            if not len(prepared.frame):
                raise DataError("no row is left that has a value in every column", step.span)
            return prepared
        case Make():
            return _with(prepared, step)
        case Pick():
            return replace(prepared, picked=_picked(prepared.names, step))
        case never:
            assert_never(never)


def _kept(prepared: Prepared, condition: tree.Expr) -> Prepared:
    return _where(prepared, condition_of(condition, prepared.columns), condition)


def _where(prepared: Prepared, asked: Expr, condition: tree.Expr | None) -> Prepared:
    chosen = prepared.where(asked)
    if not len(chosen.frame):
        raise none_left(condition)
    return chosen


def _numbered(prepared: Prepared, numbers: RowNumbers) -> Prepared:
    positions = positions_of(numbers, len(prepared.frame))
    keep = positions.hold(np.arange(len(prepared.frame)))
    return _at(prepared, keep, positions if prepared.selection is None else None)


def _at(prepared: Prepared, keep: Mask, positions: Positions | None = None) -> Prepared:
    """Some of the rows that are left, by their places in the data, which others counted from are told by."""
    if not keep.any():
        raise none_left(None)
    frame = prepared.frame.select(keep)
    return replace(prepared, frame=frame, positions=_runs(frame.rows) if positions is None else positions)


def _runs(places: Integers) -> Positions:
    """Places as ranges."""
    breaks = np.flatnonzero(np.diff(places) != 1) + 1
    return Positions(tuple((int(run[0]), int(run[-1]) + 1) for run in np.split(places, breaks)))


def _first_of(prepared: Prepared, asked: FirstOf) -> Prepared:
    """The first rows of each group; those without a value are a group, too."""
    groups = prepared.columns.factor(asked.columns)
    index = level_index(prepared.frame, groups)
    index = index[::-1] if asked.last else index
    order = np.argsort(index, kind="stable")
    sizes = np.unique(index, return_counts=True)[1]
    place = np.empty(len(index), dtype=np.int64)
    place[order] = np.arange(len(index)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    keep = place < asked.count
    return _at(prepared, keep[::-1] if asked.last else keep)


def _picked(names: Sequence[str], step: Pick) -> tuple[str, ...]:
    """The columns that stay, of those that there are."""
    places = {float(k): name for k, name in enumerate(names, start=1)}
    asked = {c.text if isinstance(c, tree.Name) else places.get(c.value) for c in step.columns}
    return tuple(name for name in names if (name in asked) != step.others)


def _in_order(prepared: Prepared, step: Make) -> Prepared:
    """The same with one column more that is made of other rows."""
    columns = prepared.columns
    if prepared.positions is not None:
        message = "what other rows hold is not worked out after rows are picked by their numbers: write a condition"
        raise UnsupportedError(message, step.span)
    learned = [part for part in parts_of(step.value) if isinstance(part, tree.Call) and part.function in STATISTICS]
    if step.by and learned:
        message = f"`{deparse(learned[0])}` beside what other rows hold: make a column of it first"
        raise UnsupportedError(message, learned[0].span)
    by = columns.factor(step.by).columns if step.by else ()
    name = step.name
    while name in prepared.frame.names:
        name = f"{name}'"

    def read(frame: Frame, expr: tree.Expr) -> Value:
        return as_given(expr, _Early(frame, prepared.made))

    one = ordered_column(step, name, prepared.frame, by, read, prepared.condition)
    made = {key: value for key, value in prepared.made.items() if key != step.name}
    done = replace(prepared, frame=with_ordered(prepared.frame, one), ordered=(*prepared.ordered, one), made=made)
    # A name that the data have already means the new column from here on.
    return done if name == step.name else _with(done, replace(step, value=tree.Name(name, step.span), by=(), order=()))


def _with(prepared: Prepared, step: Make) -> Prepared:
    """The same with one made column more."""
    if is_ordered(step.value):
        return _in_order(prepared, step)
    columns = prepared.columns
    if step.by:
        groups = columns.factor(step.by)
        index = level_index(prepared.frame, groups)
        each = [prepared.frame.select(index == k) for k in range(len(groups.levels))]
        value: Value = within_groups(step.value, [_Early(rows, prepared.made) for rows in each], groups)
    else:
        value = as_given(step.value, columns)
    if isinstance(value, Quantity) and len(value.columns) != 1:
        shown = f"`{deparse(step.value)}` has {len(value.columns)} columns, and"
        raise SemanticError(f"{shown} `{step.name}` is one", step.value.span)
    if step.finite and isinstance(value, Quantity) and not isinstance(value.columns[0], Col):
        (number,) = value.columns
        with np.errstate(all="ignore"):
            endless = np.isinf(prepared.frame.evaluate(number)).any()
        if endless:
            value = Quantity((Apply("where", (Apply("isfinite", (number,)), number, Const(float("nan")))),))
    made = {**prepared.made, step.name: Made(value, labels_of(step.value, value, prepared.made))}
    picked = prepared.picked
    if picked is not None and step.name not in picked:
        picked = (*picked, step.name)
    return replace(prepared, made=made, picked=picked)
