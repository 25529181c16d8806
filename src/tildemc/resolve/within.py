"""Arithmetic within groups: what is learned of a column, its mean or its least value, is learned of a group's rows."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.arrays import Label
from tildemc.errors import UnsupportedError
from tildemc.resolve.meaning import arithmetic
from tildemc.resolve.values import Columns, Quantity
from tildemc.spec.expr import Apply, Col, Const, Expr, Op, Recode
from tildemc.spec.terms.factor import Factor
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["within_groups"]


def within_groups(value: tree.Expr, each: Sequence[Columns], groups: Factor) -> Quantity:
    """`value` read once for the rows of every group: the same arithmetic, whose learned numbers go by the group.

    Parameters
    ----------
    value : Expr
    each : sequence of Columns
        What is known of the columns in the rows of each level of `groups`.
    groups : Factor
    """
    found = [arithmetic(value, columns) for columns in each]
    return Quantity((_merged(found, list(groups.keys), groups.columns, value),))


def _merged(each: list[Expr], keys: list[tuple[Label, ...]], columns: tuple[str, ...], text: tree.Expr) -> Expr:
    first = each[0]
    if all(other == first for other in each):
        return first
    match first:
        case Const() if all(isinstance(other, Const) for other in each):
            return _looked_up([float(other.value) for other in each if isinstance(other, Const)], keys, columns)
        case Op(operator) if all(isinstance(other, Op) and other.operator == operator for other in each):
            sides = [(other.left, other.right) for other in each if isinstance(other, Op)]
            left, right = (_merged(list(side), keys, columns, text) for side in zip(*sides, strict=True))
            return Op(operator, left, right)
        case Apply(function, arguments) if all(
            isinstance(other, Apply) and (other.function, len(other.arguments)) == (function, len(arguments))
            for other in each
        ):
            every = zip(*(other.arguments for other in each if isinstance(other, Apply)), strict=True)
            return Apply(function, tuple(_merged(list(one), keys, columns, text) for one in every))
        case _:
            raise UnsupportedError(
                f"`{deparse(text)}` is not worked out within groups: make the column first", text.span
            )


def _looked_up(values: list[float], keys: list[tuple[Label, ...]], columns: tuple[str, ...]) -> Expr:
    """The number of a row's group: looked up by its one column, or by its last within each value of the others."""
    column, *others = columns
    if not others:
        return Recode(Col(column), tuple((key[0], value) for key, value in zip(keys, values, strict=True)))
    total: Expr = Const(float("nan"))
    for label in dict.fromkeys(key[0] for key in keys):
        inside = [(key[1:], value) for key, value in zip(keys, values, strict=True) if key[0] == label]
        own = _looked_up([value for _, value in inside], [key for key, _ in inside], tuple(others))
        total = Apply("where", (Op("==", Col(column), Const(label)), own, total))
    return total
