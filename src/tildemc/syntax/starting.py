"""Priors about starting values: what a non-linear call says of the size of its parameters, where it says no more."""

from __future__ import annotations

from tildemc.span import Span
from tildemc.syntax.rewrite import literal
from tildemc.syntax.tree import Argument, Expr, PriorStatement

__all__ = ["prior_about", "told_about"]

_WIDE = 2.5
"""How many times its own size a starting value's prior is wide."""


def prior_about(target: str, about: tuple[Expr, ...] | None, value: float, span: Span | None) -> PriorStatement:
    """A wide normal prior about a starting value."""
    arguments = Argument(literal(value)), Argument(literal(_WIDE * (abs(value) or 1.0)))
    return PriorStatement(target, about, "normal", arguments, span, span, span)


def told_about(parameters: list[str]) -> str:
    """What to say of these."""
    told = ", ".join(f"`{parameter}`" for parameter in parameters)
    have = "has a prior about its starting value" if len(parameters) == 1 else "have priors about their starting values"
    return f"{told} {have}; state others if you know more"
