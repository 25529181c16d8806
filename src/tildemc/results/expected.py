"""Draws × Design -> the mean of each row's response under each draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tildemc.results.evaluate import Draws, in_chunks, parameters_of
from tildemc.spec.design import Design
from tildemc.spec.expr import evaluate
from tildemc.spec.model import ModelSpec
from tildemc.spec.vocabulary import NUMPY

__all__ = ["expected", "posterior_means"]

Floats = NDArray[np.float64]


def expected(spec: ModelSpec, design: Design, draws: Draws) -> Floats:
    """The mean of each row's response, (draws, n)."""
    known = {**design.row, **parameters_of(spec, design, draws)}
    found = evaluate(spec.family.mean, lambda name: known[name.name], NUMPY)
    return np.broadcast_to(found, (len(next(iter(draws.values()))), design.n))


def posterior_means(spec: ModelSpec, design: Design, posterior: Mapping[str, NDArray[Any]]) -> Floats:
    """The mean of each row's response, given the data: (n,).

    Parameters
    ----------
    posterior : mapping
        For each parameter of the model, an array (chains, draws, …); the intercept is that at zero.
    """
    total, count = np.zeros(design.n), 0
    for _, draws in in_chunks(posterior, design.n):
        means = expected(spec, design, draws)
        total += means.sum(axis=0)
        count += len(means)
    return total / count
