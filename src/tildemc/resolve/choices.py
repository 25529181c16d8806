"""Formula functions that choose, row by row, among numbers or levels: `ifelse`, `case_when`, `pmin`, `is.na`."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.errors import SemanticError
from tildemc.resolve.arguments import Arguments, Transform
from tildemc.resolve.lessons import values
from tildemc.resolve.unknown import unknown_where
from tildemc.resolve.values import Category, Level, Quantity, Value, lacking, levels_of, logical, number_of
from tildemc.spec.columns import own_types
from tildemc.spec.expr import Apply, Const, Expr, Op
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["CHOICES"]

_NOTHING = Const(float("nan"))

Case = tuple[Expr, tree.Expr]
"""Where a value is chosen, and the value."""


def _ifelse(a: Arguments) -> Value:
    """`ifelse(test, yes, no)`; where the test has no value, neither has the answer."""
    return _chosen(a, [(_truth(a, a.given["test"]), a.given["yes"])], a.given["no"], open_ends=True)


def _case_when(a: Arguments) -> Value:
    """`case_when(x < 1 ~ "low", TRUE ~ "high")`: the first that is true; what has no value is not."""
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
    return _chosen(a, cases, otherwise, open_ends=False)


def _truth(a: Arguments, test: tree.Expr) -> Expr:
    value = a.reader.meaning(test)
    if isinstance(value, Category) and value.truth is not None:
        return value.truth
    raise SemanticError(f"`{deparse(test)}` is not true or false", test.span or a.call.span)


def _chosen(a: Arguments, cases: Sequence[Case], otherwise: tree.Expr, *, open_ends: bool) -> Value:
    """Numbers if all values are, else levels in the order of their names, as R makes a factor of text.

    With `open_ends` there is no answer where a test has none; else the next case is asked.
    """
    if not open_ends:
        cases = [(_holds(test), text) for test, text in cases]
    texts = [*(text for _, text in cases), otherwise]
    if any(isinstance(text, tree.Text) or isinstance(a.reader.as_given(text), Category) for text in texts):
        return _level(a, cases, otherwise, open_ends=open_ends)
    total = number_of(a.reader.meaning(otherwise), otherwise, a.columns)
    for test, text in reversed(cases):
        chosen = Apply("where", (test, number_of(a.reader.meaning(text), text, a.columns), total))
        unknown = unknown_where(test) if open_ends else None
        total = chosen if unknown is None else Apply("where", (unknown, _NOTHING, chosen))
    return Quantity((total,))


def _holds(test: Expr) -> Expr:
    """Where a test is true, and not without an answer."""
    unknown = unknown_where(test)
    return test if unknown is None else Op("&", test, Apply("not", (unknown,)))


def _level(a: Arguments, cases: Sequence[Case], otherwise: tree.Expr, *, open_ends: bool) -> Category:
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
            unknown = unknown_where(test) if open_ends else None
            fails: Expr = Apply("not", (test,))
            before = _and(before, fails if unknown is None else Op("&", fails, Apply("not", (unknown,))))
    levels = tuple(Level(label, label, found[label]) for label in sorted(found))
    numbers = tuple(float(k) for k in range(1, len(levels) + 1))
    seen = set(a.columns.learned(a.key, Category(levels).code(numbers), values(own_types)))
    return Category(tuple(level for k, level in zip(numbers, levels, strict=True) if k in seen))


def _and(one: Expr | None, other: Expr | None) -> Expr | None:
    return one if other is None else other if one is None else Op("&", one, other)


def _levels(a: Arguments, text: tree.Expr) -> list[tuple[str, Expr | None]]:
    """The levels that a value may have, and where it has them: a text everywhere, what is no value nowhere."""
    if isinstance(text, tree.Text):
        return [(text.value, None)]
    if text == tree.Name("NA"):
        return []
    value = a.reader.as_given(text)
    if isinstance(value, Category):
        return [(level.label, level.indicator) for level in value.levels]
    if isinstance(text, tree.Number):
        return [(levels_of(Const(text.value), (text.value,))[0].label, None)]
    raise SemanticError(f"`{deparse(text)}` is numbers where other values are text", text.span or a.call.span)


def _extreme(operator: str) -> Transform:
    def value(a: Arguments) -> Value:
        x, y = a.number("x"), a.number("y")
        return Quantity((Apply("where", (Op(operator, x, y), x, y)),))

    return Transform(("x", "y"), 2, value)


def _is_na(a: Arguments) -> Value:
    return logical(lacking(a.as_given("x")))


_IFELSE = Transform(("test", "yes", "no"), 3, _ifelse)

CHOICES: dict[str, Transform] = {
    "ifelse": _IFELSE,
    "if_else": _IFELSE,
    "case_when": Transform(("...",), 1, _case_when),
    "pmin": _extreme("<"),
    "pmax": _extreme(">"),
    "is.na": Transform(("x",), 1, _is_na),
}
"""By R's names."""
