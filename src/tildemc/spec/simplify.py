"""Expr -> the same with what numbers alone come to, and without factors that are one."""

from __future__ import annotations

from tildemc.spec.expr import Apply, Const, Expr, Op, evaluate, walk, without_ones
from tildemc.spec.vocabulary import NUMPY

__all__ = ["worked_out"]


def worked_out(expr: Expr) -> Expr:
    """`2 * 3 * x` as `6 * x`."""
    return without_ones(_folded(expr))


def _folded(expr: Expr) -> Expr:
    if all(isinstance(part, Const | Op | Apply) for part in walk(expr)):
        return Const(float(evaluate(expr, lambda name: 0.0, NUMPY)))
    match expr:
        case Op(symbol, left, right):
            return Op(symbol, _folded(left), _folded(right))
        case Apply(function, arguments):
            return Apply(function, tuple(map(_folded, arguments)))
        case _:
            return expr
