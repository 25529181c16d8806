"""How residuals go together, of several responses or from row to row, in the kernel's tables."""

from __future__ import annotations

from tildemc.spec.stepwise import coefficient
from tildemc.spec.terms.rescor import ResidualCorrelations
from tildemc.spec.terms.residual import Residual
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.rows import share_piece
from tildemc.targets.direct.tables import LEVELS, NONE, Slot

__all__ = ["pack_rescor", "pack_residual"]


def pack_rescor(packing: Packing, rescor: ResidualCorrelations) -> None:
    """Partial correlations p, of which (1 + p) / 2 is beta."""
    for k, prior in enumerate(rescor.halves):
        at = packing.layout.rescor.start + k
        packing.scalar(at, prior)
        packing.start[at] = 0.0
        packing.slots[share_piece(rescor.path[0], k)] = Slot(LEVELS, value=at)


def pack_residual(packing: Packing, residual: Residual) -> None:
    """The coefficients of a series, one or one for each level."""
    level = packing.design.of(residual).level
    labels = NONE if level is None else packing.index(level, residual.sets)
    for free, prior in zip(residual.free(), residual.prior_of, strict=True):
        place = packing.layout.residual[free.path]
        packing.scalars_from(place.start, [prior] * (place.stop - place.start))
        packing.slots[coefficient(free.path[-1])] = Slot(LEVELS, value=place.start, labels=labels)
