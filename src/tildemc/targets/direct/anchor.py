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
from tildemc.targets.direct.equations import DENSE, Equations, solver

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Anchor", "Place", "anchors"]

WHOLE = 24
"""So many effects that rows tie to one another are one level's."""
SMALL = 1e-8


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
    own = {place.path: np.column_stack([equations.aim, equations.ZwX])[place.at] for place in rest}
    between = csr_array(equations.ZwZ)
    met = {(a.path, b.path): between[a.at, :][:, b.at] for k, a in enumerate(rest) for b in rest[k:]}
    found: dict[Path, Anchor] = {}
    while rest and not rest[0].kept:
        a = rest.pop(0)
        links = {b.path: csr_array(met[a.path, b.path]) for b in rest if met[a.path, b.path].nnz}
        M, covariance, aims = _seen(met[a.path, a.path], equations.D[a.at], a, own[a.path])
        found[a.path] = Anchor(M, aims[:, 0], aims[:, 1:], links)
        for k, b in enumerate(rest):
            if b.path not in links:
                continue
            weighed = (covariance @ links[b.path]).T
            own[b.path] = own[b.path] - weighed @ own[a.path]
            for other in rest[k:]:
                if other.path in links:
                    met[b.path, other.path] = csr_array(met[b.path, other.path] - weighed @ links[other.path])
    return dict(reversed(found.items()))


def _seen(known: csr_array, D: Floats, place: Place, aims: Floats) -> tuple[Floats, Floats | csr_array, Floats]:
    """Of effects of which rows know `known`, (size, size), and priors D: M, their covariance, and targets like `aims`.

    Where rows tie levels to one another, all are one level if there are few; if there are many, they are where they
    would be together.
    """
    from scipy.sparse import diags_array

    M = _blocks(known, place.levels, place.width)
    if not _tied(known, M):
        return M, _inverse(M, D), aims
    size = len(D)
    if size <= WHOLE:
        dense = known.toarray()
        return dense[None], np.linalg.inv(dense + np.diag(D)), aims
    together = solver(known, D)(aims)
    back = (_whole(M) + diags_array(D)) @ together
    return M, (np.linalg.inv(known.toarray() + np.diag(D)) if size <= DENSE else _inverse(M, D)), back


def _tied(known: csr_array, M: Floats) -> bool:
    """Whether there is anything beside the blocks."""
    return bool(np.abs((known - _whole(M)).data).max(initial=0.0) > SMALL * np.abs(M).max(initial=0.0))


def _blocks(matrix: csr_array, levels: int, w: int) -> Floats:
    """The blocks of levels on the diagonal, (levels, width, width)."""
    found = np.empty((levels, w, w))
    for i in range(w):
        for j in range(w):
            found[:, i, j] = matrix[i::w, :][:, j::w].diagonal()
    return found


def _inverse(M: Floats, D: Floats) -> csr_array:
    """Of M with precisions D (levels * width,) added, the inverse."""
    return _whole(np.linalg.inv(M + D.reshape(M.shape[:2])[:, :, None] * np.eye(M.shape[1])))


def _whole(blocks: Floats) -> csr_array:
    """A matrix that has blocks on its diagonal, and nothing else."""
    from scipy.sparse import bsr_array, csr_array

    levels, w, _ = blocks.shape
    size = levels * w
    return csr_array(bsr_array((blocks, np.arange(levels), np.arange(levels + 1)), shape=(size, size)))
