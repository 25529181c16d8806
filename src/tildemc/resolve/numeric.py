"""Formula functions of numbers: elementwise, scaled, polynomials."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Values
from tildemc.errors import SemanticError
from tildemc.limits import allowed
from tildemc.resolve.arguments import Arguments, Transform
from tildemc.resolve.lessons import moments, whole
from tildemc.resolve.numerals import is_number
from tildemc.resolve.values import Category, Quantity, Value
from tildemc.spec.expr import Apply, Const, Expr
from tildemc.spec.moments import Moments
from tildemc.spec.vocabulary import VOCABULARY
from tildemc.syntax import tree
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.tree import deparse

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


def _identity(a: Arguments) -> Value:
    return a.value("x")


def _as_number(a: Arguments) -> Value:
    """A factor's codes 1, 2, …; the numbers that text says; a number as it is (`as.integer` cuts fractions off)."""
    value = a.value("x")
    if isinstance(value, Category):
        if value.truth is not None:
            return Quantity((Apply("float", (value.truth,)),))
        text = unparenthesised(a.given["x"])
        if not (isinstance(text, tree.Call) and text.function == "as.character"):
            return Quantity((value.code(tuple(float(k + 1) for k in range(len(value.levels)))),))
        value = Quantity((_said(value, text),))
    return value if a.call.function == "as.numeric" else Quantity((Apply("trunc", (value.columns[0],)),))


def _said(text: Category, expr: tree.Expr) -> Expr:
    """The numbers that the labels of levels say; what is a number already, in new data too, is that number."""
    for level in text.levels:
        if not is_number(level.label):
            raise SemanticError(f"`{deparse(expr)}` has {level.label!r}, which is no number", expr.span)
    same = all(isinstance(level.value, int | float) and level.code == level.label for level in text.levels)
    if same and text.column is not None:
        return text.column
    return text.code(tuple(float(level.label) for level in text.levels))


NUMERIC: dict[str, Transform] = {
    **{row.r: _elementwise(row.name) for row in VOCABULARY.values() if row.r},
    "log": Transform(("x", "base"), 1, _log),
    "I": Transform(("x",), 1, _identity),
    "scale": Transform(("x", "center", "scale"), 1, _scale),
    "center": Transform(("x",), 1, _center),
    "poly": Transform(("x", "degree", "raw"), 1, _poly),
    "as.integer": Transform(("x",), 1, _as_number),
    "as.numeric": Transform(("x",), 1, _as_number),
}
