"""Draws × Design -> every parameter of every row: the one evaluator of rows, which predictions and densities read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, assert_never

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.results.residual_sets import sets_of
from tildemc.spec.chance import Draw
from tildemc.spec.design import Design
from tildemc.spec.expr import Expr, Var, evaluate, substitute
from tildemc.spec.likelihood import beside, distribution_of, estimated, fixed
from tildemc.spec.links import Link
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.parameters import Names, names
from tildemc.spec.rows_together import means_of
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.functions import Functions, FunctionsNames
from tildemc.spec.terms.group import GroupDesign, GroupEffects
from tildemc.spec.terms.latent import LatentDesign
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.offset import Offset
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.rescor import partial_correlations
from tildemc.spec.terms.residual import PATH
from tildemc.spec.terms.shared import SharedEffects
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.vocabulary import NUMPY

__all__ = [
    "Draws",
    "Rows",
    "Spread",
    "in_chunks",
    "parameters_of",
    "predictors_of",
    "row_chunks",
    "spread_of",
]

Draws = Mapping[str, Floats]
"""For each parameter of the model, an array (draws, …); the intercept is that at zero."""
Stated = Mapping[str, Floats]
"""Parameters of the response that are given as they are: (draws, n) or (draws, 1)."""

CHUNK = 2**18
"""How many numbers, draws × rows, are worked on at a time: 2 MB an array stay in a processor's cache."""


