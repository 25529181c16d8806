"""Variance parameters φ -> log p(φ | y) and its gradient: the prior's arithmetic around the likelihood's."""

from __future__ import annotations

from math import inf, isfinite

from tildemc.arrays import Floats
from tildemc.kernels import kernel
from tildemc.kernels.views import copy, view
from tildemc.targets.marginal.blocked import BLOCKS, WORK, value
from tildemc.targets.marginal.fisher import SLOPES, gradient
from tildemc.targets.marginal.variances import CODE, POINT, pull, push

__all__ = ["log_posterior"]


_blocks, _work, _slopes, _code, _point = BLOCKS.at, WORK.at, SLOPES.at, CODE.at, POINT.at


@kernel
def log_posterior(
    at: int, workspace: int, space: int, encoded: int, here: int, phi_: Floats, weights: Floats, integrate: bool,
    out: Floats,
) -> float:  # fmt: skip
    """Log p(φ | y) up to a constant, -inf where it cannot be computed; its gradient goes to `out` (size,).

    The first five are addresses: of Blocks, Work, Slopes, Code and Point. `weights` (classes,) take the place of the
    precisions that φ stands for; (0,) if there are none. Derivatives by them stay in Point.
    """
    b, work, code, p, phi, slope = _blocks(at), _work(workspace), _code(encoded), _point(here), view(phi_), view(out)
    prior = push(code, phi, p.sds, p.unit, p.factors, p.precision, p.memory)
    if weights.size > 0:
        copy(view(weights), p.precision)
    found = value(b, p.factors, p.precision, integrate, work) + prior
    if not isfinite(found):
        return -inf
    gradient(b, p.factors, p.precision, integrate, work, _slopes(space), p.by_factor, p.by_precision)
    pull(code, phi, p.sds, p.unit, p.precision, p.by_factor, p.by_precision, p.memory, slope)
    for i in range(len(slope)):
        if not isfinite(slope[i]):
            return -inf
    return found
