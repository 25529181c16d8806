"""The log density of a model's priors at numbers as they are reported, with no Jacobian of any coordinates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tildemc.arrays import Floats
from tildemc.engines.point_coordinates import NUMBERS, Values
from tildemc.spec.addresses import targets
from tildemc.spec.covariance import Matrix, Pattern
from tildemc.spec.design import DataSet
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import Names, names
from tildemc.spec.priors import Prior
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.smooth import Smooth

__all__ = ["LogPrior", "has_log_prior"]


def has_log_prior(spec: ModelSpec) -> bool:
    """Whether each number of a model has a density of its own, or that of a correlation matrix."""
    blocks = [block for group in spec.groups() for block in group.blocks]
    free = all(isinstance(block.covariance.correlations, Matrix | None) or _shown(block) for block in blocks)
    alone = not any(target.prior.made or target.prior.together for target in targets(spec))
    return free and alone and (spec.thresholds is None or spec.thresholds.spacing == "flexible")


def _shown(block: Block) -> bool:
    """Whether the correlation of neighbours is all that its correlations follow from."""
    return isinstance(block.covariance.correlations, Pattern) and [s.correlation for s in block.shapes] == [True]


@dataclass(frozen=True, eq=False)
class LogPrior:
    """That of a model that has one; its intercepts are at the predictors' means where their priors are."""

    spec: ModelSpec
    design: DataSet

    @cached_property
    def known(self) -> Names:
        """What the model's quantities are called."""
        return names(self.spec)

    def at(self, values: Values, factors: Floats) -> float:
        """At numbers and Cholesky factors of covariances; constants of correlation matrices are left out."""
        return float(sum(self._numbers(values)) + sum(self._covariances(factors)))

    def _numbers(self, values: Values) -> Iterator[float]:
        population = set()
        for predictor in self.spec.predictors:
            terms, named = predictor.population, self.known.of(predictor.population)
            population |= {(*terms.path, field) for field in ("intercept", "b")}
            b = values[named.b][0] if terms.products else np.empty(0)
            yield from _each(terms.coefficients, b)
            if terms.intercept is not None:
                at = b @ self.design.summary.of(terms).X.mean if terms.centred else 0.0
                yield terms.intercept.log_density(float(values[named.intercept][0] + at))
        for free in (free for free in self.spec.free() if free.role in NUMBERS and free.path not in population):
            found = np.ravel(values[self.known.free(free)])
            yield from _each(free.priors, found + self._shift(free.path, values))
        if self.spec.rescor is not None:
            (eta,) = self.spec.rescor.prior.values
            yield (eta - 1.0) * float(np.linalg.slogdet(values[self.known.of(self.spec.rescor).cor][0])[1])

    def _shift(self, path: tuple[str, ...], values: Values) -> float:
        """How far thresholds at the predictors' means are from those that are reported."""
        thresholds = self.spec.thresholds
        if thresholds is None or not thresholds.centred or path[:-1] != thresholds.path:
            return 0.0
        terms = self.spec.predictors[0].population
        named = self.known.of(terms)
        return -float(values[named.b][0] @ self.design.summary.of(terms).X.mean) if terms.products else 0.0

    def _covariances(self, factors: Floats) -> Iterator[float]:
        groupings = (effects for predictor in self.spec.predictors for effects in predictor.effects)
        for effects, factor in zip(groupings, factors, strict=True):
            if isinstance(effects, Smooth):
                yield effects.prior.log_density(float(abs(factor[0, 0])))
                continue
            first = 0
            for block in effects.blocks:
                n = block.width
                yield from _of_block(block, factor[first : first + n, first : first + n])
                first += n


def _each(priors: tuple[Prior, ...], numbers: Floats) -> Iterator[float]:
    for prior, number in zip(priors, numbers.tolist(), strict=True):
        yield prior.log_density(number)


def _of_block(block: Block, factor: Floats) -> Iterator[float]:
    """Of sds, each once, and of a matrix of correlations (Lewandowski, Kurowicka & Joe 2009)."""
    sds = np.linalg.norm(factor, axis=1)
    yield from _each(block.sd_priors, np.array([sds[block.sds.index(k)] for k in range(len(block.sd_priors))]))
    if _shown(block):
        yield from _each(block.shape_priors, factor[:1] @ factor[1] / (sds[0] * sds[1]))
    elif block.correlated:
        (prior,) = block.shape_priors
        (eta,) = prior.values
        with np.errstate(divide="ignore", invalid="ignore"):
            unit = np.abs(np.diag(factor)) / sds
            yield 2.0 * (eta - 1.0) * float(np.log(unit).sum()) if eta != 1.0 else 0.0
