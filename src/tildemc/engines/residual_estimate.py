"""The numbers of residuals at an optimum -> what an estimate says of them, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.results.estimate import GroupEstimate
from tildemc.spec.model import ModelSpec
from tildemc.spec.rows_together import matrices_at
from tildemc.spec.terms.product import INTERCEPT_LABEL
from tildemc.targets.marginal.joint import Joint
from tildemc.targets.marginal.likelihood import Marginal
from tildemc.targets.marginal.structured import JointMarginal

__all__ = ["Told", "told"]


@dataclass(frozen=True, eq=False)
class Told:
    """What an estimate says of residuals.

    Attributes
    ----------
    sigma : mapping of str to float
        Residual sds by level, one under an empty name; with a formula, that of a row whose columns are zero.
    numbers : mapping of str to float
        Coefficients of the formula of their log sd, and of their correlations.
    groups : mapping of str to GroupEstimate
        Their covariance, where the text has a group term for it.
    """

    sigma: Mapping[str, float]
    numbers: Mapping[str, float]
    groups: Mapping[str, GroupEstimate]


def told(spec: ModelSpec, model: Marginal, numbers: Floats) -> Told:
    """Of a model at the numbers of its residuals."""
    if not isinstance(model, JointMarginal):
        return Told(_by_level(spec, numbers), {}, {})
    joint = model.joint
    formula = dict(_formula(spec, joint, numbers))
    zero = formula.pop(INTERCEPT_LABEL, None)
    sigma = _by_level(spec, numbers) if zero is None else {"": float(np.exp(zero))}
    named = {f"{spec.predictors[1].parameter}_{label}": value for label, value in formula.items()}
    groups = _as_groups(spec, joint, numbers)
    # Where each effect has an sd, these are told with the effects.
    return Told({} if groups else sigma, named | dict(_correlations(joint, numbers)), groups)


def _by_level(spec: ModelSpec, numbers: Floats) -> dict[str, float]:
    for auxiliary in spec.auxiliaries:
        names = ("",) if auxiliary.by is None else auxiliary.by.levels
        return dict(zip(names, numbers[: auxiliary.size].tolist(), strict=True))
    return {}


def _formula(spec: ModelSpec, joint: Joint, numbers: Floats) -> Iterator[tuple[str, float]]:
    """The coefficients of the log sd's formula, the intercept that of columns at zero."""
    for predictor in spec.predictors[1:]:
        population = predictor.population
        at = int(population.intercept is not None)
        b = numbers[at : at + len(population.coefficients)]
        if population.intercept is not None:
            yield INTERCEPT_LABEL, float(numbers[0] - b @ joint.centre)
        yield from ((column.label, float(value)) for column, value in zip(population.columns, b, strict=True))


def _correlations(joint: Joint, numbers: Floats) -> Iterator[tuple[str, float]]:
    residual = joint.residual
    if residual is None or residual.known:
        return
    if residual.free_matrix:
        R = matrices_at(residual, joint.sets(numbers)[0])
        for i, early in enumerate(residual.times):
            yield from ((f"cortime[{early}, {late}]", float(R[i, j])) for j, late in enumerate(residual.times) if j > i)
        return
    levels = ("",) if residual.by is None else residual.by.levels
    for level, coefficients in zip(levels, joint.sets(numbers), strict=True):
        for c in residual.coefficients:
            for number, value in enumerate(coefficients[c.name], start=1):
                inside = [part for part in (level, str(number) if c.several else "") if part]
                yield f"{c.name}[{', '.join(inside)}]" if inside else c.name, float(value)


def _as_groups(spec: ModelSpec, joint: Joint, numbers: Floats) -> dict[str, GroupEstimate]:
    residual = spec.residual
    if residual is None or not residual.effects or residual.group is None:
        return {}
    n = len(residual.effects)
    auxiliary = spec.auxiliaries[0]
    sds = np.full(n, numbers[0]) if auxiliary.by is None else numbers[:n].copy()
    R = matrices_at(residual, joint.sets(numbers)[0])
    correlated = residual.correlation.name != "diag"
    return {residual.group.label: GroupEstimate(residual.effects, sds, R, np.zeros((0, n)), correlated)}
