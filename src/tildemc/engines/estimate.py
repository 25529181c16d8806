"""ModelSpec × Design -> Estimate: the mode of the marginal likelihood, by ML or REML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tildemc.arrays import Floats
from tildemc.engines.curve_estimate import optimize_curve
from tildemc.engines.neighbours import Bounds, neighbours
from tildemc.engines.relative import Relative
from tildemc.engines.reproduced import reproduced
from tildemc.engines.residual_coordinates import Residuals, residuals_of
from tildemc.engines.residual_estimate import told
from tildemc.engines.singular import sds_and_correlations, singular
from tildemc.errors import FitError
from tildemc.passes.identify import unidentified
from tildemc.results.estimate import Estimate, GroupEstimate, SmoothEstimate
from tildemc.spec.design import Design, Numbers
from tildemc.spec.model import ModelSpec
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.product import INTERCEPT_LABEL
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.terms.term import Path
from tildemc.targets.marginal.likelihood import Marginal
from tildemc.targets.marginal.reduce import marginal
from tildemc.targets.marginal.takes import FLAT
from tildemc.threads import one_blas_thread

__all__ = ["check_determined", "exact_estimate"]


def exact_estimate(spec: ModelSpec, design: Numbers, criterion: str) -> Estimate:
    """Maximise the likelihood of a Gaussian model, restricted (`reml`) or not (`ml`); priors play no part.

    Raises
    ------
    FitError
        If the model has no exact likelihood, or the data do not determine it.
    """
    if spec.curves and isinstance(design, Design):
        return optimize_curve(spec, design, criterion, exact_estimate)
    reasons = FLAT.gaps(spec)
    if reasons:
        raise FitError("this model has no exact likelihood:" + "".join(f"\n- {reason}" for reason in reasons))
    check_determined(spec, design)
    model = marginal(spec, design, flat=True, integrate=criterion == "reml")
    climb = _Climb.of(model, design)
    with one_blas_thread():
        x, best = climb.maximum()
    if climb.vanishing(x, best):
        raise reproduced("estimate", "leave out what determines the response")
    found = _estimate(spec, climb, *climb.point(x), criterion, -2.0 * best)
    boundary = singular(climb.relative, x[climb.first :], model.groups)
    return replace(
        found, boundary=boundary, rows=design.n, parameters=len(x) + model.population.size,
        neighbours=lambda: neighbours(spec, climb, x),
    )  # fmt: skip


def check_determined(spec: ModelSpec, design: Numbers) -> None:
    """Refuse a model of which the data leave something open.

    Raises
    ------
    FitError
    """
    left_open = unidentified(spec, design)
    if left_open:
        listed = "".join(f"\n- {reason}" for reason in left_open)
        raise FitError(f"an optimum has no priors to go by, and the data do not determine this model:{listed}")


@dataclass(frozen=True, eq=False)
class _Climb:
    """The likelihood in coordinates x: the residuals', then those of factors relative to the first residual sd.

    Attributes
    ----------
    relative : Relative
    residuals : Residuals
    """

    model: Marginal
    relative: Relative
    residuals: Residuals

    @classmethod
    def of(cls, model: Marginal, design: Numbers) -> _Climb:
        summary = design.summary
        sizes = [summary.of(group).Z.size for group in model.groups]
        sd = float(summary.y.sd[0]) or 1.0
        return cls(model, Relative.of(model.groups, sizes), residuals_of(model, sd))

    @cached_property
    def first(self) -> int:
        """Where the factors' coordinates begin."""
        return len(self.residuals.start)

    def point(self, x: Floats) -> tuple[Floats, Floats]:
        """The residuals' numbers and the factors of coordinates x."""
        code, own = self.model.code, x[: self.first]
        factors = np.zeros((code.shape[0], code.shape[1], code.shape[1]))
        factors[tuple(self.relative.entries.T)] = self.residuals.unit(own)[0] * self.relative.values(x[self.first :])
        return self.residuals.numbers(own), factors

    def value(self, x: Floats) -> tuple[float, Floats]:
        """Minus the log likelihood and its gradient."""
        own = x[: self.first]
        found, by_factor, by_own = self.residuals.likelihood(own, self.point(x)[1])
        if not np.isfinite(found):
            return np.inf, np.zeros_like(x)
        unit, by_unit = self.residuals.unit(own)
        by_entry = by_factor[tuple(self.relative.entries.T)]
        slope = np.concatenate([by_own, self.relative.back(x[self.first :], by_entry * unit)])
        slope[: self.first] += by_unit * (by_entry @ self.relative.values(x[self.first :]))
        return -found, -slope

    @property
    def bounds(self) -> Sequence[Bounds]:
        """Between what each coordinate is."""
        return [*self.residuals.bounds, *self.relative.bounds]

    def effects(self, x: Floats, noise: Floats) -> Floats:
        """All effects at x, by noise (points, effects)."""
        numbers, factors = self.point(x)
        return self.model.effects_at(factors, self.residuals.weights(numbers), noise)

    def maximum(self) -> tuple[Floats, float]:
        """Where the log likelihood has its maximum, and that."""
        from scipy.optimize import minimize

        start = np.concatenate([self.residuals.start, self.relative.start])
        value = self.value(start)[0]
        if not np.isfinite(value):
            raise FitError("the population effects are not determined by the data: the design is rank deficient")
        if len(start):
            options = {"ftol": 1e-14, "gtol": 1e-7, "maxiter": 2000, "maxcor": 30}
            found = minimize(self.value, start, jac=True, method="L-BFGS-B", bounds=self.bounds, options=options)
            start, value = found.x, found.fun
        return start, -float(value)

    def vanishing(self, x: Floats, best: float) -> bool:
        """Whether a residual sd has come down to nothing, or is on the way, at x with the log likelihood `best`."""
        lowest = [lower for lower, _ in self.residuals.bounds]
        for k in self.residuals.sds:
            end = lowest[k]
            if end is not None and x[k] <= end + np.log(2.0):
                return True
            nearer = x.copy()
            nearer[k] -= 1.0
            # The factors are relative to the unit.
            ratio = self.residuals.unit(x[: self.first])[0] / self.residuals.unit(nearer[: self.first])[0]
            nearer[self.first :][self.relative.sizes] *= ratio
            if -self.value(nearer)[0] > best + 0.5:
                return True
        return False


