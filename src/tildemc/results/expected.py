"""Draws × Design -> the mean of each row's response, given the data."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats
from tildemc.results.datatree import Group
from tildemc.results.evaluate import Rows, in_chunks
from tildemc.spec.design import Design
from tildemc.spec.likelihood import mean_of
from tildemc.spec.model import ModelSpec

__all__ = ["posterior_means"]


def posterior_means(spec: ModelSpec, design: Design, posterior: Group) -> Floats:
    """The mean of each row's response over all draws, (n,)."""
    mean = mean_of(spec)
    total, count = np.zeros(design.n), 0
    for _, draws in in_chunks(posterior.draws, design.n):
        length = len(next(iter(draws.values())))
        total += Rows(spec, design, draws, length).value(mean).sum(axis=0)
        count += length
    return total / count
