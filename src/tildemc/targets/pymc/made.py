"""Priors that follow other quantities, as PyMC statements: a standard variable, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tildemc.spec.expr import Apply, Const, Expr, Index, Var, substitute, walk
from tildemc.spec.priors import Prior
from tildemc.spec.simplify import worked_out
from tildemc.targets.pymc.program import Random

__all__ = ["Standard", "made_alone", "made_together", "number_of"]

Standard = Callable[[Prior, Expr], Random]
"""The random variable of a standard prior, recovered in that way."""


def made_together(
    priors: Sequence[Prior], part: Expr, standard: Standard, sizes: Mapping[str, int]
) -> tuple[Random, Expr] | None:
    """One standard variable for all priors, and what is made of it; None where their arithmetic is not the same.

    Parameters
    ----------
    priors : sequence of Prior
    part : Expr
        What they are of what the model reports.
    standard : callable
    sizes : mapping of str to int
        How many numbers quantities have that priors follow: a set of coefficients may be of several terms.
    """
    first = priors[0]
    if not all(prior.follows and not prior.distribution.point for prior in priors):
        return None
    shifts = {_common(prior.shift, k, len(priors), sizes) for k, prior in enumerate(priors)}
    stretches = {_common(prior.stretch, k, len(priors), sizes) for k, prior in enumerate(priors)}
    if len(shifts) > 1 or len(stretches) > 1 or any(prior.standard != first.standard for prior in priors):
        return None
    (shift,), (stretch,) = shifts, stretches
    each = frozenset(
        inner.base.name
        for prior in priors
        for whole in (prior.shift, prior.stretch)
        for inner in walk(whole)
        if isinstance(inner, Index) and isinstance(inner.base, Var)
    )
    recovered = (part - _lifted(shift, each)) / _lifted(stretch, each)
    return _made(standard(first.standard, recovered), shift, stretch)


def made_alone(prior: Prior, part: Expr, standard: Standard) -> tuple[Random, Expr]:
    """The same of one number."""
    return _made(standard(prior.standard, (part - prior.shift) / prior.stretch), prior.shift, prior.stretch)


def number_of(prior: Prior) -> Expr:
    """What stands in the place of a parameter by itself."""
    return prior.shift if prior.follows else Apply("constant", (prior.shift,))


def _made(own: Random, shift: Expr, stretch: Expr) -> tuple[Random, Expr]:
    scaled = worked_out(stretch * Var(own.name))
    return own, scaled if shift == Const(0.0) else shift + scaled


def _common(expr: Expr, number: int, count: int, sizes: Mapping[str, int]) -> Expr:
    """The arithmetic of one of `count` numbers as that of all of them: its own of several is these."""
    own: dict[Expr, Expr] = {}
    for part in walk(expr):
        match part:
            case Index(Var(name), (begin, int(place))) if begin is ... and place >= number:
                first = place - number
                whole = (first, count) == (0, sizes[name])
                own[part] = part.base if whole else Index(part.base, (..., slice(first, first + count)))
            case _:
                pass
    return substitute(expr, own)


def _lifted(expr: Expr, each: frozenset[str]) -> Expr:
    """The same for draws, where what all of them share needs an axis more."""
    alone = {part.name for part in walk(expr) if isinstance(part, Var)} - each
    return substitute(expr, {Var(name): Index(Var(name), (..., None)) for name in alone})
