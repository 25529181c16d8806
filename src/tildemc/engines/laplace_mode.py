"""Problem -> the mode of its Laplace posterior and the curvature there, by Newton on differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats
from tildemc.engines.unsuited import Unsuited
from tildemc.targets.glmm.problem import Problem
from tildemc.targets.glmm.tables import Quadratic

__all__ = ["LaplaceMode", "cheap", "laplace_at", "laplace_mode"]

STEPS, CLOSE = 30, 1e-4
"""Newton steps of the effects at each point, from an anchor near by, until one gains less than this: two, mostly."""
LARGE = 200
"""Where more effects go together than this, a Newton step takes long, and one is all."""
MOST = 30
FIRST, NEAR, WIDE = 0.2, 0.1, 0.3
"""Differences over such shares of a posterior sd: at the start, on the way, and for the curvature at the end."""
LADDER = np.array([1.0, 0.5, 0.25, 0.1, 0.03])
LONGEST = 8.0
"""No step goes further than so many sds."""
FLATTEST, STEEPEST = 0.1, 20.0
"""The curvatures that are believed, where a coordinate's own scale is 1."""
STARTS = (1.0, 0.5, 0.2)
"""Shares of the group sds to start from, until there is one where Newton converges."""


@dataclass(frozen=True, eq=False)
class LaplaceMode:
    """Where the Laplace posterior has its mode.

    Attributes
    ----------
    psi : (size,)
    scale : (size, size)
        Lower Cholesky factor of the inverse of the curvature there.
    anchor : Quadratic
        The quadratic there.
    evaluations : int
    """

    psi: Floats
    scale: Floats
    anchor: Quadratic
    evaluations: int


def cheap(problem: Problem) -> bool:
    """Whether Newton steps take no longer than what else there is to do."""
    return int(np.diff(problem.tables.component).max(initial=0)) <= LARGE


def laplace_at(problem: Problem, anchor: Quadratic, psi: Floats) -> Floats:
    """The log density of ψ at points (points, size), by Laplace's approximation: (points,), -inf outside."""
    phi, jacobian = problem.coordinates.inside(psi)
    points = problem.points(phi)
    values = problem.laplace(anchor, points, STEPS if cheap(problem) else 1, CLOSE)[0] + points.prior + jacobian
    return np.where(np.isfinite(values), values, -np.inf)


def laplace_mode(problem: Problem) -> LaplaceMode:
    """Climb from the problem's start.

    Raises
    ------
    Unsuited
        If there is no start where Newton converges.
    """
    return _Climb(problem).run()


class _Climb:
    """Where the climb is: x, directions T of about one sd each, and the anchor there."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.count = problem, 0
        self.x, self.anchor = self._begin()
        self.T = problem.scale
        self.roots = problem.coordinates.roots

    def _begin(self) -> tuple[Floats, Quadratic]:
        start = self.problem.coordinates.root(self.problem.coordinates.start)
        for share in STARTS:
            x = np.where(self.problem.coordinates.roots, share**0.5 * start, start)
            anchor = self._anchored(self.problem.nothing, x)
            if anchor is not None and np.isfinite(laplace_at(self.problem, anchor, x[None])[0]):
                return x, anchor
        raise Unsuited("no start was found where Newton's iteration for the effects converges")

    def _anchored(self, old: Quadratic, x: Floats) -> Quadratic | None:
        phi, _ = self.problem.coordinates.inside(x[None])
        return self.problem.anchored(old, self.problem.points(phi))

    def _value(self, z: Floats) -> Floats:
        """Log densities at steps z (points, size) from here, in the directions."""
        self.count += len(z)
        return laplace_at(self.problem, self.anchor, self.x + z @ self.T.T)

    def run(self) -> LaplaceMode:
        for iteration in range(MOST):
            value, slope, hessian = _quadratic(self._value, len(self.x), NEAR if iteration else FIRST)
            if not (np.isfinite(slope).all() and np.isfinite(hessian).all()):
                self.T = 0.3 * self.T
                continue
            values, vectors = np.linalg.eigh(-hessian)
            values = np.maximum(np.abs(values), 0.05)
            step = vectors @ ((vectors.T @ slope) / values)
            improved, whole = self._go(step, value)
            self.T = self.T @ ((vectors / np.sqrt(values)) @ vectors.T)
            if not improved or (whole and iteration and abs(float(slope @ step)) < 0.02):
                break
        _, _, hessian = _quadratic(self._value, len(self.x), WIDE)
        hessian = np.where(np.isfinite(hessian), hessian, 0.0)
        values, vectors = np.linalg.eigh(-0.5 * (hessian + hessian.T))
        covariance = self.T @ (vectors / np.clip(values, FLATTEST, STEEPEST)) @ vectors.T @ self.T.T
        return LaplaceMode(self.x, np.linalg.cholesky(covariance), self.anchor, self.count)

    def _go(self, step: Floats, value: float) -> tuple[bool, bool]:
        """Go as far along a step as is best; whether that is up, and the whole step."""
        ladder = LADDER * min(1.0, LONGEST / max(float(np.linalg.norm(step)), 1e-12))
        found = self._value(ladder[:, None] * step)
        k = int(np.argmax(found))
        if not found[k] > value:
            return False, False
        self.x = self.x + self.T @ (ladder[k] * step)
        self.anchor = self._anchored(self.anchor, self.x) or self.anchor
        return True, k == 0


def _quadratic(f: Callable[[Floats], Floats], d: int, h: float) -> tuple[float, Floats, Floats]:
    """Value, gradient and Hessian of f at zero by differences over h: 1 + 2 d + d (d - 1) / 2 points in one call."""
    pairs = [(i, j) for i in range(d) for j in range(i)]
    E = np.eye(d)
    corners = [[E[i] + E[j]] for i, j in pairs]
    v = f(h * np.concatenate([np.zeros((1, d)), E, -E, *corners]))
    value, up, down = v[0], v[1 : d + 1], v[d + 1 : 2 * d + 1]
    with np.errstate(invalid="ignore"):
        hessian = np.diag(up + down - 2.0 * value)
        for (i, j), both in zip(pairs, v[2 * d + 1 :], strict=True):
            hessian[i, j] = hessian[j, i] = both - up[i] - up[j] + value
        return float(value), 0.5 * (up - down) / h, hessian / h**2
