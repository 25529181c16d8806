"""ModelSpec -> draws from its priors, of all that it reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import PriorError
from tildemc.results.evaluate import Draws, Rows
from tildemc.results.levels import drawn_effects
from tildemc.spec.addresses import targets
from tildemc.spec.covariance import MATRIX, Loadings, Matrix, Pattern, effects, spread_and_correlations
from tildemc.spec.design import Numbers
from tildemc.spec.expr import evaluate
from tildemc.spec.model import ModelSpec, chains
from tildemc.spec.parameters import names
from tildemc.spec.priors import Prior
from tildemc.spec.responses import seen_by
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.hyperparameter import Hyperparameter
from tildemc.spec.terms.measured import Measured, MeasuredNames
from tildemc.spec.terms.residual import Residual, ResidualNames
from tildemc.spec.terms.shares import Shares, SharesNames
from tildemc.spec.terms.thresholds import Thresholds, ThresholdsNames
from tildemc.spec.vocabulary import NUMPY

__all__ = ["prior_draws"]

_TRIES = 1000


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
    known, found = names(spec), drawing.followed(spec)
    intercepts = drawing.intercepts(spec)
    for predictor in spec.predictors:
        population = predictor.population
        named, b = known.of(population), drawing.each(population.coefficients)
        if population.products:
            found[named.b] = b
        if population.intercept is not None:
            at = intercepts[predictor.parameter]
            found[named.intercept] = at - b @ design.summary.of(population).X.mean if population.centred else at
    if spec.thresholds is not None:
        first = spec.predictors[0].population
        shift = found[known.of(first).b] @ design.summary.of(first).X.mean if spec.thresholds.centred else 0.0
        found |= dict(_thresholds(spec.thresholds, known.of(spec.thresholds), drawing, np.asarray(shift)))
    if spec.specific is not None:
        each = tuple(prior for prior in spec.specific.coefficients for _ in range(spec.specific.size))
        found[known.of(spec.specific).b] = drawing.each(each).reshape(length, -1, spec.specific.size)
    for effect in (effect for predictor in spec.predictors for effect in predictor.monotonic):
        found[known.of(effect).b] = drawing.each((effect.prior,))[:, 0]
        if effect.owner is None:
            found[known.of(effect).simo] = generator.dirichlet(effect.shares.values, length)
    for number in (number for predictor in spec.predictors for number in predictor.measured):
        found[known.of(number)["b"]] = drawing.each(number.priors)[:, 0]
    for measured in spec.measured:
        found |= drawing.measured(measured, known.of(measured))
    for smooth in (smooth for predictor in spec.predictors for smooth in predictor.smooths):
        called, sds = known.of(smooth), drawing.each(smooth.priors)
        found[called.sds] = sds[:, 0]
        found[called.s] = sds * generator.normal(size=(length, smooth.width))
    for process in (process for predictor in spec.predictors for process in predictor.processes):
        named_, drawn = known.of(process), drawing.each(process.priors)
        sd, scales = drawn[:, 0], drawn[:, 1:]
        r = process.drawn_amplitudes(sd, scales) * generator.normal(size=(length, process.width))
        found |= {named_.sdgp: sd, named_.lscale: process.reported_scale(scales), named_.s: r}
    for area in (area for predictor in spec.predictors for area in predictor.areas):
        called_, drawn = known.of(area), drawing.each(area.priors)
        found |= {called_.sdcar: drawn[:, 0]} | ({called_.share: drawn[:, 1]} if area.shares else {})
        noise = generator.normal(size=(length, area.width))
        found[called_.rcar] = area.effects(drawn[:, 0], drawn[:, 1:], noise)
    for group in spec.groups():
        own = known.of(group)
        found[own.sd], correlations, shapes = drawing.spread(group)
        if group.correlated:
            found[own.cor] = correlations
        if group.shapes:
            found[own.shape] = shapes
        if group.tails is not None:
            found[own.df] = drawing.each((group.tails.prior,))[:, 0]
        found |= drawn_effects(group, own, found, generator)
    for auxiliary in spec.auxiliaries:
        if auxiliary.parameter in drawing.quantities:
            continue
        values = drawing.each((auxiliary.prior,) * auxiliary.size)
        found[known.of(auxiliary).name] = values[:, 0] if auxiliary.by is None else values
    if spec.residual is not None:
        found |= drawing.residual(spec.residual, known.of(spec.residual))
    if spec.rescor is not None:
        found[known.of(spec.rescor).cor] = spec.rescor.matrix(2 * drawing.each(spec.rescor.halves) - 1)
    for shares in spec.shares:
        found |= drawing.shares(shares, known.of(shares))
    for latent in spec.latents:
        # As the response's own model has them, without an error of measurement.
        alone, rows = seen_by(spec, design.whole("missing values"), latent.response, everywhere=True)
        values = Rows(alone, rows, found, length).drawn(generator, alone.family.draw)
        found[known.of(latent)["true 0"]] = values[:, rows.of(latent).index >= 0]
    return found


def _thresholds(
    thresholds: Thresholds, named: ThresholdsNames, drawing: _Drawing, shift: Floats
) -> Iterator[tuple[str, Floats]]:
    """The thresholds, and what they are made of."""
    draw = drawing.increasing if thresholds.support.ordered else drawing.each
    values = np.column_stack([draw(cuts.prior_of) for cuts in thresholds.cuts])
    delta = None
    if thresholds.spacing == "equidistant":
        delta = drawing.each(tuple(cuts.delta for cuts in thresholds.cuts if cuts.delta is not None))
        yield named.delta, delta[:, 0] if thresholds.by is None else delta
    elif thresholds.spacing == "sum_to_zero":
        yield named.cutpoints, values
    yield named.name, thresholds.spaced(values, delta) + shift[..., None]


class _Drawing:
    """So many draws, one after the other from one generator."""

    def __init__(self, length: int, generator: np.random.Generator) -> None:
        self.length = length
        self.generator = generator
        self.quantities: dict[str, Floats] = {}

    def each(self, priors: tuple[Prior, ...]) -> Floats:
        """Of each prior, (draws, priors)."""
        drawn = [self.one(prior) for prior in priors]
        return np.column_stack(drawn) if drawn else np.empty((self.length, 0))

    def one(self, prior: Prior) -> Floats:
        """Of one prior, (draws,), which may follow quantities that have been drawn."""
        if not prior.made:
            return prior.draw(self.generator, (self.length,))
        shift, stretch = (
            evaluate(part, lambda name: self.quantities[name.name], NUMPY) for part in (prior.shift, prior.stretch)
        )
        if prior.distribution.point:
            return np.broadcast_to(shift, (self.length,))
        return np.asarray(shift + stretch * prior.standard.draw(self.generator, (self.length,)))

    def followed(self, spec: ModelSpec) -> dict[str, Floats]:
        """What priors are arithmetic of, (draws, …), by what it is called."""
        found: dict[str, Floats] = {}
        for quantity in spec.followed():
            known = names(spec)
            match quantity:
                case Auxiliary(parameter, prior):
                    self.quantities[parameter] = found[known.of(quantity).name] = self.one(prior)
                case Hyperparameter(name, prior, support, along):
                    values = (
                        self.generator.dirichlet(prior.values, self.length)
                        if support.shares
                        else self.each((prior,) * quantity.size)
                    )
                    self.quantities[name] = found[known.of(quantity).name] = values if along else values[:, 0]
                case never:
                    assert_never(never)
        return found

    def residual(self, residual: Residual, named: ResidualNames) -> dict[str, Floats]:
        """The coefficients of residuals that go together, or the matrix of their correlations."""
        if residual.free_matrix:
            n = len(residual.times)
            return {named.cortime: MATRIX.draw(residual.prior_of, np.zeros((n, n)), self.generator, self.length)}
        found: dict[str, Floats] = {}
        for c, prior in zip(residual.coefficients, residual.prior_of, strict=False):
            shape = (residual.sets,) * (residual.by is not None) + (c.size(residual.order),) * c.several
            found[getattr(named, c.name)] = prior.draw(self.generator, (self.length, *shape))
        return found

    def measured(self, measured: Measured, named: MeasuredNames) -> dict[str, Floats]:
        """Means, sds and correlations of true values, and these."""
        n = measured.width
        drawn = self.each(measured.priors[: 2 * n])
        mean, sd, correlation = drawn[:, :n], drawn[:, n:], None
        if measured.correlations is not None:
            correlation = MATRIX.draw((measured.correlations,), np.zeros((n, n)), self.generator, self.length)
        true = mean[:, None] + effects(sd, correlation, self.generator, measured.size)
        found = {named[f"mean {k}"]: mean[:, k] for k in range(n)} | {named[f"sd {k}"]: sd[:, k] for k in range(n)}
        if correlation is not None:
            found |= {named[f"cor {j} {k}"]: correlation[:, j, k] for j, k in measured.pairs}
        return found | {named[f"true {k}"]: true[..., k] for k in range(n)}

    def intercepts(self, spec: ModelSpec) -> dict[str, Floats]:
        """Of each predictor's intercept, (draws,), by parameter; those of a mixture's components may increase."""
        own = {p.parameter: p.population.intercept for p in spec.predictors if p.population.intercept is not None}
        found: dict[str, Floats] = {}
        for chain in chains(spec):
            drawn = (self.increasing if len(chain) > 1 else self.each)(tuple(own[name] for name in chain))
            found |= dict(zip(chain, drawn.T, strict=True))
        return found

    def shares(self, shares: Shares, named: SharesNames) -> dict[str, Floats]:
        """Of each share, (draws,), by its name."""
        drawn = self.generator.dirichlet(shares.prior.values, self.length)
        return {named[name]: drawn[:, k] for k, name in enumerate(shares.parameters)}

    def increasing(self, priors: tuple[Prior, ...]) -> Floats:
        """Of numbers that must increase, (draws, priors): of draws that do."""
        found = self.each(priors)
        if all(prior == priors[0] for prior in priors):
            # Whichever order they were drawn in is as probable.
            return np.sort(found, axis=1)
        for _ in range(_TRIES):
            wrong = (np.diff(found, axis=1) <= 0).any(axis=1)
            if not wrong.any():
                return found
            found[wrong] = self.each(priors)[wrong]
        raise PriorError("the priors of numbers that must increase hardly let them: state others")

    def spread(self, group: GroupEffects) -> tuple[Floats, Floats, Floats]:
        """The sds (draws, q) and the correlations (draws, q, q) of a group's effects, and what these follow from."""
        q = len(group.columns)
        sd, correlations = np.empty((self.length, q)), np.zeros((self.length, q, q))
        shapes = [np.empty((self.length, 0))]
        start = 0
        for block in group.blocks:
            own = slice(start, start + len(block.columns))
            sd[:, own], correlations[:, own, own], hidden = self._block(block)
            shapes.append(hidden)
            start = own.stop
        return sd, correlations, np.concatenate(shapes, axis=1)

    def _block(self, block: Block) -> tuple[Floats, Floats, Floats]:
        n, nothing = len(block.columns), np.empty((self.length, 0))
        sds = self.each(block.sd_priors)[:, list(block.sds)]
        match block.covariance.correlations:
            case None:
                return sds, np.broadcast_to(np.eye(n), (self.length, n, n)), nothing
            case Matrix() as matrix:
                return sds, matrix.draw(block.shape_priors, block.apart, self.generator, self.length), nothing
            case Pattern() as pattern:
                values = self.each(block.shape_priors)
                shown = any(shape.correlation for shape in block.shapes)
                return sds, pattern.matrix([*values.T], block.apart), nothing if shown else values
            case Loadings() as loadings:
                values = self.each(block.shape_priors)
                return *spread_and_correlations(loadings.matrix(values, n)), values
            case never:
                assert_never(never)
