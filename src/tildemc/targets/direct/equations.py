"""The normal equations of one step of a quick look, and what they say of the effects of each term.

With w the rows' information of the linear predictor and D the effects' precisions at the present guess of the sds, the
effects r have conditional mean -(Z'wZ + D)⁻¹ Z'wX c given the coefficients c, but for a constant, and c has the
marginal precision S = X'wX + P - X'wZ (Z'wZ + D)⁻¹ Z'wX.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Integers

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["DENSE", "TOGETHER", "Equations", "Seen", "Together", "solver"]

DENSE = 1500
"""With more effects than that, matrices are sparse."""
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
    stretch : (width,)
        What rows would multiply all estimates of an effect by.
    together : Together or None
        Of those of one level, where there are some, and not too many.
    """

    squares: Floats
    known: Floats
    stretch: Floats
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

    @classmethod
    def of(
        cls, X: Floats, Z: Floats | csr_array, w: Floats, target: Floats, P: Floats, mean: Floats, D: Floats
    ) -> Equations:
        """Effects are eliminated first, since there are many."""
        wX, wy = w[:, None] * X, w * target
        XwX, ZwX, ZwZ = X.T @ wX, Z.T @ wX, Z.T @ (Z * w[:, None])
        solve = solver(ZwZ, D)
        K = -solve(ZwX)
        c = np.linalg.solve(XwX + np.diag(P) + ZwX.T @ K, X.T @ wy + K.T @ (Z.T @ wy) + P * mean)
        r = solve(Z.T @ wy) + K @ c
        by_eta = w * (target - X @ c - Z @ r)
        return cls(XwX, ZwX, ZwZ, P, mean, D, c, r, X.T @ by_eta, Z.T @ by_eta)

    @property
    def aim(self) -> Floats:
        """The rows' slope by the effects, (effects,), where these and the coefficients are zero."""
        return np.asarray(self.by_r + self.ZwX @ self.c + self.ZwZ @ self.r)

    def over(self, own: Integers, rest: Integers) -> Floats:
        """The precision of some effects, (t,), and the coefficients over the rest, (t + p, t + p)."""
        within = _dense(self.ZwZ[own][:, own]) + np.diag(self.D[own])
        S = np.block([[within, self.ZwX[own]], [self.ZwX[own].T, self.XwX + np.diag(self.P)]])
        cross = np.hstack([_dense(self.ZwZ[rest][:, own]), self.ZwX[rest]])
        return np.asarray(S - cross.T @ solver(self.ZwZ[rest][:, rest], self.D[rest])(cross))

    def seen(self, own: slice, levels: int) -> Seen:
        """What the step knows of the effects that stand at `own`."""
        diagonal = self.ZwZ.diagonal()[own]
        squares, together = self.r[own] ** 2, None
        aimed = (self.r[own] * (self.by_r[own] + diagonal * self.r[own])).reshape(levels, -1).sum(axis=0)
        if levels > 1 or not 1 < own.stop - own.start <= TOGETHER:
            squares = squares + 1 / (diagonal + self.D[own])
        else:
            together = self._together(own)
            squares = squares + np.linalg.inv(together.given + np.diag(self.D[own])).diagonal()
        spread = (squares * diagonal).reshape(levels, -1).sum(axis=0)
        stretch = np.divide(aimed, spread, out=np.ones_like(spread), where=spread > 0)
        known = diagonal.reshape(levels, -1).mean(axis=0)
        return Seen(squares.reshape(levels, -1).mean(axis=0), known, stretch, together)

    def _together(self, own: slice) -> Together:
        given, cross, r = _dense(self.ZwZ[own, own]), self.ZwX[own], self.r[own]
        # Without these effects, the coefficients would be elsewhere; over these one integrates, too.
        there = self.by_c + cross.T @ r + self.XwX @ self.c + self.P * self.mean
        whole = np.linalg.solve(self.XwX + np.diag(self.P), np.column_stack([cross.T, there]))
        score = self.by_r[own] + given @ r + cross @ (self.c - whole[:, -1])
        return Together(given, given - cross @ whole[:, :-1], score)


def _dense(matrix: Floats | csr_array) -> Floats:
    return matrix if isinstance(matrix, np.ndarray) else matrix.toarray()


def solver(ZwZ: Floats | csr_array, D: Floats) -> Callable[[Floats], Floats]:
    """What solves a system of information and of effects' own precisions."""
    from scipy.linalg import cho_factor, cho_solve
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import splu

    if len(D) == 0:
        return lambda right: right
    if len(D) <= DENSE:
        factor = cho_factor((ZwZ if isinstance(ZwZ, np.ndarray) else ZwZ.toarray()) + np.diag(D))
        return lambda right: np.asarray(cho_solve(factor, right))
    lu = splu((ZwZ + diags_array(D)).tocsc(), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    return lambda right: np.asarray(lu.solve(np.asarray(right)))
