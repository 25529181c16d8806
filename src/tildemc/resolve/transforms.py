"""One class per formula function; what it learned from the data is kept as values.

A function is a `Transform`: the names of its arguments, and a method that makes a `Value` of a call. A stateful one
asks `columns.learned` for what it needs to know of the data (a mean, levels), so that new data are treated as the
first were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tildemc.errors import SemanticError, UnknownFunction, UnsupportedError, nearest
from tildemc.model.expr import Apply, Col, Const, Expr, Op
from tildemc.model.summary import Moments
from tildemc.resolve.contrasts import CONTRASTS, contrast
from tildemc.resolve.frame import label_of
from tildemc.resolve.indicators import INDICATORS, indicators
from tildemc.resolve.lessons import extremes, moments, values, whole
from tildemc.resolve.values import (
    Category,
    Columns,
    Level,
    Quantity,
    Value,
    arithmetic,
    category_of_column,
    meaning,
)
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["TRANSFORMS", "Arguments", "Transform", "apply"]


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call by name, as written; `columns` to read them against."""

    call: tree.Call
    given: Mapping[str, tree.Expr]
    columns: Columns

    @property
    def key(self) -> str:
        """The call's text, by which what it learned is remembered."""
        return deparse(self.call)

    def number(self, name: str) -> Expr:
        """An argument as one number for each row."""
        return arithmetic(self.given[name], self.columns)

    def value(self, name: str) -> Value:
        """An argument as numbers or a factor."""
        return meaning(self.given[name], self.columns)

    def flag(self, name: str, default: bool) -> bool:
        """TRUE or FALSE."""
        match self.given.get(name):
            case None:
                return default
            case tree.Constant(bool(value)):
                return value
            case other:
                raise SemanticError(f"`{name}` is TRUE or FALSE", other.span)

    def whole(self, name: str, default: int, lowest: int = 1) -> int:
        """A whole number."""
        match self.given.get(name):
            case None:
                return default
            case tree.Number(value) if value == int(value) and value >= lowest:
                return int(value)
            case other:
                raise SemanticError(f"`{name}` is a whole number from {lowest} up", other.span)

    def texts(self, name: str) -> tuple[str, ...] | None:
        """`"a"` or `c("a", "b")`, as level names; numbers count by their text."""
        expr = self.given.get(name)
        match expr:
            case None:
                return None
            case tree.Call("c", arguments):
                parts = [argument.value for argument in arguments]
            case _:
                parts = [expr]
        return tuple(_literal(part, name) for part in parts)


def _literal(expr: tree.Expr, name: str) -> str:
    match expr:
        case tree.Text(value):
            return value
        case tree.Number(value):
            return label_of(value)
        case tree.Constant(bool(value)):
            return label_of(value)
    raise SemanticError(f'`{name}` takes quoted level names, as in `c("low", "high")`', expr.span)


@dataclass(frozen=True)
class Transform:
    """A function that formulas have: its arguments in order, how many of them are needed, and its meaning."""

    arguments: tuple[str, ...]
    required: int
    value: Callable[[Arguments], Value]


def apply(call: tree.Call, columns: Columns) -> Value:
    """The meaning of a call.

    Raises
    ------
    UnknownFunction
        If formulas have no such function.
    SemanticError
        If its arguments do not fit.
    """
    if call.function not in TRANSFORMS:
        raise _unknown(call)
    transform = TRANSFORMS[call.function]
    return transform.value(Arguments(call, _bind(call, transform), columns))


def _unknown(call: tree.Call) -> SemanticError:
    if call.function in ELSEWHERE:
        return UnsupportedError(f"`{call.function}()` {ELSEWHERE[call.function]}", call.span)
    known = sorted(TRANSFORMS)
    return UnknownFunction(
        f"formulas have no function `{call.function}`; they have {', '.join(known)}{nearest(call.function, known)}",
        call.span,
    )


def _bind(call: tree.Call, transform: Transform) -> dict[str, tree.Expr]:
    """R's matching: named arguments first, the others in order."""
    signature = f"{call.function}({', '.join(transform.arguments)})"
    given: dict[str, tree.Expr] = {}
    for argument in call.arguments:
        if argument.name is None:
            continue
        if argument.name not in transform.arguments:
            raise SemanticError(f"`{signature}` has no argument `{argument.name}`", argument.span or call.span)
        if argument.name in given:
            raise SemanticError(f"`{argument.name}` is given twice", argument.span or call.span)
        given[argument.name] = argument.value
    free = [name for name in transform.arguments if name not in given]
    positional = [argument for argument in call.arguments if argument.name is None]
    if len(positional) > len(free):
        raise SemanticError(f"`{signature}` takes {_count(len(transform.arguments))}", call.span)
    given.update({name: argument.value for name, argument in zip(free, positional, strict=False)})
    missing = [name for name in transform.arguments[: transform.required] if name not in given]
    if missing:
        raise SemanticError(f"`{signature}` needs `{missing[0]}`", call.span)
    return given


