"""`egen m = mean(x), by(g)` in, what the column is made of out."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.stata.clauses import Clauses, words_of
from tildemc.syntax.stata.expressions import call, choice, number_or_none
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.tree import Binary, Expr, Name, Number, Parens

__all__ = ["egen"]

_WRITTEN = re.compile(r"(?:(?:byte|int|long|float|double|str\w*)\s+)?(\w+)\s*=\s*(\w+)\s*\((.*)\)\s*$")
_STATISTICS = {
    **{name: name for name in ("mean", "sd", "min", "max", "median")},
    **{"total": "sum", "sum": "sum", "count": "length"},
}
Values = Callable[[Traced], Expr]
"""How an expression of the script is read."""


def egen(written: Clauses, values: Values, test: Expr | None) -> tuple[str, Expr]:
    """The name of the new column and its value, of the rows where `test` holds.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        If the function is not read here.
    """
    found = _WRITTEN.match(written.main.text)
    if found is None:
        raise FormulaSyntaxError("`egen` is as in `egen m = mean(x), by(g)`", written.line.span())
    name, function, inside = found[1], found[2], written.main.part(*found.span(3)).stripped()
    made = _made(function, inside, written, values, test)
    if test is not None:
        made = choice(test, made, Name("NA"), written.line.span())
    return name, made


def _made(function: str, inside: Traced, written: Clauses, values: Values, test: Expr | None) -> Expr:
    span = written.line.span()
    if function == "group":
        columns = [Name(word.text, word.span()) for word in words_of(inside)]
        if len(columns) > _MOST_GROUPED:
            raise UnsupportedError(f"`group()` of more than {_MOST_GROUPED} columns is not read", inside.span())
        return call("interaction" if len(columns) > 1 else "as.factor", *columns, span=span)
    if function in _ROWS:
        return _ROWS[function]([Name(word.text, word.span()) for word in words_of(inside)])
    value = number_or_none(values(inside))
    if test is not None:
        value = choice(test, value, Name("NA"), span)
    if function == "std":
        return Binary("/", Parens(Binary("-", value, call("mean", value))), call("sd", value), span)
    if function in ("pctile", "iqr"):
        return _of_quantiles(function, value, written)
    if function not in _STATISTICS:
        listed = ", ".join((*_STATISTICS, "std", "pctile", "iqr", "group", *_ROWS))
        message = f"`{function}()` of `egen` is not read; {listed} are. Make the column first"
        raise UnsupportedError(message, inside.span())
    return call(_STATISTICS[function], value, span=span)


def _of_quantiles(function: str, value: Expr, written: Clauses) -> Expr:
    if function == "iqr":
        upper, lower = (call("quantile", value, Number(share)) for share in (0.75, 0.25))
        return Binary("-", upper, lower)
    given = written.option("p", "p")
    share = float(given.text) / 100 if given is not None and given.text.replace(".", "", 1).isdigit() else 0.5
    return call("quantile", value, Number(share))


_MOST_GROUPED = 4


def _sum(parts: list[Expr]) -> Expr:
    return Parens(reduce(lambda one, other: Binary("+", one, other), parts))


def _there(columns: list[Name]) -> Expr:
    return _sum([choice(call("is.na", column), Number(0.0), Number(1.0)) for column in columns])


def _total(columns: list[Name]) -> Expr:
    return _sum([choice(call("is.na", column), Number(0.0), column) for column in columns])


_ROWS: dict[str, Callable[[list[Name]], Expr]] = {
    "rowmean": lambda columns: Binary("/", _total(columns), _there(columns)),
    "rowtotal": _total,
    "rownonmiss": _there,
    "rowmiss": lambda columns: Binary("-", Number(float(len(columns))), _there(columns)),
}
"""What is worked out over columns, of those that have a value."""
