"""`egen m = mean(x), by(g)` in, what the column is made of out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.rewrite import called
from tildemc.syntax.stata.clauses import Clauses
from tildemc.syntax.stata.expressions import number_or_none
from tildemc.syntax.stata.functions import choice, quantile
from tildemc.syntax.stata.loops import numbers_of
from tildemc.syntax.stata.rowwise import ROWS
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.steps import Make
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Parens, Text, Unary

__all__ = ["egen"]

_WRITTEN = re.compile(r"(?:(?:byte|int|long|float|double|str\w*)\s+)?(\w+)\s*=\s*(\w+)\s*\((.*)\)\s*$")
_STATISTICS = {
    **{name: name for name in ("mean", "sd", "min", "max", "median")},
    **{"total": "sum", "sum": "sum", "count": "length"},
}
_ELSEWHERE = {
    "rank": "write the ranks as a column of the data",
    "mode": "write the modes as a column of the data",
    **dict.fromkeys(("skew", "kurt", "mad", "mdev"), "make the column first"),
}


@dataclass(frozen=True, slots=True)
class Values:
    """How an expression of the script is read, and what columns a list names."""

    value: Callable[[Traced], Expr]
    named: Callable[[Traced], list[str]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """`function(inside), options`, of the rows where `test` holds."""

    function: str
    inside: Traced
    written: Clauses
    values: Values
    test: Expr | None

    def value(self) -> Expr:
        """What the function is of, in the rows that are asked for."""
        value = number_or_none(self.values.value(self.inside))
        return value if self.test is None else choice(self.test, value, Name("NA"), self.written.line.span())

    def columns(self) -> list[Name]:
        """The columns that it is of."""
        return [Name(name, self.inside.span()) for name in self.values.named(self.inside)]

    def numbers(self, option: str, shortest: str) -> list[float]:
        """The numbers that an option lists; none without it."""
        given = self.written.option(option, shortest)
        if given is None:
            return []
        commas = given.reading(given.text.replace(",", " "))
        return [float(number) for number in numbers_of(commas)]


def egen(written: Clauses, values: Values, test: Expr | None, by: tuple[Name, ...]) -> Make:
    """The step that makes the column, of the rows where `test` holds, in the groups of `by`.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        If the function is not read here.
    """
    found = _WRITTEN.match(written.main.text)
    if found is None:
        raise FormulaSyntaxError("`egen` is as in `egen m = mean(x), by(g)`", written.line.span())
    name, function, inside = found[1], found[2], written.main.part(*found.span(3)).stripped()
    asked = _Asked(function, inside, written, values, test)
    span = written.line.span()
    if function == "tag":
        return _tag(name, asked)
    made = _made(asked)
    if test is not None:
        made = choice(test, made, Name("NA"), span)
    return Make(name, made, by, span)


def _made(asked: _Asked) -> Expr:
    span, function = asked.written.line.span(), asked.function
    if function in _COLUMNS:
        return _COLUMNS[function](asked)
    if function in ROWS:
        columns = asked.columns()
        if not columns:
            raise FormulaSyntaxError(f"`{function}()` is of columns, as in `{function}(x1 x2)`", span)
        return ROWS[function](columns)
    if function not in _STATISTICS and function not in _OF_ONE:
        listed = ", ".join((*_STATISTICS, *_OF_ONE, *_COLUMNS, "tag", *ROWS))
        instead = _ELSEWHERE.get(function, f"{listed} are. Make the column first")
        raise UnsupportedError(f"`{function}()` of `egen` is not read; {instead}", asked.inside.span())
    value = asked.value()
    return _OF_ONE[function](asked, value) if function in _OF_ONE else called(_STATISTICS[function], value, span=span)


# Of one expression


def _standardised(asked: _Asked, value: Expr) -> Expr:
    centred = Parens(Binary("-", value, called("mean", value)))
    z: Expr = Binary("/", centred, called("sd", value), asked.written.line.span())
    mean, sd = asked.numbers("mean", "m"), asked.numbers("std", "s") or asked.numbers("sd", "sd")
    z = Binary("*", Number(sd[0]), z) if sd else z
    return Binary("+", Number(mean[0]), z) if mean else z


def _percentile(asked: _Asked, value: Expr) -> Expr:
    shares = asked.numbers("p", "p") or [50.0]
    return quantile(value, shares[0] / 100)


def _cut(asked: _Asked, value: Expr) -> Expr:
    """`cut(x), at(20, 40, 60)`: each interval's lower end, or its number from 0; nothing outside."""
    edges = asked.numbers("at", "at")
    if len(edges) < 2:
        message = "`cut()` of `egen` is read with `at(20, 40, 60)`; groups of one size are `xtile q = x, nquantiles(4)`"
        raise UnsupportedError(message, asked.inside.span())
    codes = any(name in asked.written.options for name in ("icodes", "icode", "ic", "label"))
    made: Expr = Name("NA", asked.inside.span())
    for code, (low, high) in enumerate(pairwise(edges)):
        test = Binary("&", Binary(">=", value, Number(low)), Binary("<", value, Number(high)))
        made = choice(test, Number(float(code) if codes else low), made)
    return made


