"""Coordinates of sds of which the data know little.

Where an sd is too small to be told from zero, the density of its log falls as slowly as the sd does, a long tail in
which steps that suit the rest are short. There the log goes down as a square does, whose density has a normal tail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.priors import Prior
from tildemc.spec.terms.effects import EffectsBlock
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.smooth import Smooth
from tildemc.targets.direct.anchor import Anchor
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.start import coordinate_of

__all__ = ["bend_sds"]

FARTHEST = 20.0
"""How far the log of an sd may be from where the best known effect is half known."""


def bend_sds(packing: Packing, term: GroupEffects | Smooth, anchor: Anchor) -> None:
    """Bend the coordinates of a term's sds below where rows that know so much begin to tell them from zero."""
    known = anchor.information.diagonal(axis1=1, axis2=2).reshape(term.size, term.width)
    for position, is_sd, prior, columns in _sds(packing, term):
        told = _told(known[:, columns].ravel())
        if told is None or prior.made or prior.support.lower != 0:
            continue
        # On the diagonal of a covariance's factor stands the sd itself.
        origin = coordinate_of(told, prior) if is_sd else float(np.log(told))
        packing.bend(position, origin, 2.0 if is_sd and prior.on_variance else 1.0)


def _sds(packing: Packing, term: GroupEffects | Smooth) -> Iterator[tuple[int, bool, Prior, list[int]]]:
    """Each sd's coordinate, whether that is the sd's own, its prior, and the columns of effects that have it."""
    blocks: Sequence[EffectsBlock] = term.blocks
    for block, where in zip(blocks, packing.layout.groups[term.path].blocks, strict=True):
        columns = range(where.columns.start, where.columns.stop)
        of_position: dict[int, list[int]] = {}
        for position, column in zip(where.sds, columns, strict=True):
            of_position.setdefault(position, []).append(column)
        for position, own in of_position.items():
            number = block.sds[own[0] - where.columns.start]
            yield position, where.sd is not None, block.sd_priors[number], own


def _told(known: Floats) -> float | None:
    """The sd whose log effects of which so much is known tell as well as one normal number tells its mean."""
    from scipy.optimize import brentq

    known = known[known > 0]
    if len(known) == 0:
        return None

    def surplus(log_sd: float) -> float:
        ratio = known * np.exp(2 * log_sd)
        return float(2 * ((ratio / (1 + ratio)) ** 2).sum() - 1)

    middle = -0.5 * np.log(known.max())
    return float(np.exp(brentq(surplus, middle - FARTHEST, middle + FARTHEST)))
