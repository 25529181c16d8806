"""A response of several columns, `cbind(a, b, c)`: the first, and beside it the others."""

from __future__ import annotations

from functools import reduce
from operator import add

from tildemc.errors import SemanticError
from tildemc.resolve.categories import first_of
from tildemc.resolve.meaning import arithmetic
from tildemc.resolve.values import Columns
from tildemc.spec.families import Family
from tildemc.spec.links import Link
from tildemc.spec.model import Response
from tildemc.spec.terms.product import Column
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["several"]


def several(
    expr: tree.Call, family: Family, link: Link, columns: Columns, known: Response, notes: list[str]
) -> tuple[Response, Family]:
    """The response and the family of its columns, which are called as they are written.

    Raises
    ------
    SemanticError
        If two columns are one, or `refcat` is none of them.
    """
    labels = tuple(argument.name or deparse(argument.value) for argument in expr.arguments)
    twice = next((label for k, label in enumerate(labels) if label in labels[:k]), None)
    if twice is not None:
        raise SemanticError(f"`{twice}` stands twice in the response", expr.span)
    first = first_of(labels, family, expr)
    notes.append(f"the other columns of `{deparse(expr)}` are compared with {labels[first]}")
    order = [first, *(place for place in range(len(labels)) if place != first)]
    parts = [Column(labels[k], arithmetic(expr.arguments[k].value, columns), expr.arguments[k].span) for k in order]
    assert family.several is not None and family.made is not None
    others = {f"{family.several.prefix}{k}": part for k, part in enumerate(parts[1:], start=2)}
    if "trials" in family.modifiers and "trials" not in known.companions:
        total = reduce(add, (part.value for part in parts))
        others = {"trials": Column(" + ".join(part.label for part in parts), total, expr.span), **others}
    response = Response(deparse(expr), parts[0].value, None, {**known.companions, **others}, span=expr.span)
    return response, family.made(tuple(labels[k] for k in order), link)
