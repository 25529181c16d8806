"""Draws × Design -> the mean of each row's response, given the data."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats
from tildemc.results.datatree import Group
from tildemc.results.evaluate import Draws, Rows, in_chunks
from tildemc.spec.design import Design
from tildemc.spec.expr import substitute
from tildemc.spec.likelihood import beside, mean_of
from tildemc.spec.model import ModelSpec

__all__ = ["middles", "posterior_means"]


def middles(spec: ModelSpec, design: Design, draws: Draws) -> Floats:
    """The mean of the family's `centre` in each row under each draw, (draws, n)."""
    # A response that has no mean has no centre either.
    mean_of(spec)
    length = len(next(iter(draws.values())))
    return Rows(spec, design, draws, length).value(substitute(spec.family.middle, beside(spec)))


def posterior_means(spec: ModelSpec, design: Design, posterior: Group) -> Floats:
    """The mean of each row's response over all draws, (n,)."""
    mean = mean_of(spec)
    total, count = np.zeros(design.n), 0
    for _, draws in in_chunks(posterior.draws, design.n):
        length = len(next(iter(draws.values())))
        total += Rows(spec, design, draws, length).value(mean).sum(axis=0)
        count += length
    return total / count
