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
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.priors import Prior
from tildemc.spec.terms.effects import EffectsBlock
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.terms.term import Path
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.start import seen

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["CutSearch", "GroupPilot", "Pilot", "Search", "prior_moments"]


STEPS, STEPS_LARGE, DENSE = 8, 4, 1500
"""Steps of the iteration; fewer where there are more effects than `DENSE`, for which the matrices are sparse."""
TINY = 1 << 16
"""Up to so many numbers a dense matrix of all effects' columns is the faster one."""


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
    """

    sds: Floats
    effects: Floats
    shift: Floats
    informed: Floats


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
        groups = [group for predictor in predictors for group in predictor.effects]
        self.paths = [group.path for group in groups]
        self.levels = [group.size for group in groups]
        self.blocks = [group.blocks for group in groups]
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
        self.sds = self._first_sds()

    def _of(self, predictors: Sequence[Predictor]) -> tuple[Family, Link]:
        """The family whose first parameter is looked at, and the link of that."""
        return self.spec.family, predictors[0].link

    def _first_sds(self) -> list[Floats]:
        """By which each effect accounts for half of the responses' sd; those that no row has as priors have them."""
        squares = np.asarray((self.Z * self.Z).sum(axis=0)).ravel()
        found, at = [], 0
        for J, blocks in zip(self.levels, self.blocks, strict=True):
            plausible = np.array([block.sd_priors[sd].plausible for block in blocks for sd in block.sds])
            own = squares[at : (at := at + J * len(plausible))].reshape(J, -1).sum(axis=0) / self.n
            found.append(np.where(own > 0, 0.5 * self.residual / np.sqrt(own + 1e-12), plausible))
        return found

    def run(self) -> Pilot:
        """The rough posterior."""
        c, S, r, K = self.arrive()
        spread = np.concatenate([np.tile(sd, J) for sd, J in zip(self.sds, self.levels, strict=True)] or [np.ones(0)])
        ends = np.cumsum([J * len(sd) for sd, J in zip(self.sds, self.levels, strict=True)])[:-1]
        shifts = np.split(K / spread[:, None], ends) if self.levels else []
        effects = np.split((r - K @ c) / spread, ends) if self.levels else []
        known = np.split(self.information * spread**2, ends) if self.levels else []
        informed = [_informed(part.reshape(J, -1)).ravel() for part, J in zip(known, self.levels, strict=True)]
        found = map(GroupPilot, self.sds, effects, shifts, informed)
        return Pilot(c, S, dict(zip(self.paths, found, strict=True)), self.residual)

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
        wX = w[:, None] * X
        D = np.concatenate([np.tile(sd**-2.0, J) for sd, J in zip(self.sds, self.levels, strict=True)] or [np.ones(0)])
        ZwZ = Z.T @ (Z * w[:, None])
        solve = _solver(ZwZ, D)
        K = -solve(Z.T @ wX)
        S = X.T @ wX + np.diag(self.P) + wX.T @ (Z @ K)
        c = np.linalg.solve(S, wX.T @ target + K.T @ (Z.T @ (w * target)) + self.P * self.mean)
        r = solve(Z.T @ (w * target)) + K @ c
        self.information = ZwZ.diagonal()
        conditional = 1 / (self.information + D)
        self._guess(target - X @ c - Z @ r, r, conditional, float((1 - conditional * D).sum()))
        return c, S, r, K

    def _guess(self, residuals: Floats, r: Floats, conditional: Floats, used: float) -> None:
        at = 0
        for k, J in enumerate(self.levels):
            q = len(self.sds[k])
            own = slice(at, at + J * q)
            at += J * q
            # One step of EM: a variance is the mean of r² as expected, the estimate's square and its own variance. At
            # least a fiftieth of a level's sampling variance, lest the sd be caught at zero.
            squares = (r[own] ** 2 + conditional[own]).reshape(J, q).mean(axis=0)
            known = self.information[own].reshape(J, q).mean(axis=0)
            guess = np.where(known > 0, np.maximum(squares, 0.02 / known), self.sds[k] ** 2)
            self.sds[k] = np.sqrt(_pooled(guess, self.blocks[k]))
        n = float(self.weights.sum())
        if self.located and self.link.name == "identity" and n > 0:
            # Effects that shrink use up less than a degree of freedom each: `used` is their sum.
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


def _pooled(variances: Floats, blocks: Sequence[EffectsBlock]) -> Floats:
    """The effects' variances, the same where they have one sd."""
    found, first = variances.copy(), 0
    for block in blocks:
        own = slice(first, first := first + block.width)
        if block.one_sd:
            found[own] = variances[own].mean()
    return found


def _informed(known: Floats) -> Floats:
    """How much the data know of each effect, (levels, width), from the ratio of what they and what the prior know.

    The ratio is taken where the sd is two posterior sds low on its log scale, whose information is about 2 Σ share².
    """
    share = known / (1 + known)
    low = known * np.exp(-4 / np.sqrt(2 * (share**2).sum(axis=0) + 1e-12))
    return np.asarray(low / (1 + low))


def _offset(predictor: Predictor, design: Design) -> Floats:
    return np.zeros(design.n) if predictor.offset is None else design.of(predictor.offset).values


def _effects_matrix(
    predictor: Predictor, groups: Sequence[GroupEffects | Smooth], design: Design
) -> Floats | csr_array:
    """What a predictor has of all groups' effects, (n, effects), sparse if there are many; level by level."""
    from scipy.sparse import csr_array, hstack

    parts = []
    for group in groups:
        first = design.of(group)
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
    return whole.toarray() if design.n * whole.shape[1] <= TINY else whole


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
