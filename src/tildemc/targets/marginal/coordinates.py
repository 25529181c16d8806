"""Coordinates in which a Student-t fits: the square root of each group sd, whose density ends at zero.

That of a log sd trails off towards minus infinity, where a variance may be zero, for longer than any t at its mode; but
where the prior rules out zero it is the log's that is nearly one. The distance between two thresholds is like a gamma
number of as many counts as there are between them, of which the root is nearer to normal than the log, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats, Integers, Mask
from tildemc.spec.design import Numbers
from tildemc.targets.marginal.likelihood import Marginal
from tildemc.targets.marginal.variances import CORRELATION, FREE, RESIDUAL, Code

__all__ = ["Rooted", "Roots", "coordinate", "plain", "rooted"]


NOTHING = 1e-6
"""A residual sd that has come down to this share of where it started is none."""
REACH = 300.0
"""Beyond this |φ| nothing is computed."""

SMALL, STEP = 2e5, 1e-3
"""Up to so many operations times variances, gradients are differences over steps of this share of the scale: the kernel
of gradients, the largest, would take longer to compile than it could ever save."""


@dataclass(frozen=True, eq=False)
class Roots:
    """Coordinates ψ = exp((φ - start) / 2) where `roots`, and ψ = φ elsewhere.

    Attributes
    ----------
    roots : (size,) of bool
    start : (size,)
        A φ to climb from.
    plain : (size,) of bool
        Where a parameter is its φ, which then may be anything.
    """

    roots: Mask
    start: Floats
    plain: Mask

    def root(self, phi: Floats) -> Floats:
        """ψ of φ."""
        return np.where(self.roots, np.exp(0.5 * (phi - self.start)), phi)

    def phi(self, psi: Floats) -> Floats:
        """φ of ψ, whose roots are positive."""
        return np.where(self.roots, self.start + 2.0 * np.log(np.where(self.roots, psi, 1.0)), psi)

    def inside(self, psi: Floats) -> tuple[Floats, Floats]:
        """φ of points ψ and the log of its derivative; any φ and -inf of points where there is no density."""
        inside = np.all(psi[:, self.roots] > 0, axis=1)
        phi = self.phi(np.where(inside[:, None], psi, 1.0))
        inside &= np.all((np.abs(phi) < REACH) | self.plain, axis=1)
        phi[~inside] = self.start
        return phi, np.where(inside, -0.5 * phi[:, self.roots].sum(axis=1), -np.inf)


@dataclass(frozen=True, eq=False)
class Rooted(Roots):
    """The posterior of a model's variance parameters in such coordinates.

    Attributes
    ----------
    model : Marginal
    scale : (size,)
        How well the data may know each φ: an sd of n values, or their correlation, to 1 / √n.
    """

    model: Marginal
    scale: Floats

    def climb(self, phi: Floats) -> tuple[float, Floats]:
        """The log density of ψ at φ, and its gradient by φ."""
        if not np.all(np.abs(phi) < REACH):
            return -np.inf, np.zeros_like(phi)
        small = self.model.operations * self.model.size <= SMALL
        found, slope = self._differences(phi) if small else self.model.posterior(phi)
        return found - 0.5 * float(phi[self.roots].sum()), slope - 0.5 * self.roots

    def _differences(self, phi: Floats) -> tuple[float, Floats]:
        """Log p(φ | y), and its gradient by central differences."""
        steps = np.diag(STEP * self.scale)
        values = self.model.sweep(np.concatenate([phi[None], phi + steps, phi - steps]))[0]
        if not np.all(np.isfinite(values)):
            return -np.inf, np.zeros_like(phi)
        above, below = values[1:].reshape(2, -1)
        return float(values[0]), (above - below) / (2.0 * STEP * self.scale)

    def vanishing(self, phi: Floats) -> bool:
        """Whether φ, where a climb ended, is on the way to a residual sd of zero rather than a mode."""
        here = self.climb(phi)[0]
        own = self.model.code.sigma >= 0
        precision = self.model.variances(np.stack([self.start, phi])).precision[:, own]
        if np.any(precision[1] * NOTHING**2 > precision[0]):
            return True
        for i in np.flatnonzero(self.model.code.factor == RESIDUAL):
            down = np.zeros_like(phi)
            down[i] = 2.0
            nearer, near = (self.climb(phi - step * down)[0] for step in (3.0, 1.0))
            # Near zero nothing can be computed any more: -inf.
            if near > here and (nearer > near or np.isneginf(nearer)):
                return True
        return False

    def slope(self, psi: Floats) -> Floats:
        """The gradient by ψ of its log density; roots are positive, or as good as zero."""
        psi = np.where(self.roots, np.maximum(psi, np.finfo(float).tiny), psi)
        by_phi = self.climb(self.phi(psi))[1]
        return np.where(self.roots, by_phi * 2.0 / np.where(self.roots, psi, 1.0), by_phi)

    def sweep(self, psi: Floats) -> Floats:
        """The log density of ψ at points (points, size): (points,)."""
        phi, jacobian = self.inside(psi)
        return self.model.sweep(phi)[0] + jacobian

    def chain(self, psi: Floats, offset: Floats, effects: Floats, rng: np.random.Generator) -> tuple[Floats, Integers]:
        """`Marginal.chain` over points ψ."""
        phi, jacobian = self.inside(psi)
        return self.model.chain(phi, offset + jacobian, effects, rng)


def rooted(model: Marginal, design: Numbers) -> Rooted:
    """The coordinates of a model, and a place to start: half of the response's sd for all of them."""
    code = model.code
    summary = design.summary
    spread = float(summary.y.sd[0]) or 1.0
    start = np.zeros(model.size)
    roots = np.zeros(model.size, dtype=bool)
    for i, f in enumerate(code.factor):
        column = 1.0
        if f >= 0:
            # The smallest where several effects have one sd.
            sizes = summary.of(model.groups[f]).Z.size
            column = min(float(size) for size, own in zip(sizes, code.sd[f], strict=False) if own == i)
        x = code.typical[i] if f == CORRELATION else 0.5 * spread / (column or 1.0)
        start[i], roots[i] = coordinate(code, i, model.begin.get(i, x))
    return Rooted(roots, start, plain(code), model, _scale(model))


