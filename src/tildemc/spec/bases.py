"""Bases: functions of inputs that were learned of the data, and are kept as numbers for new data."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from math import factorial, pi

import numpy as np

from tildemc.arrays import Floats

__all__ = [
    "Basis",
    "PerLevel",
    "Piecewise",
    "Polynomial",
    "Sines",
    "Tensor",
    "ThinPlate",
    "at",
    "radial_constant",
    "row_products",
    "thin_plate_radial",
]

FEW_KNOTS = 100
"""With more, functions of one input are worked out by stretches of them."""
CHUNK = 1 << 18
"""Distances that are held at once: 2 MB stay in a processor's cache."""


@dataclass(frozen=True, eq=False, slots=True)
class Piecewise:
    """Polynomials of one input between breaks; the outermost go on beyond them, unless the input is periodic.

    Attributes
    ----------
    breaks : (pieces + 1,)
    coefficients : (degree + 1, pieces, q)
        Of powers of the distance from a piece's first break, the highest first.
    periodic : bool
        Whether the input begins anew at the last break.
    """

    breaks: Floats
    coefficients: Floats
    periodic: bool = False

    @property
    def size(self) -> int:
        """How many functions it has."""
        return int(self.coefficients.shape[2])

    def learned(self) -> dict[str, Floats]:
        """What of the data it depends on."""
        return {"breaks": self.breaks}

    def __call__(self, inputs: Floats) -> Floats:
        """The values at inputs (n, 1): (n, q)."""
        x, breaks = inputs[:, 0], self.breaks
        if self.periodic:
            inside = (x >= breaks[0]) & (x <= breaks[-1])
            x = np.where(inside, x, breaks[0] + np.mod(x - breaks[0], breaks[-1] - breaks[0]))
        piece = np.clip(np.searchsorted(breaks, x, side="right") - 1, 0, len(breaks) - 2)
        away, found = (x - breaks[piece])[:, None], self.coefficients[0][piece]
        for power in self.coefficients[1:]:
            found = found * away + power[piece]
        return np.asarray(found)

    def times(self, matrix: Floats) -> Piecewise:
        """Its functions mixed: (q, k)."""
        return replace(self, coefficients=self.coefficients @ matrix)


@dataclass(frozen=True, eq=False, slots=True)
class Polynomial:
    """Sums of products of powers of the inputs.

    Attributes
    ----------
    shift : (d,)
        What inputs are measured from.
    powers : (products, d)
    weights : (products, q)
    """

    shift: Floats
    powers: Floats
    weights: Floats

    @property
    def size(self) -> int:
        """How many functions it has."""
        return int(self.weights.shape[1])

    def learned(self) -> dict[str, Floats]:
        """What of the data it depends on."""
        return {"shift": self.shift}

    def __call__(self, inputs: Floats) -> Floats:
        """The values at inputs (n, d): (n, q)."""
        return np.asarray(self.products(inputs) @ self.weights)

    def products(self, inputs: Floats) -> Floats:
        """The products alone, (n, products)."""
        return np.asarray(np.prod((inputs - self.shift)[:, None, :] ** self.powers, axis=2))

    def times(self, matrix: Floats) -> Polynomial:
        """Its functions mixed: (q, k)."""
        return replace(self, weights=self.weights @ matrix)


