"""Formula functions that are a number of a group's rows, `ave(x, g)`, or of a row's place among all, `ntile(x, 4)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product

import numpy as np

from tildemc.arrays import Floats, Values
from tildemc.errors import SemanticError, UnsupportedError
from tildemc.limits import allowed
from tildemc.resolve.arguments import Arguments, Transform, always
from tildemc.resolve.lessons import Lesson, NothingThereError, whole
from tildemc.resolve.levelled import category_of, number_by_level
from tildemc.resolve.values import Category, Quantity, Value
from tildemc.spec.expr import Apply, Const, Expr, Op
from tildemc.syntax import tree
from tildemc.syntax.tree import Argument, Call, Name

__all__ = ["GROUPWISE"]

_NOTHING = Const(float("nan"))
_OF_GROUPS: Mapping[str, Callable[[Floats], float]] = {
    "mean": lambda x: float(np.mean(x)),
    "median": lambda x: float(np.median(x)),
    "min": lambda x: float(np.min(x)),
    "max": lambda x: float(np.max(x)),
    "sum": lambda x: float(np.sum(x)),
    "sd": lambda x: float(np.std(x, ddof=1)) if len(x) > 1 else float("nan"),
    "var": lambda x: float(np.var(x, ddof=1)) if len(x) > 1 else float("nan"),
    "length": lambda x: float(len(x)),
}
"""What `FUN` of `ave()` may be."""


def _average(a: Arguments) -> Value:
    """`ave(x, g, h, FUN = mean)`: of the rows of each combination of groups.

    A group of which a row has no value has none itself, unless `FUN` leaves such rows out.
    """
    x, groups, (function, leaves_out) = _parts(a)
    categories = [category_of(Arguments(a.call, {"g": group}, a.reader), "g") for group in groups]
    return Quantity((_by_combination(categories, _numbers(a, x, categories, function, leaves_out), ()),))


def _numbers(
    a: Arguments, x: Expr, categories: Sequence[Category], function: str, leaves_out: bool
) -> Mapping[tuple[str, ...], float]:
    """What is learned of each combination, by the names of its levels: rows that are left out later count too."""
    code = _combination(categories)
    labels = [[level.label for level in category.levels] for category in categories]
    names = a.columns.learned(f"levels of {a.key}", code, whole(lambda _: [*product(*labels)]))
    # Both have a value where either has.
    numbers = _learned(a, "values", x + code * 0.0)
    places = _learned(a, "groups", code + x * 0.0)
    lacking = Apply("where", (Apply("isna", (x,)), code, _NOTHING))
    gaps = set() if leaves_out else set(_learned(a, "gaps", lacking))
    return {names[int(place)]: _OF_GROUPS[function](numbers[places == place]) for place in set(places) - gaps}


def _by_combination(
    categories: Sequence[Category], numbers: Mapping[tuple[str, ...], float], before: tuple[str, ...]
) -> Expr:
    """The number of a row's combination of levels, of which the first are known."""
    if not categories:
        return Const(numbers.get(before, float("nan")))
    first, *others = categories
    if not others:
        own = [numbers.get((*before, level.label), float("nan")) for level in first.levels]
        return number_by_level(first, own)
    total: Expr = _NOTHING
    for level in first.levels:
        inside = _by_combination(others, numbers, (*before, level.label))
        total = Apply("where", (level.indicator, inside, total))
    return total


def _learned(a: Arguments, what: str, expr: Expr) -> Floats:
    """The values of an expression in all rows that have one."""
    try:
        return a.columns.learned(f"{what} of {a.key}", expr, _PRESENT)
    except NothingThereError:
        return np.zeros(0)


def _present(values: Values) -> Floats:
    found = np.asarray(values, dtype=float)
    return found[~np.isnan(found)]


_PRESENT: Lesson[list[Values], Floats] = whole(_present)


def _parts(a: Arguments) -> tuple[Expr, list[tree.Expr], tuple[str, bool]]:
    """The column, what groups its rows, and what is learned of each group."""
    function = ("mean", False)
    groups: list[tree.Expr] = []
    (first, *others) = a.call.arguments
    for argument in others:
        if argument.name == "FUN":
            function = _function(argument.value)
        else:
            groups.append(argument.value)
    if first.name not in (None, "x"):
        raise SemanticError("`ave()` begins with a column, as in `ave(x, g)`", a.call.span)
    return Arguments(a.call, {"x": first.value}, a.reader).number("x"), groups, function


def _function(expr: tree.Expr) -> tuple[str, bool]:
    """`mean`, or `function(v) mean(v, na.rm = TRUE)`: its name, and whether it leaves out what has no value."""
    match expr:
        case Name(name) if name in _OF_GROUPS:
            return name, False
        case Call("function", (Argument(Name(own)), Argument(Call(name, (Argument(Name(given)), *others))))) if (
            own == given and name in _OF_GROUPS
        ):
            return name, [(o.name, o.value) for o in others] == [("na.rm", tree.Constant(True))]
        case _:
            message = f"`FUN` of `ave()` is {', '.join(_OF_GROUPS)} here: make the column in the data for another"
            raise UnsupportedError(message, expr.span)


def _combination(categories: Sequence[Category]) -> Expr:
    """A number from 0 for each combination of levels, the first of which are the slowest."""
    code: Expr = Const(0.0)
    for category in categories:
        own = number_by_level(category, [float(k) for k in range(len(category.levels))])
        code = code * float(len(category.levels)) + own
    return code


def _tile(a: Arguments) -> Value:
    """`ntile(x, 4)`: groups of as many rows, the larger ones first, by learned bounds.

    R breaks ties by the order of rows, which no bound tells: rows of one value have to be in one group.
    """
    count = a.whole("n", 4, most=allowed().columns)

    def learn(values: Values) -> tuple[float, ...]:
        x = np.sort(np.asarray(values, dtype=float))
        sizes = [len(part) for part in np.array_split(x, count)]
        last = np.cumsum(sizes)[:-1]
        last = last[last < len(x)]
        if (x[last - 1] == x[last]).any():
            message = (
                f"`{a.key}` has rows of one value in two groups, by the order of rows, which new rows have not: make "
                'the column in the data, `pandas.qcut(d["x"].rank(method="first"), n)`'
            )
            raise UnsupportedError(message, a.call.span)
        return tuple(x[last - 1].tolist())

    x = a.number("x")
    total: Expr = Const(1.0)
    for bound in a.columns.learned(a.key, x, whole(learn)):
        total = total + Apply("float", (Op(">", x, Const(bound)),))
    return Quantity((Apply("where", (Apply("isna", (x,)), _NOTHING, total)),))


def _interval(a: Arguments) -> Value:
    """`findInterval(x, c(0, 2))`: how many of these it has reached."""
    x = a.number("x")
    total: Expr = Const(0.0)
    for bound in a.numbers("vec"):
        total = total + Apply("float", (Op(">=", x, Const(bound)),))
    return Quantity((Apply("where", (Apply("isna", (x,)), _NOTHING, total)),))


GROUPWISE: Mapping[str, Transform] = {
    "ave": Transform(("...",), 1, _average, gaps=always),
    "ntile": Transform(("x", "n"), 2, _tile),
    "findInterval": Transform(("x", "vec"), 2, _interval),
}
"""By R's names."""
