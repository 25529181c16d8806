"""The iterations behind a quick look at the posterior: some penalised iteratively reweighted least squares.

None of it need be exact: whatever comes out, the model stays the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.design import Design
from tildemc.spec.expr import evaluate
from tildemc.spec.families import Family
from tildemc.spec.links import Link
from tildemc.spec.model import Integrated, ModelSpec, Predictor
from tildemc.spec.priors import Prior
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.term import Path
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.anchor import Place
from tildemc.targets.direct.equations import DENSE, TOGETHER, Equations, Seen
from tildemc.targets.direct.spreads import spread_of
from tildemc.targets.direct.start import seen

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["CutSearch", "GroupPilot", "Pilot", "Search", "is_carried", "is_independent", "looked_at", "prior_moments"]


STEPS, STEPS_LARGE = 20, 4
"""Steps of the iteration at most; fewer with more effects than `DENSE`, for which the matrices are sparse."""
FEWEST, SETTLED = 6, 0.01
"""From so many steps on, one that changes no sd by more than such a share is the last."""
NODES, SHARES = (-math.sqrt(3), 0.0, math.sqrt(3)), (1 / 6, 2 / 3, 1 / 6)
"""Gauss and Hermite's, for means over a normal distribution."""
WIDEST = 24
"""Effects of a level at most that are carried: their precision is factored at every point."""
ALTOGETHER = 300
"""So many effects of one level, of wider terms, get coordinates together with the coefficients."""
TINY = 1 << 16
"""Up to so many numbers a dense matrix of all effects' columns is the faster one."""
LARGEST, FULL = 1 << 23, 0.3
"""Up to so many also where such a share of them is not zero."""


@dataclass(frozen=True, eq=False)
class GroupPilot:
    """Of one term of group effects.

    Attributes
    ----------
    sds : (width,)
    informed : (levels * width,)
        How much the data know of each effect if its sd is small: from 0, nothing, to 1.
    numbers : (·,)
        Of a process or of areas the sd and the shapes that the sds follow from.
    """

    sds: Floats
    informed: Floats
    numbers: Floats


@dataclass(frozen=True, eq=False)
class Pilot:
    """A rough posterior.

    Attributes
    ----------
    coefficients : (p,)
    precision : (t + p, t + p)
        Of standardised effects of one level and of the coefficients, over all other effects.
    together : tuple of Path
        Whose effects these are.
    standardised : (t,)
        They.
    groups : mapping of Path to GroupPilot
    equations : Equations
        The last step's.
    places : tuple of Place
        Where all effects stand in these.
    residual : float
        The residual sd of a response on the real line.
    """

    coefficients: Floats
    precision: Floats
    together: tuple[Path, ...]
    standardised: Floats
    groups: Mapping[Path, GroupPilot]
    equations: Equations
    places: tuple[Place, ...]
    residual: float


@dataclass(frozen=True, eq=False)
class Part:
    """What one predictor is made of: its columns X (n, p), all effects' columns Z (n, effects), what is known (n,)."""

    parameter: str
    X: Floats
    Z: Floats | csr_array
    offset: Floats


