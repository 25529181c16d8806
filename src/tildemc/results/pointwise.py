"""Draws × Design -> the log likelihood of each row under each draw, which comparisons need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.results.datatree import Group, dataset
from tildemc.results.evaluate import in_chunks, predictors_of
from tildemc.spec.design import Design, Numbers
from tildemc.spec.expr import Expr, evaluate
from tildemc.spec.likelihood import density_of
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.vocabulary import NUMPY

if TYPE_CHECKING:
    from arviz import ELPDDataLOO

__all__ = ["log_likelihood", "log_likelihood_group", "loo"]


def log_likelihood_group(spec: ModelSpec, design: Numbers, posterior: Group) -> Group:
    """The group `log_likelihood`: one variable, named after the response, (chain, draw, obs)."""
    design = design.whole("the log likelihood of each row")
    known = names(spec)
    values = (("chain", "draw", known.obs), log_likelihood(spec, design, posterior.draws))
    labels = {**{dim: posterior.labels[dim] for dim in ("chain", "draw")}, known.obs: np.asarray(design.obs)}
    return Group({known.response: values}, labels)


def loo(spec: ModelSpec, design: Numbers, posterior: Group) -> ELPDDataLOO:
    """ArviZ's leave-one-out cross-validation over the rows that count: those with a weight and with trials.

    The log likelihood of any other row is a constant, which ArviZ refuses, and to leave it out changes nothing.
    """
    import arviz as az
    from xarray import DataTree

    design = design.whole("leave-one-out cross-validation")
    known = names(spec)
    counted = np.ones(design.n, dtype=bool)
    for numbers in (design.weights, design.trials):
        counted &= True if numbers is None else numbers > 0
    rows = dataset(log_likelihood_group(spec, design, posterior))
    rows = rows if counted.all() else rows.isel({known.obs: np.flatnonzero(counted)})
    groups = {"/posterior": dataset(posterior), "/log_likelihood": rows}
    return az.loo(DataTree.from_dict(groups), pointwise=True, var_name=known.response)


def log_likelihood(spec: ModelSpec, design: Design, posterior: Mapping[str, Floats]) -> Floats:
    """The log likelihood of each row under each draw.

    Parameters
    ----------
    spec : ModelSpec
    design : Design
        With the response.
    posterior : mapping
        For each parameter of the model, an array (chains, draws, …); the intercept is that at zero.

    Returns
    -------
    (chains, draws, n) array
        All terms of the density, as in Vehtari, Gelman & Gabry (2017), Practical Bayesian model evaluation using
        leave-one-out cross-validation and WAIC, Statistics and Computing 27. A row's weight multiplies it, as in the
        model.
    """
    chains, length = next(iter(posterior.values())).shape[:2]
    density, row = density_of(spec), design.row
    found = np.empty((chains * length, design.n))
    for chunk, draws in in_chunks(posterior, design.n):
        rows = _densities(density, row | predictors_of(spec, design, draws))
        found[chunk] = rows if design.weights is None else NUMPY["times"](design.weights, rows)
    return found.reshape(chains, length, design.n)


def _densities(density: Expr, known: Mapping[str, Floats]) -> Floats:
    with np.errstate(divide="ignore", over="ignore"):
        return evaluate(density, lambda name: known[name.name], NUMPY)
