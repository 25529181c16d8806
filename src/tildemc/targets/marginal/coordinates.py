"""Coordinates in which a Student-t fits: the square root of each group sd, whose density ends at zero.

That of a log sd trails off towards minus infinity, where a variance may be zero, for longer than any t at its mode.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tildemc.model.design import Design
from tildemc.targets.marginal.likelihood import Marginal

__all__ = ["Rooted", "rooted"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

REACH = 300.0
"""Beyond this |φ| nothing is computed."""


@dataclass(frozen=True, eq=False)
class Rooted:
    """The posterior of a model's variance parameters, with ψ = exp(φ / 2) where `roots`, and ψ = φ elsewhere.

    Attributes
    ----------
    model : Marginal
    roots : (size,) of bool
    start : (size,)
        A φ to climb from.
    """

    model: Marginal
    roots: Mask
    start: Floats

    def root(self, phi: Floats) -> Floats:
        """ψ of φ."""
        return np.where(self.roots, np.exp(0.5 * phi), phi)

    def phi(self, psi: Floats) -> Floats:
        """φ of ψ, whose roots are positive."""
        return np.where(self.roots, 2.0 * np.log(np.where(self.roots, psi, 1.0)), psi)

    def climb(self, phi: Floats) -> tuple[float, Floats]:
        """The log density of ψ at φ, and its gradient by φ."""
        if not np.all(np.abs(phi) < REACH):
            return -np.inf, np.zeros_like(phi)
        found, slope = self.model.posterior(phi)
        return found - 0.5 * float(phi[self.roots].sum()), slope - 0.5 * self.roots

    def slope(self, psi: Floats) -> Floats:
        """The gradient by ψ of its log density."""
        by_phi = self.climb(self.phi(psi))[1]
        return np.where(self.roots, by_phi * 2.0 / np.where(self.roots, psi, 1.0), by_phi)

    def sweep(self, psi: Floats, rng: np.random.Generator | None = None) -> tuple[Floats, Floats]:
        """The log density of ψ at points (points, size), and a draw of all effects at each if there is an `rng`."""
        inside = np.all(psi[:, self.roots] > 0, axis=1) & np.all(np.abs(psi) < REACH, axis=1)
        phi = self.phi(np.where(inside[:, None], psi, 1.0))
        values, effects = self.model.sweep(phi, rng)
        return np.where(inside, values - 0.5 * phi[:, self.roots].sum(axis=1), -np.inf), effects


def rooted(model: Marginal, design: Design) -> Rooted:
    """The coordinates of a model, and a place to start: half of the response's sd for all of them."""
    code = model.code
    assert design.y is not None
    spread = float(design.y.std()) or 1.0
    start = np.zeros(model.size)
    roots = np.zeros(model.size, dtype=bool)
    for i, (f, a) in enumerate(zip(code.factor, code.row, strict=True)):
        column = 1.0 if f < 0 else float(np.sqrt(np.mean(design.predictors[0].groups[model.order[f]].Z[:, a] ** 2)))
        x = 0.5 * spread / (column or 1.0)
        x = x**2 if code.squared[i] else x
        lower, upper = code.lower[i], code.upper[i]
        if np.isinf(upper):
            start[i] = np.log(x)
            roots[i] = f >= 0 and lower == 0
        else:
            share = min(max((x - lower) / (upper - lower), 0.05), 0.95)
            start[i] = np.log(share / (1 - share))
    return Rooted(model, roots, start)
