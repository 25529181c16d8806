"""Effects that are carried in the kernel's tables: their anchors, and what their targets move with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.model import Integrated
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.term import Path
from tildemc.targets.direct.anchor import Anchor
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.tables import NONE, Link, Shift

__all__ = ["Span", "carry_terms"]


@dataclass(frozen=True)
class Span:
    """Coordinates that stand side by side."""

    at: int
    size: int


def carry_terms(
    packing: Packing, terms: Mapping[Path, Integrated], anchors: Mapping[Path, Anchor], coefficients: Sequence[Span]
) -> None:
    """Let terms that have anchors be carried, in this order, after all others; they follow these coefficients."""
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
            own, theirs = packing.groups[number].width, packing.groups[packing.owners[other]].width
            entries = met.tobsr((own, theirs))
            entries.sort_indices()
            each = np.repeat(times, np.diff(entries.indptr), axis=0)[:, :, None] * entries.data
            packing.links.append(Link(
                packing.owners[other], packing.index(entries.indptr, 0), packing.index(entries.indices, 0),
                packing.floats(each),
            ))  # fmt: skip
        levels, rank, _ = anchor.information.shape
        own_times = times.reshape(levels, rank)
        information = own_times[:, :, None] * anchor.information * own_times[:, None, :]
        packing.terms.append(term._replace(
            levels=levels, rank=rank, information=packing.floats(information), target=packing.floats(times.ravel() * anchor.target),
            first_follow=first_follow, last_follow=len(packing.follows), first_link=first_link,
            last_link=len(packing.links),
        ))  # fmt: skip
        packing.start[term.z : term.z + times.size] = 0.0


def _multiples(term: Integrated) -> Floats:
    """What the effects of each level are multiplied by, (levels, width)."""
    weights = term.weights if isinstance(term, GroupEffects) else None
    spread = np.ones(term.size) if weights is None else weights.spread
    return np.repeat(spread[:, None], term.width, axis=1)
