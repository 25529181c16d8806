"""The data of an R call in, the name of a data frame and what is done to it first out.

What is understood are rows that conditions or numbers pick, and columns made of others, by base R or dplyr. What else
stands for data, `o$d` or `merge(a, b)`, is taken to be the data that the person gives: it is named in a note.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from tildemc.errors import FormulaSyntaxError, SemanticError, TildeError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.ordered import hoisted, is_ordered, ordered_name
from tildemc.syntax.rcall.picked import condition_of, without_data
from tildemc.syntax.rcall.rows import row_numbers
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Complete,
    Expr,
    Keep,
    Make,
    Name,
    Number,
    Parens,
    RowNumbers,
    Step,
    Text,
    Tilde,
    Unary,
    deparse,
)

__all__ = ["PIPES", "Data", "data_of", "piped"]

PIPES = ("%>%", "|>")


@dataclass(frozen=True, slots=True)
class Data:
    """A data frame of a text.

    Attributes
    ----------
    name : str
        What the text calls it.
    file : str or None
        The file that it is read from.
    steps : tuple of Step
        What is done to it.
    by : tuple of Name
        Within groups of what that is done.
    order : tuple of Expr
        What its rows are sorted by.
    grouped : Tilde or None
        nlme's formula of it, `y ~ x | g`.
    refused : TildeError or None
        What of it is not understood: it is no data for a model then.
    """

    name: str
    file: str | None = None
    steps: tuple[Step, ...] = ()
    by: tuple[Name, ...] = ()
    order: tuple[Expr, ...] = ()
    grouped: Tilde | None = None
    refused: TildeError | None = None

    def then(self, *steps: Step) -> Data:
        """The same with something more done to it."""
        return replace(self, steps=(*self.steps, *steps))

    def make(self, column: str, value: Expr, by: tuple[Name, ...], span: Span | None) -> Data:
        """The same with one column more, which may be of other rows in the order of these."""
        return self.then(Make(column, value, by, span, order=self.order if is_ordered(value) else (), open_ends=True))

    def keep(self, rows: Expr | RowNumbers, span: Span | None) -> Data:
        """The rows where a condition is true, or of these numbers.

        Raises
        ------
        UnsupportedError
            If numbers count other rows than those of the data as they stand.
        """
        if isinstance(rows, RowNumbers):
            if self.by or self.order:
                how = "within groups" if self.by else "in another order"
                example = "filter(row_number() == 1)"
                raise UnsupportedError(f"these numbers count rows {how}: write a condition, such as `{example}`", span)
            return self.then(Keep(rows, span))
        if not is_ordered(rows):
            return self.then(Keep(rows, span))
        condition, made = hoisted(rows, deparse)
        return self.then(*(replace(each, by=self.by, order=self.order) for each in made), Keep(condition, span))


def data_of(expr: Expr, known: Mapping[str, Data]) -> Data:
    """What an expression that stands for data means.

    Parameters
    ----------
    expr : Expr
    known : mapping of str to Data
        What the script has done to data so far.

    Raises
    ------
    UnsupportedError
        If it picks rows or makes columns in a way that cannot be said here.
    """
    match unparenthesised(expr):
        case Name(name):
            data = known.get(name, Data(name))
            if data.refused is not None:
                raise data.refused
            return data
        case Binary(operator, left, Call() as right) if operator in PIPES:
            return data_of(piped(left, right), known)
        case Call("[", (whole, *indices)):
            return _picked(data_of(whole.value, known), indices)
        case Call(function, (Argument(Text(path)), *_)) if _plain(function) in _READERS:
            return Data(path, file=path)
        case Call(function, arguments, span) if _plain(function) == "groupedData":
            return _with_groups(arguments, known, span)
        case Call(function, (), span) if "::" in function and span is not None and str(span) == function:
            return Data(function)
        case Call(function, (first, *others)) if first.name in _FIRST and _plain(function) in _VERBS:
            return _VERBS[_plain(function)](data_of(first.value, known), others)
        case other:
            return Data(deparse(other))


def _with_groups(arguments: Sequence[Argument], known: Mapping[str, Data], span: Span | None) -> Data:
    """`groupedData(y ~ x | g, data = d)`."""
    unnamed = (name for name in ("formula", "data") if all(argument.name != name for argument in arguments))
    given = {argument.name or next(unnamed, ""): argument.value for argument in arguments}
    match unparenthesised(given.get("formula", Name("nothing"))):
        case Tilde(_, Binary("|")) as grouped if "data" in given:
            return replace(data_of(given["data"], known), grouped=grouped)
        case other:
            message = "grouped data have a formula with their groups behind a bar, and data: "
            raise FormulaSyntaxError(f"{message}`groupedData(y ~ x | g, data = d)`", other.span or span)


def piped(left: Expr, right: Call) -> Call:
    """`f(x, …)` of `x %>% f(…)`; `.` or `_` stands for x where it is named."""
    places = [argument.value in (Name("."), Name("_")) for argument in right.arguments]
    if True in places:
        given = (replace(a, value=left) if here else a for a, here in zip(right.arguments, places, strict=True))
        return replace(right, arguments=tuple(given))
    return replace(right, arguments=(Argument(left, None, left.span), *right.arguments))


_FIRST = (None, ".data", "data", "x", "object", "_data")
_READERS = {"read.csv", "read_csv", "read.csv2", "read.table", "read_dta", "read.dta", "read_sav", "read_parquet"}
_READERS |= {"fread", "read_excel", "read_tsv", "read_sas", "read_feather"}


def _plain(function: str) -> str:
    """The function's name without its package."""
    return function.rpartition("::")[2]


