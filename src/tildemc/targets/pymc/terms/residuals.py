"""Residuals that go together as PyMC statements.

Those of series in turn, each row's density given the one before it; of others the covariance of all rows, and a normal
density of them at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import assert_never

import numpy as np

from tildemc.arrays import Floats, Values
from tildemc.spec.correlation import Coefficients, Step
from tildemc.spec.expr import Apply, Const, Expr, Index, Op, Var, substitute, walk, without_ones
from tildemc.spec.likelihood import fixed
from tildemc.spec.parameters import local
from tildemc.spec.stepwise import before, mean_and_sd
from tildemc.spec.terms.rescor import ResidualCorrelations
from tildemc.spec.terms.residual import Residual, ResidualDesign, ResidualNames
from tildemc.targets.pymc.densities import prior_statements
from tildemc.targets.pymc.layout import Code
from tildemc.targets.pymc.lowering import Lowering
from tildemc.targets.pymc.names import Spare
from tildemc.targets.pymc.places import Placed, TurnCode
from tildemc.targets.pymc.program import Argument, Data, Deterministic, Local, Random, Statement

__all__ = ["lower_rescor", "together"]

_ACROSS, _DOWN = (None, slice(None)), (slice(None), None)


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

    def mean(self, mean: Expr) -> tuple[list[Statement], Expr]:
        """The statements up to the means of all rows by what they would be by themselves, and these."""
        arithmetic, whole = self.residual.correlation.mean, Var(local("mean"))
        if arithmetic is None:
            return [], mean
        value = substitute(arithmetic, {**_known(self.residual, self.named, 0), Var("mean"): mean})
        return [Local(whole.name, value)], whole

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
    return substitute(residual.correlation.matrix, known | _known(residual, named, k))


def _known(residual: Residual, named: ResidualNames, k: int) -> dict[Expr, Expr]:
    """What a structure's arithmetic knows wherever rows stand, with the k-th set of coefficients."""
    known: dict[Expr, Expr] = {Var("reach"): Const(residual.order[1])}
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
    return known


def together(lowering: Lowering, residual: Residual, values: Mapping[str, Expr]) -> list[Statement]:
    """The response's rows at once, as residuals that go together leave no row to itself."""
    named, family, n = lowering.named.of(residual), lowering.spec.family, lowering.design.n
    known: dict[Expr, Expr] = {Var(name): value for name, value in values.items()} | fixed(lowering.spec)
    mean, spread = (without_ones(substitute(part, known)) for part in mean_and_sd(lowering.spec))
    for c in residual.coefficients if not residual.known else ():
        if c.several:
            lowering.preparation.counted(getattr(named, f"{c.name}_number"), c.size(residual.order))
    used = {part.name for part in walk(family.mean) if isinstance(part, Var)}
    of_rows = bool(lowering.spec.response.companions) or any(
        p.groups or p.offset is not None or p.population.products
        for p in lowering.spec.predictors
        if p.parameter in used
    )
    mean = mean if of_rows else mean * Apply("ones", (Const(n),))
    made = (
        _in_turn(lowering, residual, residual.step, mean, spread)
        if residual.step
        else _at_once(lowering, residual, mean, spread)
    )
    return [*prior_of_residuals(residual, named, lowering.spare), *made]


def _in_turn(lowering: Lowering, residual: Residual, step: Step, mean: Expr, spread: Expr) -> list[Statement]:
    """Each row given the one before it: as many numbers as rows."""
    named, family, numbers = lowering.named.of(residual), lowering.spec.family, lowering.design.of(residual)
    code = lowering.preparation.in_turn(residual, named)
    observed, response = lowering.observed()
    rows = InTurn(residual, step, numbers, named, lowering.named.obs, lowering.spare(lowering.named.response, "seen"))
    made, mu, sigma = rows.given_before(mean, spread)
    level = [] if numbers.level is None else lowering.index(named.index, numbers.level, str(code.level))
    arguments: dict[str, Argument] = {"mu": mu, "sigma": sigma}
    row = Random(
        lowering.named.response,
        family.pymc,
        arguments,
        (lowering.named.obs,),
        observed=observed,
        observed_code=response,
    )
    return [*rows.data(code, observed, response), *level, *made, row]


def _at_once(lowering: Lowering, residual: Residual, mean: Expr, spread: Expr) -> list[Statement]:
    """All rows by the covariance of all."""
    named, family, numbers = lowering.named.of(residual), lowering.spec.family, lowering.design.of(residual)
    placed = lowering.preparation.placed(residual, named)
    varying = [p.parameter for p in lowering.spec.predictors] + [a.parameter for a in lowering.spec.auxiliaries if a.by]
    by_row = any(isinstance(part, Var) and part.name in varying for part in walk(mean_and_sd(lowering.spec)[1]))
    if residual.beside is not None:
        lowering.constants[named.beside] = residual.beside
        lowering.preparation.beside(residual, named)
    rows = Together.of(residual, numbers, named, lowering.named.obs, lowering.spare)
    begun, mean = rows.mean(mean)
    made, whole = rows.covariance(spread, by_row=by_row)
    level = [] if numbers.level is None else lowering.index(named.index, numbers.level, str(placed.level))
    arguments: dict[str, Argument] = {"mu": mean, "cov": whole}
    observed, code = lowering.observed()
    response = Random(
        lowering.named.response, family.joint, arguments, (lowering.named.obs,), observed=observed, observed_code=code
    )
    return [*rows.data(placed), *level, *begun, *made, response]


def lower_rescor(lowering: Lowering, rescor: ResidualCorrelations) -> tuple[list[Statement], dict[str, Expr]]:
    """Partial correlations p, of which (1 + p) / 2 is beta; and the correlations that these come to."""
    named, halves, n = lowering.named.of(rescor), rescor.halves, rescor.size
    for dim in (named.dim, named.dim2):
        lowering.preparation.texts(dim, rescor.responses)
    made = prior_statements(
        named.partial, halves, [str(k) for k in range(len(halves))], (), lowering.spare, shape=len(halves),
        recovered=Apply("halves", (Var(named.cor),)),
    )  # fmt: skip
    partial: dict[str, Expr] = {}
    for k, name in enumerate(rescor.parameters):
        made.append(Local(local(name), 2 * Index(Var(named.partial), (k,)) - 1))
        partial[name] = Var(local(name))
    entries = rescor.entries([*partial.values()])
    rows = tuple(Apply("stack", tuple(entries[max(i, j)][min(i, j)] for j in range(n))) for i in range(n))
    made.append(Deterministic(named.cor, Apply("stack", rows), (named.dim, named.dim2)))
    return made, partial
