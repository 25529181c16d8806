"""Draws of coordinates -> draws of what the model reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.covariance import Loadings, Pattern, spread_and_correlations
from tildemc.spec.expr import Expr, Var, evaluate
from tildemc.spec.matrices import cholesky
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import Names, names
from tildemc.spec.terms.areal import Areal, ArealNames
from tildemc.spec.terms.effects import Effects, EffectsBlock
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.measured import Measured, MeasuredNames
from tildemc.spec.terms.process import GaussianProcess, ProcessNames
from tildemc.spec.terms.shares import whole
from tildemc.spec.terms.thresholds import Thresholds
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.entry import quantities
from tildemc.targets.direct.factors import spiral
from tildemc.targets.direct.problem import BlockLayout, GroupLayout, Problem
from tildemc.targets.direct.tables import COVARIANCE, DIAGONAL, PATTERN

__all__ = ["expand"]


def expand(spec: ModelSpec, problem: Problem, coordinates: Floats) -> dict[str, Floats]:
    """For each parameter of the model, its draws (…, dims).

    Parameters
    ----------
    spec : ModelSpec
    problem : Problem
    coordinates : (…, size)
    """
    value = quantities(problem.tables, coordinates)
    known = names(spec)
    draws: dict[str, Floats] = {}
    layout = problem.layout
    for predictor in spec.predictors:
        population = predictor.population
        named, place = known.of(population), layout.populations[population.path]
        b = value[..., place.b]
        if place.intercept is not None:
            draws[named.intercept] = value[..., place.intercept] - b @ problem.means[population.path]
        if population.products:
            draws[named.b] = b
        for effect in predictor.monotonic:
            called, own = known.of(effect), layout.monotonic[effect.path]
            draws |= {called.b: value[..., own.b], called.simo: whole(value[..., own.shares])}
        for measured_effect in predictor.measured:
            draws[known.of(measured_effect)["b"]] = value[..., layout.measured_effects[measured_effect.path]]
        for effects in predictor.effects:
            own_layout = layout.groups[effects.path]
            if isinstance(effects, GroupEffects) and effects.path in problem.related:
                effects = replace(effects, between=problem.related[effects.path])
            reported = _reported(effects, value, own_layout, known)
            if isinstance(effects, GroupEffects) and own_layout.df is not None:
                df, u = value[..., own_layout.df], np.exp(value[..., own_layout.mixing])
                reported = effects.with_tails(known.of(effects), reported, df, u)
            draws |= reported
        for process in predictor.processes:
            draws |= _process(process, value, layout.groups[process.path], known.of(process))
        for areas in predictor.areas:
            draws |= _areas(areas, value, layout.groups[areas.path], known.of(areas))
    if spec.thresholds is not None:
        draws |= _thresholds(spec, spec.thresholds, problem, value)
    draws |= {known.of(latent)["true 0"]: value[..., layout.latents[latent.path]] for latent in spec.latents}
    for measured in spec.measured:
        draws |= _measured(measured, value, problem, known.of(measured))
    for quantity in spec.hyperparameters:
        numbers = value[..., layout.hyperparameters[quantity.path]]
        numbers = whole(numbers) if quantity.support.shares else numbers
        draws[known.of(quantity).name] = numbers if quantity.along else numbers[..., 0]
    for shares in spec.shares:
        each = whole(value[..., layout.shares[shares.path]])
        draws |= {known.of(shares)[name]: each[..., k] for k, name in enumerate(shares.parameters)}
    if spec.rescor is not None:
        draws[known.of(spec.rescor).cor] = spec.rescor.matrix(2 * value[..., layout.rescor] - 1)
    for free in () if spec.residual is None else spec.residual.free():
        coefficients = value[..., layout.residual[free.path]]
        draws[known.free(free)] = coefficients.reshape(*value.shape[:-1], *(len(dim.labels) for dim in free.dims))
    for auxiliary in spec.auxiliaries:
        where = layout.auxiliaries[auxiliary.path]
        draws[known.of(auxiliary).name] = value[..., where.start] if auxiliary.by is None else value[..., where]
    return draws


def _measured(measured: Measured, value: Floats, problem: Problem, named: MeasuredNames) -> dict[str, Floats]:
    """Means, sds and correlations of true values, and these."""
    layout, called = problem.layout.measured[measured.path], measured.drawn_in_rows
    drawn = {called[f"mean {k}"]: value[..., layout.means.start + k, None] for k in range(measured.width)}
    drawn |= {called[f"sd {k}"]: value[..., layout.sds.start + k, None] for k in range(measured.width)}
    z = value[..., layout.z].reshape(*value.shape[:-1], measured.width, measured.size)
    drawn |= {called[f"z {k}"]: z[..., k, :] for k in range(measured.width)}
    for at, (j, k) in enumerate(measured.pairs, start=layout.partials.start):
        drawn[called[f"partial {j} {k}"]] = value[..., at, None]
    known = {**drawn, **problem.measured[measured.path]}

    def computed(expr: Expr) -> Floats:
        return np.asarray(evaluate(expr, lambda name: known[name.name], NUMPY))

    found = {named[field]: drawn[called[field]][..., 0] for field in called if field.startswith(("mean", "sd"))}
    found |= {named[f"cor {j} {k}"]: computed(expr)[..., 0] for (j, k), expr in measured.correlated.items()}
    seen = enumerate(measured.seen(measured.in_rows))
    return found | {named[f"true {k}"]: computed(one.true(Var(called[f"z {k}"]))) for k, one in seen}


def _process(process: GaussianProcess, value: Floats, layout: GroupLayout, named: ProcessNames) -> dict[str, Floats]:
    [block] = layout.blocks
    assert block.sd is not None and block.chol is not None
    sd, scales = value[..., block.sd.start], value[..., block.chol]
    r = process.drawn_amplitudes(sd, scales) * value[..., layout.z]
    return {named.sdgp: sd, named.lscale: process.reported_scale(scales), named.s: r}


def _areas(areas: Areal, value: Floats, layout: GroupLayout, named: ArealNames) -> dict[str, Floats]:
    [block] = layout.blocks
    assert block.sd is not None and block.chol is not None
    sd, shares = value[..., block.sd.start], value[..., block.chol]
    own = {named.share: shares[..., 0]} if areas.shares else {}
    return {named.sdcar: sd, **own, named.rcar: areas.effects(sd, shares, value[..., layout.z])}


def _thresholds(spec: ModelSpec, thresholds: Thresholds, problem: Problem, value: Floats) -> dict[str, Floats]:
    known, layout = names(spec), problem.layout.thresholds
    named, first = known.of(thresholds), spec.predictors[0].population
    assert layout is not None
    shift = value[..., problem.layout.populations[first.path].b] @ problem.means[first.path]
    delta = value[..., layout.distances] if thresholds.spacing == "equidistant" else None
    draws = thresholds.reported(named, value[..., layout.own], delta, shift)
    if spec.specific is not None:
        draws |= spec.specific.reported(known.of(spec.specific), value[..., layout.effects])
    return draws


def _reported[N](effects: Effects[N], value: Floats, layout: GroupLayout, known: Names) -> Mapping[str, Floats]:
    return effects.reported(known.at(effects), *_group(value, effects.blocks, layout))


def _group(
    value: Floats, blocks: Sequence[EffectsBlock], group: GroupLayout
) -> tuple[Floats, Floats, Floats, Floats | None]:
    """The sds, the effects, the correlations, and what correlations follow from."""
    outside = value.shape[:-1]
    shapes: list[Floats] = []
    z = value[..., group.z].reshape(*outside, group.levels, -1)
    sd, r = np.empty((*outside, group.width)), np.empty((*outside, group.levels, group.width))
    cor = np.zeros((*outside, group.width, group.width))
    for effects, block in zip(blocks, group.blocks, strict=True):
        own = block.columns
        if block.kind == DIAGONAL:
            sd[..., own] = value[..., block.sds]
            r[..., own] = z[..., block.scores] * sd[..., None, own]
            cor[..., own, own] = np.eye(own.stop - own.start)
        else:
            factor = _factor(value, effects, block)
            sd[..., own], cor[..., own, own] = spread_and_correlations(factor)
            r[..., own] = z[..., block.scores] @ np.swapaxes(factor, -1, -2)
        if block.kind == PATTERN and block.chol is not None:
            places = enumerate(effects.shapes, start=block.chol.start)
            shapes += [value[..., at] for at, shape in places if not shape.correlation]
    return sd, r, cor, np.stack(shapes, axis=-1) if shapes else None


def _factor(value: Floats, effects: EffectsBlock, block: BlockLayout) -> Floats:
    """The lower triangle L of a correlated block, (…, n, n) or as many columns as it has scores."""
    assert block.chol is not None
    n = block.columns.stop - block.columns.start
    packed = value[..., block.chol]
    pattern = effects.covariance.correlations
    if isinstance(pattern, Pattern):
        correlations = pattern.matrix([*np.moveaxis(packed, -1, 0)], effects.apart)
        return cholesky(correlations) * value[..., block.sds][..., None]
    if isinstance(pattern, Loadings):
        return pattern.matrix(packed, n)
    factor = np.zeros((*value.shape[:-1], n, n))
    if block.kind == COVARIANCE:
        factor[..., *np.tril_indices(n)] = packed
        return factor
    for i in range(n):
        for j in range(i):
            factor[..., i, j] = packed[..., spiral(n, i, j)]
        factor[..., i, i] = 1.0
    norm = np.sqrt((factor**2).sum(axis=-1, keepdims=True))
    return factor / norm * value[..., block.sds][..., None]
