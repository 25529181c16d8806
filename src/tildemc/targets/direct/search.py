"""The iterations behind a quick look at the posterior: some penalised iteratively reweighted least squares.

With w the rows' information of the linear predictor and D the effects' precisions at the present guess of the sds, the
effects r have conditional mean -(Z'wZ + D)⁻¹ Z'wX c given the coefficients c, but for a constant, and c has the
marginal precision S = X'wX + P - X'wZ (Z'wZ + D)⁻¹ Z'wX. None of it need be exact: whatever comes out, the model stays
the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.term import Path
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.equations import TOGETHER, Equations, Seen
from tildemc.targets.direct.spreads import spread_of
from tildemc.targets.direct.start import seen

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["CutSearch", "GroupPilot", "Pilot", "Search", "looked_at", "prior_moments"]


STEPS, STEPS_LARGE, DENSE = 8, 4, 1500
"""Steps of the iteration; fewer where there are more effects than `DENSE`, for which the matrices are sparse."""
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
    effects : (levels * width,)
        The standardised effects at no coefficients.
    shift : (levels * width, p)
        How the standardised effects move with the coefficients.
    informed : (levels * width,)
        How much the data know of each effect if its sd is small: from 0, nothing, to 1.
    numbers : (·,)
        Of a process or of areas the sd and the shapes that the sds follow from.
    precision : (width, width) or None
        Of the standardised effects of one level given all else, if they are few enough to be given coordinates by it.
    """

    sds: Floats
    effects: Floats
    shift: Floats
    informed: Floats
    numbers: Floats
    precision: Floats | None


@dataclass(frozen=True, eq=False)
class Pilot:
    """A rough posterior.

    Attributes
    ----------
    coefficients : (p,)
    precision : (p, p)
        Of the coefficients, over all effects.
    groups : mapping of Path to GroupPilot
    residual : float
        The residual sd of a response on the real line.
    """

    coefficients: Floats
    precision: Floats
    groups: Mapping[Path, GroupPilot]
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
        self.seen: list[Seen] = []
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
        c, S, r, K = self.arrive()
        found: dict[Path, GroupPilot] = {}
        parts = zip(self.paths, self._own_effects(), self.levels, self.spreads, self.seen, strict=True)
        for path, own, J, spread, seen_of_it in parts:
            sds = np.tile(spread.sds, J)
            informed = spread.informed((self.information[own] * sds**2).reshape(J, -1)).ravel()
            effects, shift = (r[own] - K[own] @ c) / sds, K[own] / sds[:, None]
            together = seen_of_it.together
            precision = None if together is None else sds[:, None] * together.given * sds + np.eye(len(sds))
            found[path] = GroupPilot(spread.sds, effects, shift, informed, spread.numbers, precision)
        return Pilot(c, S, found, self.residual)

    def arrive(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Coefficients and their precision, effects, and how these move with the coefficients, at the end."""
        eta = self._start()
        # Fisher scoring: a weighted least squares in which each row counts by its information, from one guess to the
        # next.
        for _ in range(STEPS if self.Z.shape[1] <= DENSE else STEPS_LARGE):
            w, working = self._linearised(eta)
            c, S, r, K = self._solve(w, working - self.offset)
            eta = self.offset + self.X @ c + self.Z @ r
        return c, S, r, K

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

    def _solve(self, w: Floats, target: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Coefficients, their precision, effects, and how these move with those; then new guesses of the sds."""
        X, Z = self.X, self.Z
        # The normal equations of all effects and coefficients at once; effects are eliminated first, since there are
        # many.
        wX, wy = w[:, None] * X, w * target
        D = np.concatenate([np.tile(sd**-2.0, J) for sd, J in zip(self.sds, self.levels, strict=True)] or [np.ones(0)])
        XwX, ZwX, ZwZ = X.T @ wX, Z.T @ wX, Z.T @ (Z * w[:, None])
        solve = _solver(ZwZ, D)
        K = -solve(ZwX)
        S = XwX + np.diag(self.P) + wX.T @ (Z @ K)
        c = np.linalg.solve(S, X.T @ wy + K.T @ (Z.T @ wy) + self.P * self.mean)
        r = solve(Z.T @ wy) + K @ c
        self.information = ZwZ.diagonal()
        residuals = target - X @ c - Z @ r
        by_c, by_r = X.T @ (w * residuals), Z.T @ (w * residuals)
        equations = Equations(XwX, ZwX, ZwZ, self.P, self.mean, D, c, r, by_c, by_r)
        self.seen = [equations.seen(own, J) for own, J in zip(self._own_effects(), self.levels, strict=True)]
        for spread, seen_of_it in zip(self.spreads, self.seen, strict=True):
            spread.learn(seen_of_it)
        self._guess_residual(residuals, float((1 - D / (self.information + D)).sum()))
        return c, S, r, K

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


def _solver(ZwZ: Floats | csr_array, D: Floats) -> Callable[[Floats], Floats]:
    from scipy.linalg import cho_factor, cho_solve
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import splu

    if len(D) == 0:
        return lambda right: right
    if len(D) <= DENSE:
        factor = cho_factor((ZwZ if isinstance(ZwZ, np.ndarray) else ZwZ.toarray()) + np.diag(D))
        return lambda right: np.asarray(cho_solve(factor, right))
    lu = splu((ZwZ + diags_array(D)).tocsc(), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    return lambda right: np.asarray(lu.solve(np.asarray(right)))


def prior_moments(priors: Sequence[Prior]) -> tuple[Floats, Floats]:
    """Each prior's location and precision, roughly."""
    located = [prior.location is not None and prior.distribution.proper for prior in priors]
    means = np.array([prior.location or 0.0 for prior in priors])
    precisions = [p.scale**-2.0 if known else 1e-9 for p, known in zip(priors, located, strict=True)]
    return means, np.array(precisions)
