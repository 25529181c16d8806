"""Formula functions that make factors, or choose how one is coded."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import pairwise

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import SemanticError, nearest
from tildemc.limits import allowed, too_many
from tildemc.resolve.arguments import Arguments, Transform
from tildemc.resolve.contrasts import CONTRASTS, contrast, own_contrast
from tildemc.resolve.frame import as_float
from tildemc.resolve.indicators import INDICATORS, indicators
from tildemc.resolve.lessons import extremes, values, whole
from tildemc.resolve.levelled import as_text, category_of, relabelled
from tildemc.resolve.values import Category, Level, Quantity, Value
from tildemc.spec.columns import own_types
from tildemc.spec.expr import Apply, Const, Expr, Op
from tildemc.syntax import tree
from tildemc.syntax.matching import Signature
from tildemc.syntax.matrices import Matrix, matrix_of, numbers_of
from tildemc.syntax.tree import deparse

__all__ = ["CATEGORICAL"]


def _as_factor(a: Arguments) -> Value:
    category = replace(category_of(a, "x"), contrast=None, contrast_names=(), text=False)
    chosen = a.levels("levels", category.levels)
    if chosen is not None:
        category = _with_levels(category, chosen, a)
    ordered = a.call.function == "ordered" or a.flag("ordered", category.ordered)
    return replace(_labelled(a, category), ordered=ordered)


def _lists_levels(call: tree.Call) -> bool:
    """Whether rows may have another level than those that are listed."""
    return any(argument.name == "levels" for argument in call.arguments) or len(call.arguments) > 1


def _labelled(a: Arguments, category: Category) -> Category:
    """The factor under the names that `labels` gives its levels; those of one name become one."""
    labels = a.texts("labels")
    if labels is None:
        return category
    listed = a.levels("levels", category.levels)
    if listed is not None and len(labels) == len(listed):
        # Levels that no row has keep their places among the names.
        labels = tuple(label for label, place in zip(labels, listed, strict=True) if place is not None)
    if len(labels) != len(category.levels):
        names = ", ".join(level.label for level in category.levels)
        message = f"`labels` are {len(category.levels)} names, of the levels {names}"
        raise SemanticError(message, a.given["labels"].span)
    if len(set(labels)) < len(labels):
        return relabelled(category, labels)
    levels = tuple(replace(level, label=label) for level, label in zip(category.levels, labels, strict=True))
    return replace(category, levels=levels)


def _as_character(a: Arguments) -> Value:
    """Text, which R makes a factor of whose levels are in the order of their names."""
    category = category_of(a, "x")
    if category.column is None:
        return as_text(category, [level.label for level in category.levels])
    levels = tuple(sorted(category.levels, key=lambda level: level.label))
    return Category(levels, column=category.column, text=True)


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


def _with_levels(category: Category, chosen: tuple[int | None, ...], a: Arguments) -> Category:
    """The levels that are listed: those that no row has fall away, and rows of others have none, as in R."""
    places = [place for place in chosen if place is not None]
    left_out = [level for place, level in enumerate(category.levels) if place not in places]
    if left_out and None in chosen:
        wanted, span = (a.listed("levels") or [])[chosen.index(None)]
        raise a.no_level(wanted, span, category.levels)
    truth = category.truth if not left_out and places == sorted(places) else None
    return replace(category, levels=tuple(category.levels[place] for place in places), truth=truth)


def _relevel(a: Arguments) -> Value:
    category = category_of(a, "x")
    first = category.levels[a.level("ref", category.levels) or 0]
    others = tuple(level for level in category.levels if level is not first)
    return Category((first, *others), column=category.column)


def _contrasts(a: Arguments) -> Value:
    """`C(f, sum)`: the factor with contrasts of the person's choice."""
    category = category_of(a, "x")
    if "contr" not in a.given:
        return category
    matrix, names = _chosen_contrast(a, category)
    return replace(category, contrast=matrix, contrast_names=names, text=False)


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
    matrix, names = _named_contrast(a, chosen, labels)
    return matrix[:, :count], names[:count]


