"""Formula functions of numbers: elementwise, scaled, polynomials."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np

from tildemc.arrays import Values
from tildemc.errors import SemanticError, UnsupportedError
from tildemc.limits import allowed
from tildemc.resolve.arguments import Arguments, Transform
from tildemc.resolve.lessons import moments, whole
from tildemc.resolve.levelled import number_by_level
from tildemc.resolve.listed import listed_values
from tildemc.resolve.values import Category, Quantity, Value, logical, number_of
from tildemc.spec.expr import Apply, Const, Expr, Op
from tildemc.spec.moments import Moments
from tildemc.spec.vocabulary import VOCABULARY
from tildemc.syntax.tree import Argument, Call, Name, Number, Text, deparse

__all__ = ["NUMERIC"]

_HIGHEST = 12
"""The degree of orthogonal polynomials: the text of each holds those of the two before it."""


def _elementwise(function: str) -> Transform:
    return Transform(("x",), 1, lambda a: Quantity((Apply(function, (a.number("x"),)),)))


def _log(a: Arguments) -> Value:
    logarithm: Expr = Apply("log", (a.number("x"),))
    if "base" in a.given:
        logarithm = logarithm / Apply("log", (a.number("base"),))
    return Quantity((logarithm,))


def _scale(a: Arguments) -> Value:
    """(x - mean) / sd; without centring R divides by the root mean square."""
    center, scale = a.flag("center", True), a.flag("scale", True)
    x = a.number("x")

    def learn(found: Moments) -> tuple[float, float]:
        middle = float(found.mean[0]) if center else 0.0
        squares = float(found.squares[0]) + found.n * (float(found.mean[0]) - middle) ** 2
        return middle, float(np.sqrt(squares / max(1, found.n - 1))) if scale else 1.0

    middle, spread = a.columns.learned(a.key, x, moments(learn))
    if spread == 0:
        raise SemanticError(f"`{a.key}` has no spread to divide by: all its values are equal", a.call.span)
    shifted = x - middle if center else x
    return Quantity((shifted / spread if scale else shifted,))


def _center(a: Arguments) -> Value:
    x = a.number("x")
    return Quantity((x - a.columns.learned(a.key, x, moments(lambda found: float(found.mean[0]))),))


def _poly(a: Arguments) -> Value:
    """Orthogonal polynomials by R's three-term recursion (Kennedy & Gentle 1980, pp. 343-4), or raw powers."""
    degree = a.whole("degree", 1, most=allowed().columns if a.flag("raw", False) else _HIGHEST)
    x = a.number("x")
    suffixes = tuple(str(k) for k in range(1, degree + 1)) if degree > 1 else ("",)
    if a.flag("raw", False):
        return Quantity(tuple(x**k if k > 1 else x for k in range(1, degree + 1)), suffixes)

    def learn(values: Values) -> tuple[tuple[float, ...], tuple[float, ...]]:
        if len(np.unique(values)) <= degree:
            distinct = len(np.unique(values))
            raise SemanticError(f"degree {degree} needs more than the {distinct} different values here", a.call.span)
        from formulaic.transforms import poly

        state: dict[str, dict[int, float]] = {}
        poly(values, degree=degree, _state=state)
        alpha, norms = state["alpha"], state["norms2"]
        return (
            tuple(float(alpha[k]) for k in range(degree)),
            tuple(float(norms[k]) for k in range(degree + 1)),
        )

    alpha, norms = a.columns.learned(a.key, x, whole(learn))
    powers: list[Expr] = [x - alpha[0]]
    for k in range(1, degree):
        ratio = Const(norms[k] / norms[k - 1])
        powers.append((x - alpha[k]) * powers[-1] - (ratio if k == 1 else ratio * powers[-2]))
    return Quantity(tuple(p / float(np.sqrt(norms[k])) for k, p in enumerate(powers, start=1)), suffixes)


def _round(a: Arguments) -> Value:
    """To so many digits behind the point, or before it; of two as near, the even one."""
    x = a.number("x")
    match a.numbers("digits"):
        case () | (0.0,):
            return Quantity((Apply("round", (x,)),))
        case (digits,) if digits == int(digits) and abs(digits) <= _DIGITS:
            # A whole number as the factor: 0.1 itself is rounded.
            power = Const(10.0 ** abs(digits))
            rounded = Apply("round", (x * power if digits > 0 else x / power,))
            return Quantity((rounded / power if digits > 0 else rounded * power,))
        case _:
            raise SemanticError(f"`digits` is a whole number up to {_DIGITS}", a.given["digits"].span or a.call.span)


_DIGITS = 15


def _signif(a: Arguments) -> Value:
    """To so many digits that count."""
    digits = a.whole("digits", 6, most=_DIGITS)
    x = a.number("x")
    size = Apply("floor", (Apply("log10", (Apply("abs", (x,)),)),))
    power = Const(10.0) ** (Const(float(digits - 1)) - size)
    return Quantity((Apply("where", (Op("==", x, Const(0.0)), Const(0.0), Apply("round", (x * power,)) / power)),))


