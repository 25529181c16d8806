"""Draws × Design -> the log likelihood of each row under each draw, which comparisons need."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Integers
from tildemc.results.conditioning import Conditioning
from tildemc.results.datatree import Group, dataset
from tildemc.results.predict import predicted
from tildemc.results.quantity import log_density
from tildemc.spec.design import Design, Numbers
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names

if TYPE_CHECKING:
    from arviz import ELPDDataLOO

__all__ = ["counted_rows", "log_likelihood_group", "loo"]


def log_likelihood_group(
    spec: ModelSpec,
    design: Numbers,
    posterior: Group,
    *,
    conditioning: Conditioning | None = None,
    newdata: object = None,
) -> Group:
    """The group `log_likelihood`: one variable, named after the response, (chain, draw, obs).

    All terms of the density, as in Vehtari, Gelman & Gabry (2017), Practical Bayesian model evaluation using
    leave-one-out cross-validation and WAIC, Statistics and Computing 27. A row's weight multiplies it, as in the model.
    """
    conditioning = Conditioning.of(spec, "all", "error", 0) if conditioning is None else conditioning
    return predicted(spec, design, posterior, log_density(spec), conditioning, newdata=newdata)


_SURE = 1e-12
"""A log likelihood that is no more than rounding."""


def loo(spec: ModelSpec, design: Numbers, posterior: Group) -> ELPDDataLOO:
    """ArviZ's leave-one-out cross-validation over the rows that count: those with a weight, with trials, and in doubt.

    The log likelihood of any other row is zero, which ArviZ refuses, and to leave it out changes nothing.
    """
    import arviz as az
    from xarray import DataTree

    design = design.whole("leave-one-out cross-validation")
    known = names(spec)
    rows = dataset(log_likelihood_group(spec, design, posterior))
    # A censored response may be sure under every draw.
    doubt = (np.abs(np.asarray(rows[known.response])) > _SURE).any(axis=(0, 1))
    counted = np.flatnonzero(doubt & np.isin(np.arange(design.n), counted_rows(design)))
    rows = rows if len(counted) == design.n else rows.isel({known.obs: counted})
    groups = {"/posterior": dataset(posterior), "/log_likelihood": rows}
    with warnings.catch_warnings():
        # It warns of high Pareto k without the rows; who asks tells them, by `checks.of_loo`.
        warnings.filterwarnings("ignore", "Estimated shape parameter of Pareto", UserWarning)
        return az.loo(DataTree.from_dict(groups), pointwise=True, var_name=known.response)


def counted_rows(design: Design) -> Integers:
    """The rows that say something: those with a weight and with trials."""
    counted = np.ones(design.n, dtype=bool)
    for numbers in (design.weights, design.trials):
        counted &= True if numbers is None else numbers > 0
    return np.flatnonzero(counted)
