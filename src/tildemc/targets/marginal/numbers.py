"""The numbers that the residuals of rows which go together, or have a formula for their sd, are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, log

import numpy as np
from scipy.special import betaln

from tildemc.kernels.densities import CONSTANT, LOG1P, MULTIPLY, NEG, POWER, STEPS, X
from tildemc.scalars import Scalar, coded, log_constant
from tildemc.spec.correlation import Region
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.priors import Prior
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.residual import Residual
from tildemc.spec.terms.term import Path

__all__ = ["Number", "number_of", "numbers_of"]


@dataclass(frozen=True, slots=True)
class Number:
    """One of them.

    Attributes
    ----------
    path : Path
        Where in the model it is free.
    scalar : Scalar
        Its prior density for kernels.
    constant : float
        What that leaves out.
    lower, upper : float
    start : float
        Where to begin to look for it.
    spread : bool
        Whether it, or its exponential, is an sd.
    squared : bool
        Whether its prior is of its square.
    region : Region
        Where it may be together with those beside it, of the same path.
    after : bool
        Whether it is above the number before it.
    stated : bool
        Whether it is known.
    """

    path: Path
    scalar: Scalar
    constant: float
    lower: float
    upper: float
    start: float
    spread: bool = False
    squared: bool = False
    region: Region = "box"
    after: bool = False
    stated: bool = False


def numbers_of(spec: ModelSpec, design: Design) -> tuple[Number, ...]:
    """Those of a model: first the sds', then the correlations'."""
    return (*_spreads(spec, design), *(_correlations(spec.residual, design) if spec.residual is not None else ()))


def number_of(path: Path, prior: Prior, start: float, *, spread: bool = False, region: Region = "box") -> Number:
    """The number that a prior is of, at a place of the model."""
    scalar, constant = (coded(prior), log_constant(prior)) if prior.known else (Scalar(0), 0.0)
    ends = prior.support
    if prior.distribution.point:
        return Number(path, scalar, constant, -inf, inf, prior.values[0], spread, prior.on_variance, stated=True)
    return Number(
        path, scalar, constant, ends.lower, ends.upper, start, spread, squared=prior.on_variance, region=region
    )


def _spreads(spec: ModelSpec, design: Design) -> Iterator[Number]:
    sd = 0.5 * float(design.summary.y.sd[0]) or 0.5
    for auxiliary in spec.auxiliaries:
        for _ in range(auxiliary.size):
            yield number_of((*auxiliary.path, "name"), auxiliary.prior, sd, spread=True)
    for predictor in spec.predictors[1:]:
        population = predictor.population
        if population.intercept is not None:
            yield number_of((*population.path, "intercept"), population.intercept, log(sd), spread=True)
        first = population.intercept is None
        for label, prior in enumerate(population.coefficients):
            yield number_of((*population.path, "b"), prior, _level(population, label, log(sd)) if first else 0.0)


def _level(population: Population, column: int, value: float) -> float:
    """Where there is no intercept, each level of a factor has one of its own."""
    coding = population.products[0].codings
    alone = len(coding) == 1 and coding[0].indicated is not None and column < len(population.products[0].columns)
    return value if alone else 0.0


def _correlations(residual: Residual, design: Design) -> Iterator[Number]:
    if residual.known:
        return
    if residual.free_matrix:
        (prior,) = residual.prior_of
        yield from _partials((*residual.path, "cortime"), prior, len(residual.times))
        return
    place = design.of(residual).place
    far = float(np.ptp(place, axis=0).max()) if len(place) else 1.0
    for c, prior in zip(residual.coefficients, residual.prior_of, strict=True):
        ends = prior.support
        middle = 0.25 * far if ends.upper == inf else 0.1 if ends.lower == 0.0 else 0.0
        middle = 0.05 if ends.lower < 0.0 and c.region == "box" else middle
        for _ in range(residual.sets * c.size(residual.order)):
            yield number_of((*residual.path, c.name), prior, middle, region=c.region)


def _partials(path: Path, prior: Prior, n: int) -> Iterator[Number]:
    """Partial correlations, row by row, under which an LKJ density is a product of betas.

    Lewandowski, Kurowicka & Joe (2009), Journal of Multivariate Analysis 100.
    """
    eta = prior.values[0] if prior.known else 1.0
    for a in range(1, n):
        for c in range(a):
            # (1 - z²) to this power.
            power = eta - 1.0 + 0.5 * (n - 2 - c)
            shape = power + 1.0
            steps = (X, 0.0, POWER, 2.0, NEG, 0.0, LOG1P, 0.0, CONSTANT, power, MULTIPLY, 0.0)
            constant = -(2.0 * shape - 1.0) * log(2.0) - float(betaln(shape, shape))
            scalar = Scalar(STEPS, steps=tuple(float(step) for step in steps))
            yield Number(path, scalar, constant, -1.0, 1.0, 0.0)
