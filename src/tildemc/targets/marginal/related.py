"""Levels whose covariance is known -> levels that are independent, by one rotation for all points.

One effect for each of J related levels, u = s L v with v ~ N(0, I) and L Lᵀ known, and one residual sd: with
Lᵀ ZᵀZ L = Q diag(d) Qᵀ, the rotated v' = Qᵀ v are independent given the rest whatever s and σ are, for
A = s² σ⁻² Lᵀ ZᵀZ L + I has the same Q. So an evaluation costs as much as one of levels that are independent.

Zhou, X. & Stephens, M. (2012). Genome-wide efficient mixed-model analysis for association studies. Nature Genetics 44.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.model import ModelSpec
from tildemc.targets.marginal.statistics import Layout, Products, Tally

__all__ = ["MOST_RELATED", "limits", "rotated"]

MOST_RELATED = 6000
"""Related levels that a dense matrix of them still holds."""


def limits(spec: ModelSpec) -> Iterator[str]:
    """What of related levels no rotation makes independent, in sentences."""
    first, *others = spec.predictors
    related = [group for group in first.groups if group.between is not None]
    if not related:
        return
    if len(related) > 1:
        yield f"{len(related)} grouping factors have a covariance between their levels"
    for group in related:
        if group.width > 1:
            yield f"the related levels of {group.factor.label} have {group.width} effects each"
        if group.weights is not None:
            yield f"the related levels of {group.factor.label} have weights"
        if group.size > MOST_RELATED:
            yield f"{group.size} related levels of {group.factor.label} are more than {MOST_RELATED}"
    together = spec.residual is not None or others or any(auxiliary.by is not None for auxiliary in spec.auxiliaries)
    if together or "se" in spec.response.companions:
        yield "levels are related, and residuals have not one sd"


def rotated(layout: Layout, found: Products, factor: Floats) -> tuple[Products, Floats]:
    """The products of the rotated effects in the place of the eliminated factor's, and Q.

    Parameters
    ----------
    layout : Layout
        With one effect a level.
    found : Products
        In one residual class.
    factor : (levels, levels)
        L.
    """
    levels, rest = layout.levels[0], layout.rest
    own, by_y = np.zeros(levels), np.zeros(levels)
    others = np.zeros(levels * rest)
    for name, dense in (("S", own), ("c", by_y), ("E", others)):
        dense[found.sums[name].key] = found.sums[name].value
    # The residual's variance is not known yet: products are of rows as they are.
    d, Q = np.linalg.eigh(factor.T @ (own[:, None] * factor))
    back = (factor @ Q).T
    made = {"S": np.maximum(d, 0.0), "c": back @ by_y, "E": (back @ others.reshape(levels, rest)).ravel()}
    sums = {name: Tally(np.arange(len(v)), np.zeros(len(v), np.int64), v) for name, v in made.items()}
    return replace(found, sums={**found.sums, **sums}), Q