def _estimate(
    spec: ModelSpec, climb: _Climb, numbers: Floats, factors: Floats, method: str, criterion: float
) -> Estimate:
    model = climb.model
    residual = told(spec, model, numbers)
    p, effects = model.population.size, model.effects
    # A draw with no noise is the mean; noise in population effect i adds column i of their covariance's square root.
    noise = np.zeros((p + 1, effects))
    noise[np.arange(1, p + 1), effects - p + np.arange(p)] = 1.0
    at = model.effects_at(factors, climb.residuals.weights(numbers), noise)
    intercept, b = model.population.reported(at[:, effects - p :])
    reported = b if intercept is None else np.column_stack([intercept, b])
    labels = [column.label for column in spec.predictors[0].population.columns]
    labels = labels if intercept is None else [INTERCEPT_LABEL, *labels]
    se = np.sqrt(((reported[1:] - reported[0]) ** 2).sum(axis=0))
    return Estimate(
        spec.formula,
        method,
        dict(zip(labels, reported[0].tolist(), strict=True)),
        dict(zip(labels, se.tolist(), strict=True)),
        {**_groups(spec, model, factors, at[0], _sds(climb, numbers, factors, at[0])), **residual.groups},
        residual.sigma,
        criterion,
        residual=residual.numbers,
        smooths=_smooths(model, factors, at[0]),
    )


MOST_SDS = 2000
"""Of so many effects the sds are worked out: each asks for a solution of its own."""


def _sds(climb: _Climb, numbers: Floats, factors: Floats, mean: Floats) -> Floats:
    """The sds of group effects given variances and coefficients, lme4's `condVar`: (effects,), NaN if too many."""
    model = climb.model
    own = model.effects - model.population.size
    if own > MOST_SDS:
        return np.full(own, np.nan)
    noise = np.eye(own, model.effects)
    at = model.effects_at(factors, climb.residuals.weights(numbers), noise)
    return np.asarray(np.sqrt(((at[:, :own] - mean[:own]) ** 2).sum(axis=0)))


def _groups(
    spec: ModelSpec, model: Marginal, factors: Floats, effects: Floats, spread: Floats
) -> dict[str, GroupEstimate]:
    found: dict[Path, GroupEstimate] = {}
    at = 0
    for f, group in enumerate(model.groups):
        q, levels = group.width, group.size
        if not isinstance(group, GroupEffects):
            at += q
            continue
        sds, correlations = sds_and_correlations(factors[f, :q, :q])
        own = group.related(model.by_level(f, effects[at : at + levels * q].reshape(levels, q)))
        # What levels have in common makes their effects of others', whose sds are not theirs.
        alone = group.between is None and group.weights is None and model.rotation is None
        own_sds = spread[at : at + levels * q].reshape(levels, q) if alone else None
        found[group.path] = GroupEstimate(
            group.labels, sds, correlations, own, group.correlated, group.factor.values, own_sds
        )
        at += levels * q
    return {group.factor.label: found[group.path] for group in spec.predictors[0].groups}


def _smooths(model: Marginal, factors: Floats, effects: Floats) -> dict[str, SmoothEstimate]:
    found: dict[str, SmoothEstimate] = {}
    at = 0
    for f, effects_by in enumerate(model.groups):
        size = effects_by.width * effects_by.size
        if isinstance(effects_by, Smooth):
            found[effects_by.called] = SmoothEstimate(float(abs(factors[f, 0, 0])), effects[at : at + size])
        at += size
    return found