def _identity(a: Arguments) -> Value:
    return a.value("x")


def _listing(a: Arguments) -> Value:
    """`c(scale(x))`: what R takes a matrix's attributes off with."""
    match a.call.arguments:
        case (argument,) if argument.name is None and not isinstance(argument.value, Text):
            return a.reader.meaning(argument.value)
        case _:
            message = '`c()` lists values; a row\'s being among them is `I(f %in% c("a", "b"))`'
            raise UnsupportedError(message, a.call.span)


def _element(a: Arguments) -> Value:
    """`poly(x, 2)[, 1]`: one of the columns of a matrix."""
    match a.call.arguments:
        case (matrix, Argument(Name("")), Argument(Number(k))):
            value = a.reader.meaning(matrix.value)
            if isinstance(value, Quantity) and k in range(1, len(value.columns) + 1):
                return Quantity((value.columns[int(k) - 1],))
        case _:
            pass
    match listed_values(a.call, a.reader):
        case (number,) if not isinstance(number, str):
            return Quantity((Const(float(number)),))
        case _:
            pass
    shown = f"`{deparse(a.call)}`"
    message = "takes a part of a matrix or a table, which data here do not hold: give that part a column of its own"
    raise UnsupportedError(f"{shown} {message}", a.call.span)


def _as_number(a: Arguments) -> Value:
    """A factor's codes 1, 2, …, or what text spells; a number as it is (`as.integer` cuts its fraction off)."""
    value, whole_number = a.value("x"), a.call.function.endswith("as.integer")
    if isinstance(value, Category):
        if value.truth is not None:
            return Quantity((Apply("float", (value.truth,)),))
        if not value.text:
            return Quantity((value.code(tuple(float(k + 1) for k in range(len(value.levels)))),))
        spelled = number_by_level(value, [_spelled(level.label, a) for level in value.levels])
        return Quantity((Apply("trunc", (spelled,)) if whole_number else spelled,))
    return Quantity((Apply("trunc", (a.number("x"),)),)) if whole_number else value


def _spelled(label: str, a: Arguments) -> float:
    try:
        return float(label)
    except ValueError:
        shown = deparse(a.given["x"])
        message = f"`{shown}` is text, and {label!r} is no number: a factor's codes are `as.integer(factor(…))`"
        raise SemanticError(message, a.call.span) from None


def _as_logical(a: Arguments) -> Value:
    value = a.value("x")
    if isinstance(value, Category) and value.truth is not None:
        return value
    return logical(Op("!=", a.number("x"), Const(0.0)))


def _over_columns(share: bool) -> Callable[[Arguments], Value]:
    """`rowMeans(cbind(x, z))`."""

    def value(a: Arguments) -> Value:
        a.flag("na.rm", False)
        match a.given["x"]:
            case Call("cbind" | "data.frame" | "base::cbind", arguments) if arguments:
                parts = [argument.value for argument in arguments]
            case other:
                message = f"`{a.call.function}()` is of columns by name here, as in `{a.call.function}(cbind(x, z))`"
                raise SemanticError(message, other.span or a.call.span)
        if a.flag("na.rm", False):
            message = "the columns that have a value are other ones in each row: make the column in the data"
            raise UnsupportedError(message, a.call.span)
        numbers = [number_of(a.reader.meaning(part), part, a.columns) for part in parts]
        total = reduce(lambda one, two: one + two, numbers)
        return Quantity((total / len(numbers) if share else total,))

    return value


NUMERIC: dict[str, Transform] = {
    **{name: _elementwise(row.name) for row in VOCABULARY.values() for name in (row.r, *row.aliases) if name},
    "log": Transform(("x", "base"), 1, _log),
    "factorial": Transform(("x",), 1, lambda a: Quantity((Apply("gamma", (a.number("x") + 1,)),))),
    "round": Transform(("x", "digits"), 1, _round),
    "signif": Transform(("x", "digits"), 1, _signif),
    **dict.fromkeys(("I", "identity", "as.vector", "as.matrix", "drop", "unlist"), Transform(("x",), 1, _identity)),
    "c": Transform(("...",), 1, _listing),
    "[": Transform(("...",), 1, _element),
    "scale": Transform(("x", "center", "scale"), 1, _scale),
    "center": Transform(("x",), 1, _center),
    "poly": Transform(("x", "degree", "raw"), 1, _poly),
    "as.integer": Transform(("x",), 1, _as_number),
    "as.numeric": Transform(("x",), 1, _as_number),
    "as.double": Transform(("x",), 1, _as_number),
    "as.logical": Transform(("x",), 1, _as_logical),
    "rowMeans": Transform(("x", "na.rm"), 1, _over_columns(share=True)),
    "rowSums": Transform(("x", "na.rm"), 1, _over_columns(share=False)),
}
"""By R's names."""
