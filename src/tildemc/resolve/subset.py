"""The rows that a text asks for: Stata's `if` and `in`, R's `subset`.

A condition is true, false, or, where a value is missing, neither; `!` of what is neither is neither. Rows are kept
where it is true. `_where` therefore says where it is true, or where it is false, in two-valued arithmetic.
"""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Integers, Mask
from tildemc.errors import DataError, SemanticError
from tildemc.resolve.frame import Frame
from tildemc.resolve.meaning import as_given, meaning
from tildemc.resolve.values import Category, Columns, lacking
from tildemc.spec.expr import Apply, Col, Expr, Op, columns_of
from tildemc.spec.report import Positions
from tildemc.syntax import tree
from tildemc.syntax.steps import RowNumbers
from tildemc.syntax.tree import deparse, spine

__all__ = ["asked_rows", "condition_of", "none_left", "positions_of"]


def positions_of(numbers: RowNumbers, rows: int) -> Positions:
    """Where rows of these numbers are in data of so many rows.

    Raises
    ------
    DataError
        If there is no such row.
    """
    for number in (end for ends in numbers.ranges for end in ends):
        if not 0 < abs(number) <= rows:
            raise DataError(f"there is no row {number}; the data have {rows:,} rows", numbers.span)
    places = [tuple(n - 1 if n > 0 else rows + n for n in ends) for ends in numbers.ranges]
    return Positions(tuple((first, last + 1) for first, last in places), numbers.others)


def asked_rows(frame: Frame, condition: Expr | None, positions: Positions | None, place: Integers) -> Mask:
    """Where the condition is true and the row's place among the positions."""
    keep = np.ones(len(frame), dtype=bool) if positions is None else positions.hold(place)
    if condition is not None:
        with np.errstate(all="ignore"):
            keep = keep & frame.evaluate(condition).astype(bool)
    return keep


def none_left(condition: tree.Expr | None) -> DataError:
    """What to say if no row is asked for."""
    return DataError("no row is left of those that the text asks for", None if condition is None else condition.span)


def condition_of(condition: tree.Expr, columns: Columns) -> Expr:
    """Where `condition` is true."""
    return _where(condition, columns, true=True)


def _where(condition: tree.Expr, columns: Columns, *, true: bool) -> Expr:
    """Where `condition` is true, or where it is false."""
    first, nodes = spine(condition, _DUAL)
    found = _part_where(first, columns, true=true)
    for node in nodes:
        operator = node.operator if true else _DUAL[node.operator]
        found = Op(operator, found, _where(node.right, columns, true=true))
    return found


_DUAL = {"&": "|", "|": "&"}
"""What holds of the parts where the whole is false."""


def _part_where(part: tree.Expr, columns: Columns, *, true: bool) -> Expr:
    match part:
        case tree.Parens(inner):
            return _where(inner, columns, true=true)
        case tree.Unary("!", inner):
            return _where(inner, columns, true=not true)
        case tree.Call("is.na", (tree.Argument(inner, None),)):
            missing = lacking(as_given(inner, columns))
            return missing if true else Apply("not", (missing,))
        case tree.Binary("%in%"):
            among = _truth(part, columns)
            return among if true else Apply("not", (among,))
        case tree.Call("as.logical", (tree.Argument(inner, None),)):
            part = _as_truth(inner, columns)
        case _:
            pass
    truth = _truth(part, columns)
    return _known(truth if true else Apply("not", (truth,)))


def _as_truth(inner: tree.Expr, columns: Columns) -> tree.Expr:
    """R's `as.logical(x)`: a number is true but for zero."""
    value = meaning(inner, columns)
    return inner if isinstance(value, Category) else tree.Binary("!=", inner, tree.Number(0.0), inner.span)


def _truth(condition: tree.Expr, columns: Columns) -> Expr:
    """A comparison, or a column of truths."""
    value = meaning(condition, columns)
    if isinstance(value, Category):
        if value.truth is None:
            raise SemanticError(f"`{deparse(condition)}` is not true or false", condition.span)
        return value.truth
    shown = deparse(condition)
    message = f"R takes numbers such as `{shown}` for the numbers of rows; to choose by them write `{shown} != 0`"
    raise SemanticError(message, condition.span)


def _known(truth: Expr) -> Expr:
    """`truth` where every value that it reads is there; `<`, `==` and the like are false of what is not there."""
    if isinstance(truth, Op) and truth.operator in ("==", "<", "<=", ">", ">="):
        return truth
    for name in columns_of(truth):
        truth = Op("&", truth, Apply("notna", (Col(name),)))
    return truth
