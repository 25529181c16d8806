"""Effects that are carried in the kernel's tables: their anchors, and what their targets move with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.model import Integrated
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.term import Path
from tildemc.targets.direct.anchor import Anchor
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.tables import NONE, Link, Shift

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Span", "carry_terms"]

DENSE = 0.2
"""A matrix of which so many entries are not zero is faster to go through as a whole."""


@dataclass(frozen=True)
class Span:
    """Coordinates that stand side by side."""

    at: int
    size: int


def carry_terms(
    packing: Packing, terms: Mapping[Path, Integrated], anchors: Mapping[Path, Anchor], coefficients: Sequence[Span]
) -> None:
    """Let terms that have anchors be carried, in this order, after all others; they follow these coefficients."""
    from scipy.sparse import diags_array

    for path, anchor in anchors.items():
        number = packing.owners[path]
        [at] = [k for k, term in enumerate(packing.terms) if term.group == number]
        term = packing.terms.pop(at)
        times = _multiples(terms[path])
        first_follow, first_link = len(packing.follows), len(packing.links)
        begin = 0
        for span in coefficients:
            moved = times.ravel()[:, None] * anchor.by_coefficients[:, begin : begin + span.size]
            packing.follows.append(Shift(NONE, len(moved), span.at, span.size, packing.floats(moved.T)))
            begin += span.size
        for other, met in anchor.by_effects.items():
            packing.links.append(_link(packing, number, packing.owners[other], diags_array(times.ravel()) @ met))
        levels, rank, _ = anchor.information.shape
        own_times = times.reshape(levels, rank)
        information = own_times[:, :, None] * anchor.information * own_times[:, None, :]
        target = packing.floats(times.ravel() * anchor.target)
        packing.terms.append(term._replace(
            levels=levels, rank=rank, information=packing.floats(information), target=target,
            first_follow=first_follow, last_follow=len(packing.follows), first_link=first_link,
            last_link=len(packing.links),
        ))  # fmt: skip
        packing.start[term.z : term.z + times.size] = 0.0


def _link(packing: Packing, number: int, other: int, met: csr_array) -> Link:
    """How the targets of a group's effects move with the effects of another group."""
    if met.nnz > DENSE * met.shape[0] * met.shape[1]:
        return Link(other, NONE, NONE, packing.floats(met.toarray().T))
    entries = met.tobsr((packing.groups[number].width, packing.groups[other].width))
    starts, levels = packing.index(entries.indptr, 0), packing.index(entries.indices, 0)
    return Link(other, starts, levels, packing.floats(entries.data))


def _multiples(term: Integrated) -> Floats:
    """What the effects of each level are multiplied by, (levels, width)."""
    weights = term.weights if isinstance(term, GroupEffects) else None
    spread = np.ones(term.size) if weights is None else weights.spread
    return np.repeat(spread[:, None], term.width, axis=1)
