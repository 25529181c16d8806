"""Residuals that go together as PyMC statements.

Those of series in turn, each row's density given the one before it; of others the covariance of all rows, and a normal
density of them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import assert_never

import numpy as np

from tildemc.arrays import Floats, Values
from tildemc.spec.correlation import Coefficients, Step
from tildemc.spec.expr import Apply, Const, Expr, Index, Op, Var, substitute, walk
from tildemc.spec.parameters import local
from tildemc.spec.stepwise import before
from tildemc.spec.terms.residual import Residual, ResidualDesign, ResidualNames
from tildemc.targets.pymc.densities import prior_statements
from tildemc.targets.pymc.layout import Code
from tildemc.targets.pymc.names import Spare
from tildemc.targets.pymc.program import Data, Deterministic, Local, Random, Statement

__all__ = ["InTurn", "Placed", "Together", "TurnCode", "prior_of_residuals"]

_ACROSS, _DOWN = (None, slice(None)), (slice(None), None)


@dataclass(frozen=True, slots=True)
class Placed:
    """The code of what tells rows apart: their group, their places, and their level of `by`."""

    block: Code
    places: Sequence[Code]
    level: Code


@dataclass(frozen=True, slots=True)
class TurnCode:
    """The code of the row before each, of whether there is none, and of how far that is; and of a row's level."""

    before: Code
    begins: Code
    lag: Code
    level: Code


def prior_of_residuals(residual: Residual, named: ResidualNames, spare: Spare) -> list[Statement]:
    """The coefficients, or the matrix of correlations."""
    if residual.known:
        return []
    if residual.free_matrix:
        (prior,) = residual.prior_of
        chol, cor = spare("chol", named.time), Var(named.cortime)
        n = Const(len(residual.times))
        recovered = Apply("cholesky", (cor,))
        factor = Random(chol, "LKJCorr", {"n": n, "eta": Const(prior.values[0])}, recovered=recovered)
        whole = Op("@", Var(chol), Apply("transpose", (Var(chol),)))
        return [factor, Deterministic(named.cortime, whole, (named.time, named.time2))]
    made: list[Statement] = []
    for c, prior in zip(residual.coefficients, residual.prior_of, strict=True):
        dims = (() if residual.by is None else (named.dim,)) + ((_numbers(named, c),) if c.several else ())
        made += prior_statements(getattr(named, c.name), (prior,), (), dims, spare)
    return made


def _numbers(named: ResidualNames, c: Coefficients) -> str:
    return str(getattr(named, f"{c.name}_number"))


@dataclass(frozen=True, slots=True)
class Together:
    """Residuals that go together, and what their statements are called.

    Attributes
    ----------
    residual, numbers, named
    obs : str
        The dim of the rows.
    places : tuple of str
        What the data of their places are called.
    """

    residual: Residual
    numbers: ResidualDesign
    named: ResidualNames
    obs: str
    places: tuple[str, ...]

    @classmethod
    def of(cls, residual: Residual, numbers: ResidualDesign, named: ResidualNames, obs: str, spare: Spare) -> Together:
        """With names for places of several coordinates."""
        others = (spare(named.place, str(k)) for k in range(2, numbers.place.shape[1] + 1))
        return cls(residual, numbers, named, obs, (named.place, *others))

    def data(self, code: Placed) -> list[Statement]:
        """The groups and the places of the rows."""
        whole = self.residual.free_matrix
        made: list[Statement] = [Data(self.named.block, self.numbers.block.astype(np.int32), (self.obs,), code.block)]
        for name, values, own in zip(self.places, self.numbers.place.T, code.places, strict=True):
            made.append(Data(name, values.astype(np.int32) if whole else values, (self.obs,), own))
        return made

    def covariance(self, sd: Expr, *, by_row: bool) -> tuple[list[Statement], Expr]:
        """The statements up to the covariance of all rows, and that; `sd` is one for all, unless `by_row`."""
        together, R = Var(local("together")), Var(local("correlation"))
        near = Apply("less", (Apply("abs", (_apart(Var(self.named.block)),)), Const(0.5)))
        made, value = self._correlations()
        made = [Local(together.name, near), *made, Local(R.name, Apply("where", (together, value, Const(0))))]
        if not by_row:
            return made, sd**2 * R
        here = Var(local("sd"))
        return [*made, Local(here.name, sd)], Index(here, _DOWN) * Index(here, _ACROSS) * R

    def _correlations(self) -> tuple[list[Statement], Expr]:
        """What any two rows would have in common if they were of one group."""
        residual, at, lag = self.residual, Var(self.places[0]), Var(local("lag"))
        if residual.correlation.matrix is None:
            return [], Index(Var(self.named.cortime), (Index(at, _DOWN), Index(at, _ACROSS)))
        made: list[Statement] = []
        if Var("lag") in walk(residual.correlation.matrix):
            made.append(Local(lag.name, _lag([Var(name) for name in self.places], residual)))
        longest = _longest(self.numbers.place)
        values = [_matrix(residual, self.named, k, lag, at, longest) for k in range(residual.sets)]
        return made, _chosen(values, Var(self.named.index))


