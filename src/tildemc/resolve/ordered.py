"""Columns made of other rows -> their values: lags and leads, a row's number in its group, running sums.

`Make` (syntax/tree.py) says how a front end writes them. They are worked out of the rows that there are when the step
is done, as a script would; the model then has the column as it has any, and new data either bring it or bring the rows
that it is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tildemc.arrays import Integers, Mask, Values
from tildemc.errors import DataError, SemanticError, UnknownColumn, UnsupportedError
from tildemc.resolve.frame import Frame
from tildemc.resolve.subset import asked_rows
from tildemc.resolve.values import Quantity, Value
from tildemc.spec.expr import Apply, Col, Const, Expr, as_expr, substitute, walk
from tildemc.spec.ordered import WAYS, Ordered
from tildemc.syntax import tree
from tildemc.syntax.ordered import ORDERED, ordered_name
from tildemc.syntax.rewrite import rewritten
from tildemc.syntax.steps import Make
from tildemc.syntax.tree import deparse
from tildemc.visible import listed

__all__ = ["Read", "ordered_column", "with_ordered", "with_sources"]

Read = Callable[[Frame, tree.Expr], Value]
"""How an expression is read of the columns of a frame."""

_MOST_BACK = 10_000


# What is written


def ordered_column(step: Make, name: str, frame: Frame, by: tuple[str, ...], read: Read, rows: Expr | None) -> Ordered:
    """The column that a step makes of other rows.

    Parameters
    ----------
    step : Make
    name : str
        What the column is to be called.
    frame : Frame
    by : tuple of str
        The data's columns that say the groups of `step.by`.
    read : callable
    rows : Expr or None
        Where it is true are the rows of the frame.

    Raises
    ------
    TildeError
        If what is written is not known of the columns, or lacks an argument.
    """
    order = tuple(_whole(read(frame, key), key) for key in step.order)
    made = Ordered(name, Const(0.0), by, order, step.unit, rows, str(step))
    stands: dict[Expr, Expr] = {}
    whole = [frame]

    def instead(part: tree.Expr) -> tree.Expr | None:
        if not isinstance(part, tree.Call) or ordered_name(part) is None:
            return None
        inner = replace(part, arguments=tuple(replace(a, value=rewritten(a.value, instead)) for a in part.arguments))
        way = substitute(_way(inner, lambda expr: _whole(read(whole[0], expr), expr)), stands)
        shown = deparse(part)
        if Col(shown) not in stands:
            stands[Col(shown)] = way
            whole[0] = with_ordered(whole[0], replace(made, name=shown, value=way))
        return tree.Name(shown, part.span)

    value = rewritten(step.value, instead)
    return replace(made, value=substitute(_whole(read(whole[0], value), step.value), stands))


def _whole(value: Value, expr: tree.Expr) -> Expr:
    """The one column that a value is: numbers, or the labels of a factor."""
    if isinstance(value, Quantity):
        if len(value.columns) == 1:
            return value.columns[0]
    elif value.column is not None:
        return value.column
    elif value.truth is not None:
        return Apply("float", (value.truth,))
    raise SemanticError(f"`{deparse(expr)}` is not one column of the data, or numbers made of some", expr.span)


def _name(call: tree.Call) -> str:
    name = ordered_name(call)
    assert name is not None, "it was asked for"
    return name


def _way(call: tree.Call, read: Callable[[tree.Expr], Expr]) -> Expr:
    signature, way = _CALLS[_name(call)]
    given: dict[str, tree.Expr] = {}
    for place, argument in enumerate(call.arguments):
        name = argument.name or (signature[place] if place < len(signature) else "")
        if name not in signature or name in given:
            shown = f"{_name(call)}({', '.join(signature)})"
            raise SemanticError(
                f"`{shown}` has no argument `{argument.name or deparse(argument.value)}`", argument.span
            )
        given[name] = argument.value
    if "x" in signature and "x" not in given:
        raise SemanticError(f"`{_name(call)}()` lacks its column", call.span)
    return way(read(given["x"]) if "x" in given else Const(0.0), _count(given.get("n"), call))


def _count(given: tree.Expr | None, call: tree.Call) -> float:
    match given:
        case None:
            return 1.0
        case tree.Number(value) if value == int(value) and value <= _MOST_BACK:
            return value
        case tree.Unary("-", tree.Number(value)) if value == int(value) and value <= _MOST_BACK:
            return -value
        case _:
            message = f"`{_name(call)}()` counts rows by a whole number, up to {_MOST_BACK:,}"
            raise SemanticError(message, call.span)


def _apply(way: str, *arguments: Expr | float) -> Expr:
    assert way in WAYS, "a way that is known"
    return Apply(way, tuple(as_expr(argument) for argument in arguments))


_Way = Callable[[Expr, float], Expr]
_CALLS: Mapping[str, tuple[tuple[str, ...], _Way]] = {
    "lag": (("x", "n"), lambda x, n: _apply("lag", x, n)),
    "lead": (("x", "n"), lambda x, n: _apply("lag", x, -n)),
    "first": (("x",), lambda x, _: _apply("at", x, 1.0)),
    "last": (("x",), lambda x, _: _apply("at", x, -1.0)),
    "nth": (("x", "n"), lambda x, n: _apply("at", x, n)),
    "row_number": ((), lambda _, __: _apply("place")),
    "n": ((), lambda _, __: _apply("rows")),
    "cumsum": (("x",), lambda x, _: _apply("cumsum", x)),
    "locf": (("x",), lambda x, _: _apply("carried", x)),
}
"""What may stand in a `Make`: its arguments, and what it is."""
assert tuple(_CALLS) == ORDERED


# What it comes to


def with_ordered(frame: Frame, made: Ordered) -> Frame:
    """A frame with a column more that is made of its rows.

    Raises
    ------
    DataError, UnsupportedError
        If a time stands twice in a group, or what is made is no column.
    """
    rows = _Rows(frame, made)
    stands: dict[Expr, Expr] = {}
    whole = frame
    for part in reversed([part for part in walk(made.value) if isinstance(part, Apply) and part.function in WAYS]):
        if part in stands:
            continue
        # What stands inside another was worked out before it.
        arguments = [substitute(argument, stands) for argument in part.arguments]
        values = rows.value(part.function, [whole.evaluate(argument) for argument in arguments])
        stands[part] = Col(f"\0{len(stands)}")
        whole = whole.with_column(f"\0{len(stands) - 1}", values)
    with np.errstate(all="ignore"):
        values = whole.evaluate(substitute(made.value, stands))
    return frame.with_column(made.name, np.array(values, dtype=object if values.dtype.kind == "O" else float))


def with_sources(made: Sequence[Ordered], frame: Frame, *, first: bool = False) -> Frame:
    """Data with these columns, unless they bring them; `first`: they are those of the fit, all rows of them.

    Raises
    ------
    UnknownColumn
        If neither such a column is there, nor all that it is made of.
    """
    for one in made:
        if one.name in frame.names:
            continue
        lacking = [name for name in one.columns if name not in frame.names]
        if lacking:
            needed = listed([f"`{name}`" for name in one.columns])
            raise UnknownColumn(
                f"no column `{lacking[0]}` in the new data. The model has {one.told}: give {needed} in these rows and "
                f"those beside, or a column `{one.name}`"
            )
        rows = frame
        if first and one.rows is not None:
            rows = frame.select(asked_rows(frame, one.rows, None, frame.rows))
        frame = frame.with_columns_of(with_ordered(rows, one))
    return frame


@dataclass
class _Rows:
    """The rows of a frame, in groups and in order."""

    frame: Frame
    made: Ordered

    @cached_property
    def _group(self) -> Integers:
        """The number of each row's group, (n,)."""
        return _numbered([self.frame.told_apart(Col(name)) for name in self.made.by], len(self.frame))

    @cached_property
    def _sorted(self) -> Integers:
        """The rows by group and order, (n,)."""
        keys = [_ranks(self.frame.evaluate(key)) for key in self.made.order]
        return np.lexsort([*reversed(keys), self._group])

    @cached_property
    def _starts(self) -> Integers:
        """Where in the sorted rows the group of each of them begins, (n,)."""
        group = self._group[self._sorted]
        new = np.r_[True, group[1:] != group[:-1]][: len(group)]
        return np.maximum.accumulate(np.where(new, np.arange(len(group)), 0))

    @cached_property
    def _sizes(self) -> Integers:
        """How many rows the group of each sorted row has, (n,)."""
        return np.bincount(self._group, minlength=1)[self._group[self._sorted]]

    def value(self, way: str, arguments: Sequence[Values]) -> Values:
        """What a way comes to in each row, (n,)."""
        if way == "lag" and self.made.unit is not None:
            return self._timed(arguments[0], float(arguments[1][0]) * self.made.unit if len(arguments[1]) else 0.0)
        order, starts, sizes = self._sorted, self._starts, self._sizes
        place = np.arange(len(order)) - starts
        match way, arguments:
            case "place", ():
                found: Values = place + 1.0
            case "rows", ():
                found = sizes.astype(float)
            case "lag", (x, k):
                found = _taken(x[order], starts, place - k.astype(int), sizes)
            case "at", (x, k):
                back = k.astype(int) < 0
                found = _taken(x[order], starts, np.where(back, sizes + k.astype(int), k.astype(int) - 1), sizes)
            case "cumsum", (x,):
                found = _summed(x[order].astype(float), starts)
            case "carried", (x,):
                found = _carried(x[order], starts)
            case _:
                raise AssertionError(way)
        values = np.empty(len(order), dtype=found.dtype)
        values[order] = found
        return values

    def _timed(self, x: Values, back: float) -> Values:
        """What a row of the group has that is so much time before."""
        import pandas as pd

        found = self.frame.evaluate(self.made.order[-1])
        if found.dtype.kind == "O":
            raise UnsupportedError(f"{self.made.told}: a time is a number, and this column holds text")
        time = np.asarray(found, dtype=np.float64)
        known = np.flatnonzero(~np.isnan(time))
        index = pd.MultiIndex.from_arrays([self._group[known], time[known]])
        if not index.is_unique:
            twice = self.frame.rows[known[np.flatnonzero(index.duplicated())[0]]]
            raise DataError(
                f"{self.made.told}: a time stands twice in a panel, {self.frame.row(int(twice))} for one; "
                "each panel has one row for each time"
            )
        wanted = index.get_indexer(pd.MultiIndex.from_arrays([self._group, time - back]))
        return _picked(x, np.where(wanted >= 0, np.append(known, 0)[wanted], -1))


