"""Draws of φ and of all effects -> the quantities that every target reports, by name."""

from __future__ import annotations

from collections.abc import Mapping

from tildemc.arrays import Floats
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import Names, names
from tildemc.spec.terms.effects import Effects
from tildemc.targets.marginal.likelihood import Marginal
from tildemc.targets.marginal.variances import RESIDUAL

__all__ = ["expansion"]


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
    known = names(spec)
    shape = phi.shape[:2]
    here = model.variances(phi.reshape(shape[0] * shape[1], model.size))
    found: dict[str, Floats] = {}
    named = known.of(spec.predictors[0].population)
    intercept, b = model.population.reported(effects[..., effects.shape[-1] - model.population.size :])
    if intercept is not None:
        found[named.intercept] = intercept
    found[named.b] = b
    at, first_shape = 0, int((model.code.factor >= 0).sum())
    for f, effects_by in enumerate(model.groups):
        q, levels = effects_by.width, effects_by.size
        sd = here.sds[:, model.code.sd[f, :q]].reshape(*shape, q)
        # The kernels have the correlations' Cholesky factor; people read correlations.
        unit = here.unit[:, f, :q, :q]
        cor = (unit @ unit.swapaxes(1, 2)).reshape(*shape, q, q)
        r = effects[..., at : at + levels * q].reshape(*shape, levels, q)
        at += levels * q
        scalars = [own for block in effects_by.blocks for own in block.shapes if not own.support.matrix]
        hidden = [first_shape + k for k, own in enumerate(scalars) if not own.correlation]
        own_shape = here.sds[:, hidden].reshape(*shape, len(hidden)) if hidden else None
        found |= _reported(effects_by, known, (sd, r, cor, own_shape))
        first_shape += len(scalars)
    for auxiliary in spec.auxiliaries:
        sigma = here.sds[:, model.code.factor == RESIDUAL]
        found[known.of(auxiliary).name] = (
            sigma[:, 0].reshape(shape) if auxiliary.by is None else sigma.reshape(*shape, -1)
        )
    return found


def _reported[N](
    effects: Effects[N], known: Names, drawn: tuple[Floats, Floats, Floats, Floats | None]
) -> Mapping[str, Floats]:
    return effects.reported(known.at(effects), *drawn)
