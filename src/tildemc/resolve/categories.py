"""A response that is one of several categories: which there are, in which order, and the number of each row's."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.errors import SemanticError, Unvarying, nearest
from tildemc.limits import allowed, too_many
from tildemc.resolve.column import Categorical
from tildemc.resolve.lessons import extremes, values
from tildemc.resolve.meaning import arithmetic, as_given
from tildemc.resolve.values import Category, Columns, levels_of
from tildemc.spec.columns import own_types
from tildemc.spec.expr import Col, Expr
from tildemc.spec.families import Family
from tildemc.spec.links import Link
from tildemc.spec.terms.product import Levels
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["Sorted", "first_of", "sorted_into"]

Sorted = tuple[Expr, Levels | None, Family]
"""The number of a row's category, counted from 1; what new data may have; the family of these categories."""


def sorted_into(
    expr: tree.Expr,
    modifiers: Sequence[tree.Modifier],
    family: Family,
    link: Link,
    columns: Columns,
    notes: list[str],
) -> Sorted:
    """A response in the categories of the data, for a family of categories.

    Raises
    ------
    SemanticError
        If the data have no categories, no order of theirs where the family needs one, or too many.
    """
    ordered = any(parameter.size is not None for parameter in family.parameters)
    thresholds = _stated(modifiers, family, ordered=ordered)
    value = as_given(expr, columns)
    if not isinstance(value, Category):
        number = arithmetic(expr, columns)
        if ordered and not columns.coded:
            return number, None, _of(family, link, _counted(expr, number, family, columns, thresholds), expr)
        distinct = columns.learned(f"categories of {deparse(expr)}", number, values(own_types))
        value = Category(levels_of(number, distinct), True, number if isinstance(number, Col) else None)
    if ordered and not _has_order(expr, value, columns):
        raise SemanticError(
            f"{family} response has its categories in order, and `{deparse(expr)}` is text without one: "
            f"`ordered({deparse(expr)}, levels = …)` says it, family `categorical` needs none",
            expr.span,
        )
    labels = tuple(level.label for level in value.levels)
    if thresholds is not None and thresholds != len(labels) - 1:
        raise SemanticError(
            f"`{deparse(expr)}` has {len(labels)} categories, which {len(labels) - 1} thresholds tell apart, "
            f"not {thresholds}",
            expr.span,
        )
    first = first_of(labels, family, expr)
    if not ordered:
        compared = labels[first] if family.reference else f"its first, {labels[0]}"
        notes.append(f"the other categories of `{deparse(expr)}` are compared with {compared}")
    order = [first, *(place for place in range(len(labels)) if place != first)]
    codes = tuple(float(order.index(place) + 1) for place in range(len(labels)))
    known = next(iter(value.known(deparse(expr))), None)
    return value.code(codes), known, _of(family, link, tuple(labels[place] for place in order), expr)


def first_of(labels: tuple[str, ...], family: Family, expr: tree.Expr) -> int:
    """The place of the category that is to be the first."""
    if not family.reference:
        return 0
    if family.reference not in labels:
        listed = ", ".join(labels[:6])
        close = nearest(family.reference, labels)
        message = f"`refcat` is a category of `{deparse(expr)}`, which has {listed}, not {family.reference}{close}"
        raise SemanticError(message, expr.span)
    return labels.index(family.reference)


def _has_order(expr: tree.Expr, value: Category, columns: Columns) -> bool:
    """Whether the data say it: of an ordered factor, of levels that the data declare, of true and false."""
    if value.ordered or value.truth is not None:
        return True
    match columns.kind(expr.text) if isinstance(expr, tree.Name) else None:
        case Categorical(declared=declared):
            return declared
        case _:
            return isinstance(expr, tree.Call) and any(argument.name == "levels" for argument in expr.arguments)


def _counted(
    expr: tree.Expr, number: Expr, family: Family, columns: Columns, thresholds: int | None
) -> tuple[str, ...]:
    """The categories 1, 2, … up to the greatest number."""
    low, high = columns.learned(f"range of {deparse(expr)}", number, extremes(lambda low, high: (low, high)))
    if low < 1 or high != int(high):
        told = f"{low:g}" if low < 1 else f"up to {high:g}"
        raise SemanticError(
            f"{family} response counts its categories from 1, and `{deparse(expr)}` is {told}: "
            f"`ordered({deparse(expr)})` takes each value for a category",
            expr.span,
        )
    if thresholds is not None and high > thresholds + 1:
        raise SemanticError(
            f"`{deparse(expr)}` is up to {high:g}, and {thresholds} thresholds tell {thresholds + 1} categories apart",
            expr.span,
        )
    count = int(high) if thresholds is None else thresholds + 1
    _check_number(count, expr)
    return tuple(map(str, range(1, count + 1)))


def _of(family: Family, link: Link, labels: tuple[str, ...], expr: tree.Expr) -> Family:
    """The family of these categories."""
    _check_number(len(labels), expr)
    if len(labels) < 2:
        raise Unvarying(
            f"{family} response has two categories or more, `{deparse(expr)}` has one, {labels[0]}", expr.span
        )
    assert family.made is not None
    return family.made(labels, link)


def _check_number(count: int, expr: tree.Expr) -> None:
    if count > allowed().columns:
        raise SemanticError(too_many(f"the response `{deparse(expr)}`", "columns", count), expr.span)


def _stated(modifiers: Sequence[tree.Modifier], family: Family, *, ordered: bool) -> int | None:
    """The number of thresholds that `thres(3)` states."""
    for modifier in modifiers:
        if modifier.function != "thres":
            continue
        if not ordered:
            raise SemanticError(f"`thres()` goes with ordered categories, not with {family.name}", modifier.span)
        match modifier.arguments:
            case (tree.Argument(tree.Number(value), None | "x"),) if value >= 1 and value == int(value):
                return int(value)
            case _:
                raise SemanticError("`thres()` takes a number of thresholds, as in `thres(3)`", modifier.span)
    return None
