"""Thresholds, and the effects on each of them, in the kernel's tables."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Integers
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.thresholds import Thresholds
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.start import seen
from tildemc.targets.direct.tables import AFTER, LEVELS, PREDICTED, Slot

__all__ = ["pack_specific", "pack_thresholds"]


def pack_thresholds(packing: Packing, thresholds: Thresholds) -> None:
    """Where they must increase, each of a level's but the first is seen from the one before it."""
    layout, begin = packing.layout.thresholds, seen(packing.spec, packing.design)
    assert layout is not None
    at, place = layout.own.start, 0
    for j, cuts in enumerate(thresholds.cuts):
        own = begin[place : place + cuts.size]
        place += cuts.size
        for k, prior in enumerate(cuts.prior_of):
            after = bool(k) and thresholds.support.ordered
            packing.scalar(at, prior, AFTER if after else None)
            packing.start[at] = np.log(own[k] - own[k - 1]) if after else own[k]
            at += 1
        if cuts.delta is not None:
            distance = float(own[-1] - own[0]) / max(cuts.size - 1, 1)
            packing.scalar(layout.distances.start + j, cuts.delta)
            packing.begin(layout.distances.start + j, distance, cuts.delta)
    if thresholds.spacing == "equidistant":
        packing.slots[thresholds.quantity(0)] = _of_level(packing, thresholds, layout.own.start)
        packing.slots[thresholds.step] = _of_level(packing, thresholds, layout.distances.start)
        return
    # A row that lacks a threshold is given its last, of which nothing is made.
    last = [cuts.size - 1 for cuts in thresholds.cuts]
    for k in range(thresholds.size):
        where = thresholds.starts[:-1] + np.minimum(k, last)
        packing.slots[thresholds.quantity(k)] = _of_level(packing, thresholds, layout.own.start, where)


def _of_level(packing: Packing, thresholds: Thresholds, value: int, where: Integers | None = None) -> Slot:
    """A number of each row's level, found `where` from `value` on; by default each level has one."""
    index = packing.design.of(thresholds).index
    if index is None:
        return Slot(LEVELS, value=value if where is None else value + int(where[0]))
    labels = index if where is None else where[index]
    return Slot(LEVELS, value=value, labels=packing.index(labels, int(labels.max(initial=0)) + 1))


def pack_specific(packing: Packing, specific: Specific) -> None:
    """The effects on each threshold, which have one design."""
    layout, X = packing.layout.thresholds, packing.design.of(specific).X
    assert layout is not None
    design, columns = packing.floats(X.T), X.shape[1]
    for k in range(specific.size):
        first = layout.effects.start + k * columns
        packing.scalars_from(first, specific.coefficients)
        packing.slots[specific.quantity(k)] = Slot(PREDICTED, b=first, columns=columns, X=design)