def in_chunks(posterior: Mapping[str, Floats], rows: int) -> Iterator[tuple[slice, Draws]]:
    """Some draws at a time, of all chains one after the other, and which they are.

    Parameters
    ----------
    posterior : mapping
        For each parameter of the model, an array (chains, draws, …).
    rows : int
        How many rows are to be evaluated.
    """
    draws = {name: values.reshape(-1, *values.shape[2:]) for name, values in posterior.items()}
    total = len(next(iter(draws.values())))
    # At least one draw, however many rows there are.
    size = max(1, CHUNK // max(1, rows))
    for start in range(0, total, size):
        chunk = slice(start, start + size)
        yield chunk, {name: values[chunk] for name, values in draws.items()}


def row_chunks(design: Design, draws: int) -> Iterator[tuple[slice | Integers, Design]]:
    """Some rows at a time, and which they are; rows that go together stay together.

    Parameters
    ----------
    design : Design
    draws : int
        Under how many draws each is to be evaluated.
    """
    size = max(1, CHUNK // max(1, draws))
    together = design.terms.get(PATH)
    if together is not None:
        for rows in _whole_blocks(together.block, size):
            yield rows, design.take(rows)
        return
    for start in range(0, design.n, size):
        chunk = slice(start, min(start + size, design.n))
        yield chunk, design.take(chunk)


def _whole_blocks(block: Integers, size: int) -> Iterator[Integers]:
    """The rows of whole groups, about so many at a time."""
    order = np.argsort(block, kind="stable")
    ends = np.flatnonzero(np.diff(block[order], append=-1) != 0) + 1
    start = 0
    for end, following in zip(ends, [*ends[1:], np.inf], strict=True):
        if following - start > size or end == len(order):
            yield order[start:end]
            start = int(end)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows under draws: every quantity of them that is arithmetic in the parameters of the response.

    Attributes
    ----------
    spec : ModelSpec
    design : Design
    draws : mapping
    length : int
        The number of draws.
    stated : mapping
        Parameters of the response that are given as they are.
    """

    spec: ModelSpec
    design: Design
    draws: Draws
    length: int
    stated: Stated = field(default_factory=dict)

    @cached_property
    def predictors(self) -> dict[str, Floats]:
        """As `predictors_of`; a parameter that is stated stands for itself."""
        return predictors_of(self.spec, self.design, self.draws, self.stated)

    @cached_property
    def parameters(self) -> dict[str, Floats]:
        """As `parameters_of`; where responses are made of others the first is a mean, as these make it."""
        found = _constrained(self.spec, self.predictors, self.stated)
        residual = self.spec.residual
        if residual is None or residual.correlation.mean is None:
            return found
        first = self.spec.family.parameters[0].name
        mean = np.broadcast_to(found[first], self.shape)
        sets = (sets_of(self.spec, residual, self.draws, draw)[0] for draw in range(self.length))
        return found | {first: np.array([means_of(residual, *own) for own in zip(mean, sets, strict=True)])}

    @property
    def shape(self) -> tuple[int, int]:
        """(draws, n)."""
        return self.length, self.design.n

    @property
    def row(self) -> dict[str, Floats]:
        """What the data give, with what was drawn of missing values: (n,), or (draws, n)."""
        known = names(self.spec)
        there = (latent for latent in self.spec.latents if latent.path in self.design.terms)
        drawn = {
            latent.called: self.design.of(latent).filled(self.draws[known.of(latent)["true 0"]]).T
            for latent in there
            if latent.called in self.design.row
        }
        return self.design.row | drawn

    def value(self, expr: Expr, **instead: Floats) -> Floats:
        """An expression in the response, its companions and the parameters, (draws, n)."""
        return self._evaluated(substitute(expr, fixed(self.spec)), self.row | self.parameters | instead)

    def density(self, expr: Expr) -> Floats:
        """An expression as `likelihood.density_of` has it, of predictors, (draws, n)."""
        return self._evaluated(expr, self.row | self.predictors)

    def _evaluated(self, expr: Expr, known: Mapping[str, Floats]) -> Floats:
        with np.errstate(all="ignore"):
            # Far-off draws overflow: what has no value there is NaN, and whoever asks says what becomes of it.
            found = evaluate(expr, lambda name: known[name.name], NUMPY)
        return np.asarray(np.broadcast_to(found, self.shape))

    def drawn(self, generator: np.random.Generator, how: Draw | None = None) -> Floats:
        """A response of each row under each draw, (draws, n); NaN where parameters are outside of what they may be.

        By the family's own draw, unless it is to be another one.
        """
        family = self.spec.family
        known, outside = dict(self.parameters), np.zeros(self.shape, dtype=bool)
        for name in estimated(self.spec):
            record = family.parameter(name)
            assert record is not None
            if record.size is not None:
                continue
            wrong = ~((known[name] >= record.support.lower) & (known[name] <= record.support.upper))
            outside |= wrong
            # A half is a value that any parameter may have: that draw is not kept.
            known[name] = np.where(wrong, 0.5, known[name])
        draw = distribution_of(self.spec).draw if how is None else how
        with np.errstate(all="ignore"):
            found = draw.of({**self.design.row, **known}, generator, self.shape)
        return np.where(outside, np.nan, found)

    def link(self, parameter: str) -> Floats:
        """The linear predictor of a parameter, (draws, n); a stated one is seen through its link."""
        found = self.predictors[parameter]
        predictor = self.spec.predictor(parameter)
        if parameter in self.stated and predictor is not None:
            with np.errstate(all="ignore"):
                found = evaluate(predictor.link.forward, lambda _: found, NUMPY)
        return np.asarray(np.broadcast_to(found, self.shape))

    def parameter(self, name: str) -> Floats:
        """A parameter of the response, (draws, n); what is known of it where it is not estimated."""
        known = name in self.parameters
        return self.value(Var(name) if known else beside(self.spec)[Var(name)])


def predictors_of(spec: ModelSpec, design: Design, draws: Draws, stated: Stated | None = None) -> dict[str, Floats]:
    """The linear predictor of each parameter that a formula models, else its value: (draws, n) or (draws, 1).

    A parameter that is stated has the value that is stated; one of which the rows have no terms is left out.
    """
    known = names(spec)
    found: dict[str, Floats] = dict(stated or {})
    there = {path[0] for path in design.terms}
    for predictor in (p for p in spec.predictors if p.parameter not in found and p.parameter in there):
        found[predictor.parameter] = _linear_predictor(predictor, design, known, draws)
    for auxiliary in (a for a in spec.auxiliaries if a.parameter not in found and a.parameter in there):
        drawn, index = draws[known.of(auxiliary).name], design.of(auxiliary).index
        found[auxiliary.parameter] = drawn[:, None] if index is None else drawn[:, index]
    for shares in spec.shares:
        called = known.of(shares)
        there_are = [name for name in shares.parameters if name not in found and called[name] in draws]
        found |= {name: draws[called[name]][:, None] for name in there_are}
    if spec.rescor is not None:
        partial = partial_correlations(draws[known.of(spec.rescor).cor])
        found |= {name: partial[:, k, None] for k, name in enumerate(spec.rescor.parameters)}
    if spec.thresholds is not None and spec.thresholds.parameter in there:
        # Each threshold like a parameter: (thresholds, draws, n), or 1 in place of n.
        drawn = draws[known.of(spec.thresholds).name]
        found[spec.thresholds.parameter] = spec.thresholds.by_row(drawn, design.of(spec.thresholds))
        if spec.specific is not None:
            effects = draws[known.of(spec.specific).b]
            found[spec.thresholds.parameter] = found[spec.thresholds.parameter] - spec.specific.by_row(
                effects, design.of(spec.specific)
            )
    return found


def parameters_of(spec: ModelSpec, design: Design, draws: Draws) -> dict[str, Floats]:
    """Each of the family's parameters that are estimated: (draws, n) or (draws, 1)."""
    return _constrained(spec, predictors_of(spec, design, draws), {})


def _constrained(spec: ModelSpec, predictors: Mapping[str, Floats], stated: Stated) -> dict[str, Floats]:
    found = dict(predictors)
    with np.errstate(divide="ignore", over="ignore"):
        for predictor in (p for p in spec.predictors if p.parameter in found and p.parameter not in stated):
            found[predictor.parameter] = _inverse(predictor.link, found[predictor.parameter])
    return found


def _inverse(link: Link, eta: Floats) -> Floats:
    return np.asarray(evaluate(link.inverse, lambda _: eta, NUMPY))


def _linear_predictor(predictor: Predictor, design: Design, known: Names, draws: Draws) -> Floats:
    """Of each row under each draw, (draws, n): the draws of a row lie side by side, for what is made of each row."""
    length = len(next(iter(draws.values())))
    eta = np.zeros((design.n, length))
    for term in predictor.terms:
        match term:
            case Population():
                named, X = known.of(term), design.of(term).X
                eta += X @ draws[named.b].T if X.shape[1] else 0.0
                eta += draws[named.intercept] if term.intercept is not None else 0.0
            case Offset():
                eta += design.of(term).values[:, None]
            case GroupEffects():
                group = design.of(term)
                if (group.index >= 0).any():
                    _add_effects(eta, group, draws[known.of(term).r])
            case SharedEffects():
                _add_effects(eta, design.of(term), draws[known.of(term).r][:, :, term.first :])
            case Smooth() | GaussianProcess():
                eta += design.of(term).Z @ _coefficients(term, known, draws).T
            case Areal():
                eta += draws[known.of(term).rcar].T[design.of(term).index]
            case Monotonic():
                eta += _monotonic(term, design, known, draws)
            case MeasuredEffect():
                eta += _measured(term, design, known, draws)
            case other:
                assert_never(other)
    return eta.T


def _coefficients(term: Functions[Any], known: Names, draws: Draws) -> Floats:
    names_: FunctionsNames = known.of(term)
    return draws[names_.s]


def _monotonic(term: Monotonic, design: Design, known: Names, draws: Draws) -> Floats:
    """What a monotonic effect adds to each row under each draw, (n, draws)."""
    own = term.in_rows
    values = dict(term.given(design.of(term)))
    values |= {own.b: draws[known.of(term).b], own.simo: draws[known.of(term).simo].T}
    if term.times is not None:
        values[own.times] = values[own.times][:, None]
    return np.asarray(evaluate(term.value(own), lambda name: values[name.name], NUMPY))


def _measured(term: MeasuredEffect, design: Design, known: Names, draws: Draws) -> Floats:
    """What true values add to each row under each draw, (n, draws)."""
    named = known.of(term)
    found = design.of(term).times[:, None] * draws[named["b"]]
    for i, (path, _) in enumerate(term.of):
        true, numbers = draws[named[f"true {i}"]], design.terms[path]
        if isinstance(numbers, LatentDesign):
            found = found * numbers.filled(true)
        else:
            found = found * np.take(true.T, numbers.index, axis=0)
    return np.asarray(found)


def _add_effects(eta: Floats, group: GroupDesign, effects: Floats) -> None:
    """Add a group's effects (draws, levels, columns) to (n, draws)."""
    # A row of no level has no effect, whatever its Z.
    Z = group.Z * (group.index >= 0)[:, None]
    index = np.maximum(group.index, 0)
    for j in range(Z.shape[1]):
        share = np.take(effects[:, :, j].T, index, axis=0)
        share *= Z[:, j, None]
        eta += share


@dataclass(frozen=True, eq=False)
class Spread:
    """How a linear predictor varies over rows under each draw, all (draws,).

    Attributes
    ----------
    mean : array
        Of its population part.
    population : array
        The variance of what coefficients add to it; an offset is no part of that.
    groups : mapping of str to array
        The mean variance of what the effects of a factor add to a row.
    """

    mean: Floats
    population: Floats
    groups: Mapping[str, Floats]


def spread_of(spec: ModelSpec, design: Design, draws: Draws) -> Spread:
    """How the predictor of the first parameter varies.

    Johnson (2014), Extension of Nakagawa & Schielzeth's R²GLMM to random slopes models, Methods in Ecology and
    Evolution 5: a factor adds the mean of the diagonal of Z Σ Z', rows without a level nothing.
    """
    known = names(spec)
    groups: dict[str, Floats] = {}
    mean, population = np.zeros((2, len(next(iter(draws.values())))))
    for term in spec.predictors[0].terms:
        match term:
            case Population():
                named, X = known.of(term), design.of(term).X
                mean += draws[named.intercept] if term.intercept is not None else 0.0
                if X.shape[1]:
                    b, around = draws[named.b], X - X.mean(axis=0)
                    covariance = around.T @ around / max(1, len(X) - 1)
                    mean += b @ X.mean(axis=0)
                    # The variance over rows of X b, with no array of rows × draws.
                    population += np.einsum("da,ab,db->d", b, covariance, b)
            case Offset():
                mean += design.of(term).values.mean()
            case GroupEffects() | SharedEffects():
                owner = spec.owner(term)
                label, first = owner.factor.label, term.first if isinstance(term, SharedEffects) else 0
                variance = _mean_variance(owner, design.of(term), first, known, draws)
                groups[label] = groups.get(label, np.zeros(len(variance))) + variance
            case Smooth() | GaussianProcess():
                Z, s = design.of(term).Z, _coefficients(term, known, draws)
                around = Z - Z.mean(axis=0)
                mean += s @ Z.mean(axis=0)
                population += np.einsum("da,ab,db->d", s, around.T @ around / max(1, len(Z) - 1), s)
            case Areal():
                added = draws[known.of(term).rcar].T[design.of(term).index]
                mean += added.mean(axis=0)
                population += added.var(axis=0, ddof=min(1, len(added) - 1))
            case Monotonic() | MeasuredEffect():
                if isinstance(term, Monotonic):
                    added = _monotonic(term, design, known, draws)
                else:
                    added = _measured(term, design, known, draws)
                mean += added.mean(axis=0)
                population += added.var(axis=0, ddof=min(1, len(added) - 1))
            case other:
                assert_never(other)
    return Spread(mean, population, groups)


def _mean_variance(term: GroupEffects, group: GroupDesign, first: int, known: Names, draws: Draws) -> Floats:
    """Of what a group's effects from the first on add to a row, (draws,)."""
    here = group.index >= 0
    named, Z, n = known.of(term), group.Z[here], len(group.Z)
    if term.weights is not None:
        Z = Z * term.weights.spread[group.index[here], None]
    own = slice(first, first + Z.shape[1])
    sds = draws[named.sd][:, own]
    correlations = draws[named.cor][:, own, own] if term.correlated else np.eye(Z.shape[1])[None]
    # The trace of Σ Z'Z / n is the mean over rows of the diagonal of Z Σ Z'.
    return np.asarray(np.einsum("da,db,dab,ab->d", sds, sds, correlations, Z.T @ Z / n))
