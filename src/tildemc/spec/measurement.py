"""True values that are normal, of what is measured with normal error: what is known of one before anything else is.

With x ~ normal(true, s) and true ~ normal(m, t), x alone is normal(m, sqrt(t² + s²)), and given x the true value is
normal too, with the mean m + g (x - m), where g = t² / (t² + s²), and the sd t s / sqrt(t² + s²). A standard normal
number moves it from there: that suits a sampler however good or poor the measurement is. Of several true values that
are correlated, each is seen from those before it, by the rows of the correlations' Cholesky factor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from math import log, pi
from operator import add, mul

from tildemc.spec.expr import Const, Expr
from tildemc.spec.vocabulary import apply

__all__ = [
    "Measurement",
    "Triangle",
    "correlations",
    "factor_of_correlations",
    "factor_of_partials",
    "in_turn",
    "partials",
]

Pair = Callable[[int, int], Expr]
"""A number of two variables, the first before the second."""
Triangle = tuple[tuple[Expr, ...], ...]
"""The rows of a lower triangle with its diagonal."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One true value as it is seen from those before it, and what was measured of it.

    Attributes
    ----------
    centre, spread : Expr
        Its mean and sd before it was measured.
    value, noise : Expr
        What was measured, with which sd of the error.
    """

    centre: Expr
    spread: Expr
    value: Expr
    noise: Expr

    @property
    def total(self) -> Expr:
        """The sd of what is measured."""
        return apply("sqrt", self.spread**2 + self.noise**2)

    @property
    def expected(self) -> Expr:
        """The true value's mean, given what was measured."""
        return self.centre + (self.spread / self.total) ** 2 * (self.value - self.centre)

    @property
    def left(self) -> Expr:
        """Its sd, given that."""
        return self.spread * self.noise / self.total

    def true(self, z: Expr) -> Expr:
        """It, from a standard normal number."""
        return self.expected + self.left * z

    def standardised(self, true: Expr) -> Expr:
        """That number, from the true value."""
        return (true - self.expected) / self.left

    @property
    def log_density(self) -> Expr:
        """Of what was measured."""
        return -0.5 * ((self.value - self.centre) / self.total) ** 2 - apply("log", self.total) - 0.5 * log(2 * pi)


def in_turn(
    named: Callable[[str, int], Expr], factor: Triangle | None, true: Callable[[int, Measurement], Expr], size: int
) -> Iterator[Measurement]:
    """Each of some true values of one level, seen from those before it.

    Parameters
    ----------
    named : callable
        Of `"mean"`, `"sd"`, `"value"` and `"noise"` that of each variable.
    factor : Triangle or None
        Of their correlations; None if they are independent.
    true : callable
        The true value of a variable, once it is known how it is seen.
    size : int
        How many there are.
    """
    seen: list[Expr] = []
    for k in range(size):
        centre, spread = named("mean", k), named("sd", k)
        if factor is not None and k:
            centre = centre + spread * reduce(add, (factor[k][j] * seen[j] for j in range(k)))
            spread = spread * factor[k][k]
        found = Measurement(centre, spread, named("value", k), named("noise", k))
        yield found
        if factor is not None and k + 1 < size:
            seen.append((true(k, found) - centre) / spread)


# Correlations from numbers between -1 and 1 that have nothing to do with each other: Lewandowski, Kurowicka & Joe
# (2009), Generating random correlation matrices based on vines and extended onion method, Journal of Multivariate
# Analysis 100. Partial correlation (j, k), given the variables before j, is 2 v - 1 with v ~ beta(a, a), where
# a = eta + (size - 2 - j) / 2.


def factor_of_partials(partial: Pair, size: int) -> Triangle:
    """The Cholesky factor of correlations that have these partial ones."""
    rows: list[tuple[Expr, ...]] = []
    for k in range(size):
        left = [apply("sqrt", 1 - partial(j, k) ** 2) for j in range(k)]
        own = [reduce(mul, [*left[:j], partial(j, k)]) for j in range(k)]
        rows.append((*own, reduce(mul, left) if left else Const(1.0)))
    return tuple(rows)


def factor_of_correlations(correlation: Pair, size: int) -> Triangle:
    """The Cholesky factor of correlations."""
    rows: list[list[Expr]] = []
    for k in range(size):
        row: list[Expr] = []
        for j in range(k):
            before = [row[i] * rows[j][i] for i in range(j)]
            row.append((correlation(j, k) - reduce(add, before) if before else correlation(j, k)) / rows[j][j])
        rows.append([*row, apply("sqrt", 1 - reduce(add, [entry**2 for entry in row])) if row else Const(1.0)])
    return tuple(map(tuple, rows))


def partials(factor: Triangle) -> dict[tuple[int, int], Expr]:
    """The partial correlations that a factor is made of."""
    found: dict[tuple[int, int], Expr] = {}
    for k, row in enumerate(factor):
        for j in range(k):
            before = [row[i] ** 2 for i in range(j)]
            found[j, k] = row[j] / apply("sqrt", 1 - reduce(add, before)) if before else row[j]
    return found


def correlations(factor: Triangle) -> dict[tuple[int, int], Expr]:
    """The correlations that a factor is of."""
    return {
        (j, k): reduce(add, (factor[k][i] * factor[j][i] for i in range(j + 1)))
        for k in range(len(factor))
        for j in range(k)
    }