class Search:
    """The iteration's state."""

    def __init__(
        self,
        spec: ModelSpec,
        design: Design,
        predictors: Sequence[Predictor],
        X: Sequence[Floats],
        priors: Sequence[Sequence[Prior]],
    ) -> None:
        assert design.y is not None
        self.spec, self.n = spec, design.n
        self.family, self.link = self._of(predictors)
        groups = [group for predictor in predictors for group in looked_at(predictor)]
        self.terms = groups
        self.paths = [group.path for group in groups]
        self.levels = [group.size for group in groups]
        self.spreads = [spread_of(group) for group in groups]
        self.parts = [
            Part(predictor.parameter, own, _effects_matrix(predictor, groups, design), _offset(predictor, design))
            for predictor, own in zip(predictors, X, strict=True)
        ]
        self.X, self.Z, self.offset = self.parts[0].X, self.parts[0].Z, self.parts[0].offset
        self.trials = np.ones(design.n) if design.trials is None else np.maximum(design.trials, 1)
        given = {"y": design.y, "trials": self.trials}
        self.y = np.asarray(evaluate(self.family.rough or self.family.centre, lambda name: given[name.name], NUMPY))
        self.weights = np.ones(design.n) if design.weights is None else design.weights
        self.known = np.zeros(design.n) if design.se is None else design.se**2
        self.mean, self.P = prior_moments([prior for own in priors for prior in own])
        self.located = any(parameter.residual for parameter in self.family.parameters)
        self.residual = float(self.y.std()) if self.located else 1.0
        self.typical = {p.name: p.typical for p in self.family.parameters}
        self.information = np.zeros(0)
        self.unknown = np.zeros(design.n)
        self.seen: list[Seen] = []
        self.equations: Equations
        self._begin()

    def _of(self, predictors: Sequence[Predictor]) -> tuple[Family, Link]:
        """The family whose first parameter is looked at, and the link of that."""
        return self.spec.family, predictors[0].link

    @property
    def sds(self) -> list[Floats]:
        """Those of each term's effects, as guessed."""
        return [spread.sds for spread in self.spreads]

    def _begin(self) -> None:
        """Guess sds by which each effect accounts for half of the responses' sd."""
        squares = np.asarray((self.Z * self.Z).sum(axis=0)).ravel()
        for own, J, spread in zip(self._own_effects(), self.levels, self.spreads, strict=True):
            spread.begin(squares[own].reshape(J, -1).sum(axis=0) / self.n, 0.5 * self.residual)

    def _own_effects(self) -> list[slice]:
        """Where the effects of each term stand among all."""
        ends = np.cumsum([J * len(sd) for sd, J in zip(self.sds, self.levels, strict=True)])
        return [slice(end - J * len(sd), end) for end, sd, J in zip(ends, self.sds, self.levels, strict=True)]

    def run(self) -> Pilot:
        """The rough posterior."""
        c, r = self.arrive()
        places, sds = self._own_effects(), self._all_sds()
        one = self._of_one_level()
        own = np.concatenate([np.arange(len(r))[places[k]] for k in one] or [np.zeros(0, int)])
        rest = np.setdiff1d(np.arange(len(r)), own)
        S = self.equations.over(own, rest)
        units = np.concatenate([sds[own], np.ones(len(c))])
        found: dict[Path, GroupPilot] = {}
        for path, place, J, spread in zip(self.paths, places, self.levels, self.spreads, strict=True):
            informed = spread.informed((self.information[place] * sds[place] ** 2).reshape(J, -1)).ravel()
            found[path] = GroupPilot(spread.sds, informed, spread.numbers)
        together = tuple(self.paths[k] for k in one)
        each = zip(self.terms, places, self.levels, strict=True)
        where = tuple(Place(term.path, at, J, not is_carried(term)) for term, at, J in each)
        S = units[:, None] * S * units
        return Pilot(c, S, together, (r / sds)[own], found, self.equations, where, self.residual)

    def _of_one_level(self) -> list[int]:
        """Which terms get coordinates together with the coefficients: as many as it is worth."""
        found, room = [], ALTOGETHER
        for k, (term, own) in enumerate(zip(self.terms, self.seen, strict=True)):
            if own.together is not None and not is_carried(term) and term.width <= room:
                found.append(k)
                room -= term.width
        return found

    def arrive(self) -> tuple[Floats, Floats]:
        """Coefficients and effects at the end."""
        eta = self._start()
        # Fisher scoring: a weighted least squares in which each row counts by its information, from one guess to the
        # next.
        for step in range(STEPS if self.Z.shape[1] <= DENSE else STEPS_LARGE):
            before = np.concatenate([np.ones(1), *self.sds])
            w, working = self._averaged(eta)
            c, r = self._solve(w, working - self.offset)
            eta = self.offset + self.X @ c + self.Z @ r
            moved = np.abs(np.concatenate([np.ones(1), *self.sds]) / before - 1).max()
            if step >= FEWEST and moved < SETTLED:
                break
        return c, r

    def _averaged(self, eta: Floats) -> tuple[Floats, Floats]:
        """The rows' information and working response in the mean over where effects leave their predictors.

        At the mode alone, rows of few levels look as if they knew more, and sds smaller, than they do.
        """
        each = [self._linearised(eta + node * self.unknown) for node in NODES]
        information, slope = np.zeros(self.n), np.zeros(self.n)
        for node, share, (w, to) in zip(NODES, SHARES, each, strict=True):
            information += share * w
            slope += share * w * (to - eta - node * self.unknown)
        return information, eta + slope / information

    def _start(self) -> Floats:
        """The linear predictor at responses drawn to their mean, so that links are defined."""
        mean = float(np.average(self.y, weights=self.trials))
        drawn = self.y if self.located else (self.y * self.trials + mean) / (self.trials + 1)
        eta = np.asarray(evaluate(self.link.forward, lambda _: drawn, NUMPY), dtype=np.float64)
        return np.asarray(eta * np.ones_like(drawn))

    def inverse(self, eta: Floats) -> Floats:
        """The mean."""
        return np.asarray(evaluate(self.link.inverse, lambda _: eta, NUMPY), dtype=np.float64)

    def _linearised(self, eta: Floats) -> tuple[Floats, Floats]:
        """The rows' information of the linear predictor, and the working response."""
        step = 1e-5
        mu = self.inverse(eta)
        # By differences: the pilot only chooses coordinates, and links need no derivative of their own for it.
        slope = (self.inverse(eta + step) - self.inverse(eta - step)) / (2 * step)
        return self.weights * slope**2 / self._variance(mu), eta + (self.y - mu) / slope

    def _variance(self, mu: Floats) -> Floats:
        """The rows' at this mean."""
        known = self.typical | {"mu": mu, "trials": self.trials}
        if self.located:
            adds = "se" not in self.spec.response.companions or self.spec.response.se_adds
            known["sigma"] = np.sqrt(self.known + (self.residual**2 if adds else 0.0))
        return np.asarray(evaluate(self.family.variance, lambda name: known[name.name], NUMPY))

    def _solve(self, w: Floats, target: Floats) -> tuple[Floats, Floats]:
        """Coefficients and effects; then new guesses of the sds."""
        self.equations = Equations.of(self.X, self.Z, w, target, self.P, self.mean, self._all_sds() ** -2.0)
        self.information = self.equations.ZwZ.diagonal()
        self.seen = [self.equations.seen(own, J) for own, J in zip(self._own_effects(), self.levels, strict=True)]
        c, r, D = self.equations.c, self.equations.r, self.equations.D
        for spread, seen_of_it in zip(self.spreads, self.seen, strict=True):
            spread.learn(seen_of_it)
        self.unknown = np.sqrt(np.asarray((self.Z * self.Z) @ (1 / (self.information + D))).ravel())
        used = float((1 - D / (self.information + D)).sum())
        self._guess_residual(target - self.X @ c - self.Z @ r, used)
        return c, r

    def _all_sds(self) -> Floats:
        """Those of all effects, level by level."""
        return np.concatenate([np.tile(sd, J) for sd, J in zip(self.sds, self.levels, strict=True)] or [np.ones(0)])

    def _guess_residual(self, residuals: Floats, used: float) -> None:
        """Effects that shrink use up less than a degree of freedom each: `used` is their sum."""
        n = float(self.weights.sum())
        if self.located and self.link.name == "identity" and n > 0:
            total = float(self.weights @ residuals**2)
            self.residual = float(np.sqrt(total / max(n - self.X.shape[1] - used, 0.1 * n)))


