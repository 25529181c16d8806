"""What base R and dplyr do to the rows of data, as steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tildemc.errors import SemanticError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rcall.columnverbs import columns_picked
from tildemc.syntax.rcall.frames import Data, columns_of, refusal, unsaid
from tildemc.syntax.rcall.picked import condition_of, without_data
from tildemc.syntax.rcall.rows import row_numbers
from tildemc.syntax.steps import Complete, FirstOf, Keep, RowNumbers
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Name, Number, Unary, deparse

__all__ = ["ROW_VERBS", "rows_picked"]


def rows_picked(data: Data, expr: Expr) -> Data:
    """`d[rows, ]`: rows by number or by a condition, or in another order."""
    expr = unparenthesised(without_data(expr))
    numbers = row_numbers(expr)
    if numbers is not None:
        return _counted(data, numbers, expr)
    match expr:
        case Call("complete.cases", arguments):
            return data.then(Complete(_named(arguments), expr.span))
        case Binary("==", Call("rowSums", (Argument(Call("is.na", (Argument(Name() | Call("[")),))),)), Number(0)):
            return data.then(Complete((), expr.span))
        case Unary("!", Call("duplicated", (Argument(of), *others))):
            return _first_of(data, columns_of(of), 1, any(o.name == "fromLast" for o in others), expr)
        case Call("order" | "base::order", keys):
            return data.sorted_by(keys)
        case Binary(":", Number(1), Call("nrow" | "NROW")) | Call("seq_len", (Argument(Call("nrow" | "NROW")),)):
            return data
        case Call() as call if (refused := refusal(call)) is not None:
            raise refused
        case _:
            return data.then(Keep(condition_of(expr), expr.span))


def _counted(data: Data, numbers: RowNumbers, expr: Expr) -> Data:
    """Rows by number, which are other ones if rows have been sorted."""
    if data.order:
        raise unsaid(f"which rows have these numbers in the order of `{deparse(data.order[0])}`", expr)
    return data.then(Keep(numbers, expr.span))


def _first_of(data: Data, columns: tuple[Name, ...], count: int, last: bool, expr: Expr) -> Data:
    if not columns:
        raise unsaid(f"`{deparse(expr)}`", expr)
    if data.order:
        raise unsaid(f"which rows are the first in the order of `{deparse(data.order[0])}`", expr)
    return data.then(Keep(FirstOf(columns, count, last, expr.span), expr.span))


def _named(arguments: Sequence[Argument]) -> tuple[Name, ...]:
    """The columns that arguments name; none for a whole data frame."""
    if len(arguments) == 1 and isinstance(arguments[0].value, Name):
        return ()
    return tuple(name for argument in arguments for name in columns_of(argument.value))


def _filtered(data: Data, arguments: Sequence[Argument]) -> Data:
    """`subset(d, condition, select)`."""
    given = {argument.name: argument.value for argument in arguments if argument.name is not None}
    free = [argument.value for argument in arguments if argument.name is None]
    condition = given.get("subset", free[0] if free else None)
    select = given.get("select", free[1] if len(free) > 1 and "subset" not in given else None)
    if condition is not None:
        if row_numbers(condition) is not None:
            message = "`subset()` takes the data and one condition here, as in `subset(d, x > 1)`"
            raise SemanticError(message, condition.span)
        data = data.then(Keep(condition_of(condition), condition.span))
    return data if select is None else columns_picked(data, select)


def _kept(data: Data, arguments: Sequence[Argument]) -> Data:
    for argument in arguments:
        data, other = _by_number(data, argument.value)
        if other is not None and argument.name is None:
            if data.by:
                raise unsaid("`filter()` within groups", other)
            data = rows_picked(data, other)
    return data


def _by_number(data: Data, expr: Expr) -> tuple[Data, Expr | None]:
    """`row_number() <= 5`: the first rows, of each group where there are groups; what else it is."""
    match unparenthesised(expr):
        case Binary("<=" | "==" as operator, Call("row_number", ()), Number(count)) if operator == "<=" or count == 1:
            return _head(data, int(count), expr), None
        case other:
            return data, other


def _head(data: Data, count: int, expr: Expr) -> Data:
    if data.by:
        return _first_of(data, data.by, count, False, expr)
    return _counted(data, RowNumbers(((1, count),)), expr)


def _first(data: Data, arguments: Sequence[Argument]) -> Data:
    count, expr = _count(arguments)
    if count < 0:
        return _counted(data, RowNumbers(((1, count - 1),)), expr)
    return _head(replace(data, by=()), count, expr)


def _last(data: Data, arguments: Sequence[Argument]) -> Data:
    count, expr = _count(arguments)
    return _counted(data, RowNumbers(((1 - count, -1) if count < 0 else (-count, -1),)), expr)


def _count(arguments: Sequence[Argument]) -> tuple[int, Expr]:
    if not arguments:
        return 6, Number(6.0)
    match arguments[0].value:
        case Number(count) as expr if count > 0:
            return int(count), expr
        case Unary("-", Number(count)) as expr:
            return -int(count), expr
        case other:
            raise unsaid(f"`{deparse(other)}`", other)


def _numbered(data: Data, arguments: Sequence[Argument]) -> Data:
    """`slice(1:5)`; within groups `slice(1)`, `slice_head(n = 2)`."""
    for argument in arguments:
        match argument:
            case Argument(Number(count)) if data.by:
                if argument.name is None and count != 1:
                    raise unsaid(f"row {count:g} of each group", argument.value)
                data = _first_of(data, data.by, int(count), False, argument.value)
            case Argument(Call("n", ()), None) if data.by:
                data = _first_of(data, data.by, 1, True, argument.value)
            case Argument(Number(count), "n"):
                data = _head(data, int(count), argument.value)
            case Argument(value, None):
                if data.by:
                    raise unsaid(f"`{deparse(value)}` within groups", value)
                data = rows_picked(data, value)
            case _:
                raise unsaid(f"`{argument.name}` of `slice()`", argument.value)
    return data


def _distinct(data: Data, arguments: Sequence[Argument]) -> Data:
    """`distinct(id, .keep_all = TRUE)`: the first row of each."""
    columns = tuple(name for argument in arguments if argument.name is None for name in columns_of(argument.value))
    whole = any(argument.name == ".keep_all" and argument.value == Constant(True) for argument in arguments)
    shown = arguments[0].value if arguments else Name("distinct")
    if not columns or not whole:
        raise unsaid("`distinct()` without `.keep_all = TRUE`", shown)
    return _first_of(data, columns, 1, False, shown)


def _complete(data: Data, arguments: Sequence[Argument]) -> Data:
    return data.then(Complete(tuple(name for a in arguments if a.name is None for name in columns_of(a.value))))


def _sorted(data: Data, arguments: Sequence[Argument]) -> Data:
    return data.sorted_by(arguments)


ROW_VERBS: Mapping[str, Callable[[Data, Sequence[Argument]], Data]] = {
    "filter": _kept,
    "subset": _filtered,
    "na.omit": _complete,
    "na.exclude": _complete,
    "drop_na": _complete,
    "distinct": _distinct,
    "head": _first,
    "tail": _last,
    "slice": _numbered,
    "slice_head": _numbered,
    "arrange": _sorted,
}
"""By name."""
