"""A log density with its gradient -> its mode, and a proposal shaped like it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tildemc.arrays import Floats
from tildemc.targets.marginal.mixture import mixture

__all__ = ["Proposal", "adapted", "at_mode", "climb", "heaviest", "share"]

Evaluate = Callable[[Floats], tuple[float, Floats]]

NU = 8
"""Degrees of freedom of proposals: tails heavier than those of a posterior."""
BROAD, BROAD_SHARE = 2.0, 0.1
"""How much wider than the target, as far as it is known, the proposals' other part is, and how many come from it."""
FLATTEST = 0.05
"""The least curvature that is believed, where a coordinate's own scale is 1."""
KERNELS = 100


@dataclass(frozen=True, eq=False)
class Proposal:
    """A mixture of Student-t densities.

    Attributes
    ----------
    centres : (k, d)
        Of equal weight.
    scale : (d, d)
        Lower Cholesky factor of the squared scale that they share.
    middle : (d,), broad : (d, d)
        One more, wide one, which bounds the importance weights.
    nu : int
        Degrees of freedom.
    """

    centres: Floats
    scale: Floats
    middle: Floats
    broad: Floats
    nu: int = NU

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """N points, (n, d)."""
        d = len(self.middle)
        standard = rng.standard_normal((n, d)) / np.sqrt(rng.chisquare(self.nu, size=(n, 1)) / self.nu)
        centre = self.centres[rng.integers(0, len(self.centres), n)]
        broad = rng.random((n, 1)) < BROAD_SHARE
        return np.asarray(np.where(broad, self.middle + standard @ self.broad.T, centre + standard @ self.scale.T))

    def log_density(self, x: Floats) -> Floats:
        """(n,) for points (n, d), up to a constant that all proposals share."""
        by_scale, by_broad = self._inverses
        near, centres, far = x @ by_scale, self.centres @ by_scale, (x - self.middle) @ by_broad
        density = BROAD_SHARE * by_broad.diagonal().prod() * mixture(far, np.zeros((1, x.shape[1])), self.nu)
        density += (1.0 - BROAD_SHARE) * by_scale.diagonal().prod() * mixture(near, centres, self.nu)
        return np.asarray(np.log(density))

    @cached_property
    def _inverses(self) -> tuple[Floats, Floats]:
        """Of the two scales, transposed."""
        return np.linalg.inv(self.scale).T, np.linalg.inv(self.broad).T


def climb(evaluate: Evaluate, start: Floats, scale: Floats) -> Floats:
    """The mode of a log density.

    Parameters
    ----------
    evaluate : callable
        From a point (d,) to the log density and its gradient.
    start : (d,)
    scale : (d,)
        About how far each coordinate can go until the log density has changed by one.
    """
    from scipy.optimize import minimize

    def descend(x: Floats) -> tuple[float, Floats]:
        found, slope = evaluate(scale * x)
        return (np.inf, np.zeros_like(x)) if not np.isfinite(found) else (-found, -scale * slope)

    # A thousandth of a log unit is near enough to shape a proposal.
    options = {"ftol": 1e-3 / max(1.0, abs(evaluate(start)[0])), "maxcor": 20}
    return scale * np.asarray(minimize(descend, start / scale, jac=True, method="L-BFGS-B", options=options).x)


def at_mode(slope: Callable[[Floats], Floats], mode: Floats) -> Proposal:
    """A t density with the curvature of a log density at its mode, `slope` being its gradient."""
    values, vectors = np.linalg.eigh(_curvature(slope, mode))
    scale = np.linalg.cholesky((vectors / np.maximum(values, FLATTEST)) @ vectors.T)
    return Proposal(mode[None], scale, mode, BROAD * scale)


def _curvature(slope: Callable[[Floats], Floats], at: Floats) -> Floats:
    """Minus the Hessian, by central differences of the gradient."""
    steps = 1e-4 * np.maximum(np.abs(at), 1e-2)
    hessian: Floats = np.array([(slope(at - e) - slope(at + e)) / (2 * e.sum()) for e in np.diag(steps)])
    return 0.5 * (hessian + hessian.T)


def share(log_weights: Floats) -> float:
    """The effective sample size of importance weights as a share of their number; 0 if none is of use."""
    if not np.isfinite(log_weights.max()):
        return 0.0
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.sum() ** 2 / (weights**2).sum() / len(weights))


def heaviest(log_weights: Floats) -> float:
    """The largest importance weight over their mean: about as long a chain may stay at one point."""
    return float(1.0 / np.exp(log_weights - log_weights.max()).mean())


def adapted(x: Floats, log_weights: Floats, rng: np.random.Generator) -> Proposal:
    """A proposal shaped like the target, by points and their weights.

    Kernels about points resampled by weight, shrunk towards the mean so that the whole keeps the target's variance
    (West, 1993, Approximating posterior distributions by mixtures).
    """
    n, d = x.shape
    weights = np.exp(log_weights - log_weights.max())
    # Truncated, so that one point in an uncharted tail does not become the target (Ionides, 2008).
    weights = np.minimum(weights / weights.sum(), 0.5 / np.sqrt(n))
    weights /= weights.sum()
    mean = weights @ x
    covariance = ((x - mean).T * weights) @ (x - mean)
    size = min(KERNELS, 1 / (weights**2).sum())
    width = min(1.0, (4 / (d + 2) / size) ** (1 / (d + 4)))
    centres = mean + np.sqrt(1 - width**2) * (x[rng.choice(n, size=KERNELS, p=weights)] - mean)
    spread = np.linalg.cholesky(covariance + 1e-9 * np.diag(np.diag(covariance)))
    return Proposal(centres, width * spread, mean, BROAD * spread)
