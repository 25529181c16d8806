"""What base R and dplyr do to the columns of data, as steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rcall.frames import Data, columns_of, unsaid
from tildemc.syntax.rcall.picked import without_data
from tildemc.syntax.rcall.rows import row_numbers
from tildemc.syntax.rewrite import rewritten
from tildemc.syntax.steps import Make, Pick
from tildemc.syntax.tree import Argument, Call, Constant, Expr, Name, Number, Text, Tilde, Unary, deparse

__all__ = ["COLUMN_VERBS", "applied", "columns_made", "columns_picked"]


def columns_picked(data: Data, expr: Expr) -> Data:
    """`c(y, x)`, `-z`, `-c(1, 2)`, `c("y", "x")`: the columns that stay."""
    columns, others = _selection([Argument(expr)])
    return data.then(Pick(columns, others, expr.span)) if columns else data


def _selection(arguments: Sequence[Argument]) -> tuple[tuple[Name | Number, ...], bool]:
    """The columns that are named, by name or by place, and whether all others are meant; none if that is not known."""
    found: list[Name | Number] = []
    signs: set[bool] = set()
    for argument in arguments:
        value = unparenthesised(argument.value)
        minus = isinstance(value, Unary) and value.operator in ("-", "!")
        inner = value.operand if minus and isinstance(value, Unary) else value
        places = row_numbers(inner)
        if places is not None and not places.others:
            names: tuple[Name | Number, ...] = tuple(
                Number(float(k)) for first, last in places.ranges for k in range(first, last + 1)
            )
        else:
            names = columns_of(inner)
        if not names:
            return (), False
        signs.add(minus)
        found += names
    return (tuple(found), signs == {True}) if len(signs) == 1 else ((), False)


def _selected(data: Data, arguments: Sequence[Argument]) -> Data:
    """`select(y, x, w = z)`."""
    data = _renamed(data, arguments)
    columns, others = _selection([Argument(Name(a.name)) if a.name is not None else a for a in arguments])
    return data.then(Pick(columns, others)) if columns else data


def _renamed(data: Data, arguments: Sequence[Argument]) -> Data:
    for argument in arguments:
        match argument:
            case Argument(Name(old) | Text(old), str(new)):
                data = data.then(Make(new, Name(old, argument.span), (), argument.span))
            case _:
                pass
    return data


def _made(data: Data, arguments: Sequence[Argument]) -> Data:
    """`mutate(z = log(x), across(c(x, w), scale), .by = g)`."""
    by = tuple(name for a in arguments if a.name in (".by", "by") for name in columns_of(a.value)) or data.by
    for argument in arguments:
        if argument.name in (".by", "by", ".keep", ".before", ".after", ".groups"):
            continue
        for name, value in columns_made(argument):
            data = data.then(Make(name, without_data(value), by, argument.span))
    return data


def columns_made(argument: Argument) -> Iterator[tuple[str, Expr]]:
    """The columns that an argument makes, by name, and what each is."""
    match argument.value, argument.name:
        case Constant(None), str():
            return
        case value, str(name):
            yield name, value
        case Call("across", (Argument(of), Argument(function))), None if columns_of(of):
            yield from ((name.text, applied(function, name)) for name in columns_of(of))
        case _:
            raise unsaid(f"`{deparse(argument.value)}`", argument.value)


def applied(function: Expr, given: Expr) -> Expr:
    """`f`, `~ f(.x)` or `function(v) f(v)` of something."""
    match function:
        case Name(name) | Call("function", (Argument(Name(name)),)):
            return Call(name, (Argument(given, None, given.span),), function.span)
        case Call("function", (Argument(Name(own)), Argument(body))):
            return rewritten(body, lambda part: given if part == Name(own) else None)
        case Tilde(None, body):
            return rewritten(body, lambda part: given if part in (Name(".x"), Name(".")) else None)
        case other:
            raise unsaid(f"`{deparse(other)}`", other)


def _made_at(data: Data, arguments: Sequence[Argument]) -> Data:
    """`mutate_at(vars(x, z), scale)`."""
    match arguments:
        case [Argument(of), Argument(function), *_] if columns_of(of):
            return _made(data, [Argument(Call("across", (Argument(of), Argument(function))))])
        case _:
            shown = arguments[0].value if arguments else Name("mutate_at")
            raise unsaid(f"`{deparse(shown)}`", shown)


def _made_if(data: Data, arguments: Sequence[Argument]) -> Data:
    """`mutate_if(is.character, as.factor)`: text is a factor here as it is."""
    match arguments:
        case [Argument(Name("is.character")), Argument(Name("as.factor" | "factor"))]:
            return data
        case _:
            shown = arguments[0].value if arguments else Name("mutate_if")
            raise unsaid(f"`mutate_if({deparse(shown)}, …)`", shown)


def _grouped(data: Data, arguments: Sequence[Argument]) -> Data:
    return replace(data, by=tuple(a.value for a in arguments if isinstance(a.value, Name) and a.name is None))


def _ungrouped(data: Data, _arguments: Sequence[Argument]) -> Data:
    return replace(data, by=())


def _same(data: Data, _arguments: Sequence[Argument]) -> Data:
    """What changes neither rows nor the meaning of columns; levels that no row has are left out here anyway."""
    return data


COLUMN_VERBS: Mapping[str, Callable[[Data, Sequence[Argument]], Data]] = {
    "mutate": _made,
    "transform": _made,
    "mutate_at": _made_at,
    "mutate_if": _made_if,
    "rename": _renamed,
    "select": _selected,
    "group_by": _grouped,
    "ungroup": _ungrouped,
    **dict.fromkeys(
        (
            *("droplevels", "as.data.frame", "as_tibble", "as_data_frame", "tibble", "data.frame", "relocate"),
            *("as.data.table", "data.table", "setDT", "setDF", "setkey", "copy", "tbl_df"),
        ),
        _same,
    ),
}
"""By name."""
