"""A response that is one of several categories: which there are, in which order, and the number of each row's."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.errors import SemanticError, Unvarying, nearest
from tildemc.limits import allowed, too_many
from tildemc.resolve.column import Categorical
from tildemc.resolve.lessons import extremes, values
from tildemc.resolve.meaning import arithmetic, as_given
from tildemc.resolve.thresholds import stated_thresholds
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
"""The number of a row's category, as the family counts; what new data may have; the family of these categories."""


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
    stated = stated_thresholds(modifiers, family)
    thresholds = None if stated is None else stated.most(columns)
    grouped = stated is not None and stated.group is not None
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
    apart = len(labels) - _least(family) + 1
    if thresholds is not None and thresholds != apart and not grouped:
        raise SemanticError(
            f"`{deparse(expr)}` has {len(labels)} categories, which {apart} thresholds tell apart, not {thresholds}",
            expr.span,
        )
    first = first_of(labels, family, expr)
    if not ordered:
        compared = labels[first] if family.reference else f"its first, {labels[0]}"
        notes.append(f"the other categories of `{deparse(expr)}` are compared with {compared}")
    lowest = int(family.values.lower)
    order = [first, *(place for place in range(len(labels)) if place != first)]
    codes = tuple(float(order.index(place) + lowest) for place in range(len(labels)))
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
    """The categories up to the greatest number, from 1 or from 0, as the family counts."""
    first = int(family.values.lower)
    low, high = columns.learned(f"range of {deparse(expr)}", number, extremes(lambda low, high: (low, high)))
    if low < first or high != int(high):
        told = f"{low:g}" if low < first else f"up to {high:g}"
        raise SemanticError(
            f"{family} response counts its categories from {first}, and `{deparse(expr)}` is {told}: "
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
    return tuple(map(str, range(first, count + 1)))


def _of(family: Family, link: Link, labels: tuple[str, ...], expr: tree.Expr) -> Family:
    """The family of these categories."""
    _check_number(len(labels), expr)
    if len(labels) < _least(family):
        number = {2: "two", 3: "three"}[_least(family)]
        has = f"one, {labels[0]}" if len(labels) == 1 else f"{len(labels)}, {', '.join(labels)}"
        raise Unvarying(f"{family} response has {number} categories or more, `{deparse(expr)}` has {has}", expr.span)
    assert family.made is not None
    return family.made(labels, link)


def _least(family: Family) -> int:
    """How many categories there must be: two, and one more that stands before them where they are counted from 0."""
    return 3 - int(family.values.lower)


def _check_number(count: int, expr: tree.Expr) -> None:
    if count > allowed().columns:
        raise SemanticError(too_many(f"the response `{deparse(expr)}`", "columns", count), expr.span)
