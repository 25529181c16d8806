"""The population effects of a model as the engine sees them: a design with good numbers, and a Gaussian prior on it.

Where there is an intercept, predictors are measured from their means and the response from its own, so that sums of
squares keep their digits; a prior on the intercept at zero is then one on a combination of the two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.design import Numbers
from tildemc.spec.model import ModelSpec
from tildemc.spec.priors import Prior
from tildemc.spec.terms.population import Population

__all__ = ["PopulationEffects", "population"]


@dataclass(frozen=True, eq=False)
class PopulationEffects:
    """The population effects β, the intercept first.

    Attributes
    ----------
    intercept : bool
        Whether there is one.
    mean : (p - 1,) or (p,)
        What the predictors are measured from.
    shift : float
        What the response is measured from.
    precision : (p, p), pull : (p,)
        B⁻¹ and B⁻¹ b0 of the prior; zero where it is flat.
    constant : float
        The log of the prior's constant, and a √(2π) for each flat effect that is integrated out.
    """

    intercept: bool
    mean: Floats
    shift: float
    precision: Floats
    pull: Floats
    constant: float

    @property
    def size(self) -> int:
        """How many effects there are."""
        return len(self.pull)

    def design(self, X: Floats) -> Floats:
        """The design of rows X: (n, p)."""
        if not self.intercept:
            return X
        return np.column_stack([np.ones(len(X)), X - self.mean])

    def reported(self, effects: Floats) -> tuple[Floats | None, Floats]:
        """Effects (..., p) -> the intercept at zero (...), None if there is none, and the coefficients."""
        if not self.intercept:
            return None, effects
        b = effects[..., 1:]
        return effects[..., 0] + self.shift - b @ self.mean, b


def population(spec: ModelSpec, design: Numbers, *, flat: bool = False, integrate: bool = True) -> PopulationEffects:
    """The population effects of `mu`; all priors taken for flat if `flat`, none integrated out unless `integrate`."""
    predictor, summary = spec.predictors[0], design.summary
    terms, offset = predictor.population, predictor.offset
    X, y = summary.of(terms).X, float(summary.y.mean[0])
    intercept = terms.intercept is not None
    mean = X.mean if intercept else np.zeros(len(X.mean))
    middle = y if offset is None else y - float(summary.of(offset).moments.mean[0])
    # A response that is made of others is measured from nothing else: the means of all rows would move with it.
    apart = spec.residual is None or spec.residual.correlation.mean is None
    shift = middle if intercept and apart else 0.0
    p = len(mean) + intercept
    precision, pull, constant = np.zeros((p, p)), np.zeros(p), 0.0
    for direction, prior, about in _priors(terms, mean, shift):
        # A flat effect that is integrated out still brings its √(2π), as REML has it.
        if flat or not prior.distribution.proper:
            constant += 0.5 * math.log(2 * math.pi) if integrate else 0.0
            continue
        # A normal prior on the combination dᵀ β is a rank-one share of its precision: d dᵀ / sd².
        location, sd = prior.values
        location -= about
        precision += np.outer(direction, direction) / sd**2
        pull += direction * location / sd**2
        constant -= math.log(sd) + 0.5 * (location / sd) ** 2
    return PopulationEffects(intercept, mean, shift, precision, pull, constant)


def _priors(terms: Population, mean: Floats, shift: float) -> list[tuple[Floats, Prior, float]]:
    """For each prior the combination of the effects that it is on, and what to take from its location."""
    first = int(terms.intercept is not None)
    unit = np.eye(len(mean) + first)
    found = [(unit[first + j], prior, 0.0) for j, prior in enumerate(terms.coefficients)]
    if terms.intercept is not None:
        direction = unit[0] if terms.centred else np.concatenate([[1.0], -mean])
        found.append((direction, terms.intercept, shift))
    return found