class CutSearch(Search):
    """The same for ordered categories, their thresholds where they would be without predictors."""

    def __init__(
        self,
        spec: ModelSpec,
        design: Design,
        predictors: Sequence[Predictor],
        X: Sequence[Floats],
        priors: Sequence[Sequence[Prior]],
    ) -> None:
        super().__init__(spec, design, predictors, X, priors)
        assert spec.thresholds is not None and spec.family.categories is not None
        own = spec.thresholds.by_row(seen(spec, design)[None], design.of(spec.thresholds))[:, 0]
        self.thresholds = {spec.thresholds.parameter: own}
        self.chances = spec.family.categories.chances
        self.own = np.asarray(design.y, dtype=np.int64) - int(spec.family.values.lower)

    @override
    def _start(self) -> Floats:
        """The offset alone."""
        return self.offset

    @override
    def _linearised(self, eta: Floats) -> tuple[Floats, Floats]:
        """By the expected information of a row, and its score."""
        step = 1e-4
        here, up, down = (self._each(eta + by) for by in (0.0, step, -step))
        slope = (up - down) / (2 * step)
        w = (slope**2 / here).sum(axis=0)
        rows = np.arange(len(eta))
        return self.weights * w, eta + slope[self.own, rows] / (here[self.own, rows] * w)

    def _each(self, eta: Floats) -> Floats:
        """The chance of each category, (categories, n)."""
        known = self.typical | self.thresholds | {self.spec.predictors[0].parameter: eta}
        each = [evaluate(chance, lambda name: known[name.name], NUMPY) for chance in self.chances]
        return np.asarray(np.maximum(np.array(each), 1e-12))


