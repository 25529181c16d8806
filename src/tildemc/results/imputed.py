"""Draws × rows without a response, or with one that is measured with error -> draws of their responses."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats
from tildemc.results.conditioning import Conditioning
from tildemc.results.datatree import Group, drawn_group
from tildemc.results.evaluate import Draws, Rows
from tildemc.results.predict import posterior_draws
from tildemc.spec.design import Design, Numbers
from tildemc.spec.expr import Var, evaluate
from tildemc.spec.measurement import Measurement
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.unobserved import Unobserved
from tildemc.spec.vocabulary import NUMPY

__all__ = ["imputed"]

MU, SIGMA, Y, NOISE = (Var(name) for name in ("mu", "sigma", "y", "noise"))


def imputed(
    spec: ModelSpec, design: Numbers, posterior: Group, later: Unobserved, whole: ModelSpec, seed: int | None
) -> Group:
    """The posterior with responses drawn given each of its draws.

    Parameters
    ----------
    spec, design
        The model as it was fitted.
    posterior : Group
    later : Unobserved
    whole : ModelSpec
        The model with what is drawn now.
    seed : int or None
    """
    draws, (chains, length) = posterior_draws(posterior)
    conditioning = Conditioning.of(spec, "all", "sample", seed)
    generator = np.random.default_rng([conditioning.seed, 1])
    parts: list[Floats] = []
    if later.imputed.noise is not None:
        parts.append(_true(spec, design.whole("`mi()`"), draws, chains * length, generator))
    if later.rows.n:
        rows, own = conditioning.unseen(spec, later.rows, draws)
        found = Rows(spec, rows, own, chains * length)
        # Without its error a normal response has sigma for its sd.
        parts.append(found.drawn(generator, None if later.imputed.noise is None else spec.family.draw))
    values = np.concatenate(parts, axis=1) if parts else np.empty((chains * length, 0))
    named = names(whole).of(later.imputed)
    drawn = posterior.draws | {named.true: values.reshape(chains, length, -1)}
    return drawn_group(whole, drawn, posterior.attributes)


def _true(spec: ModelSpec, design: Design, draws: Draws, length: int, generator: np.random.Generator) -> Floats:
    """The true responses of rows with measured ones, (draws, n)."""
    rows = Rows(spec, design, draws, length)
    centre, spread = (rows.parameters[parameter.name] for parameter in spec.family.parameters)
    known = {"mu": centre, "sigma": spread, "y": design.y, "noise": design.se, "z": generator.normal(size=rows.shape)}
    true = Measurement(MU, SIGMA, Y, NOISE).true(Var("z"))
    return np.asarray(evaluate(true, lambda name: known[name.name], NUMPY))
