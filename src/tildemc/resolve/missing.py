"""`mi(x)` in a predictor: the responses whose missing values are drawn with all else."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

import numpy as np

from tildemc.arrays import Values
from tildemc.errors import SemanticError, UnsupportedError
from tildemc.resolve.algebra import Interaction
from tildemc.resolve.expanded import Expanded
from tildemc.resolve.lessons import moments, whole
from tildemc.resolve.schema import Schema
from tildemc.spec.expr import Const, Expr
from tildemc.spec.families import Family
from tildemc.spec.model import Response
from tildemc.spec.moments import Moments
from tildemc.spec.terms.latent import Latent
from tildemc.spec.terms.product import Column
from tildemc.syntax import tree
from tildemc.syntax.several import named
from tildemc.syntax.tree import deparse

__all__ = ["MISSING", "latent_of", "missing_in", "read_by_others"]

MISSING = "mi"
"""The function of formulas."""


def missing_in(interaction: Interaction) -> list[tree.Call]:
    """The calls of `mi()` that a product has."""
    return [v for v in interaction.variables if isinstance(v, tree.Call) and v.function == MISSING]


def read_by_others(formula: Expanded) -> Mapping[str, tree.Call]:
    """The responses that stand in `mi()`, by what their parameters are called after, each with such a call.

    Raises
    ------
    SemanticError, UnsupportedError
        As brms: they are responses whose own formula has `mi()`.
    """
    known = {named(own.response): own for own in formula.each}
    found: dict[str, tree.Call] = {}
    for own in formula.each:
        for predictor in own.predictors:
            for call in (call for i in predictor.terms.interactions for call in missing_in(i)):
                name = _variable(call)
                if name not in known or not formula.others:
                    variable = deparse(call.arguments[0].value)
                    message = f"`{variable}` in `mi()` is to be a response, too: "
                    raise SemanticError(f"{message}`bf(y ~ mi(x)) + bf(x | mi() ~ z)`", call.span)
                if known[name].imputing is None:
                    message = f"the model of `{name}` says that its missing values are drawn: `{name} | mi() ~ …`"
                    raise SemanticError(message, call.span)
                if known[name] is own:
                    raise SemanticError(f"`{name}` cannot be a predictor of itself", call.span)
                found[name] = call
            for call in (call for bar in predictor.bars for i in bar.terms.interactions for call in missing_in(i)):
                raise UnsupportedError("effects by a group of what is missing are not built", call.span)
    return found


def _variable(call: tree.Call) -> str:
    match call.arguments:
        case (tree.Argument(value, None | "x"),):
            return named(value)
        case _:
            raise UnsupportedError("`mi()` in a predictor takes one response, and no `idx`", call.span)


def latent_of(name: str, response: Response, seen: Expr, family: Family, columns: Schema, call: tree.Call) -> Latent:
    """The missing values of a response.

    Parameters
    ----------
    name : str
    response : Response
        With a number in rows that lack it.
    seen : Expr
        1 in rows that have it, else 0.
    family : Family
    columns : Schema
    call : Call
        Where it is read.

    Raises
    ------
    UnsupportedError
        If it has limits.
    """
    if family.values.lower > -inf or family.values.upper < inf:
        raise UnsupportedError(f"`mi()` of {family} response, which has limits, is not built", call.span)
    there = columns.learned(f"whether there is {response.label}", seen * Const(1.0) + 0.0 * response.value, _EACH)
    total = columns.learned(f"mean of {response.label}, if any", seen * response.value, moments(_mean))
    labels = columns.row_labels(call.span)
    centre = total * len(labels) / max(sum(there), 1)
    noise = response.companions.get("se")
    rows = tuple(label for label, known in zip(labels, there, strict=True) if not known or noise is not None)
    marked = Column(f"{response.label}_seen", seen, call.span)
    return Latent(name, Column(response.label, response.value, call.span), marked, rows, centre, noise)


def _truths(values: Values) -> tuple[bool, ...]:
    return tuple(bool(value) for value in np.asarray(values, np.float64))


_EACH = whole(_truths)


def _mean(found: Moments) -> float:
    return float(found.mean[0])