def is_independent(term: Integrated) -> bool:
    """Whether levels and effects are independent, as the look takes them: of others it would lead astray."""
    return not isinstance(term, GroupEffects) or (term.between is None and not term.reduced)


def is_carried(term: Integrated) -> bool:
    """Whether a term's effects are made of numbers that go with no parameter, at the look's quadratic."""
    return is_independent(term) and term.width <= WIDEST


def looked_at(predictor: Predictor) -> list[Integrated]:
    """The terms whose effects one looks at: not those of which rows have more than it is worth."""
    spectral: tuple[GaussianProcess | Areal, ...] = (*predictor.processes, *predictor.areas)
    wide = {term.path for term in spectral if term.width > TOGETHER}
    return [term for term in predictor.integrated if term.path not in wide]


def _offset(predictor: Predictor, design: Design) -> Floats:
    return np.zeros(design.n) if predictor.offset is None else design.of(predictor.offset).values


def _effects_matrix(predictor: Predictor, groups: Sequence[Integrated], design: Design) -> Floats | csr_array:
    """What a predictor has of all groups' effects, (n, effects), sparse if there are many; level by level."""
    from scipy.sparse import csr_array, hstack

    parts = []
    for group in groups:
        first = group.in_rows(design.of(group))
        q = sum(block.width for block in group.blocks)
        total = csr_array((design.n, group.size * q))
        own = [(first, 0)] if group.parameter == predictor.parameter else []
        own += [(design.of(shared), shared.first) for shared in predictor.shared if shared.owner == group.path]
        for each, start in own:
            rows = np.flatnonzero(each.index >= 0)
            width = each.Z.shape[1]
            columns = each.index[rows, None] * q + start + np.arange(width)
            where = (np.repeat(rows, width), columns.ravel())
            total += csr_array((each.Z[rows].ravel(), where), shape=total.shape)
        parts.append(total)
    whole = hstack(parts, format="csr") if parts else csr_array((design.n, 0))
    room = design.n * whole.shape[1]
    return whole.toarray() if room <= TINY or (room <= LARGEST and whole.nnz > FULL * room) else whole


def prior_moments(priors: Sequence[Prior]) -> tuple[Floats, Floats]:
    """Each prior's location and precision, roughly."""
    located = [prior.location is not None and prior.distribution.proper for prior in priors]
    means = np.array([prior.location or 0.0 for prior in priors])
    precisions = [p.scale**-2.0 if known else 1e-9 for p, known in zip(priors, located, strict=True)]
    return means, np.array(precisions)