def _numbered(columns: Sequence[Values], rows: int) -> Integers:
    """A number for each combination of values, (n,); what is missing is a value like others."""
    import pandas as pd

    number = np.zeros(rows, dtype=np.int64)
    for values in columns:
        code, levels = pd.factorize(values, use_na_sentinel=False)
        number = pd.factorize(number * (len(levels) + 1) + code)[0].astype(np.int64)
    return number


def _ranks(values: Values) -> Integers:
    """The rank of each value, what is missing last; (n,)."""
    import pandas as pd

    code, levels = pd.factorize(values, sort=True)
    return np.where(code < 0, len(levels), code)


def _taken(x: Values, starts: Integers, place: Integers, sizes: Integers) -> Values:
    """What the row at a place of each group has, of sorted rows; nothing where there is none."""
    inside = (place >= 0) & (place < sizes)
    return _picked(x, np.where(inside, starts + place, -1))


def _picked(x: Values, at: Integers) -> Values:
    """The values at some places, none at -1."""
    x = x if x.dtype == object else x.astype(float)
    return np.where(at >= 0, np.append(x, [None if x.dtype == object else np.nan])[at], _nothing(x))


def _nothing(x: Values) -> Values:
    return np.array([None], dtype=object) if x.dtype == object else np.array([np.nan])


def _summed(x: Values, starts: Integers) -> Values:
    """The sum so far within each group; nothing from the first row on that has nothing."""
    lacks = np.isnan(x)
    total = np.cumsum(np.where(lacks, 0.0, x))
    gone = np.cumsum(lacks)
    before = starts - 1
    start, start_gone = (np.where(starts > 0, so_far[before], 0) for so_far in (total, gone))
    return np.where(gone > start_gone, np.nan, total - start)


def _carried(x: Values, starts: Integers) -> Values:
    """The last value that was there, within each group."""
    there = ~_lacks(x)
    last = np.maximum.accumulate(np.where(there, np.arange(len(x)), -1))
    return _picked(x, np.where(last >= starts, last, -1))


def _lacks(x: Values) -> Mask:
    import pandas as pd

    return np.asarray(pd.isna(x), dtype=bool)
