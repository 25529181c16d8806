"""The maximum of a log likelihood that is known by its values: where it is, its curvature, and how far it reaches.

Derivatives are central differences, at whose points the function is asked all at once. Coordinates are such that a step
of one is neither large nor nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.engines.relative import Bounds

__all__ = ["Function", "Peak", "climb"]

Function = Callable[[Floats], Floats]
"""Of points (points, size): (points,)."""

STEP = 1e-4
"""Of gradients."""
DROP = 1e-3
"""By how much the function is lower where it is looked at for its curvature: far more than rounding, and still a
parabola."""
NEAR = 1e-4
"""A coordinate that is so near to where it may go is at the boundary."""
REACHES = 1e-3
"""How near to the height that was asked for the ends of a profile are."""


def gradient(f: Function, x: Floats, step: float = STEP) -> Floats:
    """By central differences."""
    units = step * np.eye(len(x))
    above, below = f(np.concatenate([x + units, x - units])).reshape(2, -1)
    return np.asarray((above - below) / (2.0 * step))


@dataclass(frozen=True, eq=False)
class Peak:
    """A maximum.

    Attributes
    ----------
    f : callable
    x : (size,)
    value : float
    free : (·,) of int
        The coordinates that are not at the end of where they may go.
    curvature : (free, free)
        Minus the second derivatives by these.
    """

    f: Function
    x: Floats
    value: float
    free: Integers
    curvature: Floats

    @cached_property
    def root(self) -> Floats:
        """C (size, free) with C Cᵀ the inverse of the curvature; NaN in directions in which it is no maximum."""
        found = np.zeros((len(self.x), len(self.free)))
        values, vectors = np.linalg.eigh(self.curvature)
        with np.errstate(invalid="ignore", divide="ignore"):
            found[self.free] = vectors / np.sqrt(np.where(values > 0.0, values, np.nan))
        return found

    @property
    def determined(self) -> bool:
        """Whether it is lower in every direction."""
        return bool(np.isfinite(self.root).all())

    def spread(self, quantities: Function) -> Floats:
        """The covariance of quantities (points, k) of x, by the delta method: (k, k)."""
        # A hundredth of what is not known of x: quantities are straight so near.
        directions = 0.01 * np.eye(len(self.free))
        above, below = np.split(self._moved(quantities)(np.concatenate([directions, -directions])), 2)
        slopes = (above - below) / 0.02
        return np.asarray(slopes.T @ slopes)

    def ends(self, quantity: Function, drop: float) -> tuple[float, float]:
        """The least and the greatest value that a quantity has where the function is no more than `drop` lower.

        These are the ends of its profile likelihood's interval (Neale & Miller, 1997, The use of likelihood-based
        confidence intervals in genetic models, Behavior Genetics 27). NaN where the search does not arrive.
        """
        slope = gradient(self._moved(quantity), np.zeros(len(self.free)), 0.01)
        size = np.linalg.norm(slope)
        if not size > 0.0:
            return np.nan, np.nan
        begin = np.sqrt(2.0 * drop) * slope / size
        return self._end(quantity, drop, -begin, -1.0), self._end(quantity, drop, begin, 1.0)

    def _end(self, quantity: Function, drop: float, begin: Floats, sign: float) -> float:
        from scipy.optimize import minimize

        def goal(u: Floats) -> Floats:
            return -sign * self._moved(quantity)(u)

        def left(u: Floats) -> Floats:
            """What is left of the drop; far out, where there is no value, a great lack."""
            value = self._moved(self.f)(u) - self.value + drop
            return np.where(np.isfinite(value), value, -1e3)

        found = minimize(
            lambda u: goal(u[None])[0], begin, method="SLSQP", jac=lambda u: gradient(goal, u, 1e-3),
            constraints=[
                {"type": "ineq", "fun": lambda u: left(u[None])[0], "jac": lambda u: gradient(left, u, 1e-3)}
            ],
            options={"ftol": 1e-8 * max(1.0, abs(float(quantity(self.x[None])[0]))), "maxiter": 60},
        )  # fmt: skip
        arrived = abs(left(found.x[None])[0]) < REACHES * max(drop, 1.0)
        return float(-sign * found.fun) if arrived else np.nan

    def _moved(self, f: Function) -> Function:
        """A function of x as one of how far one has gone, in directions of like spread: (points, free)."""
        return lambda u: f(self.x + u @ self.root.T)


def climb(f: Function, start: Floats, bounds: Sequence[Bounds]) -> Peak:
    """The maximum of `f` that is uphill of `start`."""
    from scipy.optimize import minimize

    x = np.array(start, dtype=float)
    value = float(f(x[None])[0])
    if len(x):
        options = {"ftol": 1e-12, "gtol": 1e-4, "maxiter": 500, "maxcor": 30}
        found = minimize(
            lambda x: -f(x[None])[0], x, jac=lambda x: -gradient(f, x), method="L-BFGS-B", bounds=bounds,
            options=options,
        )  # fmt: skip
        x, value = found.x, -float(found.fun)
    ends = [(-np.inf if a is None else a, np.inf if b is None else b) for a, b in bounds]
    lower, upper = np.array(ends).reshape(-1, 2).T
    free = np.flatnonzero((x > lower + NEAR) & (x < upper - NEAR))
    return _polished(Peak(f, x, value, free, curvature(f, x, value, free)))


def _polished(peak: Peak) -> Peak:
    """A step of Newton's further, where that is up."""
    if not peak.determined or not len(peak.free):
        return peak
    there = peak.x + peak.root @ (peak.root.T @ gradient(peak.f, peak.x))
    value = float(peak.f(there[None])[0])
    return replace(peak, x=there, value=value) if value >= peak.value else peak


def curvature(f: Function, x: Floats, value: float, free: Integers) -> Floats:
    """Minus the second derivatives of `f` at a maximum by some coordinates, (free, free)."""
    d = len(free)
    units = _steps(f, x, value, free)[:, None] * np.eye(len(x))[free]
    sizes = np.linalg.norm(units, axis=1)
    i, j = np.tril_indices(d, -1)
    pairs = [x + a * units[i] + b * units[j] for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
    above, below, *corners = np.split(
        f(np.concatenate([x + units, x - units, *pairs])), np.cumsum([d, d, *[len(i)] * 3])
    )
    minus = np.diag((2.0 * value - above - below) / sizes**2)
    mixed = corners[0] - corners[1] - corners[2] + corners[3]
    minus[i, j] = minus[j, i] = -mixed / (4.0 * sizes[i] * sizes[j])
    return minus


def _steps(f: Function, x: Floats, value: float, free: Integers) -> Floats:
    """How far to go along each coordinate for about `DROP`."""
    units, sizes = np.eye(len(x))[free], np.full(len(free), 1e-2)
    for _ in range(4):
        far = sizes[:, None] * units
        above, below = np.split(f(np.concatenate([x + far, x - far])), 2)
        drop = 0.5 * (2.0 * value - above - below)
        off = ~((drop > 0.1 * DROP) & (drop < 10.0 * DROP))
        if not off.any():
            break
        # As a parabola would have it; in a direction that is flat no more than tenfold at a time.
        change = np.clip(np.sqrt(DROP / np.where(drop > 0.0, drop, 1e-5 * DROP)), 0.1, 10.0)
        sizes = np.where(off, np.minimum(sizes * np.nan_to_num(change, nan=0.1), 1.0), sizes)
    return sizes