@dataclass(frozen=True, eq=False, slots=True)
class ThinPlate:
    """Thin-plate splines: radial functions about knots, and the polynomials that their penalty leaves alone.

    Attributes
    ----------
    knots : (knots, d)
        Measured from the polynomials' shift, as inputs are.
    order : int
        Of the derivatives that are penalised.
    weights : (knots, q)
        What each function takes of the radial functions.
    polynomial : Polynomial
        What each is beside these.
    """

    knots: Floats
    order: int
    weights: Floats
    polynomial: Polynomial

    @property
    def size(self) -> int:
        """How many functions it has."""
        return int(self.weights.shape[1])

    def learned(self) -> dict[str, Floats]:
        """What of the data it depends on."""
        return {"knots": self.knots + self.polynomial.shift}

    def __call__(self, inputs: Floats) -> Floats:
        """The values at inputs (n, d): (n, q)."""
        found, x = self.polynomial(inputs), inputs - self.polynomial.shift
        radial: Callable[[Floats], Floats] = self._radial
        width = len(self.knots)
        if x.shape[1] == 1 and len(self.knots) > FEW_KNOTS:
            radial, width = _in_stretches(self.knots, self.weights, self.order), 4 * math.isqrt(len(self.knots))
        size = max(1, CHUNK // width)
        for start in range(0, len(x), size):
            part = slice(start, start + size)
            found[part] += radial(x[part])
        return found

    def _radial(self, x: Floats) -> Floats:
        """What the radial functions add at (n, d)."""
        from scipy.spatial.distance import cdist

        return np.asarray(thin_plate_radial(cdist(x, self.knots), self.order, x.shape[1]) @ self.weights)

    def times(self, matrix: Floats) -> ThinPlate | Polynomial:
        """Its functions mixed: (q, k); polynomials if nothing else is left of them."""
        weights, polynomial = self.weights @ matrix, self.polynomial.times(matrix)
        return replace(self, weights=weights, polynomial=polynomial) if weights.any() else polynomial


@dataclass(frozen=True, eq=False, slots=True)
class PerLevel:
    """The functions of a basis once for each level, zero in rows of other levels.

    The last inputs are the levels' indicators.
    """

    basis: Basis
    levels: int

    @property
    def size(self) -> int:
        """How many functions it has."""
        return self.levels * self.basis.size

    def learned(self) -> dict[str, Floats]:
        """What of the data it depends on."""
        return self.basis.learned()

    def __call__(self, inputs: Floats) -> Floats:
        """(n, d + levels) -> (n, levels * q), level by level."""
        return row_products((inputs[:, -self.levels :], self.basis(inputs[:, : -self.levels])))

    def times(self, matrix: Floats) -> PerLevel:
        """The functions of each level mixed: (q, k)."""
        return replace(self, basis=self.basis.times(matrix))


@dataclass(frozen=True, eq=False, slots=True)
class Tensor:
    """Products of the functions of several bases, each of its own inputs: sums of blocks, mixed by a matrix.

    Attributes
    ----------
    blocks : tuple of tuple of Basis
        In each block every function of the first is multiplied with every one of the others, the last fastest.
    inputs : tuple of int
        How many inputs each basis has.
    matrix : (functions, q)
        Of the functions of all blocks in order.
    """

    blocks: tuple[tuple[Basis, ...], ...]
    inputs: tuple[int, ...]
    matrix: Floats

    @property
    def size(self) -> int:
        """How many functions it has."""
        return int(self.matrix.shape[1])

    def learned(self) -> dict[str, Floats]:
        """What of the data it depends on."""
        return {
            f"{i}.{name}": values
            for i, parts in enumerate(zip(*self.blocks, strict=True), start=1)
            for name, values in parts[0].learned().items()
        }

    def __call__(self, inputs: Floats) -> Floats:
        """(n, d) -> (n, q)."""
        parts = np.split(inputs, np.cumsum(self.inputs)[:-1], axis=1)
        made = [row_products(tuple(b(x) for b, x in zip(block, parts, strict=True))) for block in self.blocks]
        return np.asarray(np.column_stack(made) @ self.matrix)

    def times(self, matrix: Floats) -> Tensor:
        """Its functions mixed: (q, k); blocks that take no part go."""
        mixed, kept, rows = self.matrix @ matrix, [], []
        start = 0
        for block in self.blocks:
            own = slice(start, start := start + math.prod(basis.size for basis in block))
            if mixed[own].any():
                kept.append(block)
                rows.append(mixed[own])
        return Tensor(tuple(kept), self.inputs, np.concatenate(rows))


@dataclass(frozen=True, eq=False, slots=True)
class Sines:
    """Products of sine waves that vanish at the ends of a box: the eigenfunctions of the Laplacian in it.

    Solin, A. and Särkkä, S. (2020). Hilbert space methods for reduced-rank Gaussian process regression. Statistics and
    Computing 30, 419-446.

    Attributes
    ----------
    scale : float
        What inputs are divided by.
    centre : (d,)
        What they are then measured from.
    reach : (d,)
        How far the box goes from there.
    numbers : (q, d)
        How many half waves each function has along each input.
    """

    scale: float
    centre: Floats
    reach: Floats
    numbers: Floats

    @property
    def size(self) -> int:
        """How many functions it has."""
        return len(self.numbers)

    @property
    def frequencies(self) -> Floats:
        """The square roots of the eigenvalues along each input, (q, d)."""
        return np.asarray(self.numbers * pi / (2 * self.reach))

    def learned(self) -> dict[str, Floats]:
        """What of the data it depends on."""
        return {"scale": np.array(self.scale), "centre": self.centre, "reach": self.reach}

    def __call__(self, inputs: Floats) -> Floats:
        """The values at inputs (n, d): (n, q)."""
        away = inputs / self.scale - self.centre + self.reach
        waves = [np.sin(np.outer(away[:, i], 1.0) * self.frequencies[:, i]) for i in range(inputs.shape[1])]
        return np.asarray(reduce(np.multiply, waves) / np.sqrt(self.reach.prod()))


Basis = Piecewise | Polynomial | ThinPlate | PerLevel | Tensor


def at(basis: Basis, *inputs: Floats | float) -> Floats:
    """The one function of a basis at inputs, (n,) each."""
    return basis(np.column_stack(np.broadcast_arrays(*map(np.atleast_1d, inputs))).astype(float))[:, 0]


def row_products(parts: tuple[Floats, ...]) -> Floats:
    """Row by row all products of one column of each part, the last part's fastest."""
    return reduce(lambda one, two: (one[:, :, None] * two[:, None, :]).reshape(len(one), -1), parts)


def thin_plate_radial(r: Floats, m: int, d: int) -> Floats:
    """The radial function of a thin-plate spline with penalty of order m in d dimensions (Wood, 2003, section 2)."""
    from scipy.special import xlogy

    # Products are several times faster than powers.
    power = reduce(np.multiply, [r] * (2 * m - d))
    return np.asarray(radial_constant(m, d) * (power if d % 2 else xlogy(power, r)))


def _in_stretches(knots: Floats, weights: Floats, order: int) -> Callable[[Floats], Floats]:
    """Weighted sums (n, q) of the radial functions of one input about many knots (knots, 1).

    About a knot below, an odd power of the distance is a polynomial of the input, and about one above, minus that. So
    what the knots of a stretch add is one polynomial, about its middle so that no digits are lost; those of the stretch
    that an input is in are taken one by one.
    """
    by_size = np.argsort(knots[:, 0])
    stretches = np.array_split(by_size, math.isqrt(len(by_size)))
    starts = knots[[some[0] for some in stretches], 0]
    middles = np.array([knots[some, 0].mean() for some in stretches])
    power = 2 * order - 1
    choose = np.array([math.comb(power, e) for e in range(power + 1)], dtype=float)
    moments = [
        choose[:, None] * (((middle - knots[some]) ** np.arange(power, -1, -1)).T @ weights[some])
        for some, middle in zip(stretches, middles, strict=True)
    ]
    sums = radial_constant(order, 1) * np.concatenate(moments)

    def values(x: Floats) -> Floats:
        own = np.searchsorted(starts[1:], x[:, 0], side="right")
        away, powers = x - middles, np.empty((len(x), len(stretches), power + 1))
        powers[..., 0] = np.sign(own[:, None] - np.arange(len(stretches)))
        for e in range(power):
            powers[..., e + 1] = powers[..., e] * away
        found = powers.reshape(len(x), -1) @ sums
        for k in np.unique(own):
            here, some = own == k, stretches[k]
            found[here] += thin_plate_radial(np.abs(x[here] - knots[some].T), order, 1) @ weights[some]
        return np.asarray(found)

    return values


def radial_constant(m: int, d: int) -> float:
    """What the power of the distance, or that times its log, is multiplied by."""
    if d % 2:
        return float(math.gamma(d / 2 - m) / (2 ** (2 * m) * pi ** (d / 2) * factorial(m - 1)))
    sign = (-1) ** (m + 1 + d // 2)
    return float(sign / (2 ** (2 * m - 1) * pi ** (d / 2) * factorial(m - 1) * factorial(m - d // 2)))