@dataclass(frozen=True, slots=True)
class InTurn:
    """Residuals of series whose rows follow one another: each row is normal given the one before it.

    Attributes
    ----------
    residual, step, numbers, named
    obs : str
        The dim of the rows.
    seen : str
        What the responses are called as data.
    """

    residual: Residual
    step: Step
    numbers: ResidualDesign
    named: ResidualNames
    obs: str
    seen: str

    def data(self, code: TurnCode, y: Values, observed: Code) -> list[Statement]:
        """What each row follows, and the responses."""
        earlier, named = before(self.numbers), self.named
        begins = earlier == np.arange(len(earlier))
        made: list[Statement] = [
            Data(named.before, earlier.astype(np.int32), (self.obs,), code.before),
            Data(named.begins, begins.astype(np.int32), (self.obs,), code.begins),
            Data(self.seen, y, (self.obs,), observed),
        ]
        if any(Var("lag") in walk(part) for part in (self.step.share, self.step.first, self.step.left)):
            lag = self.numbers.place[:, 0] - self.numbers.place[earlier, 0]
            # A first row has no lag: any that is one will do.
            made.append(Data(named.lag, np.where(begins, 1.0, lag), (self.obs,), code.lag))
        return made

    def given_before(self, mean: Expr, sd: Expr) -> tuple[list[Statement], Expr, Expr]:
        """The statements up to each row's mean and sd given the row before it, and these."""
        residual, begins = Var(local("residual")), Var(self.named.begins)
        share, first, left = (self._of_rows(part) for part in (self.step.share, self.step.first, self.step.left))
        made: list[Statement] = [Local(residual.name, (Var(self.seen) - mean) / sd)]
        before_it = Apply("where", (begins, Const(0), share * Index(residual, (Var(self.named.before),))))
        variance = left if first == left else Apply("where", (begins, first, left))
        spread = sd if variance == Const(1) else sd * Apply("sqrt", (variance,))
        return made, mean + sd * before_it, spread

    def _of_rows(self, part: Expr) -> Expr:
        """The structure's arithmetic with each row's coefficients."""
        known: dict[Expr, Expr] = {Var("lag"): Var(self.named.lag)}
        given = self.residual.given() if self.residual.known else {}
        for c in self.residual.correlation.coefficients:
            by = (Var(self.named.index),) if self.residual.by is not None else ()
            keys = (*by, *((0,) if c.several else ()))
            own = Var(getattr(self.named, c.name))
            value: Expr = Index(own, keys) if keys else own
            if self.residual.known or not c.size(self.residual.order):
                value = Const(float(given[c.name][0]) if c.name in given else 0.0)
            known[Var(c.name)] = value
        return substitute(part, known)


def _apart(place: Expr) -> Expr:
    return Index(place, _DOWN) - Index(place, _ACROSS)


def _lag(places: Sequence[Expr], residual: Residual) -> Expr:
    """How far rows are apart."""
    each: list[Expr] = [Apply("abs", (_apart(place),)) for place in places]
    if len(each) == 1:
        return each[0]
    match residual.metric:
        case "euclidean":
            return Apply("sqrt", (reduce(add, [part**2 for part in each]),))
        case "manhattan":
            return reduce(add, each)
        case "maximum":
            return reduce(lambda one, two: Apply("where", (Apply("less", (one, two)), two, one)), each)
        case never:
            assert_never(never)


def _longest(place: Floats) -> int:
    return int(np.ptp(place, axis=0).max(initial=0.0))


def _chosen(values: Sequence[Expr], level: Expr) -> Expr:
    """The matrix of each row's level."""
    found = values[0]
    for k, value in enumerate(values[1:], start=1):
        mine = Apply("less", (Apply("abs", (Index(level, _DOWN) - k,)), Const(0.5)))
        found = Apply("where", (mine, value, found))
    return found


def _matrix(residual: Residual, named: ResidualNames, k: int, lag: Expr, place: Expr, longest: int) -> Expr:
    """The structure's arithmetic with the k-th set of coefficients."""
    assert residual.correlation.matrix is not None
    known: dict[Expr, Expr] = {Var("lag"): lag, Var("place"): place, Var("longest"): Const(longest)}
    known[Var("reach")] = Const(residual.order[1])
    if residual.beside is not None:
        known[Var("beside")] = Var(named.beside)
    given = residual.given() if residual.known else {}
    for c in residual.correlation.coefficients:
        size = c.size(residual.order)
        first: tuple[int, ...] = () if residual.by is None else (k,)
        own = Var(getattr(named, c.name))
        if residual.known:
            parts: list[Expr] = [Const(float(value)) for value in given[c.name]] if size else []
        else:
            at = [(*first, i) if c.several else first for i in range(size)]
            parts = [Index(own, key) if key else own for key in at]
        known[Var(c.name)] = Apply("list", tuple(parts)) if c.several else parts[0] if parts else Const(0)
    return substitute(residual.correlation.matrix, known)
