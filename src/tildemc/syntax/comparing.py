"""Comparisons of languages to which a missing value is a number: larger than any other, or smaller."""

from __future__ import annotations

from functools import reduce

from tildemc.span import Span
from tildemc.syntax.tree import Binary, Expr, Unary

__all__ = ["MIRRORED", "holds_for_missing"]

MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
"""A comparison with its sides, or the order of numbers, the other way round."""


def holds_for_missing(operator: str, one: Expr | None, other: Expr | None, span: Span | None) -> Expr | None:
    """Where a comparison holds since something is missing, which is larger than any number.

    Parameters
    ----------
    operator : str
        Its mirror image where what is missing is smaller than any number.
    one, other : Expr or None
        Where the sides are missing; None for a side that never is.
    span : Span or None
    """
    match operator:
        case ">":
            return _alone(one, other, span)
        case ">=":
            return one
        case "<":
            return _alone(other, one, span)
        case "<=":
            return other
        case "==":
            return None if one is None or other is None else Binary("&", one, other, span)
        case _:
            sides = [side for side in (_alone(one, other, span), _alone(other, one, span)) if side is not None]
            return reduce(lambda a, b: Binary("|", a, b, span), sides) if sides else None


def _alone(lacks: Expr | None, other: Expr | None, span: Span | None) -> Expr | None:
    """One is missing and the other is not."""
    return lacks if lacks is None or other is None else Binary("&", lacks, Unary("!", other, span), span)
