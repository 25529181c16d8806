"""Formula functions that choose, row by row, among numbers or levels: `ifelse`, `case_when`, `pmin`, `is.na`."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.errors import SemanticError
from tildemc.resolve.arguments import Arguments, Transform, always
from tildemc.resolve.lessons import values
from tildemc.resolve.undecided import lacks, unknown
from tildemc.resolve.values import Category, Level, Quantity, Value, lacking, levels_of, logical, number_of
from tildemc.spec.columns import own_types
from tildemc.spec.expr import Apply, Const, Expr, Op
from tildemc.syntax import tree
from tildemc.syntax.expression import walk
from tildemc.syntax.tree import deparse

__all__ = ["CHOICES"]

_NOTHING = Const(float("nan"))

Case = tuple[Expr, tree.Expr]
"""Where a value is chosen, and the value."""


def _ifelse(a: Arguments) -> Value:
    """`ifelse(test, yes, no)`; where the test has no value, neither has the answer."""
    return _chosen(a, [(_truth(a, a.given["test"]), a.given["yes"])], a.given["no"])


def _asks_of_several(call: tree.Call) -> bool:
    """Whether a choice reads more than one column, not all in each row, or is about values that are not there."""
    names = {part.text for part in walk(call) if isinstance(part, tree.Name)}
    return len(names) > 1 or any(isinstance(part, tree.Call) and part.function == "is.na" for part in walk(call))


def _if_else(a: Arguments) -> Value:
    """dplyr's, whose arguments have other names."""
    return _chosen(a, [(_truth(a, a.given["condition"]), a.given["true"])], a.given["false"])


def _case_when(a: Arguments) -> Value:
    """`case_when(x < 1 ~ "low", TRUE ~ "high")`: the first that is true."""
    cases: list[Case] = []
    otherwise: tree.Expr = tree.Name("NA")
    for argument in a.call.arguments:
        match argument.value:
            case tree.Tilde(tree.Constant(bool(true)) | tree.Name("T" as true), value) if true:
                otherwise = value
            case tree.Tilde(test, value) if test is not None:
                cases.append((_truth(a, test), value))
            case value if argument.name == ".default":
                otherwise = value
            case other:
                raise SemanticError("`case_when()` is of `condition ~ value`, the last `TRUE ~ value`", other.span)
    return _chosen(a, cases, otherwise)


def _truth(a: Arguments, test: tree.Expr) -> Expr:
    value = a.reader.meaning(test)
    if isinstance(value, Category) and value.truth is not None:
        return value.truth
    raise SemanticError(f"`{deparse(test)}` is not true or false", test.span or a.call.span)


def _chosen(a: Arguments, cases: Sequence[Case], otherwise: tree.Expr) -> Value:
    """Numbers if all values are, else levels in the order of their names, as R makes a factor of text."""
    texts = [*(text for _, text in cases), otherwise]
    if any(isinstance(text, tree.Text) or isinstance(a.reader.as_given(text), Category) for text in texts):
        return _level(a, cases, otherwise)
    total = number_of(a.reader.meaning(otherwise), otherwise, a.columns)
    for test, text in reversed(cases):
        chosen = Apply(
            "where", (_holds(test) if _goes_on(a) else test, number_of(a.reader.meaning(text), text, a.columns), total)
        )
        undecided = None if _goes_on(a) else unknown(test)
        total = chosen if undecided is None else Apply("where", (undecided, _NOTHING, chosen))
    return Quantity((total,))


def _level(a: Arguments, cases: Sequence[Case], otherwise: tree.Expr) -> Category:
    """The levels that some row has, in the order of their names."""
    found: dict[str, Expr] = {}
    before: Expr | None = None
    for test, text in (*cases, (None, otherwise)):
        here = _and(before, None if test is None else _holds(test))
        for level, indicator in _levels(a, text):
            own = _and(here, indicator)
            if own is not None:
                found[level] = own if level not in found else Op("|", found[level], own)
        if test is not None:
            undecided = None if _goes_on(a) else unknown(test)
            fails: Expr = Apply("not", (_holds(test) if _goes_on(a) else test,))
            before = _and(before, fails if undecided is None else Op("&", fails, Apply("not", (undecided,))))
    levels = tuple(Level(label, label, found[label]) for label in sorted(found))
    numbers = tuple(float(k) for k in range(1, len(levels) + 1))
    seen = set(a.columns.learned(a.key, Category(levels).code(numbers), values(own_types)))
    return Category(tuple(level for k, level in zip(numbers, levels, strict=True) if k in seen))


def _lacking_everywhere(number: Expr) -> bool:
    """Whether it is NA."""
    return isinstance(number, Const) and number.value != number.value


def _goes_on(a: Arguments) -> bool:
    """Whether a condition that is neither true nor false is passed over: dplyr's `case_when()` goes on to the next."""
    return a.call.function.rpartition("::")[2] == "case_when"


