"""A log density with its gradient -> its mode, a Student-t there, and Metropolis chains that propose from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Chains", "Proposal", "metropolis", "pareto_k", "propose_at_mode"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NU = 8.0
"""Degrees of freedom of proposals: tails heavier than those of a posterior near its mode."""
FLATTEST = 0.05
"""The least curvature that is believed: a variance near zero leaves the log density flat."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """A multivariate Student-t: location (d,), and scale (d, d), the lower Cholesky factor of its squared scale."""

    location: Floats
    scale: Floats

    def draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """n points (n, d) and their log densities (n,), up to a constant."""
        d = len(self.location)
        standard = rng.standard_normal((n, d)) / np.sqrt(rng.chisquare(NU, size=(n, 1)) / NU)
        density = -0.5 * (NU + d) * np.log1p((standard**2).sum(axis=1) / NU)
        return self.location + standard @ self.scale.T, density


def propose_at_mode(evaluate: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Proposal:
    """Climb to the mode and match the curvature there.

    Parameters
    ----------
    evaluate : callable
        From a point (d,) to the log density and its gradient.
    start : (d,)
    """
    from scipy.optimize import minimize

    def descend(x: Floats) -> tuple[float, Floats]:
        found, slope = evaluate(x)
        return (1e300, np.zeros_like(x)) if not np.isfinite(found) else (-found, -slope)

    mode = minimize(descend, start, jac=True, method="L-BFGS-B", options={"ftol": 1e-10, "maxcor": 20}).x
    values, vectors = np.linalg.eigh(_curvature(evaluate, mode))
    covariance = (vectors / np.maximum(values, FLATTEST)) @ vectors.T
    return Proposal(mode, np.linalg.cholesky(covariance))


def _curvature(evaluate: Callable[[Floats], tuple[float, Floats]], at: Floats, step: float = 1e-4) -> Floats:
    """Minus the Hessian, by central differences of the gradient."""
    rows = [(evaluate(at - e)[1] - evaluate(at + e)[1]) / (2 * step) for e in step * np.eye(len(at))]
    hessian = np.array(rows)
    return 0.5 * (hessian + hessian.T)


def pareto_k(log_weights: Floats) -> float:
    """How heavy the tail of importance weights is (Vehtari et al., 2024, Pareto smoothed importance sampling)."""
    from arviz_stats.base import array_stats

    # psislw takes the negative of log weights, as for leave-one-out.
    return float(array_stats.psislw(-log_weights)[1])


@dataclass(frozen=True, eq=False)
class Chains:
    """Metropolis chains: `kept` (chains, draws) are positions among the proposals."""

    kept: Integers
    accepted: NDArray[np.bool_]
    acceptance: Floats


def metropolis(log_weights: Floats, rng: np.random.Generator) -> Chains:
    """Independence Metropolis; each chain starts from a proposal taken by its weight.

    Parameters
    ----------
    log_weights : (chains, draws)
        Of each chain's proposals: log target less log proposal.
    rng : Generator
    """
    chains, draws = log_weights.shape
    flat = log_weights.ravel()
    weights = np.exp(flat - flat.max())
    state = rng.choice(len(flat), size=chains, p=weights / weights.sum())
    chance = np.log(rng.random((chains, draws)))
    kept, accepted = np.empty((chains, draws), np.int64), np.empty((chains, draws), dtype=bool)
    acceptance = np.empty((chains, draws))
    for t in range(draws):
        ratio = log_weights[:, t] - flat[state]
        accepted[:, t] = chance[:, t] < ratio
        state = np.where(accepted[:, t], np.arange(chains) * draws + t, state)
        kept[:, t] = state
        acceptance[:, t] = np.exp(np.minimum(ratio, 0.0))
    return Chains(kept, accepted, acceptance)
