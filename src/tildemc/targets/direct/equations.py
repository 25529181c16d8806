"""The normal equations of one step of a quick look, and what they say of the effects of each term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["TOGETHER", "Equations", "Seen", "Together"]

TOGETHER = 200
"""So many effects of one level, at the most, are looked at together."""


@dataclass(frozen=True, eq=False)
class Together:
    """What rows know of the effects of one level, all at once.

    Attributes
    ----------
    given : (width, width)
        Their information, given the coefficients.
    information : (width, width)
        The same whatever the coefficients.
    score : (width,)
        The slope of the rows' log density at no effects, those of other terms being what they are.
    """

    given: Floats
    information: Floats
    score: Floats

    def surprise(self, sds: Floats) -> float:
        """Minus the log density of the rows where effects of such sds are integrated out, up to a constant."""
        L = np.linalg.cholesky(sds[:, None] * self.information * sds + np.eye(len(sds)))
        half = np.linalg.solve(L, sds * self.score)
        return float(np.log(L.diagonal()).sum() - 0.5 * half @ half)


@dataclass(frozen=True, eq=False)
class Seen:
    """What a step knows of the effects of one term.

    Attributes
    ----------
    squares : (width,)
        The mean over levels of r² as expected: the estimate's square and its own variance.
    known : (width,)
        What the rows of a level know of each effect, in the mean.
    together : Together or None
        Of those of one level, where there are some, and not too many.
    """

    squares: Floats
    known: Floats
    together: Together | None


@dataclass(frozen=True, eq=False)
class Equations:
    """Those of coefficients c with precisions P about `mean` and of effects r with precisions D, and their solution.

    Attributes
    ----------
    XwX, ZwX, ZwZ
        The rows' information of both.
    P, mean, D : (p,), (p,), (effects,)
    c, r : (p,), (effects,)
    by_c, by_r : (p,), (effects,)
        The slopes of the rows' log density there.
    """

    XwX: Floats
    ZwX: Floats
    ZwZ: Floats | csr_array
    P: Floats
    mean: Floats
    D: Floats
    c: Floats
    r: Floats
    by_c: Floats
    by_r: Floats

    def seen(self, own: slice, levels: int) -> Seen:
        """What the step knows of the effects that stand at `own`."""
        diagonal = self.ZwZ.diagonal()[own]
        squares, together = self.r[own] ** 2, None
        if levels > 1 or not 1 < own.stop - own.start <= TOGETHER:
            squares = squares + 1 / (diagonal + self.D[own])
        else:
            together = self._together(own)
            squares = squares + np.linalg.inv(together.given + np.diag(self.D[own])).diagonal()
        return Seen(squares.reshape(levels, -1).mean(axis=0), diagonal.reshape(levels, -1).mean(axis=0), together)

    def _together(self, own: slice) -> Together:
        block, cross, r = self.ZwZ[own, own], self.ZwX[own], self.r[own]
        given = block if isinstance(block, np.ndarray) else block.toarray()
        # Without these effects, the coefficients would be elsewhere; over these one integrates, too.
        there = self.by_c + cross.T @ r + self.XwX @ self.c + self.P * self.mean
        whole = np.linalg.solve(self.XwX + np.diag(self.P), np.column_stack([cross.T, there]))
        score = self.by_r[own] + given @ r + cross @ (self.c - whole[:, -1])
        return Together(given, given - cross @ whole[:, :-1], score)
