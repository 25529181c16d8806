"""Thresholds as PyMC statements: those that have priors, what these make of the others, and the thresholds of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import assert_never

import numpy as np

from tildemc.spec.expr import Apply, Const, Expr, Index, Op, Var, evaluate, walk
from tildemc.spec.parameters import local
from tildemc.spec.terms.specific import Specific, SpecificNames
from tildemc.spec.terms.thresholds import FAR, Thresholds, ThresholdsNames
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.pymc.densities import increasing_statement, joint_density, prior_statements
from tildemc.targets.pymc.lowering import Lowering
from tildemc.targets.pymc.names import Spare
from tildemc.targets.pymc.program import Data, Deterministic, Local, Statement

__all__ = ["lower_thresholds"]

_Made = tuple[list[Statement], Expr]
"""Statements, and what they come to."""


@dataclass(frozen=True)
class _ThresholdStatements:
    """The statements of a model's thresholds.

    Attributes
    ----------
    thresholds : Thresholds
    named : ThresholdsNames
    b, X_mean : str
        The coefficients and the predictors' means, where priors are of the thresholds there.
    spare : Spare
        Names for what has none.
    """

    thresholds: Thresholds
    named: ThresholdsNames
    b: str
    X_mean: str
    spare: Spare

    def all(self) -> _Made:
        """The thresholds at zero, which the model reports; they come to those at the predictors' means."""
        statements, value = self._at_means()
        if self.thresholds.centred:
            if value not in (Var(self.named.cutpoints), Var(here := local("cutpoints"))):
                statements.append(Local(here, value))
                value = Var(here)
            shift = Op("@", Var(self.X_mean), Var(self.b))
            statements.append(Deterministic(self.named.name, value + shift, self._dims))
        elif value != Var(self.named.name):
            statements.append(Deterministic(self.named.name, value, self._dims))
            value = Var(self.named.name)
        return statements, value

    @property
    def _dims(self) -> tuple[str, ...]:
        return (self.named.threshold_dim,)

    @cached_property
    def _recovered(self) -> Expr:
        """Those at the means by what the model reports."""
        own = Var(self.named.name)
        return own - Index(Op("@", Var(self.b), Var(self.X_mean)), (..., None)) if self.thresholds.centred else own

    @cached_property
    def _parts(self) -> tuple[slice, ...]:
        """Where those of each level stand."""
        starts = self.thresholds.starts.tolist()
        return tuple(slice(start, end) for start, end in pairwise(starts))

    def _at_means(self) -> _Made:
        thresholds, named = self.thresholds, self.named
        match thresholds.spacing:
            case "flexible":
                name = named.cutpoints if thresholds.centred else named.name
                return self._free(name, self._recovered if thresholds.centred else None)
            case "equidistant":
                return self._equidistant()
            case "sum_to_zero":
                statements, value = self._free(named.cutpoints, None)
                each = [value] if len(self._parts) == 1 else [Index(value, (part,)) for part in self._parts]
                return statements, _concatenated([part - Apply("mean", (part,)) for part in each])
            case never:
                assert_never(never)

    def _free(self, name: str, recovered: Expr | None) -> _Made:
        """Thresholds of which each has a prior; reported under this name unless they can be recovered."""
        thresholds, dims = self.thresholds, self._dims
        priors = [cuts.prior_of for cuts in thresholds.cuts]
        if not thresholds.support.ordered:
            every = [prior for own in priors for prior in own]
            labels = [str(label) for label in thresholds.labels]
            return prior_statements(name, every, labels, dims, self.spare, recovered=recovered), Var(name)
        if thresholds.by is None:
            return [increasing_statement(name, priors[0], dims, recovered)], Var(name)
        statements, parts = list[Statement](), list[Expr]()
        for level, own, part in zip(thresholds.by.levels, priors, self._parts, strict=True):
            here = self.spare(name, level)
            known = Index(recovered or Var(name), (..., part))
            statements.append(increasing_statement(here, own, (), known))
            parts.append(Var(here))
        value = _concatenated(parts)
        return (statements, value) if recovered else ([*statements, Deterministic(name, value, dims)], Var(name))

    def _equidistant(self) -> _Made:
        """The first of each level, and its distance from one to the next."""
        thresholds, named = self.thresholds, self.named
        single = thresholds.by is None
        dims = () if single else (named.dim,)
        levels = [] if thresholds.by is None else list(thresholds.by.levels)
        first = self.spare("first", named.name)
        places = [Index(self._recovered, (..., part.start)) for part in self._parts]
        known = places[0] if single else Apply("columns", tuple(places))
        firsts = [cuts.prior_of[0] for cuts in thresholds.cuts]
        deltas = [cuts.delta for cuts in thresholds.cuts if cuts.delta is not None]
        statements = prior_statements(first, firsts, levels, dims, self.spare, recovered=known)
        statements += prior_statements(named.delta, deltas, levels, dims, self.spare)
        parts: list[Expr] = []
        for j, cuts in enumerate(thresholds.cuts):
            steps = Apply("arange", (Const(cuts.size),))
            here, distance = (Var(first), Var(named.delta)) if single else (
                Index(Var(first), (j,)), Index(Var(named.delta), (j,))
            )  # fmt: skip
            parts.append(here + steps * distance)
        return statements, _concatenated(parts)

    def of_rows(self, value: Expr, specific: Expr | None) -> _Made:
        """The thresholds of each row, (most, n); as they are where rows do not differ."""
        thresholds = self.thresholds
        if thresholds.by is None and specific is None:
            return [], value
        made = list[Statement]()
        found: Expr
        if thresholds.by is None:
            found = Index(value, (slice(None), None))
        else:
            if len({cuts.size for cuts in thresholds.cuts}) > 1:
                # One that a row does not have is any number, of which nothing is made: see `reached`.
                every = local(f"{thresholds.parameter} and none")
                made.append(Local(every, Apply("concatenate", (value, Apply("stack", (Const(0),))))))
                value = Var(every)
            found = Apply("transpose", (Index(value, (Index(Var(self.named.places), (Var(self.named.index),)),)),))
        here = local(f"{thresholds.parameter} of rows")
        made.append(Local(here, found if specific is None else found - specific))
        return made, Var(here)

    def reached(self, step: Expr) -> Expr:
        """What is made of a row's threshold; where the row does not have it, what that goes to far away.

        There is no slope then, while an expression that is far out may have none that is a number.
        """
        thresholds, own = self.thresholds, Var(self.thresholds.parameter)
        places = [part.keys[0] for part in walk(step) if isinstance(part, Index) and part.base == own]
        if not places or all(isinstance(k, int) and k < min(cuts.size for cuts in thresholds.cuts) for k in places):
            return step
        known = {thresholds.parameter: np.full(thresholds.size, FAR)}
        with np.errstate(all="ignore"):
            far = float(evaluate(step, lambda name: known.get(name.name, _ANY), NUMPY))
        place = Index(Var(self.named.places), (Var(self.named.index), places[0]))
        has = Op("<", place, Const(int(thresholds.starts[-1])))
        # As the source prints whole numbers.
        limit = int(far) if far in (0, 1) else min(max(far, -FAR), FAR)
        return Apply("where", (has, step, Const(limit)))


