"""ModelSpec -> draws from its priors, of all that it reports."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tildemc.errors import PriorError
from tildemc.results.evaluate import Draws
from tildemc.spec.addresses import targets
from tildemc.spec.covariance import effects
from tildemc.spec.design import Numbers
from tildemc.spec.model import Block, Grouping, ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.priors import Prior

__all__ = ["prior_draws"]

Floats = NDArray[np.float64]


def prior_draws(spec: ModelSpec, design: Numbers, length: int, generator: np.random.Generator) -> Draws:
    """Draws of everything that a model reports, (draws, …), as its priors have it.

    Parameters
    ----------
    spec : ModelSpec
    design : Numbers
        For the predictors' means, at which priors of intercepts may be.
    length : int
    generator : Generator

    Raises
    ------
    PriorError
        If a prior is no density that one could draw from.
    """
    for target in targets(spec):
        if not target.prior.distribution.proper:
            raise PriorError(
                f"the prior of {target.address} is {target.density}, from which nothing can be drawn: state another, "
                f"such as `{target.address} ~ normal(0, 10)`"
            )
    drawing = _Drawing(length, generator)
    known, found = names(spec), {}
    for predictor, named, summary in zip(spec.predictors, known.predictors, design.summary.predictors, strict=True):
        b = drawing.each(predictor.priors)
        if predictor.terms:
            found[named.b] = b
        if predictor.intercept is not None:
            at = drawing.each((predictor.intercept.prior,))[:, 0]
            found[named.intercept] = at - b @ summary.X.mean if predictor.centred else at
        for grouping, group in zip(predictor.groupings, named.groups, strict=True):
            sd, correlations = drawing.spread(grouping)
            found[group.sd] = sd
            if any(block.correlated for block in grouping.blocks):
                found[group.cor] = correlations
            found[group.r] = effects(sd, found.get(group.cor), generator, len(grouping.factor.levels))
    for auxiliary, own in zip(spec.auxiliaries, known.auxiliaries, strict=True):
        values = drawing.each((auxiliary.prior,) * (1 if auxiliary.by is None else len(auxiliary.by.levels)))
        found[own.name] = values[:, 0] if auxiliary.by is None else values
    return found


class _Drawing:
    """So many draws, one after the other from one generator."""

    def __init__(self, length: int, generator: np.random.Generator) -> None:
        self.length = length
        self.generator = generator

    def each(self, priors: tuple[Prior, ...]) -> Floats:
        """Of each prior, (draws, priors)."""
        drawn = [prior.draw(self.generator, (self.length,)) for prior in priors]
        return np.column_stack(drawn) if drawn else np.empty((self.length, 0))

    def spread(self, grouping: Grouping) -> tuple[Floats, Floats]:
        """The sds (draws, q) and the correlations (draws, q, q) of a grouping's effects."""
        q = len(grouping.columns)
        sd, correlations = np.empty((self.length, q)), np.zeros((self.length, q, q))
        start = 0
        for block in grouping.blocks:
            own = slice(start, start + len(block.columns))
            sd[:, own] = self.each(block.sd_priors)[:, list(block.sds)]
            correlations[:, own, own] = self._correlations(block)
            start = own.stop
        return sd, correlations

    def _correlations(self, block: Block) -> Floats:
        n, structure = len(block.columns), block.covariance.correlations
        if structure is None or block.correlation is None:
            return np.broadcast_to(np.eye(n), (self.length, n, n))
        return structure.draw(block.correlation, n, self.generator, self.length)