def plain(code: Code) -> Mask:
    """For each φ whether it is a scalar as it is."""
    found = np.zeros(code.size, dtype=bool)
    found[: len(code.kind)] = np.isinf(code.lower) & np.isinf(code.upper)
    return found


def coordinate(code: Code, i: int, x: float) -> tuple[float, bool]:
    """φ of a scalar that is x, and whether it has a root for a coordinate."""
    x = x**2 if code.squared[i] else x
    lower, upper = code.lower[i], code.upper[i]
    if np.isinf(lower) and np.isinf(upper):
        return x, False
    if np.isinf(upper):
        ends = lower == 0 and (code.after[i] == 1 or (code.factor[i] >= 0 and not code.vanishing[i]))
        return float(np.log(x - lower if x > lower else 1.0)), bool(ends)
    if np.isinf(lower):
        return float(np.log(upper - x if x < upper else 1.0)), False
    share = min(max((x - lower) / (upper - lower), 0.05), 0.95)
    return float(np.log(share / (1 - share))), False


def _scale(model: Marginal) -> Floats:
    code, blocks = model.code, model.blocks
    levels = np.array([grouping.size for grouping in model.groups], dtype=float)
    known = np.zeros(model.size)
    known[list(model.begin)] = model.rows
    for i, f in enumerate(code.factor):
        if i in model.begin:
            continue
        known[i] = levels[f] * (code.sd[f] == i).sum() if f >= 0 else blocks.counts[code.sigma == i].sum()
    for f, _, n, at, pattern in code.block:
        known[at : at + (n * (n - 1) // 2 if pattern == FREE else int(code.recipes[pattern]))] = levels[f]
    return 1.0 / np.sqrt(np.maximum(2.0 * known, 1.0))
