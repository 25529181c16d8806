"""Responses that a model would give: after the fit, before it; as ArviZ's groups."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from tildemc.errors import FitError
from tildemc.results.conditioning import Conditioning, seeded
from tildemc.results.datatree import Group, datatree, drawn_group
from tildemc.results.predict import predicted
from tildemc.results.prior import prior_draws
from tildemc.results.quantity import quantity
from tildemc.results.responses import of_response
from tildemc.spec.design import Numbers
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.visible import shown

if TYPE_CHECKING:
    from xarray import DataTree

__all__ = ["posterior_predictive", "prior_predictive"]


def posterior_predictive(spec: ModelSpec, design: Numbers, posterior: Group, seed: object) -> Group:
    """The group `posterior_predictive`: a response of each row of the fit under each draw."""
    conditioning = Conditioning.of(spec, "all", "error", seed)
    return predicted(spec, design, posterior, quantity(spec, "response"), conditioning)


def prior_predictive(
    spec: ModelSpec, design: Numbers, draws: object, seed: object, response: str | None = None
) -> DataTree:
    """The groups `prior`, `prior_predictive` and `observed_data`; see `Model.prior_predictive`."""
    if isinstance(draws, bool) or not isinstance(draws, Integral) or draws < 1:
        raise FitError(f"`draws` is a whole number from 1 up, not {shown(draws)}")
    design = design.whole("the prior predictive distribution")
    # One of several responses may have effects that belong to another.
    whole = replace(spec.part_of or spec, imputed=None)
    known, start = names(spec), seeded(seed)
    values = prior_draws(whole, design, int(draws), np.random.default_rng(start))
    prior = drawn_group(whole, {name: array[None] for name, array in values.items()}, {"formula": spec.formula})
    own, rows = of_response(spec, design, response)
    conditioning, called, y = Conditioning.of(own, "all", "error", start), names(own).response, rows.whole("").y
    responses = predicted(own, rows, prior, quantity(own, "response"), conditioning)
    # Of several numbers a row the first, as in the model's own graph.
    observed = Group({called: ((known.obs,), np.asarray(y))}, {known.obs: responses.labels[known.obs]})
    return datatree({"prior": prior, "prior_predictive": responses, "observed_data": observed})
