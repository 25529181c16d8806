"""From the sampler's coordinates to the model's own, and back: coefficients are mapped, sds bent, effects stretched.

The model's own are those of the PyMC graph. An effect about which the data know much is best sampled as itself, one
about which they know nothing as its standardised deviation z; between the two lies z (sd / reference)^λ, 0 ≤ λ ≤ 1.
"""

from __future__ import annotations

from math import log, log1p

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.targets.direct.special import exp
from tildemc.targets.direct.tables import Tables

__all__ = ["follow", "follow_back", "stretch", "stretch_back"]


@jit
def follow(t: Tables, x: Floats, value: Floats) -> float:
    """Coefficients, an upper triangle times their coordinates, and what moves with them; logs of sds, which are bent.

    Returns the log Jacobian of these.
    """
    total = 0.0
    for k in range(t.bends.size):
        bend = t.bends[k]
        u = x[bend.at]
        below, share = _softplus(-u), 1.0 / (1.0 + exp(u))
        value[bend.at] = bend.origin + bend.scale * (u - 0.5 * below * below)
        total += log(1.0 + below * share)
    for k in range(t.maps.size):
        m = t.maps[k]
        # Upper triangular: entry i needs those from i on, and x stays as it is for the way back.
        for i in range(m.size):
            row, mapped = m.matrix + i * m.size, 0.0
            for j in range(i, m.size):
                mapped += t.floats[row + j] * x[m.at + j]
            value[m.at + i] = mapped
    # In order: what coefficients follow may itself have followed others.
    for k in range(t.shifts.size):
        s = t.shifts[k]
        z = value[s.at : s.at + s.size]
        for j in range(s.columns):
            b, matrix = value[s.by + j], t.floats[s.matrix + j * s.size : s.matrix + (j + 1) * s.size]
            for i in range(s.size):
                z[i] += b * matrix[i]
    return total


@jit
def _softplus(u: float) -> float:
    return (u if u > 0.0 else 0.0) + log1p(exp(-abs(u)))


@jit
def follow_back(t: Tables, x: Floats, gradient: Floats) -> None:
    """The way back of `follow`, for derivatives."""
    for k in range(t.bends.size):
        bend = t.bends[k]
        u = x[bend.at]
        below, share = _softplus(-u), 1.0 / (1.0 + exp(u))
        slope = 1.0 + below * share
        curvature = -share * (share + below * (1.0 - share))
        gradient[bend.at] = gradient[bend.at] * bend.scale * slope + curvature / slope
    for k in range(t.shifts.size - 1, -1, -1):
        s = t.shifts[k]
        z = gradient[s.at : s.at + s.size]
        for j in range(s.columns):
            matrix, total = t.floats[s.matrix + j * s.size : s.matrix + (j + 1) * s.size], 0.0
            for i in range(s.size):
                total += z[i] * matrix[i]
            gradient[s.by + j] += total
    for k in range(t.maps.size):
        m = t.maps[k]
        for j in range(m.size - 1, -1, -1):
            total = 0.0
            for i in range(j + 1):
                total += t.floats[m.matrix + i * m.size + j] * gradient[m.at + i]
            gradient[m.at + j] = total


@jit
def stretch(t: Tables, value: Floats, factors: Floats, slope: Floats) -> float:
    """Standardised effects from their coordinates; `slope` takes the factors. Returns the log Jacobian."""
    total = 0.0
    for k in range(t.stretches.size):
        s = t.stretches[k]
        away = s.centring * (log(factors[s.sd] if s.spectral else value[s.sd]) - s.reference)
        slope[s.at] = exp(-away)
        value[s.at] *= slope[s.at]
        total -= away
    return total


@jit
def stretch_back(t: Tables, value: Floats, factors: Floats, d_value: Floats, d_factors: Floats) -> None:
    """Add to the derivatives by sds what the stretch and its Jacobian come to."""
    for k in range(t.stretches.size):
        s = t.stretches[k]
        by_log = s.centring * (1.0 + value[s.at] * d_value[s.at])
        if s.spectral:
            d_factors[s.sd] -= by_log / factors[s.sd]
        else:
            d_value[s.sd] -= by_log / value[s.sd]
