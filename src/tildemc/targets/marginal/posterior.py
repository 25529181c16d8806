"""Variance parameters φ -> log p(φ | y) and its gradient: the prior's arithmetic around the likelihood's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tildemc.kernels import kernel
from tildemc.targets.marginal.blocked import Blocks, value, workspace
from tildemc.targets.marginal.fisher import gradient
from tildemc.targets.marginal.variances import Code, pull, push

__all__ = ["log_posterior"]

Floats = NDArray[np.float64]


@kernel
def log_posterior(b: Blocks, code: Code, phi: Floats, integrate: bool, out: Floats) -> float:
    """Log p(φ | y) up to a constant, -inf where it cannot be computed; its gradient goes to `out` (size,)."""
    f, widest = code.shape[0], code.shape[1]
    sds, precision, by_precision = np.empty(len(code.kind)), np.empty(len(code.sigma)), np.empty(len(code.sigma))
    unit, factors, by_factor = (
        np.empty((f, widest, widest)),
        np.empty((f, widest, widest)),
        np.empty((f, widest, widest)),
    )
    prior = push(code, phi, sds, unit, factors, precision)
    work = workspace(b)
    found = value(b, factors, precision, integrate, work) + prior
    if not np.isfinite(found):
        return -np.inf
    gradient(b, factors, precision, integrate, work, by_factor, by_precision)
    pull(code, phi, sds, unit, precision, by_factor, by_precision, out)
    return found if np.all(np.isfinite(out)) else -np.inf
