"""Covariances between levels that are given with the data: relatedness, phylogenies, distances.

A covariance is kept as a matrix, a precision as the steps by which effects follow from one another: few of them where
the precision has few entries that are not zero, whatever the covariance has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tildemc.arrays import Floats, Integers

__all__ = ["Between", "Known", "Recursion", "Related", "times_levels"]


def times_levels(matrix: Floats, effects: Floats) -> Floats:
    """A matrix (·, levels) times effects (…, levels, columns): one product for all draws, not one for each."""
    levels = np.moveaxis(effects, -2, 0)
    found = matrix @ levels.reshape(len(levels), -1)
    return np.moveaxis(found.reshape(len(matrix), *levels.shape[1:]), 0, -2)


@dataclass(frozen=True, eq=False)
class Recursion:
    """Effects one after the other: each is a multiple of noise of its own and a sum of what came before it.

    Attributes
    ----------
    order : (levels,) of int
        The levels in the order in which their effects are made.
    own : (levels,)
        In that order, what the level's standard normal noise is multiplied by.
    start : (levels + 1,) of int
        In that order, where the level's entries begin in the next two.
    others : of int
        The levels that it follows from.
    weights : (entries,)
        What these's effects are multiplied by.
    """

    order: Integers
    own: Floats
    start: Integers
    others: Integers
    weights: Floats

    def related(self, noise: Floats) -> Floats:
        """Effects (…, levels, columns) of independent ones."""
        found = np.array(noise, dtype=float)
        for k, level in enumerate(self.order):
            found[..., level, :] *= self.own[k]
            found[..., level, :] += self._before(k, found)
        return found

    def unrelated(self, effects: Floats) -> Floats:
        """The independent ones that effects (…, levels, columns) are made of."""
        found = np.array(effects, dtype=float)
        for k, level in enumerate(self.order):
            found[..., level, :] = (effects[..., level, :] - self._before(k, effects)) / self.own[k]
        return found

    def _before(self, k: int, effects: Floats) -> Floats:
        at = slice(self.start[k], self.start[k + 1])
        return np.asarray(np.einsum("k,...kc->...c", self.weights[at], effects[..., self.others[at], :]))


@dataclass(frozen=True, eq=False)
class Known:
    """A covariance between the levels of a factor, in their order.

    Attributes
    ----------
    name : str
        What the text calls it.
    values : (levels, levels)
        Symmetric and positive definite.
    """

    name: str
    values: Floats

    def only(self, levels: Sequence[int]) -> Known:
        """Between these levels."""
        return Known(self.name, np.ascontiguousarray(self.values[np.ix_(levels, levels)]))

    @property
    def whole(self) -> bool:
        """Whether levels that no row informs stay: what is said of the others does not depend on them."""
        return False

    @property
    def relates(self) -> bool:
        """Whether some levels are related."""
        return bool(np.count_nonzero(self.values) > len(self.values))

    @cached_property
    def factor(self) -> Floats:
        """Its lower Cholesky factor: effects of levels are its product with independent ones."""
        return np.linalg.cholesky(self.values)

    def related(self, noise: Floats) -> Floats:
        """Effects (…, levels, columns) of independent ones."""
        return times_levels(self.factor, noise)


@dataclass(frozen=True, eq=False)
class Related:
    """A precision between the levels of a factor, by the steps that effects which have it are made in.

    Attributes
    ----------
    name : str
        What the text calls it.
    steps : Recursion
    """

    name: str
    steps: Recursion

    def only(self, levels: Sequence[int]) -> Known:
        """Between these levels: their covariance, for a precision of some levels is no part of that of all."""
        factor = self.factor[np.asarray(levels)]
        return Known(self.name, factor @ factor.T)

    @property
    def whole(self) -> bool:
        """Whether levels that no row informs stay: the others' effects follow from theirs."""
        return True

    @property
    def relates(self) -> bool:
        """Whether some levels are related."""
        return len(self.steps.weights) > 0

    @cached_property
    def factor(self) -> Floats:
        """A square matrix whose product with independent effects has the covariance, (levels, levels)."""
        return self.steps.related(np.eye(len(self.steps.order)))

    def related(self, noise: Floats) -> Floats:
        """Effects (…, levels, columns) of independent ones."""
        return self.steps.related(noise)


Between = Known | Related