def _picked(data: Data, indices: Sequence[Argument]) -> Data:
    """`d[rows, columns]`; `d[columns]` picks columns, and those of the model are among them."""
    if len(indices) < 2 or indices[0].value == Name(""):
        return data
    return _rows(replace(data, by=()), indices[0].value)


def _rows(data: Data, expr: Expr) -> Data:
    expr = unparenthesised(without_data(expr))
    numbers = row_numbers(expr)
    if numbers is not None:
        return data.keep(numbers, expr.span)
    match expr:
        case Call("which", (Argument(condition), *_)):
            return data.keep(condition_of(condition), expr.span)
        case Call("complete.cases"):
            return data.then(Complete((), expr.span))
        case Call("order", keys) if all(key.name is None for key in keys):
            return replace(data, order=tuple(key.value for key in keys))
        case _:
            return data.keep(condition_of(expr), expr.span)


def _filtered(data: Data, arguments: Sequence[Argument]) -> Data:
    """`subset(d, condition, select)`: what it selects are columns, and the model's are among them."""
    conditions = [argument.value for argument in arguments if argument.name in (None, "subset")][:1]
    for condition in conditions:
        if row_numbers(condition) is not None:
            message = "`subset()` takes the data and one condition here, as in `subset(d, x > 1)`"
            raise SemanticError(message, condition.span)
    for condition in conditions:
        data = data.then(Keep(condition_of(condition), condition.span))
    return data


def _kept(data: Data, arguments: Sequence[Argument]) -> Data:
    conditions = [argument.value for argument in arguments if argument.name is None]
    if len(conditions) > 1 and any(map(is_ordered, conditions)):
        # Each counts the rows as they are before any of them.
        each: list[Expr] = [Parens(condition, condition.span) for condition in conditions]
        conditions = [reduce(lambda one, other: Binary("&", one, other, other.span), each)]
    for condition in conditions:
        if data.by and not all(_by_row(part) for part in walk(condition)):
            raise _unsaid("this of `filter()` within groups", condition)
        data = _rows(data, condition)
    return data


def _by_row(part: Expr) -> bool:
    """Whether a part of a condition means the same within groups, or is understood there."""
    return (
        not isinstance(part, Call) or part.function in ("is.na", "c", "between", "$") or ordered_name(part) is not None
    )


def _sorted(data: Data, arguments: Sequence[Argument]) -> Data:
    """`arrange(d, g, desc(t))`: what was sorted by before holds among equals."""
    keys = tuple(_key(without_data(argument.value)) for argument in arguments if argument.name is None)
    return replace(data, order=(*keys, *data.order))


def _key(key: Expr) -> Expr:
    match key:
        case Call(function, (Argument(inner),), span) if _plain(function) == "desc":
            return Unary("-", inner, span)
        case _:
            return key


def _made(data: Data, arguments: Sequence[Argument]) -> Data:
    for argument in arguments:
        if argument.name is None:
            raise _unsaid(f"`{deparse(argument.value)}`", argument.value)
        data = data.make(argument.name, without_data(argument.value), data.by, argument.span)
    return data


def _complete(data: Data, arguments: Sequence[Argument]) -> Data:
    columns = tuple(a.value for a in arguments if isinstance(a.value, Name) and a.name is None)
    return data.then(Complete(columns))


def _renamed(data: Data, arguments: Sequence[Argument]) -> Data:
    named = [(a.name, a.value) for a in arguments if a.name is not None and isinstance(a.value, Name | Text)]
    return data.then(*(Make(name, _named(value), (), value.span) for name, value in named))


def _named(value: Expr) -> Expr:
    return Name(value.value, value.span) if isinstance(value, Text) else value


def _grouped(data: Data, arguments: Sequence[Argument]) -> Data:
    return replace(data, by=tuple(a.value for a in arguments if isinstance(a.value, Name) and a.name is None))


def _ungrouped(data: Data, _arguments: Sequence[Argument]) -> Data:
    return replace(data, by=())


def _first(data: Data, arguments: Sequence[Argument]) -> Data:
    return data.keep(RowNumbers(((1, _count(arguments)),)), None)


def _last(data: Data, arguments: Sequence[Argument]) -> Data:
    return data.keep(RowNumbers(((-_count(arguments), -1),)), None)


def _count(arguments: Sequence[Argument]) -> int:
    if not arguments:
        return 6
    match arguments[0].value:
        case Number(count) if count > 0:
            return int(count)
        case other:
            raise _unsaid(f"`{deparse(other)}`", other)


def _numbered(data: Data, arguments: Sequence[Argument]) -> Data:
    for argument in arguments:
        if argument.name is None:
            data = _rows(data, argument.value)
    return data


def _same(data: Data, _arguments: Sequence[Argument]) -> Data:
    """What changes neither rows nor the meaning of columns; levels that no row has are left out here anyway."""
    return data


def _unsaid(what: str, expr: Expr) -> UnsupportedError:
    return UnsupportedError(
        f"{what} of the data is not understood: prepare the data first; everything else of this call is read", expr.span
    )


_VERBS: dict[str, Callable[[Data, Sequence[Argument]], Data]] = {
    "filter": _kept,
    "subset": _filtered,
    "na.omit": _complete,
    "na.exclude": _complete,
    "drop_na": _complete,
    "mutate": _made,
    "transform": _made,
    "rename": _renamed,
    "select": _renamed,
    "group_by": _grouped,
    "ungroup": _ungrouped,
    "head": _first,
    "tail": _last,
    "slice": _numbered,
    "arrange": _sorted,
    **dict.fromkeys(
        ("droplevels", "as.data.frame", "as_tibble", "as_data_frame", "tibble", "data.frame", "relocate"),
        _same,
    ),
}
"""What base R and dplyr do to data, by name."""
