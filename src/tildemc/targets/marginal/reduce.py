"""ModelSpec × Design -> Marginal: a model's marginal likelihood, of rows that are independent or go together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tildemc.spec.design import Design, Numbers
from tildemc.spec.model import ModelSpec
from tildemc.spec.rows_together import batches, in_order
from tildemc.targets.marginal.crossproducts import Reduced, reduced
from tildemc.targets.marginal.entries import entries_of
from tildemc.targets.marginal.inverses import inverse_of
from tildemc.targets.marginal.joint import Joint, joint
from tildemc.targets.marginal.kinds import kinds_of
from tildemc.targets.marginal.likelihood import Marginal
from tildemc.targets.marginal.paired import PairedMarginal
from tildemc.targets.marginal.residuals import Residuals, residuals
from tildemc.targets.marginal.structured import JointMarginal
from tildemc.targets.marginal.variances import encode_variances
from tildemc.targets.marginal.whitened import WhitenedMarginal

__all__ = ["go_together", "marginal"]

MOST_PAIRS = 4e6
"""With more products of pairs of rows than this, rows are whitened at each point: these would take much memory."""


def marginal(spec: ModelSpec, design: Numbers, *, flat: bool = False, integrate: bool = True) -> Marginal:
    """Reduce a model and its data to what its marginal likelihood needs.

    Parameters
    ----------
    spec : ModelSpec
        Without gaps, and with numbers for all priors.
    design : Numbers
    flat : bool
        Take all population priors for flat.
    integrate : bool
        Integrate the population effects out; otherwise they are at their best.
    """
    if go_together(spec):
        return _joint(spec, design, flat=flat, integrate=integrate)
    found = reduced(spec, design, residuals(spec, design), flat=flat, integrate=integrate)
    code = encode_variances(spec, found.groups, found.known.sigma, found.known.known)
    return Marginal(found.groups, found.population, found.blocks, code, integrate, found.rotation)


def go_together(spec: ModelSpec) -> bool:
    """Whether rows go together, or a formula models their sd: no cross-products then serve for all points."""
    return spec.residual is not None or len(spec.predictors) > 1


def _joint(spec: ModelSpec, design: Numbers, *, flat: bool, integrate: bool) -> JointMarginal:
    whole = design.whole("a model whose residuals go together")
    # Whitened rows have a variance of one, which is known.
    alone = Residuals(np.array([-1]), np.ones(1), alone=True)
    found = reduced(spec, whole, alone, flat=flat, integrate=integrate)
    own = joint(spec, whole, found.rows(whole))
    moving = spec.residual is not None and spec.residual.correlation.mean is not None
    if moving or _pairs(own, whole) > MOST_PAIRS:
        return _whitened(spec, whole, found, own, integrate)
    design_of = None if spec.residual is None else whole.of(spec.residual)
    kinds, sums = kinds_of(own, inverse_of(spec.residual, design_of, whole.n), found.layout, found.sums)
    blocks = replace(found, sums=sums).blocks
    classes = len(sums.counts)
    code = encode_variances(spec, found.groups, np.full(classes, -1), np.ones(classes), own.numbers)
    return PairedMarginal(found.groups, found.population, blocks, code, integrate, joint=own, kinds=kinds)


def _pairs(own: Joint, design: Design) -> float:
    """How many products of pairs of rows there are at most."""
    residual, d = own.residual, own.columns.shape[1]
    if residual is None or residual.step is not None or residual.correlation.alike:
        return 0.0
    size = in_order(design.of(residual))[2]
    return float(0.25 * d * (d + 1) * np.sum(size * (size + 1.0)))


def _whitened(spec: ModelSpec, design: Design, found: Reduced, own: Joint, integrate: bool) -> WhitenedMarginal:
    residual = spec.residual
    assert residual is not None
    parts = batches(residual, design.of(residual), design.n)
    code = encode_variances(spec, found.groups, np.array([-1]), np.ones(1), own.numbers)
    size = len(found.sums.start) - 1
    # A level's products are its own: no other has the same whatever the correlations.
    blocks = found.blocks._replace(
        start=np.arange(size + 1), classes=np.zeros(size, np.int64), table=np.zeros(size),
        twin=np.arange(len(found.sums.twin)),
    )  # fmt: skip
    places = tuple(
        entries_of(found.layout, found.sums, tuple(level[batch.rows].max(axis=1) for level in own.levels))
        for batch in parts
    )
    return WhitenedMarginal(
        found.groups, found.population, blocks, code, integrate, joint=own, batches=parts, entries=places
    )  # fmt: skip
