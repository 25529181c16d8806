"""Formula functions that make factors, or choose how one is coded."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import pairwise

import numpy as np

from tildemc.arrays import Floats, Label
from tildemc.errors import DataError, SemanticError, nearest
from tildemc.limits import allowed, too_many
from tildemc.resolve.arguments import Arguments, Transform
from tildemc.resolve.contrasts import CONTRASTS, contrast, own_contrast
from tildemc.resolve.frame import as_float
from tildemc.resolve.indicators import INDICATORS, indicators
from tildemc.resolve.lessons import extremes, values, whole
from tildemc.resolve.values import Category, Level, Quantity, Value, category_of_column, levels_of
from tildemc.spec.columns import label_of, own_types
from tildemc.spec.expr import Apply, Col, Const, Expr, Op
from tildemc.syntax import tree
from tildemc.syntax.matrices import Matrix, matrix_of, numbers_of
from tildemc.syntax.tree import deparse

__all__ = ["CATEGORICAL"]


def _as_factor(a: Arguments) -> Value:
    value = a.as_given("x")
    category = value if isinstance(value, Category) else _factor_of_numbers(a)
    chosen = a.levels("levels", category.levels)
    if chosen is not None:
        category = _with_levels(category, chosen, a)
    ordered = a.call.function == "ordered" or a.flag("ordered", category.ordered)
    return Category(_labelled(a, category.levels), ordered, category.column, category.truth)


def _labelled(a: Arguments, levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """The levels under the names that `labels` gives them."""
    labels = a.texts("labels")
    if labels is None:
        return levels
    if len(labels) != len(levels) or len(set(labels)) < len(labels):
        names = ", ".join(level.label for level in levels)
        raise SemanticError(
            f"`labels` are {len(levels)} different names, of the levels {names}", a.given["labels"].span
        )
    return tuple(replace(level, label=label) for level, label in zip(levels, labels, strict=True))


def _as_character(a: Arguments) -> Value:
    """Text, which R makes a factor of whose levels are in the order of their names."""
    category = _category(a, "x")
    return Category(tuple(sorted(category.levels, key=lambda level: level.label)), column=category.column)


def _factor_of_numbers(a: Arguments) -> Category:
    x = a.number("x")
    try:
        distinct = a.columns.learned(a.key, x, values(own_types))
    except DataError as error:
        raise DataError(error.message, a.call.span) from error
    if len(distinct) > allowed().columns:
        raise SemanticError(too_many(f"as a factor, `{deparse(a.given['x'])}`", "columns", len(distinct)), a.call.span)
    if a.columns.coded:
        _check_codes(distinct, a)
    return category_of_column(x, distinct, a.columns) if isinstance(x, Col) else Category(levels_of(x, distinct))


def _check_codes(distinct: tuple[Label, ...], a: Arguments) -> None:
    """Refuse what Stata refuses as a factor variable."""
    wrong = [value for value in distinct if isinstance(value, str) or value < 0 or value % 1 != 0]
    if wrong:
        name = deparse(a.given["x"])
        message = f"a factor variable of Stata's holds whole numbers from 0 up, `{name}` holds {label_of(wrong[0])} too"
        raise SemanticError(f"{message}; write `c.{name}`", a.given["x"].span or a.call.span)


def _places(a: Arguments) -> Value:
    """GlmmTMB's `numFactor(t)`, `numFactor(x, y)`: the places are the levels, whose labels say where they are."""
    if "y" not in a.given:
        return _as_factor(a)
    along = [a.number(name) for name in _ALONG if name in a.given]
    rows = [a.columns.learned(f"{a.key} {k}", x, whole(lambda found: found)) for k, x in enumerate(along)]
    places = np.unique(np.column_stack(rows).astype(float), axis=0)
    if not np.isfinite(places).all():
        raise SemanticError(f"`{deparse(a.call)}` is not a finite number in every row", a.call.span)
    if len(places) > allowed().columns:
        raise SemanticError(too_many(f"as a factor, `{deparse(a.call)}`", "columns", len(places)), a.call.span)
    levels: list[Level] = []
    for place in places.tolist():
        here = reduce(lambda one, two: Op("&", one, two), map(_is_at, along, place))
        label = f"({','.join(f'{number:.15g}' for number in place)})"
        levels.append(Level(label, label, as_float(here)))
    return Category(tuple(levels))


_ALONG = ("x", "y", "z")
"""The coordinates of a place."""


def _is_at(x: Expr, number: float) -> Expr:
    return Op("==", x, Const(number))


def _with_levels(category: Category, chosen: tuple[int, ...], a: Arguments) -> Category:
    kept = set(chosen)
    left_out = [level.label for place, level in enumerate(category.levels) if place not in kept]
    if left_out:
        raise SemanticError(f"`levels` leaves out {left_out[0]!r}, which the data have", a.call.span)
    truth = category.truth if list(chosen) == sorted(chosen) else None
    return Category(tuple(category.levels[place] for place in chosen), category.ordered, category.column, truth)


def _relevel(a: Arguments) -> Value:
    category = _category(a, "x")
    first = category.levels[a.level("ref", category.levels) or 0]
    others = tuple(level for level in category.levels if level is not first)
    return Category((first, *others), column=category.column)


def _category(a: Arguments, name: str) -> Category:
    value = a.as_given(name)
    return value if isinstance(value, Category) else _factor_of_numbers(a)


def _contrasts(a: Arguments) -> Value:
    """`C(f, sum)`: the factor with contrasts of the person's choice."""
    category = _category(a, "x")
    if "contr" not in a.given:
        return category
    matrix, names = _chosen_contrast(a, category)
    return Category(category.levels, category.ordered, category.column, category.truth, matrix, names)


