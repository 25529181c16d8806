"""The density of a mixture of Student-t densities that share a scale: points and centres -> a number for each point."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np

from tildemc.arrays import Floats
from tildemc.kernels import kernel
from tildemc.kernels.lanes import LANES, WIDTH, aligned, into_lane, lane
from tildemc.kernels.structures import Struct, pack
from tildemc.kernels.views import Vector, numbers, view

__all__ = ["mixture"]


class _Points(NamedTuple):
    """As many points as there are lanes."""

    x: Vector  # (d,)


_POINTS = Struct(_Points, LANES)
_points = _POINTS.at


def mixture(x: Floats, centres: Floats, nu: int) -> Floats:
    """The mean of standard t densities of points (n, d) about centres (k, d): (n,), up to a constant."""
    found, here = np.empty(len(x)), pack(_POINTS, _Points(aligned((x.shape[1],))))
    points, middles = (np.ascontiguousarray(each / np.sqrt(nu)) for each in (x, centres))
    _mixture(here.address, points, middles, nu + x.shape[1], found)
    return found


@kernel
def _mixture(at: int, points_: Floats, centres_: Floats, power: int, found: Floats) -> None:
    here, points, centres = _points(at).x, view(points_), view(centres_)
    for first in range(0, len(points), WIDTH):
        size = min(WIDTH, len(points) - first)
        for i in range(WIDTH):
            into_lane(i, points[first + min(i, size - 1)], numbers(here))
        total = 0.0
        for c in range(len(centres)):
            # (1 + r² / ν)^(-(ν + d) / 2): the power is a whole number of halves.
            t = 1.0
            for k in range(len(here)):
                step = here[k] - centres[c, k]
                t += step * step
            raised = t
            for _ in range(1, power // 2):
                raised *= t
            if power % 2 == 1:
                raised *= sqrt(t)
            total += 1.0 / raised
        for i in range(size):
            found[first + i] = lane(total, i) / len(centres)
