"""The data of an R call in, the name of a data frame and what is done to it first out.

What is understood are rows that conditions or numbers pick, and columns made of others, by base R or dplyr. A function
that is not known, and parts as `o$d`, stand for the data that the person gives: they are named in a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tildemc.errors import FormulaSyntaxError
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rcall.columnverbs import COLUMN_VERBS, columns_picked
from tildemc.syntax.rcall.frames import Data, refusal
from tildemc.syntax.rcall.rowverbs import ROW_VERBS, rows_picked
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Text, Tilde, Unary, deparse

__all__ = ["PIPES", "Data", "data_of", "piped"]

PIPES = ("%>%", "|>")
_VERBS = {**ROW_VERBS, **COLUMN_VERBS}


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
            found = known.get(name, Data(name))
            if found.refused is not None:
                raise found.refused
            return found
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
        case Call() as call if (refused := refusal(call)) is not None:
            raise refused
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
    """`d[rows, columns]`; `d[columns]`, or data.table's `d[condition]`."""
    given = [index for index in indices if index.name is None]
    if len(given) == 1:
        inside = unparenthesised(given[0].value)
        chooses = isinstance(inside, Binary) and inside.operator in _CHOOSES
        chooses = chooses or (isinstance(inside, Unary) and inside.operator == "!")
        return rows_picked(data, inside) if chooses else columns_picked(data, inside)
    if given and given[0].value != Name(""):
        data = rows_picked(data, given[0].value)
    columns = given[1].value if len(given) > 1 else Name("")
    return data if columns == Name("") else columns_picked(data, columns)


_CHOOSES = ("==", "!=", "<", "<=", ">", ">=", "&", "|", "%in%")