_ANY = np.float64(1.0)
"""What another parameter is, where that makes no difference."""


def _specific_statements(specific: Specific, named: SpecificNames, spare: Spare) -> list[Statement]:
    """The effects on each threshold, a row for each column."""
    dims = (named.term_dim, named.threshold_dim)
    first, *others = specific.coefficients
    if all(prior == first for prior in others) and joint_density([first]) is not None:
        return prior_statements(named.b, [first], [], dims, spare)
    statements, rows = list[Statement](), list[Expr]()
    for j, (column, prior) in enumerate(zip(specific.columns, specific.coefficients, strict=True)):
        own = spare(named.b, column.label)
        known = Index(Var(named.b), (..., j, slice(None)))
        statements += prior_statements(own, [prior], [], (named.threshold_dim,), spare, recovered=known)
        rows.append(Var(own))
    return [*statements, Deterministic(named.b, Apply("stack", tuple(rows)), dims)]


def _concatenated(parts: Sequence[Expr]) -> Expr:
    return parts[0] if len(parts) == 1 else Apply("concatenate", tuple(parts))


def lower_thresholds(
    lowering: Lowering, thresholds: Thresholds, specific: Specific | None
) -> tuple[list[Statement], Expr]:
    """The thresholds, those at zero among them; and what they come to for rows as measured from their means."""
    named, first = lowering.named.of(thresholds), lowering.named.of(lowering.spec.predictors[0].population)
    places = lowering.preparation.thresholds(thresholds, named)
    writer = _ThresholdStatements(thresholds, named, first.b, first.X_mean, lowering.spare)
    lowering.reached = writer.reached
    statements, value = writer.all()
    if thresholds.by is not None:
        index = lowering.design.of(thresholds).index
        assert index is not None
        statements.append(Data(named.places, thresholds.places, (named.dim, named.place_dim), places))
        statements += lowering.index(named.index, index, lowering.preparation.index(thresholds.by, named.dim))
    if specific is not None:
        own = lowering.named.of(specific)
        frame = lowering.preparation.population(own.X, own.term_dim, specific.products, None)
        lowering.preparation.counted(own.threshold_dim, specific.size)
        X = lowering.design.of(specific).X
        statements.append(lowering.data(own.X, X, (lowering.named.obs, own.term_dim), frame))
        statements += _specific_statements(specific, own, lowering.spare)
    made, value = writer.of_rows(value, None if specific is None else lowering.value(specific))
    return [*statements, *made], value
