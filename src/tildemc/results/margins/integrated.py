"""A quantity of rows -> its mean over all effects of groups: Stata's `predict(mu)` after models of levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import UnsupportedError
from tildemc.results.evaluate import Rows
from tildemc.results.levels import Chosen, only
from tildemc.results.quantity import Quantity, known_mean
from tildemc.results.variance import NODES
from tildemc.spec.expr import Expr, evaluate
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.vocabulary import NUMPY

__all__ = ["over_groups"]


def over_groups(spec: ModelSpec, asked: Quantity) -> Quantity:
    """The mean of the response, or the chance of each category, averaged over the effects of groups.

    Parameters
    ----------
    spec : ModelSpec
    asked : Quantity
        The mean with the effects of all groups.

    Raises
    ------
    UnsupportedError
        If the effects add to more than the first linear predictor, or are not normal.

    Notes
    -----
    Under each draw the sum of a row's effects is normal, with the variance Z Σ Z'; over it there are 30 nodes of
    Gauss and Hermite.
    """
    others = [group.parameter for group in spec.groups() if group.parameter != spec.predictors[0].parameter]
    if others or any(predictor.shared for predictor in spec.predictors):
        raise UnsupportedError(
            "effects of groups that add to several predictors are not averaged over: `predict(mu fixedonly)` has them "
            "at zero"
        )
    if any(group.tails is not None for group in spec.groups()):
        raise UnsupportedError(
            "effects that are Student-t are not averaged over: `predict(mu fixedonly)` has them at 0"
        )
    mean = None if asked.chances else known_mean(spec)

    def averaged(rows: Rows, value: Expr) -> Floats:
        first, link = spec.predictors[0].parameter, spec.predictors[0].link
        alone = replace(rows, design=only(spec, rows.design, Chosen({})))
        eta, sd = alone.link(first), np.sqrt(_variance(rows))
        x, weights = np.polynomial.hermite_e.hermegauss(NODES)
        total = np.zeros(rows.shape)
        for at, weight in zip(x, weights / weights.sum(), strict=True):
            with np.errstate(all="ignore"):
                seen = np.asarray(evaluate(link.inverse, lambda _, at=at: eta + sd * at, NUMPY))  # type: ignore[misc]
            total += weight * alone.value(value, **{first: seen})
        return total

    if mean is None:
        return replace(asked, value=averaged)
    return replace(asked, of=lambda rows, _: averaged(rows, mean))


def _variance(rows: Rows) -> Floats:
    """Of what the effects of all groups add to each row, (draws, n)."""
    known, found = names(rows.spec), np.zeros(rows.shape)
    for group in rows.spec.groups():
        numbers, named = rows.design.of(group), known.of(group)
        Z = numbers.Z * (numbers.index >= 0)[:, None]
        if group.weights is not None:
            Z = Z * group.weights.spread[np.maximum(numbers.index, 0), None]
        sds = rows.draws[named.sd]
        root = sds[:, None, :] * Z
        correlations = rows.draws[named.cor] if group.correlated else np.eye(Z.shape[1])[None]
        found += np.einsum(
            "dna,dab,dnb->dn", root, np.broadcast_to(correlations, (len(sds), *correlations.shape[1:])), root
        )
    return found
