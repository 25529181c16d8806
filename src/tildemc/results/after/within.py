"""The rows of one cluster -> their covariance matrix, of effects and residuals together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import UnsupportedError
from tildemc.resolve.margins import straight
from tildemc.results.evaluate import Rows
from tildemc.results.predict import posterior_draws
from tildemc.spec.expr import substitute
from tildemc.spec.likelihood import beside
from tildemc.spec.terms.group import GroupEffects

if TYPE_CHECKING:
    from tildemc.results.predicted import Predicted

__all__ = ["within_cluster"]

MOST = 50
"""Rows of a cluster that are shown."""


def within_cluster(
    fit: Predicted, groups: Sequence[GroupEffects], covariances: Sequence[Floats]
) -> tuple[str, list[int], Floats]:
    """The first cluster of the highest level: what it is called, its rows, and their covariances (n, rows, rows).

    Parameters
    ----------
    fit : Predicted
    groups : sequence of GroupEffects
    covariances : sequence of arrays
        Of the effects of each, (n, q, q).

    Raises
    ------
    UnsupportedError
        If the mean of the response is not its linear predictor.
    """
    spec, design = fit.spec, fit.design.whole("the rows of a cluster")
    if not straight(spec):
        raise UnsupportedError("`estat wcorrelation` is of responses whose mean is the linear predictor, as in `mixed`")
    highest = min(groups, key=lambda group: len(group.factor.columns))
    index = design.of(highest).index
    first = int(index[index >= 0][0])
    rows = np.flatnonzero(index == first)[:MOST]
    some = design.take(rows)
    draws, _ = posterior_draws(fit.groups["posterior"])
    evaluated = Rows(spec, some, draws, len(covariances[0]))
    variance = evaluated.value(substitute(spec.family.variance, beside(spec)))
    total = variance[:, :, None] * np.eye(len(rows))
    for group, covariance in zip(groups, covariances, strict=True):
        numbers = some.of(group)
        Z = numbers.Z * (numbers.index >= 0)[:, None]
        same = numbers.index[:, None] == numbers.index
        total = total + np.einsum("ia,nab,jb->nij", Z, covariance, Z) * same
    return f"{highest.factor.label} {highest.factor.levels[first]}", [int(row) + 1 for row in rows], total
