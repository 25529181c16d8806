"""ModelSpec × Design -> the numbers ψ beside those of effects, and how a row's density reads its parameters of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.spec.densities import DISTRIBUTIONS
from tildemc.spec.design import Design
from tildemc.spec.expr import Const, evaluate
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.priors import Prior
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.rescor import ResidualCorrelations
from tildemc.spec.terms.shares import Shares
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.term import Path
from tildemc.spec.terms.thresholds import Thresholds
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.rows import share_piece
from tildemc.targets.direct.start import seen
from tildemc.targets.marginal.numbers import Number, number_of

__all__ = ["Quantities", "Read", "count", "quantities"]


@dataclass(frozen=True, eq=False)
class Read:
    """What a parameter of a row's density is but for effects: an offset and columns times numbers, or one number.

    Attributes
    ----------
    first, size : int
        Where among the numbers those begin that it is read from, and how many they are.
    typical : float
        Where to begin.
    columns : (size, n) or None
        What the numbers are multiplied by.
    offset : (n,) or None
    index : (n,) or None
        Which number a row has; None for the first, where there are no columns.
    """

    first: int
    size: int
    typical: float
    columns: Floats | None = None
    offset: Floats | None = None
    index: Integers | None = None


def count(spec: ModelSpec) -> int:
    """How many numbers a model has."""
    return sum(map(_count, spec.terms()))


def _count(term: object) -> int:
    match term:
        case Population():
            return len(term.priors)
        case Auxiliary() | Shares():
            return term.size - isinstance(term, Shares)
        case Monotonic():
            return 1 if term.owner is not None else term.steps
        case Thresholds():
            return len(term.priors)
        case ResidualCorrelations():
            return len(term.parameters)
        case Specific():
            return term.size * len(term.columns)
        case _:
            return 0


class Quantities:
    """The numbers in order, and what reads them.

    Attributes
    ----------
    numbers : list of Number
        Those of the predictors that have effects first.
    reads : dict of str to Read
        By what the density of a row calls the parameter.
    """

    def __init__(self, spec: ModelSpec, design: Design) -> None:
        self.spec, self.design = spec, design
        self.numbers: list[Number] = []
        self.reads: dict[str, Read] = {}

    def followed(self, name: str) -> bool:
        """Whether effects' modes are to follow a parameter: not one whose numbers may go on to infinity at one end."""
        own = self.reads[name]
        numbers = self.numbers[own.first : own.first + own.size]
        return all(number.after or np.isinf(number.lower) == np.isinf(number.upper) for number in numbers)

    def seen(self, name: str) -> Floats:
        """Values of a parameter that are far from one another: where it begins, and nearer to either end."""
        own = self.reads[name]
        ends = {(number.lower, number.upper) for number in self.numbers[own.first : own.first + own.size]}
        [(lower, upper)] = ends if own.columns is None and len(ends) == 1 else [(-np.inf, np.inf)]
        if np.isinf(lower) or np.isinf(upper):
            return np.array([0.2, 1.0, 5.0]) * own.typical
        return np.array([0.8 * lower + 0.2 * own.typical, own.typical, 0.2 * own.typical + 0.8 * upper])

    def read(self, name: str, numbers: Sequence[Number], *, columns: Floats | None = None) -> None:
        """A parameter that numbers of its own are for."""
        self.reads[name] = Read(len(self.numbers), len(numbers), numbers[0].start if numbers else 0.0, columns)
        self.numbers += numbers

    def add_predictor(self, predictor: Predictor, centre: Floats) -> None:
        """Population effects, whose columns are measured from `centre`, and what is not linear in a parameter."""
        population, typical = predictor.population, _typical(self.spec, predictor)
        X = self.design.of(population).X - centre
        numbers = [_number((*population.path, "b"), prior, 0.0) for prior in population.coefficients]
        if population.intercept is not None:
            X = np.column_stack([np.ones(self.design.n), X])
            numbers.insert(0, _number((*population.path, "intercept"), population.intercept, typical))
        self.read(predictor.parameter, numbers, columns=np.ascontiguousarray(X.T))
        offset = None if predictor.offset is None else self.design.of(predictor.offset).values
        found = self.reads[predictor.parameter]
        self.reads[predictor.parameter] = replace(found, offset=offset, typical=typical)

    def add_monotonic(self, effect: Monotonic) -> None:
        """The mean effect of a step, and the pieces that the steps' shares are made of."""
        self.read(effect.in_rows.b, [_number((*effect.path, "b"), effect.prior, 0.0)])
        if effect.owner is None:
            self._add_pieces((*effect.path, "simo"), effect.in_rows.simo, effect.shares)

    def add_shares(self, shares: Shares) -> None:
        """The pieces that shares are made of."""
        self._add_pieces(shares.path, shares.parameter, shares.prior)

    def _add_pieces(self, path: Path, name: str, prior: Prior) -> None:
        """Pieces broken off one, each a part of what those before it have left: Dirichlet shares have beta pieces."""
        weights = prior.values
        for k in range(len(weights) - 1):
            piece = Prior(DISTRIBUTIONS["beta"], (Const(weights[k]), Const(sum(weights[k + 1 :]))))
            self.read(share_piece(name, k), [number_of(path, piece, 1 / (len(weights) - k))])

    def add_auxiliary(self, auxiliary: Auxiliary) -> None:
        """A parameter that no formula models, or one for each level of rows."""
        value = next(p.typical for p in self.spec.family.parameters if p.name == auxiliary.parameter)
        path = (*auxiliary.path, "name")
        self.read(auxiliary.parameter, [number_of(path, auxiliary.prior, value)] * auxiliary.size)
        found, index = self.reads[auxiliary.parameter], self.design.of(auxiliary).index
        self.reads[auxiliary.parameter] = replace(found, index=index)

    def add_thresholds(self, thresholds: Thresholds) -> None:
        """The thresholds of each level of rows, or what they are made of."""
        begin, index, first = seen(self.spec, self.design), self.design.of(thresholds).index, len(self.numbers)
        path, starts = (*thresholds.path, "name"), thresholds.starts
        own: list[Number] = []
        for cuts, start in zip(thresholds.cuts, starts, strict=False):
            for k, (prior, value) in enumerate(zip(cuts.prior_of, begin[start:], strict=False)):
                number = number_of(path, prior, float(value))
                # In order, each is the one before it and something positive.
                above = bool(k) and thresholds.support.ordered
                own.append(replace(number, after=True, lower=0.0) if above else number)
        self.numbers += own
        if thresholds.spacing == "equidistant":
            self._read_of_levels(thresholds.quantity(0), first, np.arange(len(thresholds.cuts)), index)
            distances = [
                number_of((*thresholds.path, "delta"), cuts.delta, float(np.ptp(part)) / max(cuts.size - 1, 1))
                for cuts, part in zip(thresholds.cuts, np.split(begin, starts[1:-1]), strict=True)
                if cuts.delta is not None
            ]
            start = len(self.numbers)
            self.numbers += distances
            self._read_of_levels(thresholds.step, start, np.arange(len(thresholds.cuts)), index)
            return
        # A row that lacks a threshold is given its last, of which nothing is made.
        last = np.array([cuts.size - 1 for cuts in thresholds.cuts])
        for k in range(thresholds.size):
            self._read_of_levels(thresholds.quantity(k), first, starts[:-1] + np.minimum(k, last), index)

    def _read_of_levels(self, name: str, first: int, where: Integers, index: Integers | None) -> None:
        """A parameter that is one number of each level, found `where` from the first on."""
        at = first + int(where[0])
        typical = self.numbers[at].start
        if index is None:
            self.reads[name] = Read(at, 1, typical)
        else:
            self.reads[name] = Read(first, int(where.max()) + 1, typical, index=where[index])

    def add_rescor(self, rescor: ResidualCorrelations) -> None:
        """Partial correlations of the residuals of several responses, each by where it is from -1 to 1."""
        for k, half in enumerate(rescor.halves):
            self.read(share_piece(rescor.path[0], k), [number_of(rescor.path, half, 0.5)])

    def add_specific(self, specific: Specific) -> None:
        """Effects on each threshold."""
        columns = np.ascontiguousarray(self.design.of(specific).X.T)
        for k in range(specific.size):
            numbers = [_number((*specific.path, "b"), prior, 0.0) for prior in specific.coefficients]
            self.read(specific.quantity(k), numbers, columns=columns)


