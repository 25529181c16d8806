"""Parameters that no formula models, and what priors are arithmetic of, in the kernel's tables."""

from __future__ import annotations

from typing import assert_never

from tildemc.spec.stepwise import BEFORE
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.hyperparameter import Hyperparameter
from tildemc.spec.terms.shares import Shares
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.tables import LEVELS, NONE, Slot

__all__ = ["pack_auxiliary", "pack_followed", "pack_shares"]


def pack_followed(packing: Packing, quantity: Hyperparameter | Auxiliary) -> None:
    """What priors are arithmetic of."""
    match quantity:
        case Auxiliary(parameter):
            packing.quantities.add(parameter, packing.layout.auxiliaries[quantity.path])
            pack_auxiliary(packing, quantity)
        case Hyperparameter(name, prior, support):
            place = packing.layout.hyperparameters[quantity.path]
            packing.quantities.add(name, place, shares=support.shares)
            if support.shares:
                packing.pieces(place, prior, name)
                return
            packing.scalars_from(place.start, [prior] * (place.stop - place.start))
        case never:
            assert_never(never)


def pack_auxiliary(packing: Packing, auxiliary: Auxiliary) -> None:
    """A parameter, or one for each level of rows."""
    place, index = packing.layout.auxiliaries[auxiliary.path], packing.design.of(auxiliary).index
    size = place.stop - place.start
    packing.scalars_from(place.start, [auxiliary.prior] * size)
    labels = NONE if index is None else packing.index(index, size)
    packing.slots[auxiliary.parameter] = Slot(LEVELS, value=place.start, labels=labels)
    if packing.before is not None and index is not None:
        labels = packing.index(index[packing.before], size)
        packing.slots[f"{BEFORE}{auxiliary.parameter}"] = Slot(LEVELS, value=place.start, labels=labels)


def pack_shares(packing: Packing, shares: Shares) -> None:
    """Chances that add up to one."""
    packing.pieces(packing.layout.shares[shares.path], shares.prior, shares.parameter)
