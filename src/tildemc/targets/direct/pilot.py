"""A quick look at the posterior, to choose coordinates by: some penalised iteratively reweighted least squares.

With w the rows' information of the linear predictor and D the effects' precisions at the present guess of the sds, the
effects r have conditional mean -(Z'wZ + D)⁻¹ Z'wX c given the coefficients c, but for a constant, and c has the
marginal precision S = X'wX + P - X'wZ (Z'wZ + D)⁻¹ Z'wX. None of it need be exact: whatever comes out, the model stays
the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.design import Design
from tildemc.spec.expr import evaluate
from tildemc.spec.model import ModelSpec
from tildemc.spec.priors import Prior
from tildemc.spec.terms.effects import EffectsBlock
from tildemc.spec.terms.group import GroupDesign
from tildemc.spec.terms.term import Path
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.start import seen
from tildemc.threads import one_blas_thread

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Pilot", "look", "prior_moments"]


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


def look(spec: ModelSpec, design: Design, X: Floats, priors: Sequence[Prior]) -> Pilot | None:
    """A rough posterior of the first predictor; None where the iteration leads nowhere.

    Parameters
    ----------
    spec, design
    X : (n, p)
        All columns, the intercept's included.
    priors : sequence of Prior
        Of their coefficients.
    """
    made_of = spec.family.mixture or spec.family.multivariate
    unlike = spec.family.parameters[0].nonlinear or made_of is not None
    if unlike or (spec.family.categories is not None and spec.thresholds is None):
        return None
    import scipy.linalg  # noqa: F401  (whose threads are to be kept, too)

    with np.errstate(all="ignore"), one_blas_thread():
        try:
            search = _Search if spec.thresholds is None else _CutSearch
            found = search(spec, design, X, priors).run()
            np.linalg.cholesky(found.precision)  # is one
        except (np.linalg.LinAlgError, RuntimeError, ValueError):
            return None
    groups = (part for seen in found.groups.values() for part in (seen.sds, seen.effects, seen.shift))
    parts = (found.coefficients, found.precision, *groups)
    return found if all(np.isfinite(part).all() for part in parts) else None


class _Search:
    """The iteration's state."""

    def __init__(self, spec: ModelSpec, design: Design, X: Floats, priors: Sequence[Prior]) -> None:
        assert design.y is not None
        self.spec, self.X = spec, X
        self.paths = [group.path for group in spec.predictors[0].effects]
        self.groups = [design.of(group) for group in spec.predictors[0].effects]
        self.levels = [group.size for group in spec.predictors[0].effects]
        self.blocks = [group.blocks for group in spec.predictors[0].effects]
        first = spec.predictors[0]
        again = [[design.of(s) for s in first.shared if s.owner == group.path] for group in first.effects]
        self.Z = _effects_matrix([*zip(self.groups, again, strict=True)], self.levels, design.n)
        self.trials = np.ones(design.n) if design.trials is None else np.maximum(design.trials, 1)
        given = {"y": design.y, "trials": self.trials}
        self.y = np.asarray(evaluate(spec.family.rough or spec.family.centre, lambda name: given[name.name], NUMPY))
        self.weights = np.ones(design.n) if design.weights is None else design.weights
        self.known = np.zeros(design.n) if design.se is None else design.se**2
        offset = spec.predictors[0].offset
        self.offset = np.zeros(design.n) if offset is None else design.of(offset).values
        self.mean, self.P = prior_moments(priors)
        self.located = any(parameter.residual for parameter in spec.family.parameters)
        self.residual = float(self.y.std()) if self.located else 1.0
        self.typical = {p.name: p.typical for p in spec.family.parameters}
        self.information = np.zeros(0)
        self.sds = [0.5 * self.residual / np.sqrt((g.Z**2).mean(axis=0) + 1e-12) for g in self.groups]

    def run(self) -> Pilot:
        eta = self._start()
        # Fisher scoring: a weighted least squares in which each row counts by its information, from one guess to the
        # next.
        for _ in range(STEPS if self.Z.shape[1] <= DENSE else STEPS_LARGE):
            w, working = self._linearised(eta)
            c, S, r, K = self._solve(w, working - self.offset)
            eta = self.offset + self.X @ c + self.Z @ r
        spread = np.concatenate([np.tile(sd, J) for sd, J in zip(self.sds, self.levels, strict=True)] or [np.ones(0)])
        ends = np.cumsum([J * len(sd) for sd, J in zip(self.sds, self.levels, strict=True)])[:-1]
        shifts = np.split(K / spread[:, None], ends) if self.groups else []
        effects = np.split((r - K @ c) / spread, ends) if self.groups else []
        known = np.split(self.information * spread**2, ends) if self.groups else []
        informed = [_informed(part.reshape(J, -1)).ravel() for part, J in zip(known, self.levels, strict=True)]
        seen = map(GroupPilot, self.sds, effects, shifts, informed)
        return Pilot(c, S, dict(zip(self.paths, seen, strict=True)), self.residual)

    def _start(self) -> Floats:
        """The linear predictor at responses drawn to their mean, so that links are defined."""
        mean = float(np.average(self.y, weights=self.trials))
        drawn = self.y if self.located else (self.y * self.trials + mean) / (self.trials + 1)
        link = self.spec.predictors[0].link
        eta = np.asarray(evaluate(link.forward, lambda _: drawn, NUMPY), dtype=np.float64)
        return np.asarray(eta * np.ones_like(drawn))

    def inverse(self, eta: Floats) -> Floats:
        """The mean."""
        return np.asarray(evaluate(self.spec.predictors[0].link.inverse, lambda _: eta, NUMPY), dtype=np.float64)

    def _linearised(self, eta: Floats) -> tuple[Floats, Floats]:
        """The rows' information of the linear predictor, and the working response."""
        step = 1e-5
        mu = self.inverse(eta)
        # By differences: the pilot only chooses coordinates, and links need no derivative of their own for it.
        slope = (self.inverse(eta + step) - self.inverse(eta - step)) / (2 * step)
        known = self.typical | {"mu": mu, "trials": self.trials}
        if self.located:
            adds = "se" not in self.spec.response.companions or self.spec.response.se_adds
            known["sigma"] = np.sqrt(self.known + (self.residual**2 if adds else 0.0))
        variance = evaluate(self.spec.family.variance, lambda name: known[name.name], NUMPY)
        return self.weights * slope**2 / variance, eta + (self.y - mu) / slope

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
            least = 0.02 / self.information[own].reshape(J, q).mean(axis=0)
            self.sds[k] = np.sqrt(_pooled(np.maximum(squares, least), self.blocks[k]))
        n = float(self.weights.sum())
        if self.located and self.spec.predictors[0].link.name == "identity" and n > 0:
            # Effects that shrink use up less than a degree of freedom each: `used` is their sum.
            total = float(self.weights @ residuals**2)
            self.residual = float(np.sqrt(total / max(n - self.X.shape[1] - used, 0.1 * n)))


