"""What the normal equations of a quick look say of each term's effects, given what is made before them.

Terms are made one after the other, those of few levels first. The one made last knows all others; what the others know
of themselves is what is left when those made after them are integrated out, level by level, at the look's guess of
their sds. This is exact where factors are nested; of crossed ones levels are taken for independent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.terms.term import Path
from tildemc.targets.direct.equations import Equations

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Anchor", "Place", "anchors"]


@dataclass(frozen=True)
class Place:
    """Where a term's effects stand among all, level by level; `kept`: it is never integrated out, but made first."""

    path: Path
    at: slice
    levels: int
    kept: bool

    @property
    def width(self) -> int:
        """The effects of a level."""
        return int(self.at.stop - self.at.start) // self.levels


@dataclass(frozen=True, eq=False)
class Anchor:
    """A quadratic in a term's effects r: r'c - ½ r'M r, level by level.

    Attributes
    ----------
    information : (levels, width, width)
        M.
    target : (levels * width,)
        c, at no coefficients and no effects made before.
    by_coefficients : (levels * width, p)
        How much less it is for each coefficient.
    by_effects : mapping of Path to sparse (levels * width, ·)
        The same for the effects of terms made before.
    """

    information: Floats
    target: Floats
    by_coefficients: Floats
    by_effects: Mapping[Path, csr_array]


def anchors(equations: Equations, places: Sequence[Place]) -> dict[Path, Anchor]:
    """Of each term that is not kept, in the order in which they are made."""
    from scipy.sparse import csr_array

    rest = sorted(places, key=lambda place: (place.kept, -place.levels, place.width))
    target, slopes, between = equations.aim, equations.ZwX.copy(), csr_array(equations.ZwZ)
    own = {place.path: target[place.at] for place in rest}
    moved = {place.path: slopes[place.at] for place in rest}
    met = {(a.path, b.path): between[a.at, :][:, b.at] for k, a in enumerate(rest) for b in rest[k:]}
    found: dict[Path, Anchor] = {}
    while rest and not rest[0].kept:
        a = rest.pop(0)
        M = _blocks(met[a.path, a.path], a)
        links = {b.path: csr_array(met[a.path, b.path]) for b in rest if met[a.path, b.path].nnz}
        found[a.path] = Anchor(M, own[a.path], moved[a.path], links)
        covariance = _inverse(M, equations.D[a.at].reshape(a.levels, a.width))
        for k, b in enumerate(rest):
            if b.path not in links:
                continue
            weighed = (covariance @ links[b.path]).T
            own[b.path] = own[b.path] - weighed @ own[a.path]
            moved[b.path] = moved[b.path] - weighed @ moved[a.path]
            for other in rest[k:]:
                if other.path in links:
                    met[b.path, other.path] = met[b.path, other.path] - weighed @ links[other.path]
    return dict(reversed(found.items()))


def _blocks(matrix: csr_array, place: Place) -> Floats:
    """The blocks of levels on the diagonal, (levels, width, width)."""
    w = place.width
    found = np.empty((place.levels, w, w))
    for i in range(w):
        for j in range(w):
            found[:, i, j] = matrix[i::w, :][:, j::w].diagonal()
    return found


def _inverse(M: Floats, D: Floats) -> csr_array:
    """Of M with precisions D (levels, width) added, the inverse, all levels on a diagonal."""
    from scipy.sparse import bsr_array, csr_array

    levels, w = D.shape
    blocks = np.linalg.inv(M + D[:, :, None] * np.eye(w))
    size = levels * w
    return csr_array(bsr_array((blocks, np.arange(levels), np.arange(levels + 1)), shape=(size, size)))