def _count(number: int) -> str:
    return "one argument" if number == 1 else f"at most {number} arguments"


# Numbers


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
    degree = a.whole("degree", 1)
    x = a.number("x")
    suffixes = tuple(str(k) for k in range(1, degree + 1)) if degree > 1 else ("",)
    if a.flag("raw", False):
        return Quantity(tuple(x**k if k > 1 else x for k in range(1, degree + 1)), suffixes)

    def learn(values: NDArray[Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        if len(np.unique(values)) <= degree:
            distinct = len(np.unique(values))
            raise SemanticError(f"degree {degree} needs more than the {distinct} different values here", a.call.span)
        from formulaic.transforms import poly

        state: dict[str, Any] = {}
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
    """A factor's codes 1, 2, …; a number as it is (`as.integer` cuts its fraction off)."""
    value = a.value("x")
    if isinstance(value, Category):
        if value.truth is not None:
            return Quantity((Apply("float", (value.truth,)),))
        return Quantity((value.code(tuple(float(k + 1) for k in range(len(value.levels)))),))
    return value if a.call.function == "as.numeric" else Quantity((Apply("trunc", (a.number("x"),)),))


# Factors


def _as_factor(a: Arguments) -> Value:
    value = a.value("x")
    category = value if isinstance(value, Category) else _factor_of_numbers(a)
    chosen = a.texts("levels")
    if chosen is not None:
        category = _with_levels(category, chosen, a)
    ordered = a.call.function == "ordered" or a.flag("ordered", category.ordered)
    return Category(category.levels, ordered, category.column, category.truth)


def _factor_of_numbers(a: Arguments) -> Category:
    x = a.number("x")
    distinct = a.columns.learned(a.key, x, values(lambda found: found))
    if isinstance(x, Col):
        return category_of_column(x, distinct)
    return Category(tuple(Level(label_of(value), value, Op("==", x, Const(value))) for value in distinct))


def _with_levels(category: Category, chosen: tuple[str, ...], a: Arguments) -> Category:
    known = {level.label: level for level in category.levels}
    unknown = [label for label in chosen if label not in known]
    left_out = [label for label in known if label not in chosen]
    if unknown:
        raise SemanticError(f"there is no level {unknown[0]!r}{nearest(unknown[0], known)}", a.call.span)
    if left_out:
        raise SemanticError(f"`levels` leaves out {left_out[0]!r}, which the data have", a.call.span)
    truth = category.truth if list(chosen) == list(known) else None
    return Category(tuple(known[label] for label in chosen), category.ordered, category.column, truth)


def _relevel(a: Arguments) -> Value:
    category = _category(a, "x")
    reference = (a.texts("ref") or ("",))[0]
    labels = [level.label for level in category.levels]
    if reference not in labels:
        raise SemanticError(f"there is no level {reference!r}{nearest(reference, labels)}", a.call.span)
    first = category.levels[labels.index(reference)]
    others = tuple(level for level in category.levels if level is not first)
    return Category((first, *others), column=category.column)


def _category(a: Arguments, name: str) -> Category:
    value = a.value(name)
    return value if isinstance(value, Category) else _factor_of_numbers(a)


def _contrasts(a: Arguments) -> Value:
    """`C(f, sum)`: the factor with contrasts of the person's choice."""
    category = _category(a, "x")
    if "contr" not in a.given:
        return category
    matrix, names = _chosen_contrast(a, category)
    return Category(category.levels, category.ordered, category.column, category.truth, matrix, names)


def _chosen_contrast(a: Arguments, category: Category) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    chosen = a.given["contr"]
    labels = tuple(level.label for level in category.levels)
    base = 0
    match chosen:
        case tree.Name(text) | tree.Text(text) | tree.Call(text, ()):
            name = text
        case tree.Call(text, (tree.Argument(tree.Number(number), None | "base"),)) if text.endswith("treatment"):
            name, base = text, int(number) - 1
        case _:
            raise SemanticError("contrasts are given by name, as in `C(f, sum)`", chosen.span)
    name = name.removeprefix("contr.")
    if name not in CONTRASTS:
        raise SemanticError(f"contrasts are {', '.join(CONTRASTS)}{nearest(name, CONTRASTS)}", chosen.span)
    if not 0 <= base < len(labels):
        raise SemanticError(f"`base` is the number of a level, 1 to {len(labels)}", chosen.span)
    return contrast(name, labels, base)


def _dummy(a: Arguments) -> Value:
    """lme4's `dummy(f, "level")`: 1 where a row has the level."""
    category = _category(a, "x")
    labels = [level.label for level in category.levels]
    wanted = a.texts("level")
    label = wanted[0] if wanted else labels[-1]
    if label not in labels:
        raise SemanticError(f"`{deparse(a.given['x'])}` has no level {label!r}{nearest(label, labels)}", a.call.span)
    return Quantity((Apply("float", (category.levels[labels.index(label)].indicator,)),))


def _cut(a: Arguments) -> Value:
    """`cut(x, 3)`: equal intervals over the range, open on the left, labelled as R labels them."""
    x = a.number("x")
    count = a.whole("breaks", 2, lowest=2)

    def learn(low: float, high: float) -> tuple[float, ...]:
        if low == high:
            raise SemanticError(f"`{a.key}`: all values are equal, there is nothing to cut", a.call.span)
        edges = np.linspace(low, high, count + 1)
        edges[0], edges[-1] = low - (high - low) / 1000, high + (high - low) / 1000
        return tuple(float(edge) for edge in edges)

    edges = a.columns.learned(a.key, x, extremes(learn))
    names = _edge_names(edges)
    levels = tuple(
        Level(f"({names[k]},{names[k + 1]}]", k, Op("&", Op(">", x, Const(low)), Op("<=", x, Const(high))))
        for k, (low, high) in enumerate(pairwise(edges))
    )
    return Category(levels)


def _edge_names(edges: tuple[float, ...]) -> list[str]:
    """As few digits, from three up, as tell all edges apart."""
    names: list[str] = []
    for digits in range(3, 16):
        names = [f"{edge:.{digits}g}" for edge in edges]
        if len(set(names)) == len(names):
            break
    return names


_ELEMENTWISE = (
    "exp", "sqrt", "abs", "log2", "log10", "log1p", "expm1", "sin", "cos", "tan", "floor", "round", "trunc",
)  # fmt: skip

TRANSFORMS: dict[str, Transform] = {
    **{name: _elementwise(name) for name in _ELEMENTWISE},
    "ceiling": _elementwise("ceil"),
    "log": Transform(("x", "base"), 1, _log),
    "I": Transform(("x",), 1, _identity),
    "scale": Transform(("x", "center", "scale"), 1, _scale),
    "center": Transform(("x",), 1, _center),
    "poly": Transform(("x", "degree", "raw"), 1, _poly),
    "as.integer": Transform(("x",), 1, _as_number),
    "as.numeric": Transform(("x",), 1, _as_number),
    "factor": Transform(("x", "levels", "ordered"), 1, _as_factor),
    "as.factor": Transform(("x",), 1, _as_factor),
    "ordered": Transform(("x", "levels"), 1, _as_factor),
    "relevel": Transform(("x", "ref"), 2, _relevel),
    "C": Transform(("x", "contr"), 1, _contrasts),
    "indicators": Transform(INDICATORS, 1, indicators),
    "dummy": Transform(("x", "level"), 1, _dummy),
    "cut": Transform(("x", "breaks"), 2, _cut),
}
"""The functions that formulas have."""

ELSEWHERE = {
    "s": "(smooths) is not built yet; `poly(x, 3)` gives a polynomial",
    "t2": "(smooths) is not built yet; `poly(x, 3)` gives a polynomial",
    "gp": "(Gaussian processes) is not built yet",
    "mo": "(monotonic effects) is not built yet; `ordered(x)` gives polynomial contrasts",
    "me": "(measurement error) is not built yet",
    "mi": "(imputation) is not built yet; rows with missing values are left out and reported",
    "cs": "(category-specific effects) is not built yet",
    "ns": "(splines) is not built yet; `poly(x, 3)` gives a polynomial",
    "bs": "(splines) is not built yet; `poly(x, 3)` gives a polynomial",
    "ar": "(residual correlation) is not built yet",
    "arma": "(residual correlation) is not built yet",
    "interaction": "is written `a:b`",
    "offset": "is a term of its own: `y ~ x + offset(z)`",
    "by": "stands alone: `sigma ~ by(arm)`",
}
"""Functions that other packages' formulas have, and what to say of them."""
