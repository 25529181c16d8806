"""Draws of ψ and of all effects -> the quantities that every target reports, by name."""

from __future__ import annotations

from tildemc.arrays import Floats
from tildemc.spec.covariance import spread_and_correlations
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.targets.glmm.problem import Problem

__all__ = ["expansion"]


def expansion(spec: ModelSpec, problem: Problem, phi: Floats, effects: Floats) -> dict[str, Floats]:
    """The contract of `model.parameters`.

    Parameters
    ----------
    spec, problem
    phi : (chains, draws, size)
    effects : (chains, draws, effects)
        u, as chains leave them.

    Returns
    -------
    dict
        For each parameter (chains, draws, …).
    """
    known, shape = names(spec), phi.shape[:2]
    here = problem.points(phi.reshape(-1, problem.size))
    scalars = here.sds.reshape(*shape, -1)
    found: dict[str, Floats] = {}
    for predictor in spec.predictors:
        named, population, at = (
            known.of(predictor.population),
            predictor.population,
            problem.places[predictor.parameter],
        )
        own = scalars[..., at : at + len(population.priors)]
        b = own if population.intercept is None else own[..., 1:]
        if population.intercept is not None:
            found[named.intercept] = own[..., 0] - b @ problem.centres[predictor.parameter]
        found[named.b] = b
    for auxiliary in spec.auxiliaries:
        at = problem.places[auxiliary.parameter]
        own = scalars[..., at : at + auxiliary.size]
        found[known.of(auxiliary).name] = own[..., 0] if auxiliary.by is None else own
    first_shape = int((problem.code.factor >= 0).sum())
    for at_effects, where in zip(problem.placed, problem.where, strict=True):
        group, q = at_effects.term, at_effects.term.width
        sd, cor = spread_and_correlations(at_effects.of(here.factors).reshape(*shape, q, q))
        own_shapes = [own for block in group.blocks for own in block.shapes if not own.support.matrix]
        hidden = [first_shape + k for k, own in enumerate(own_shapes) if not own.correlation]
        first_shape += len(own_shapes)
        numbers = scalars[..., hidden] if hidden else None
        found |= group.reported(known.at(group), sd, effects[..., where], cor, numbers)
    return found