def _chosen_contrast(a: Arguments, category: Category) -> tuple[Floats, tuple[str, ...]]:
    chosen = a.given["contr"]
    labels = tuple(level.label for level in category.levels)
    count = a.whole("how.many", len(labels) - 1, most=len(labels) - 1)
    own = matrix_of(chosen)
    numbers = None if own is not None else numbers_of(chosen)
    if own is None and numbers is not None:
        own = Matrix((numbers,))
    if own is not None:
        if len(own.rows) != len(labels):
            message = f"contrasts have a row for each of the {len(labels)} levels, and here are {len(own.rows)}"
            raise SemanticError(message, chosen.span or a.call.span)
        return own_contrast(np.array(own.rows), own.names, count, chosen.span or a.call.span)
    name, base = _named_contrast(chosen)
    name = name.rpartition("::")[2].removeprefix("contr.")
    if name not in CONTRASTS:
        raise SemanticError(f"contrasts are {', '.join(CONTRASTS)}{nearest(name, CONTRASTS)}", chosen.span)
    if not 0 <= base < len(labels):
        raise SemanticError(f"`base` is the number of a level, 1 to {len(labels)}", chosen.span)
    matrix, names = contrast(name, labels, base)
    return matrix[:, :count], names[:count]


def _named_contrast(chosen: tree.Expr) -> tuple[str, int]:
    """What a coding is called, and the place of the level that it compares with."""
    match chosen:
        case tree.Name(text) | tree.Text(text) | tree.Call(text, ()):
            return text, 0
        case tree.Call(text, arguments) if all(isinstance(argument.value, tree.Number) for argument in arguments):
            unnamed = (name for name in ("n", "base") if name not in {argument.name for argument in arguments})
            numbers = {argument.name or next(unnamed, ""): argument.value for argument in arguments}
            base = numbers.get("base", tree.Number(1.0))
            if {*numbers} <= {"n", "base"} and isinstance(base, tree.Number):
                return text, int(base.value) - 1
        case _:
            pass
    message = "contrasts are given by name, as in `C(f, sum)`, or as numbers, `C(f, cbind(c(-1, 1, 0), c(-1, 0, 1)))`"
    raise SemanticError(message, chosen.span)


def _dummy(a: Arguments) -> Value:
    """lme4's `dummy(f, "level")`: 1 where a row has the level."""
    category = _category(a, "x")
    place = a.level("level", category.levels)
    level = category.levels[-1 if place is None else place]
    return Quantity((Apply("float", (level.indicator,)),))


def _cut(a: Arguments) -> Value:
    """R's `cut()`: intervals closed on the right, labelled as R labels them; a number of breaks is of equal ones."""
    x, breaks = a.number("x"), a.numbers("breaks")
    given = len(breaks) > 1
    edges = tuple(sorted(breaks)) if given else _equal_edges(a, x)
    right, lowest = a.flag("right", True), a.flag("include.lowest", False)
    names, last = _edge_names(edges), len(edges) - 2
    levels: list[Level] = []
    for k, (low, high) in enumerate(pairwise(edges)):
        above, below = (">", "<=") if right else (">=", "<")
        left, end = ("(", "]") if right else ("[", ")")
        if lowest and k == (0 if right else last):
            above, below, left, end = ">=", "<=", "[", "]"
        inside = Op("&", Op(above, x, Const(low)), Op(below, x, Const(high)))
        levels.append(Level(f"{left}{names[k]},{names[k + 1]}{end}", k, inside))
    if a.given.get("labels") == tree.Constant(False):
        return Quantity((Category(tuple(levels)).code(tuple(float(k + 1) for k in range(len(levels)))),))
    return Category(_labelled(a, tuple(levels)), a.flag("ordered_result", False))


def _equal_edges(a: Arguments, x: Expr) -> tuple[float, ...]:
    count = a.whole("breaks", 2, lowest=2, most=allowed().columns)

    def learn(low: float, high: float) -> tuple[float, ...]:
        if low == high:
            raise SemanticError(f"`{a.key}`: all values are equal, there is nothing to cut", a.call.span)
        edges = np.linspace(low, high, count + 1)
        edges[0], edges[-1] = low - (high - low) / 1000, high + (high - low) / 1000
        return tuple(float(edge) for edge in edges)

    return a.columns.learned(a.key, x, extremes(learn))


def _edge_names(edges: tuple[float, ...]) -> list[str]:
    """As few digits, from three up, as tell all edges apart."""
    names: list[str] = []
    for digits in range(3, 16):
        names = [f"{edge:.{digits}g}" for edge in edges]
        if len(set(names)) == len(names):
            break
    return names


def _count(a: Arguments) -> Value:
    return Quantity((Const(float(len(_category(a, "x").levels))),))


CATEGORICAL: dict[str, Transform] = {
    "factor": Transform(("x", "levels", "labels", "ordered"), 1, _as_factor),
    "as.factor": Transform(("x",), 1, _as_factor),
    "ordered": Transform(("x", "levels", "labels"), 1, _as_factor),
    "as.character": Transform(("x",), 1, _as_character),
    "numFactor": Transform(_ALONG, 1, _places),
    "relevel": Transform(("x", "ref"), 2, _relevel),
    "C": Transform(("x", "contr", "how.many"), 1, _contrasts),
    "indicators": Transform(INDICATORS, 1, indicators),
    "nlevels": Transform(("x",), 1, _count),
    "dummy": Transform(("x", "level"), 1, _dummy),
    "cut": Transform(("x", "breaks", "labels", "include.lowest", "right", "dig.lab", "ordered_result"), 2, _cut),
}
