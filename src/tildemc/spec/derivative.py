"""Expr -> its derivative, an Expr: by the rules of the calculus and the slopes of the vocabulary."""

from __future__ import annotations

from functools import lru_cache

from tildemc.spec.expr import Apply, Const, Expr, Op, Var, substitute, walk
from tildemc.spec.vocabulary import ARGUMENTS, VOCABULARY

__all__ = ["depends", "differentiate"]

ZERO, ONE = Const(0.0), Const(1.0)


_KNOWN = 4096
"""Of so many expressions it is kept: models of one family ask the same of the same ones again and again."""


@lru_cache(_KNOWN)
def depends(expr: Expr, names: frozenset[str]) -> bool:
    """Whether `expr` has one of these quantities in it."""
    return any(isinstance(part, Var) and part.name in names for part in walk(expr))


@lru_cache(_KNOWN)
def differentiate(expr: Expr, name: str) -> Expr:
    """The derivative of `expr` by the quantity `name`."""
    if not depends(expr, frozenset({name})):
        return ZERO
    match expr:
        case Var():
            return ONE
        case Op("+", left, right):
            return _sum(differentiate(left, name), differentiate(right, name))
        case Op("-", left, right):
            return _difference(differentiate(left, name), differentiate(right, name))
        case Op("*", left, right):
            return _sum(_product(differentiate(left, name), right), _product(left, differentiate(right, name)))
        case Op("/", left, right):
            by_right = _product(expr, differentiate(right, name))
            top = _difference(differentiate(left, name), by_right)
            return ZERO if top == ZERO else top / right
        case Op("**", base, Const(int(power) | float(power))):
            return _product(power * (base if power == 2 else base ** (power - 1)), differentiate(base, name))
        case Op("**", base, power):
            return differentiate(Apply("power", (base, power)), name)
        case Apply("neg", (inner,)):
            return -differentiate(inner, name)
        case Apply("times", (count, inner)) if not depends(count, frozenset({name})):
            # What does not count has no slope either, though that of `inner` be infinite.
            return Apply("times", (count, differentiate(inner, name)))
        case Apply("where", (condition, yes, no)):
            # What a row is not has no slope either, were it no number.
            return Apply("where", (condition, differentiate(yes, name), differentiate(no, name)))
        case Apply(function, arguments):
            inside: dict[Expr, Expr] = {
                Var(named): argument for named, argument in zip(ARGUMENTS, arguments, strict=False)
            }
            total: Expr = ZERO
            for slope, argument in zip(VOCABULARY[function].slopes, arguments, strict=True):
                total = _sum(total, _product(substitute(slope, inside), differentiate(argument, name)))
            return total
        case _:
            raise AssertionError(expr)


def _sum(left: Expr, right: Expr) -> Expr:
    return right if left == ZERO else left if right == ZERO else left + right


def _difference(left: Expr, right: Expr) -> Expr:
    return left if right == ZERO else -right if left == ZERO else left - right


def _product(left: Expr, right: Expr) -> Expr:
    if ZERO in (left, right):
        return ZERO
    return right if left == ONE else left if right == ONE else left * right
