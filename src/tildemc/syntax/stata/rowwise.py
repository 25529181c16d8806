"""What `egen` works out over columns, `rowmean(x1-x5)`: arithmetic of those that have a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from tildemc.syntax.rewrite import called
from tildemc.syntax.stata.functions import choice, extreme
from tildemc.syntax.tree import Binary, Expr, Name, Number, Parens

__all__ = ["ROWS"]


def _sum(parts: Sequence[Expr]) -> Expr:
    return Parens(reduce(lambda one, other: Binary("+", one, other), parts))


def _or(column: Name, instead: Expr, value: Expr | None = None) -> Expr:
    """A value, by default the column's own, where the column has one."""
    return choice(called("is.na", column), instead, column if value is None else value)


def _there(columns: Sequence[Name]) -> Expr:
    return _sum([_or(column, Number(0.0), Number(1.0)) for column in columns])


def _total(columns: Sequence[Name]) -> Expr:
    return _sum([_or(column, Number(0.0)) for column in columns])


def _mean(columns: Sequence[Name]) -> Expr:
    return Binary("/", _total(columns), _there(columns))


def _sd(columns: Sequence[Name]) -> Expr:
    mean = _mean(columns)
    squares = [_or(c, Number(0.0), Binary("^", Parens(Binary("-", c, mean)), Number(2.0))) for c in columns]
    less = Parens(Binary("-", _there(columns), Number(1.0)))
    return called("sqrt", Binary("/", _sum(squares), less))


def _first(columns: Sequence[Name]) -> Expr:
    found: Expr = columns[-1]
    for column in reversed(columns[:-1]):
        found = choice(called("is.na", column), found, column)
    return found


ROWS: dict[str, Callable[[Sequence[Name]], Expr]] = {
    "rowmean": _mean,
    "rowtotal": _total,
    "rownonmiss": _there,
    "rowmiss": lambda columns: Binary("-", Number(float(len(columns))), _there(columns)),
    "rowsd": _sd,
    "rowmax": lambda columns: extreme("pmax", columns),
    "rowmin": lambda columns: extreme("pmin", columns),
    "rowfirst": _first,
    "rowlast": lambda columns: _first(columns[::-1]),
}
"""By their names."""
