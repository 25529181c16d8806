"""Splines of one input between knots: cubic ones by their values at the knots, cyclic ones, and P-splines."""

from __future__ import annotations

from math import factorial

import numpy as np

from tildemc.arrays import Floats
from tildemc.resolve.smooths.raw import Raw, decreasing_eigen, symmetric
from tildemc.spec.bases import Piecewise

__all__ = ["b_splines", "cubic", "cyclic", "natural", "p_spline"]

SHRINKAGE = 0.1
MARGIN = 0.001
"""By how much of the range P-splines reach beyond it."""


def natural(knots: Floats) -> Piecewise:
    """The natural cubic splines that are one at one knot and zero at the others; straight lines beyond them."""
    from scipy.interpolate import CubicSpline

    found = CubicSpline(knots, np.eye(len(knots)), bc_type="natural")
    return straight_beyond(Piecewise(found.x, found.c))


def straight_beyond(spline: Piecewise) -> Piecewise:
    """The same with straight lines beyond the outermost breaks."""
    breaks, c = spline.breaks, spline.coefficients
    width = breaks[-1] - breaks[-2]
    powers = width ** np.arange(len(c) - 1, -1, -1)
    ends = np.zeros((len(c), 2, c.shape[2]))
    ends[-2, 0], ends[-1, 0] = c[-2, 0], c[-1, 0] - c[-2, 0]
    slopes = c[:-1, -1] * np.arange(len(c) - 1, 0, -1)[:, None]
    ends[-2, 1] = powers[1:] @ slopes
    ends[-1, 1] = powers @ c[:, -1]
    return Piecewise(
        np.concatenate([[breaks[0] - 1], breaks, [breaks[-1] + 1]]),
        np.concatenate([ends[:, :1], c, ends[:, 1:]], axis=1),
    )


def b_splines(knots: Floats, degree: int) -> Piecewise:
    """The B-splines on knots, between those where they sum to one."""
    from scipy.interpolate import BSpline

    found = BSpline(knots, np.eye(len(knots) - degree - 1), degree)
    breaks = np.unique(knots[degree : len(knots) - degree])
    # The derivatives on the right of each break, over factorials, are the coefficients of the powers.
    starts = breaks[:-1]
    c = [found(starts, nu=p) / factorial(p) for p in range(degree, -1, -1)]
    return Piecewise(breaks, np.array(c))


def cubic(x: Floats, k: int, *, shrink: bool = False) -> Raw:
    """Cubic regression splines, knots at quantiles of the different values; the penalty is on second derivatives."""
    knots = np.quantile(np.unique(x), np.linspace(0, 1, k))
    basis = natural(knots)
    h = np.diff(knots)
    D, B = np.zeros((k - 2, k)), np.zeros((k - 2, k - 2))
    i = np.arange(k - 2)
    D[i, i], D[i, i + 1], D[i, i + 2] = 1 / h[:-1], -1 / h[:-1] - 1 / h[1:], 1 / h[1:]
    B[i, i] = (h[:-1] + h[1:]) / 3
    B[i[:-1], i[1:]] = B[i[1:], i[:-1]] = h[1:-1] / 6
    S, rank = symmetric(D.T @ np.linalg.solve(B, D)), k - 2
    if shrink:
        ev, vectors = decreasing_eigen(S)
        # mgcv leaves it to rounding which combination of straight lines is shrunk how much; here the constant least.
        line = knots - knots.mean()
        vectors[:, k - 2], vectors[:, k - 1] = line / np.linalg.norm(line), 1 / np.sqrt(k)
        ev[k - 2] = ev[k - 3] * SHRINKAGE
        ev[k - 1] = ev[k - 2] * SHRINKAGE
        S, rank = (vectors * ev) @ vectors.T, k
    return Raw(basis, basis(x[:, None]), (S,), rank)


def cyclic(x: Floats, k: int) -> Raw:
    """Cubic splines whose ends meet."""
    from scipy.interpolate import CubicSpline

    values = np.unique(x)
    knots = np.interp(np.linspace(0, len(values) - 1, k), np.arange(len(values)), values)
    ends_meet = np.vstack([np.eye(k - 1), np.eye(k - 1)[:1]])
    found = CubicSpline(knots, ends_meet, bc_type="periodic")
    basis = Piecewise(found.x, found.c, periodic=True)
    h = np.diff(knots)
    before = np.roll(h, 1)
    i = np.arange(k - 1)
    D, B = np.zeros((k - 1, k - 1)), np.zeros((k - 1, k - 1))
    np.add.at(D, (i, i), -(1 / before + 1 / h))
    np.add.at(D, (i, i - 1), 1 / before)
    np.add.at(D, (i, (i + 1) % (k - 1)), 1 / h)
    np.add.at(B, (i, i), (before + h) / 3)
    np.add.at(B, (i, i - 1), before / 6)
    np.add.at(B, (i, (i + 1) % (k - 1)), h / 6)
    S = symmetric(D.T @ np.linalg.solve(B, D))
    return Raw(basis, basis(x[:, None]), (S,), k - 2)


def p_spline(x: Floats, k: int, order: int, differences: int) -> Raw:
    """B-splines on even knots; the penalty is on differences of their coefficients (Eilers and Marx, 1996)."""
    low, high = float(x.min()), float(x.max())
    reach = (high - low) * MARGIN
    low, high = low - reach, high + reach
    inner = k - order
    step = (high - low) / (inner - 1)
    knots = np.linspace(low - step * (order + 1), high + step * (order + 1), inner + 2 * order + 2)
    basis = straight_beyond(b_splines(knots, order + 1))
    D = np.diff(np.eye(k), n=differences, axis=0)
    return Raw(basis, basis(x[:, None]), (D.T @ D,), k - differences)