def _named_contrast(a: Arguments, chosen: tree.Expr, labels: tuple[str, ...]) -> tuple[Floats, tuple[str, ...]]:
    """The matrix of a coding by its name, `contr.treatment(3, base = 2)`, and its columns' suffixes."""
    arguments: tuple[tree.Argument, ...] = ()
    match chosen:
        case tree.Name(name) | tree.Text(name):
            pass
        case tree.Call(name, arguments) if all(isinstance(argument.value, tree.Number) for argument in arguments):
            pass
        case _:
            message = (
                "contrasts are given by name, as in `C(f, sum)`, or as numbers, `C(f, cbind(c(-1, 1, 0), c(-1, 0, 1)))`"
            )
            raise SemanticError(message, chosen.span)
    name = name.rpartition("::")[2].removeprefix("contr.")
    if name not in CONTRASTS:
        raise SemanticError(f"contrasts are {', '.join(CONTRASTS)}{nearest(name, CONTRASTS)}", chosen.span)
    signature = Signature(f"contr.{name}", ("n", "base") if name == "treatment" else ("n",), error=SemanticError)
    given = {key: argument.value for key, argument in signature.match(arguments, chosen.span).items()}
    given |= {"base": a.given["base"]} if "base" in a.given else {}
    base = 0
    match given.get("base"):
        case None:
            pass
        case tree.Number(number) if number in range(1, len(labels) + 1) and name == "treatment":
            base = int(number) - 1
        case _:
            raise SemanticError(f"`base` is the number of a level, 1 to {len(labels)}", chosen.span)
    matrix, names = contrast(name, labels, base)
    if "n" not in given and "base" not in a.given:
        return matrix, names
    # R is told how many levels there are, not which: the columns have their numbers.
    return matrix, tuple(str(labels.index(label) + 1) if label in labels else label for label in names)


def _dummy(a: Arguments) -> Value:
    """lme4's `dummy(f, "level")`: 1 where a row has the level."""
    category = category_of(a, "x")
    place = a.level("level", category.levels)
    level = category.levels[-1 if place is None else place]
    return Quantity((Apply("float", (level.indicator,)),))


def _cut(a: Arguments) -> Value:
    """R's `cut()`: intervals closed on the right, labelled as R labels them; a number of breaks is of equal ones."""
    x, breaks = a.number("x"), a.numbers("breaks")
    edges = tuple(sorted(breaks)) if len(breaks) > 1 else _equal_edges(a, x)
    if len(set(edges)) < len(edges):
        raise SemanticError(f"`{a.key}`: the breaks are not all different", a.given["breaks"].span or a.call.span)
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
    category = Category(tuple(levels), a.flag("ordered_result", False))
    code = category.code(tuple(float(k + 1) for k in range(len(levels))))
    if a.given.get("labels") == tree.Constant(False):
        return Quantity((Apply("where", (Op(">", code, Const(0.0)), code, Const(float("nan")))),))
    labelled = _labelled(a, category)
    # Models of R's drop levels that no row has.
    seen = a.columns.learned(f"levels of {a.key}", labelled.code(tuple(range(1, len(labelled.levels) + 1))), _SEEN)
    return replace(labelled, levels=tuple(level for k, level in enumerate(labelled.levels, 1) if float(k) in seen))


_SEEN = values(own_types)


def _has_bounds(call: tree.Call) -> bool:
    """Whether rows may be beyond the intervals: not where there is a number of them, over all of the data."""
    return not any(isinstance(a.value, tree.Number) and a.name in (None, "breaks") for a in call.arguments[1:2])


def _equal_edges(a: Arguments, x: Expr) -> tuple[float, ...]:
    count = a.whole("breaks", 2, lowest=2, most=allowed().columns)

    def learn(low: float, high: float) -> tuple[float, ...]:
        if low == high:
            raise SemanticError(f"`{a.key}`: all values are equal, there is nothing to cut", a.call.span)
        edges = np.linspace(low, high, count + 1)
        edges[0], edges[-1] = low - (high - low) / 1000, high + (high - low) / 1000
        return tuple(float(edge) for edge in edges)

    return a.columns.learned(a.key, x, extremes(learn))


_INFINITE = {float("inf"): " Inf", float("-inf"): "-Inf"}
"""As R prints them."""


def _edge_names(edges: tuple[float, ...]) -> list[str]:
    """As few digits, from three up, as tell all edges apart."""
    names: list[str] = []
    for digits in range(3, 16):
        names = [_INFINITE.get(edge, f"{edge:.{digits}g}") for edge in edges]
        if len(set(names)) == len(names):
            break
    return names


def _count(a: Arguments) -> Value:
    return Quantity((Const(float(len(category_of(a, "x").levels))),))


CATEGORICAL: dict[str, Transform] = {
    "factor": Transform(("x", "levels", "labels", "ordered"), 1, _as_factor, gaps=_lists_levels),
    "as.factor": Transform(("x",), 1, _as_factor),
    "ordered": Transform(("x", "levels", "labels"), 1, _as_factor, gaps=_lists_levels),
    "as.character": Transform(("x",), 1, _as_character),
    "numFactor": Transform(_ALONG, 1, _places),
    "relevel": Transform(("x", "ref"), 2, _relevel),
    "C": Transform(("x", "contr", "how.many", "base"), 1, _contrasts),
    "indicators": Transform(INDICATORS, 1, indicators),
    "nlevels": Transform(("x",), 1, _count),
    "dummy": Transform(("x", "level"), 1, _dummy),
    "cut": Transform(
        ("x", "breaks", "labels", "include.lowest", "right", "dig.lab", "ordered_result"), 2, _cut, gaps=_has_bounds
    ),
}