def _holds(test: Expr) -> Expr:
    """Where a test is true, and not without an answer; `==`, `<` and the like are false of what is not there."""
    if isinstance(test, Op) and test.operator in ("==", "<", "<=", ">", ">="):
        return test
    undecided = unknown(test)
    return test if undecided is None else Op("&", test, Apply("not", (undecided,)))


def _and(one: Expr | None, other: Expr | None) -> Expr | None:
    return one if other is None else other if one is None else Op("&", one, other)


def _levels(a: Arguments, text: tree.Expr) -> list[tuple[str, Expr | None]]:
    """The levels that a value may have, and where it has them: a text everywhere, what is no value nowhere."""
    if isinstance(text, tree.Text):
        return [(text.value, None)]
    value = a.reader.as_given(text)
    if isinstance(value, Quantity) and _lacking_everywhere(value.columns[0]):
        return []
    if isinstance(value, Category):
        return [(level.label, level.indicator) for level in value.levels]
    if isinstance(text, tree.Number):
        return [(levels_of(Const(text.value), (text.value,))[0].label, None)]
    raise SemanticError(f"`{deparse(text)}` is numbers where other values are text", text.span or a.call.span)


def _extreme(operator: str) -> Transform:
    """`pmin(x, y, …)`; with `na.rm = TRUE` of those that have a value."""

    def value(a: Arguments) -> Value:
        parts = [argument.value for argument in a.call.arguments if argument.name is None]
        if not parts:
            raise SemanticError(f"`{a.call.function}()` is of columns, as in `{a.call.function}(x, 0)`", a.call.span)
        present = any(
            argument.name == "na.rm" and argument.value == tree.Constant(True) for argument in a.call.arguments
        )
        total, *others = (number_of(a.reader.meaning(part), part, a.columns) for part in parts)
        for number in others:
            chosen: Expr = Apply("where", (Op(operator, total, number), total, number))
            missing = [(side, other if present else _NOTHING) for side, other in ((total, number), (number, total))]
            for side, otherwise in missing:
                without = lacks(side)
                chosen = chosen if without is None else Apply("where", (without, otherwise, chosen))
            total = chosen
        return Quantity((total,))

    return Transform(("...",), 1, value, gaps=always)


def _is_na(a: Arguments) -> Value:
    return logical(lacking(a.as_given("x")))


def _is_finite(a: Arguments) -> Value:
    return logical(Apply("isfinite", (a.number("x"),)))


def _between(a: Arguments) -> Value:
    x, low, high = (a.number(name) for name in ("x", "left", "right"))
    return logical(Op("&", Op(">=", x, low), Op("<=", x, high)))


def _xor(a: Arguments) -> Value:
    one, other = _truth(a, a.given["x"]), _truth(a, a.given["y"])
    return logical(Op("&", Op("|", one, other), Apply("not", (Op("&", one, other),))))


def _replaced(a: Arguments) -> Value:
    """`replace(x, x < 0, 0)`, where the condition has no value the number stays."""
    test, x = _truth(a, a.given["list"]), a.given["x"]
    undecided = unknown(test)
    test = test if undecided is None else Op("&", test, Apply("not", (undecided,)))
    return _chosen(a, [(test, a.given["values"])], x)


def _first_there(a: Arguments) -> Value:
    """`coalesce(x, z, 0)`: the first that has a value; `replace_na(x, 0)`."""
    parts = [argument.value for argument in a.call.arguments if argument.name in (None, "replace", "data")]
    if not parts:
        raise SemanticError(f"`{a.call.function}()` is of columns, as in `{a.call.function}(x, 0)`", a.call.span)
    *firsts, last = parts
    known = [Apply("not", (lacking(a.reader.as_given(part)),)) for part in firsts]
    return _chosen(a, list(zip(known, firsts, strict=True)), last)


def _none_where(a: Arguments) -> Value:
    """`na_if(x, -9)`: no value where it is that."""
    equal = tree.Binary("==", a.given["x"], a.given["y"], a.call.span)
    return _chosen(a, [(_truth(a, equal), tree.Name("NA"))], a.given["x"])


_IFELSE = Transform(("test", "yes", "no"), 3, _ifelse, gaps=_asks_of_several)
_IF_ELSE = Transform(("condition", "true", "false"), 3, _if_else, gaps=_asks_of_several)
_FIRST = Transform(("...",), 1, _first_there, gaps=always)

CHOICES: dict[str, Transform] = {
    "ifelse": _IFELSE,
    "if_else": _IF_ELSE,
    "fifelse": _IFELSE,
    "case_when": Transform(("...",), 1, _case_when, gaps=always),
    "replace": Transform(("x", "list", "values"), 3, _replaced, gaps=always),
    "coalesce": _FIRST,
    "replace_na": _FIRST,
    "na_if": Transform(("x", "y"), 2, _none_where, gaps=always),
    "between": Transform(("x", "left", "right"), 3, _between),
    "xor": Transform(("x", "y"), 2, _xor),
    "pmin": _extreme("<"),
    "pmax": _extreme(">"),
    "is.na": Transform(("x",), 1, _is_na, gaps=always),
    "is.finite": Transform(("x",), 1, _is_finite, gaps=always),
}
"""By R's names."""
