"""`y | mi()` and `y | mi(sd)` -> the rows whose response is drawn after a fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tildemc.arrays import Mask
from tildemc.errors import SemanticError, UnsupportedError
from tildemc.resolve.expand import expand
from tildemc.resolve.expanded import Expanded
from tildemc.resolve.frame import Frame
from tildemc.resolve.newdata import Needed
from tildemc.resolve.prepare import prepare
from tildemc.resolve.rows import needed, unlabelled_rows
from tildemc.spec.chance import Step
from tildemc.spec.design import Design
from tildemc.spec.expr import Var, columns_of
from tildemc.spec.families import Family
from tildemc.spec.model import ModelSpec
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.imputed import Imputed
from tildemc.spec.unobserved import Unobserved
from tildemc.syntax.statement import Statement
from tildemc.syntax.tree import Number

__all__ = ["check_imputing", "unobserved"]


def check_imputing(formula: Expanded, family: Family) -> None:
    """Refuse what has no values between which others could lie.

    Raises
    ------
    SemanticError, UnsupportedError
        With the place in the text.
    """
    asked = formula.imputing
    if asked is None:
        return
    values = family.values
    if values.whole or values.categories or family.several is not None or family.mixture is not None:
        message = f"`mi()` goes with responses that are any real number, or any within limits, not with {family} ones"
        raise SemanticError(message, asked.span)
    if asked.noise is not None and not _is_normal(family):
        message = "`mi(sd)` is of a normal response with a normal error: family gaussian"
        raise UnsupportedError(message, asked.span)
    for modifier in formula.modifiers:
        if modifier.function not in ("weights", "se"):
            raise UnsupportedError(f"`mi()` beside `{modifier.function}()` is not built", modifier.span)
    if formula.residuals is not None:
        raise UnsupportedError("`mi()` beside residuals that go together is not built", asked.span)


def _is_normal(family: Family) -> bool:
    """Whether a response is one normal number: with a normal error it is one still."""
    parameters = tuple(Var(parameter.name) for parameter in family.parameters)
    steps = [*family.draw.steps.values()]
    return len(steps) == 1 and isinstance(steps[0], Step) and steps[0] == Step("normal", parameters)


def unobserved(statement: Statement, frame: Frame, spec: ModelSpec, design: Design) -> Unobserved | None:
    """The rows that have all but a response.

    Parameters
    ----------
    statement : Statement
    frame : Frame
        The data.
    spec, design
        The model of the rows that have one.
    """
    frame = frame.as_codes() if statement.syntax == "stata" else frame
    prepared = prepare(frame, statement)
    formula = expand(statement.formula, prepared.names)
    asked = formula.imputing
    if asked is None or spec.responses:
        return None
    without = replace(formula, response=Number(1.0), modifiers=())
    prepared, keep, _ = prepared.complete(needed(without))
    rows = prepared.frame.select(keep & ~_responding(spec, prepared.frame))
    asks = Needed(spec, _all_effects)
    found = asks.encoded(rows, "sample")
    lacking = unlabelled_rows(spec, found)
    if lacking:
        found = found.take(np.flatnonzero(~np.logical_or.reduce(list(lacking.values()))))
    labels = [*design.obs.tolist(), *found.obs.tolist()] if asked.noise is not None else found.obs.tolist()
    noise = spec.response.companions["se"] if asked.noise is not None else None
    return Unobserved(Imputed(tuple(labels), noise), found)


def _responding(spec: ModelSpec, frame: Frame) -> Mask:
    """The rows with a value in all columns of the response."""
    return np.asarray(np.logical_and.reduce([~frame.missing(name) for name in columns_of(spec.response.value)]))


def _all_effects(group: GroupEffects) -> Mask:
    return np.ones(len(group.columns), dtype=bool)