def _number(path: Path, prior: Prior, start: float) -> Number:
    """A coefficient that begins at `start`, or where its prior finds plausible if it may not be that."""
    inside = prior.support.lower < start < prior.support.upper
    return number_of(path, prior, start if inside else prior.plausible)


def _typical(spec: ModelSpec, predictor: Predictor) -> float:
    """A value to begin at on the scale of a formula."""
    value = next(p.typical for p in spec.family.parameters if p.name == predictor.parameter)
    with np.errstate(divide="ignore"):
        found = float(evaluate(predictor.link.forward, lambda _: np.float64(value), NUMPY))
    return found if np.isfinite(found) else 0.0


def quantities(spec: ModelSpec, design: Design, moving: Sequence[Predictor], centres: dict[str, Floats]) -> Quantities:
    """All numbers of a model but those of effects.

    Parameters
    ----------
    spec, design
    moving : sequence of Predictor
        Those that have effects.
    centres : dict of str to (p,)
        What the columns of each predictor's population effects are measured from.
    """
    found = Quantities(spec, design)
    for predictor in (*moving, *(p for p in spec.predictors if p not in moving)):
        found.add_predictor(predictor, centres[predictor.parameter])
    for predictor in spec.predictors:
        for effect in predictor.monotonic:
            found.add_monotonic(effect)
    for auxiliary in spec.auxiliaries:
        found.add_auxiliary(auxiliary)
    if spec.thresholds is not None:
        found.add_thresholds(spec.thresholds)
    if spec.specific is not None:
        found.add_specific(spec.specific)
    for shares in spec.shares:
        found.add_shares(shares)
    if spec.rescor is not None:
        found.add_rescor(spec.rescor)
    return found
