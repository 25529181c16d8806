"""Draws of φ and of all effects -> the quantities that every target reports, by name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.covariance import spread_and_correlations
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import Names, names
from tildemc.spec.rows_together import matrices_at
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.effects import Effects
from tildemc.targets.marginal.likelihood import Marginal, Variances
from tildemc.targets.marginal.structured import JointMarginal
from tildemc.targets.marginal.variances import RESIDUAL

__all__ = ["expanded", "expansion"]


def expansion(spec: ModelSpec, model: Marginal, phi: Floats, effects: Floats) -> dict[str, Floats]:
    """The contract of `model.parameters`.

    Parameters
    ----------
    spec, model
    phi : (chains, draws, size)
    effects : (chains, draws, effects)
        As `Marginal.sweep` draws them.

    Returns
    -------
    dict
        For each parameter (chains, draws, …).
    """
    # Where all variances are known φ has no entries, which leave no size to be guessed.
    return expanded(spec, model, model.variances(phi.reshape(phi.shape[0] * phi.shape[1], model.size)), effects)


def expanded(spec: ModelSpec, model: Marginal, here: Variances, effects: Floats) -> dict[str, Floats]:
    """The same by what points, all chains one after the other, stand for."""
    known = names(spec)
    shape = effects.shape[:2]
    found: dict[str, Floats] = {}
    named = known.of(spec.predictors[0].population)
    intercept, b = model.population.reported(effects[..., effects.shape[-1] - model.population.size :])
    if intercept is not None:
        found[named.intercept] = intercept
    found[named.b] = b
    at, first_shape = 0, int((model.code.factor >= 0).sum())
    for f, effects_by in enumerate(model.groups):
        q, levels = effects_by.width, effects_by.size
        # The kernels have the covariances' factor; people read sds and correlations.
        sd, cor = spread_and_correlations(here.factors[:, f, :q, :q].reshape(*shape, q, q))
        r = model.by_level(f, effects[..., at : at + levels * q].reshape(*shape, levels, q))
        at += levels * q
        scalars = [own for block in effects_by.blocks for own in block.shapes if not own.support.matrix]
        hidden = [first_shape + k for k, own in enumerate(scalars) if not own.correlation]
        own_shape = here.sds[:, hidden].reshape(*shape, len(hidden)) if hidden else None
        found |= _reported(effects_by, known, (sd, r, cor, own_shape))
        first_shape += len(scalars)
    if isinstance(model, JointMarginal):
        return found | _joint(spec, model, here.sds[:, model.first :], shape)
    for auxiliary in spec.auxiliaries:
        found[known.of(auxiliary).name] = _sds(auxiliary, here.sds[:, model.code.factor == RESIDUAL], shape)
    return found


def _sds(auxiliary: Auxiliary, sigma: Floats, shape: tuple[int, ...]) -> Floats:
    """Residual sds (points, size) by level, or one."""
    return sigma[:, 0].reshape(shape) if auxiliary.by is None else sigma.reshape(*shape, -1)


def _joint(spec: ModelSpec, model: JointMarginal, numbers: Floats, shape: tuple[int, ...]) -> dict[str, Floats]:
    """What residuals that go together are made of, from their numbers (points, ·)."""
    known, joint = names(spec), model.joint
    found: dict[str, Floats] = {}
    for auxiliary in spec.auxiliaries:
        found[known.of(auxiliary).name] = _sds(auxiliary, numbers[:, : auxiliary.size], shape)
    for predictor in spec.predictors[1:]:
        named, population = known.of(predictor.population), predictor.population
        at = int(population.intercept is not None)
        b = numbers[:, at : at + len(population.coefficients)]
        if population.intercept is not None:
            found[named.intercept] = (numbers[:, 0] - b @ joint.centre).reshape(shape)
        found[named.b] = b.reshape(*shape, -1)
    if spec.residual is not None:
        for free in spec.residual.free():
            own = numbers[:, joint.places[free.path[-1]]]
            if spec.residual.free_matrix:
                own = np.stack([matrices_at(spec.residual, {free.path[-1]: partial}) for partial in own])
            found[known.free(free)] = own.reshape(*shape, *(len(dim.labels) for dim in free.dims))
    return found


def _reported[N](
    effects: Effects[N], known: Names, drawn: tuple[Floats, Floats, Floats, Floats | None]
) -> Mapping[str, Floats]:
    return effects.reported(known.at(effects), *drawn)