_OF_ONE: Mapping[str, Callable[[_Asked, Expr], Expr]] = {
    "std": _standardised,
    "pctile": _percentile,
    "iqr": lambda _, value: Binary("-", quantile(value, 0.75), quantile(value, 0.25)),
    "cut": _cut,
}


# Of columns


def _group(asked: _Asked) -> Expr:
    columns = asked.columns()
    if len(columns) > _MOST_GROUPED:
        raise UnsupportedError(f"`group()` of more than {_MOST_GROUPED} columns is not read", asked.inside.span())
    return called("interaction" if len(columns) > 1 else "as.factor", *columns, span=asked.written.line.span())


def _concat(asked: _Asked) -> Expr:
    given = asked.written.option("punct", "p")
    between = Argument(Text("" if given is None else given.text.strip('"')), "sep")
    return Call("paste", (*map(Argument, asked.columns()), between), asked.written.line.span())


def _counted(asked: _Asked) -> Expr:
    """How many columns have one of the values."""
    tests = [_is_among(column, asked) for column in asked.columns()]
    return Parens(reduce(lambda one, other: Binary("+", one, other), (choice(t, _ONE, _ZERO) for t in tests)))


def _matched(asked: _Asked) -> Expr:
    """Whether any column has one of the values."""
    return choice(Binary(">", _counted(asked), _ZERO), _ONE, _ZERO)


def _valued(asked: _Asked) -> Expr:
    """A column where it has one of the values."""
    (column,) = asked.columns()[:1]
    return choice(_is_among(column, asked), column, Name("NA"))


def _is_among(column: Name, asked: _Asked) -> Expr:
    values = asked.numbers("values", "v")
    if not values:
        message = f"`{asked.function}()` of `egen` has values, as in `values(1 2)`"
        raise FormulaSyntaxError(message, asked.inside.span())
    tests = [Binary("==", column, Number(value)) for value in values]
    same = reduce(lambda one, other: Binary("|", one, other), tests[1:], tests[0])
    return Binary("&", Unary("!", called("is.na", column)), Parens(same))


def _sequence(asked: _Asked) -> Expr:
    """`seq(), from(1) to(4)`, over and over, by the place of a row."""
    first, last = (asked.numbers(option, option[0]) for option in ("from", "to"))
    low = first[0] if first else 1.0
    row = Binary("-", called("row_number"), _ONE)
    block = asked.numbers("block", "b")
    turn: Expr = Binary("%/%", Parens(row), Number(block[0])) if block else row
    turn = Binary("%%", Parens(turn), Number(last[0] - low + 1)) if last else turn
    return Binary("+", Number(low), Parens(turn))


def _tag(name: str, asked: _Asked) -> Make:
    """1 in one row of each group: the first."""
    columns, span = tuple(asked.columns()), asked.written.line.span()
    tests: list[Expr] = [Binary("==", called("row_number"), _ONE)]
    tests += [Unary("!", called("is.na", column)) for column in columns]
    if asked.test is not None:
        raise UnsupportedError("`tag()` with `if` is not read: `keep if` goes before", span)
    first = reduce(lambda one, other: Binary("&", one, other), tests)
    return Make(name, choice(first, _ONE, _ZERO, span), columns, span)


_ONE, _ZERO = Number(1.0), Number(0.0)
_MOST_GROUPED = 4
_COLUMNS: Mapping[str, Callable[[_Asked], Expr]] = {
    "group": _group,
    "concat": _concat,
    "anycount": _counted,
    "anymatch": _matched,
    "anyvalue": _valued,
    "seq": _sequence,
}