class _CutSearch(_Search):
    """The same for ordered categories, their thresholds where they would be without predictors."""

    def __init__(self, spec: ModelSpec, design: Design, X: Floats, priors: Sequence[Prior]) -> None:
        super().__init__(spec, design, X, priors)
        assert spec.thresholds is not None and spec.family.categories is not None
        own = spec.thresholds.by_row(seen(spec, design)[None], design.of(spec.thresholds))[:, 0]
        self.thresholds = {spec.thresholds.parameter: own}
        self.chances = spec.family.categories.chances
        self.own = np.asarray(design.y, dtype=np.int64) - int(spec.family.values.lower)

    def _start(self) -> Floats:
        """The offset alone."""
        return self.offset

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


def _effects_matrix(
    groups: Sequence[tuple[GroupDesign, Sequence[GroupDesign]]], levels: Sequence[int], n: int
) -> Floats | csr_array:
    """All effects' columns, (n, effects), sparse if there are many; a grouping's effects level by level.

    A grouping stands with where its effects come in once more.
    """
    from scipy.sparse import csr_array, hstack

    parts = []
    for (first, again), J in zip(groups, levels, strict=True):
        q = first.Z.shape[1]
        total = csr_array((n, J * q))
        for group in (first, *again):
            rows = np.flatnonzero(group.index >= 0)
            columns = group.index[rows, None] * q + np.arange(q)
            where = (np.repeat(rows, q), columns.ravel())
            total += csr_array((group.Z[rows].ravel(), where), shape=(n, J * q))
        parts.append(total)
    whole = hstack(parts, format="csr") if parts else csr_array((n, 0))
    return whole.toarray() if n * whole.shape[1] <= TINY else whole


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
