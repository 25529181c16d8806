"""Monotonic effects in the kernel's tables."""

from __future__ import annotations

from tildemc.spec.terms.monotonic import Monotonic
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.tables import LEVELS, Slot

__all__ = ["pack_monotonic"]


def pack_monotonic(packing: Packing, effect: Monotonic) -> None:
    """The mean effect of a step, and the steps' shares."""
    layout, own = packing.layout.monotonic[effect.path], effect.in_rows
    packing.scalar(layout.b, effect.prior)
    packing.slots[own.b] = Slot(LEVELS, value=layout.b)
    if effect.owner is None:
        packing.pieces(layout.shares, effect.shares, own.simo)
