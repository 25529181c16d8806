"""Student-t effects: normal ones times √u, u of each level inverse gamma(df/2, df/2); and the way back of derivatives.

The coordinates of u are its logs.
"""

from __future__ import annotations

from math import exp, lgamma, log

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.targets.direct.special import digamma
from tildemc.targets.direct.tables import Group

__all__ = ["mix", "mix_back"]


@jit
def mix(group: Group, value: Floats, effects: Floats) -> float:
    """Effects of a grouping from normal ones, in place; returns the log density of the coordinates of u."""
    half, width, total = 0.5 * value[group.df], group.width, 0.0
    # With h = df/2 and x = log u: h log h - log Γ(h) - (h + 1) x - h/u, and x for the change of variables.
    constant = half * log(half) - lgamma(half)
    for level in range(group.levels):
        x = value[group.mixing + level]
        total += constant - half * (x + exp(-x))
        scale = exp(0.5 * x)
        for c in range(width):
            effects[group.effects + level * width + c] *= scale
    return total


@jit
def mix_back(group: Group, value: Floats, effects: Floats, d_effects: Floats, d_value: Floats) -> None:
    """The way back of `mix`, for derivatives, those by u's coordinates and df added."""
    half, width = 0.5 * value[group.df], group.width
    by_half = log(half) + 1.0 - digamma(half)
    for level in range(group.levels):
        x = value[group.mixing + level]
        scale, by_log = exp(0.5 * x), 0.0
        for c in range(width):
            at = group.effects + level * width + c
            by_log += d_effects[at] * effects[at]
            d_effects[at] *= scale
        d_value[group.mixing + level] += 0.5 * by_log - half * (1.0 - exp(-x))
        d_value[group.df] += 0.5 * (by_half - x - exp(-x))
