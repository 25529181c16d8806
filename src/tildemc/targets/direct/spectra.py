"""The sds of coefficients that are one sd times what a few numbers say of each; and the way back of derivatives.

Of a Gaussian process in `floats` stand nu of the kernel (zero for the squared exponential), the number of inputs, that
of length scales, half the log constant of the spectral density, and then for each function the squares of its
frequencies, one for each scale. Of areas stand -1, the power p, and for each coefficient its c: sd (1 + c share)^p.
"""

from __future__ import annotations

import math
from math import exp, log

import numpy as np

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.process import KERNELS, GaussianProcess
from tildemc.targets.direct.tables import Block, Tables

__all__ = ["from_spectrum", "spectrum", "to_spectrum"]

HEAD = 4
AREAL = -1.0


def spectrum(term: GaussianProcess | Areal) -> Floats:
    """What the kernels read of a process, or of areas."""
    return np.concatenate([[AREAL, term.kind.power], term.slopes]) if isinstance(term, Areal) else _of_process(term)


def _of_process(process: GaussianProcess) -> Floats:
    kernel, d = KERNELS[process.kernel], len(process.inputs)
    nu = 0.0 if math.isinf(kernel.nu) else kernel.nu
    squares = process.squares.T if process.several else process.squares[:, None]
    return np.concatenate([[nu, d, len(process.scales), 0.5 * kernel.log_constant(d)], squares.ravel()])


@jit
def from_spectrum(t: Tables, block: Block, value: Floats, factors: Floats) -> None:
    """Fill `factors` with the coefficients' sds."""
    at = block.recipe
    if t.floats[at] == AREAL:
        for i in range(block.width):
            inside = 1.0 + t.floats[at + 2 + i] * value[block.chol]
            factors[block.factor + i] = value[block.sd] * inside ** t.floats[at + 1]
        return
    nu, d, scales, constant = t.floats[at], t.floats[at + 1], int(t.floats[at + 2]), t.floats[at + 3]
    for k in range(scales):
        # One length scale counts for all inputs.
        constant += 0.5 * d / scales * log(value[block.chol + k])
    for i in range(block.width):
        u = _u(t, block, value, scales, i)
        root = -0.25 * u if nu == 0.0 else -0.5 * (nu + 0.5 * d) * log(2.0 * nu + u)
        factors[block.factor + i] = value[block.sd] * exp(constant + root)


@jit
def _u(t: Tables, block: Block, value: Floats, scales: int, i: int) -> float:
    total, at = 0.0, block.recipe + HEAD + i * scales
    for k in range(scales):
        total += value[block.chol + k] ** 2 * t.floats[at + k]
    return total


@jit
def to_spectrum(t: Tables, block: Block, value: Floats, factors: Floats, d_factors: Floats, d_value: Floats) -> None:
    """Add to `d_value` what the derivatives by the sds come to."""
    at = block.recipe
    if t.floats[at] == AREAL:
        for i in range(block.width):
            by_log, slope = d_factors[block.factor + i] * factors[block.factor + i], t.floats[at + 2 + i]
            d_value[block.sd] += by_log / value[block.sd]
            d_value[block.chol] += by_log * t.floats[at + 1] * slope / (1.0 + slope * value[block.chol])
        return
    nu, d, scales = t.floats[at], t.floats[at + 1], int(t.floats[at + 2])
    for i in range(block.width):
        by_log = d_factors[block.factor + i] * factors[block.factor + i]
        d_value[block.sd] += by_log / value[block.sd]
        by_u = -0.25 if nu == 0.0 else -0.5 * (nu + 0.5 * d) / (2.0 * nu + _u(t, block, value, scales, i))
        for k in range(scales):
            scale = value[block.chol + k]
            square = t.floats[at + HEAD + i * scales + k]
            d_value[block.chol + k] += by_log * (0.5 * d / scales / scale + 2.0 * by_u * scale * square)
