"""Draws of ψ and of all effects -> the quantities that every target reports, by name."""

from __future__ import annotations

from tildemc.arrays import Floats
from tildemc.spec.covariance import spread_and_correlations
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.parameters import Names, names
from tildemc.spec.terms.shares import whole
from tildemc.spec.terms.thresholds import Thresholds
from tildemc.targets.direct.rows import share_piece
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
        found |= _population(predictor, problem, known, scalars)
    for auxiliary in spec.auxiliaries:
        at = problem.places[auxiliary.parameter]
        own = scalars[..., at : at + auxiliary.size]
        found[known.of(auxiliary).name] = own[..., 0] if auxiliary.by is None else own
    if spec.thresholds is not None:
        found |= _thresholds(spec, spec.thresholds, problem, known, scalars)
    for shares in spec.shares:
        each = _shares(shares.parameter, shares.size, problem, scalars)
        found |= {known.of(shares)[name]: each[..., k] for k, name in enumerate(shares.parameters)}
    if spec.rescor is not None:
        halves = [problem.places[share_piece(spec.rescor.path[0], k)] for k in range(len(spec.rescor.parameters))]
        found[known.of(spec.rescor).cor] = spec.rescor.matrix(2.0 * scalars[..., halves] - 1.0)
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


def _population(predictor: Predictor, problem: Problem, known: Names, scalars: Floats) -> dict[str, Floats]:
    """Population effects and monotonic ones."""
    population, at = predictor.population, problem.places[predictor.parameter]
    named, own = known.of(population), scalars[..., at : at + len(population.priors)]
    b = own if population.intercept is None else own[..., 1:]
    found = {named.b: b} if population.products else {}
    if population.intercept is not None:
        found[named.intercept] = own[..., 0] - b @ problem.centres[predictor.parameter]
    for effect in predictor.monotonic:
        called, read = known.of(effect), effect.in_rows
        found[called.b] = scalars[..., problem.places[read.b]]
        if effect.owner is None:
            found[called.simo] = _shares(read.simo, effect.steps, problem, scalars)
    return found


def _shares(name: str, size: int, problem: Problem, scalars: Floats) -> Floats:
    return whole(scalars[..., [problem.places[share_piece(name, k)] for k in range(size - 1)]])


def _thresholds(
    spec: ModelSpec, thresholds: Thresholds, problem: Problem, known: Names, scalars: Floats
) -> dict[str, Floats]:
    """Thresholds where predictors are zero, and the effects on them."""
    first, places = spec.predictors[0], problem.places
    at = places[first.parameter]
    shift = scalars[..., at : at + len(first.population.priors)] @ problem.centres[first.parameter]
    at = places[thresholds.quantities[0]]
    own, delta = scalars[..., at : at + sum(len(cuts.prior_of) for cuts in thresholds.cuts)], None
    if thresholds.spacing == "equidistant":
        at = places[thresholds.step]
        delta = scalars[..., at : at + len(thresholds.cuts)]
    found = thresholds.reported(known.of(thresholds), own, delta, shift)
    if spec.specific is not None:
        at = places[spec.specific.quantity(0)]
        effects = scalars[..., at : at + spec.specific.size * len(spec.specific.columns)]
        found |= spec.specific.reported(known.of(spec.specific), effects)
    return found
