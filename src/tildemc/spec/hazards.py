"""Functions of arrays for hazards that change smoothly with time: M-splines, and I-splines, which they add up to.

Ramsay (1988), Monotone regression splines in action, Statistical Science 3; cubic ones, over knots from the first time
to the last: spline k, counted from 0, of which each has an integral of 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats

if TYPE_CHECKING:
    from scipy.interpolate import BSpline

__all__ = ["i_spline", "m_spline"]

_DEGREE = 3


def m_spline(time: Floats, k: int, *knots: float) -> Floats:
    """The density of times that the spline is."""
    spline, low, high = _element(k, knots)
    inside = (time >= low) & (time <= high)
    return np.where(inside, (_DEGREE + 1) / (high - low) * spline(np.clip(time, low, high)), 0.0)


def i_spline(time: Floats, k: int, *knots: float) -> Floats:
    """The share of it up to a time."""
    spline, low, high = _element(k, knots)
    whole = spline.antiderivative()
    share = (_DEGREE + 1) * (whole(np.clip(time, low, high)) - whole(low)) / (high - low)
    # SciPy's splines end before their last knot.
    return np.where(time >= high, 1.0, np.clip(share, 0.0, 1.0))


def _element(k: int, knots: tuple[float, ...]) -> tuple[BSpline, float, float]:
    """A B-spline, and where it begins and ends."""
    from scipy.interpolate import BSpline

    own = [*[knots[0]] * _DEGREE, *knots, *[knots[-1]] * _DEGREE][k : k + _DEGREE + 2]
    return BSpline.basis_element(own, extrapolate=False), own[0], own[-1]
