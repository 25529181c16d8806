"""Inverse covariances of rows that go together, as few numbers times products of rows that never change.

R⁻¹ of all blocks is a sum over pairs of rows; pairs that stand to one another as others do have the same number,
whatever the coefficients. So a likelihood needs the products of each such kind of pairs, once, and at each point these
numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, override

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.spec.correlation import Step
from tildemc.spec.derivative import differentiate
from tildemc.spec.expr import Const, Expr, Var, evaluate, substitute
from tildemc.spec.rows_together import Batch, Coefficients, batches, in_order, levels_of, matrices
from tildemc.spec.terms.residual import Residual, ResidualDesign
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.marginal.whiten import by_coefficients, factored

__all__ = ["Given", "Inverse", "Pairs", "Parts", "inverse_of"]

Given = Mapping[str, Floats]
"""Derivatives by the coefficients of each set, by name: (sets, size)."""


class Pairs(NamedTuple):
    """Pairs of rows, the second not before the first, and the number of each; (pairs,) each."""

    one: Integers
    two: Integers
    number: Integers


@dataclass(frozen=True, eq=False)
class Parts:
    """At some points: the numbers (…, ·), the sum of ½ log|R| (…), and what slopes need beside them.

    The sum is infinite where there is no covariance.
    """

    numbers: Floats
    half: Floats
    known: tuple[Floats, ...] = ()


class Inverse(ABC):
    """R⁻¹ of all blocks.

    Attributes
    ----------
    block : (n,)
        Each row's.
    pairs : Pairs
    whole : (blocks,) or None
        The number of the product of each block's sum of rows with itself, if there is such a part.
    """

    block: Integers
    pairs: Pairs
    whole: Integers | None = None

    @abstractmethod
    def at(self, sets: Sequence[Coefficients]) -> Parts:
        """The numbers at coefficients (…, size)."""

    @abstractmethod
    def back(self, sets: Sequence[Coefficients], parts: Parts, by_number: Floats) -> Given:
        """Derivatives by the numbers -> by the coefficients, with those of -½ log|R|."""


def inverse_of(residual: Residual | None, design: ResidualDesign | None, n: int) -> Inverse:
    """Of n rows, by what their structure says."""
    if residual is None or design is None:
        return _Alone(n)
    step = residual.step
    if step is not None:
        return _Stepwise(residual, design, step)
    return _Alike(residual, design) if residual.correlation.alike else _Whole(residual, design)


class _Alone(Inverse):
    """Of rows that do not go together."""

    def __init__(self, n: int) -> None:
        self.block = np.arange(n)
        self.pairs = Pairs(self.block, self.block, np.zeros(n, np.int64))

    @override
    def at(self, sets: Sequence[Coefficients]) -> Parts:
        return Parts(np.ones(1), np.zeros(()))

    @override
    def back(self, sets: Sequence[Coefficients], parts: Parts, by_number: Floats) -> Given:
        return {}


@dataclass(frozen=True, eq=False)
class _Formula:
    """Arithmetic in coefficients of which there is one a set, and its slopes by them.

    Attributes
    ----------
    value : Expr
    slopes : mapping of str to Expr
    own : (k,)
        The set of each of its values.
    lag : (k,)
    """

    value: Expr
    slopes: Mapping[str, Expr]
    own: Integers
    lag: Floats

    @classmethod
    def of(cls, residual: Residual, value: Expr, own: Integers, lag: Floats) -> _Formula:
        lacking: dict[Expr, Expr] = {
            Var(c.name): Const(0.0) for c in residual.correlation.coefficients if not c.size(residual.order)
        }
        value = substitute(value, lacking)
        return cls(value, {c.name: differentiate(value, c.name) for c in residual.coefficients}, own, lag)

    def __call__(self, sets: Sequence[Coefficients]) -> Floats:
        return self._of(self.value, self._known(sets))

    def back(self, sets: Sequence[Coefficients], by_value: Floats) -> Given:
        """Derivatives by its values -> by the coefficients."""
        known = self._known(sets)
        each = {name: by_value * self._of(slope, known) for name, slope in self.slopes.items()}
        return {name: np.bincount(self.own, slope, minlength=len(sets))[:, None] for name, slope in each.items()}

    def _known(self, sets: Sequence[Coefficients]) -> dict[str, Floats]:
        known = {name: np.stack([own[name][..., 0] for own in sets], axis=-1)[..., self.own] for name in self.slopes}
        return known | {"lag": self.lag}

    def _of(self, expr: Expr, known: Mapping[str, Floats]) -> Floats:
        with np.errstate(all="ignore"):
            found = evaluate(expr, lambda name: known[name.name], NUMPY)
        shape = np.broadcast_shapes(*(value.shape for value in known.values()))
        return np.broadcast_to(np.asarray(found, dtype=float), shape)


def _sum(*parts: Given) -> Given:
    return {name: np.sum([part[name] for part in parts], axis=0) for name in parts[0]}


def _sum_of_logs(*parts: tuple[Floats, Integers | Floats]) -> Floats:
    """Half the logs of values (…, k), each so many times (k,); infinite unless all are positive."""
    half = 0.5 * sum(np.where(count > 0, count * np.log(value), 0.0).sum(axis=-1) for value, count in parts)
    good = np.all([((value > 0) | (count == 0)).all(axis=-1) for value, count in parts], axis=0)
    return np.where(good, half, np.inf)


class _Stepwise(Inverse):
    """Where each row depends on the one before it alone: R⁻¹ is tridiagonal.

    e_i - ρ e_{i-1} is new, and has the variance that is left. The numbers: for each set one over the variance of a
    first row, then for each step 1 / left, ρ² / left and -ρ / left. Steps are the different lags of a set.
    """

    def __init__(self, residual: Residual, design: ResidualDesign, step: Step) -> None:
        order, first, size = in_order(design)
        self.block = np.empty(len(order), np.int64)
        self.block[order] = np.repeat(np.arange(len(first)), size)
        begins = np.zeros(len(order), dtype=bool)
        begins[first] = True
        later = np.flatnonzero(~begins)
        level, place = levels_of(design)[order], design.place[order, 0]
        known = np.column_stack([level[later], place[later] - place[later - 1]])
        steps, which, self.counts = np.unique(known, axis=0, return_inverse=True, return_counts=True)
        own, sets = steps[:, 0].astype(np.int64), np.arange(residual.sets)
        self.firsts = np.bincount(level[begins], minlength=residual.sets)
        self.share, self.left = (_Formula.of(residual, e, own, steps[:, 1]) for e in (step.share, step.left))
        self.first = _Formula.of(residual, step.first, sets, np.zeros(len(sets)))
        at, k = len(sets) + which.ravel(), len(steps)
        self.pairs = Pairs(
            np.concatenate([order[begins], order[later], order[later - 1], order[later - 1]]),
            np.concatenate([order[begins], order[later], order[later - 1], order[later]]),
            np.concatenate([level[begins], at, at + k, at + 2 * k]),
        )

    @override
    def at(self, sets: Sequence[Coefficients]) -> Parts:
        share, left, first = self.share(sets), self.left(sets), self.first(sets)
        with np.errstate(all="ignore"):
            half = _sum_of_logs((left, self.counts), (first, self.firsts))
            numbers = np.concatenate([1.0 / first, 1.0 / left, share**2 / left, -share / left], axis=-1)
        return Parts(numbers, half, (share, left, first))

    @override
    def back(self, sets: Sequence[Coefficients], parts: Parts, by_number: Floats) -> Given:
        share, left, first = parts.known
        k = len(left)
        by_first, *by_step = np.split(by_number, [len(first), len(first) + k, len(first) + 2 * k])
        own, before, both = by_step
        by_left = -(own + share**2 * before - share * both) / left**2 - 0.5 * self.counts / left
        by_share = (2.0 * share * before - both) / left
        by_first = -by_first / first**2 - 0.5 * self.firsts / first
        return _sum(
            self.share.back(sets, by_share), self.left.back(sets, by_left), self.first.back(sets, by_first)
        )  # fmt: skip


class _Alike(Inverse):
    """Where any two rows of a block have the correlation r: (R⁻¹)_ij = a δ_ij + c, by Sherman & Morrison (1950).

    a = 1 / (1 - r) and c = -a r / (1 + (m - 1) r), for each set and number m of rows.
    """

    def __init__(self, residual: Residual, design: ResidualDesign) -> None:
        order, first, size = in_order(design)
        block = np.empty(len(order), np.int64)
        block[order] = np.repeat(np.arange(len(first)), size)
        known = np.column_stack([levels_of(design)[order[first]], size])
        kinds, kind, self.counts = np.unique(known, axis=0, return_inverse=True, return_counts=True)
        kind = kind.ravel()
        self.others = kinds[:, 1] - 1.0
        assert residual.correlation.matrix is not None
        lag = np.ones(len(kinds))
        self.r = _Formula.of(residual, residual.correlation.matrix, kinds[:, 0].astype(np.int64), lag)
        self.block, self.whole = block, len(kinds) + kind
        each = np.arange(len(order))
        self.pairs = Pairs(each, each, kind[block])

    @override
    def at(self, sets: Sequence[Coefficients]) -> Parts:
        r = self.r(sets)
        apart, together = 1.0 - r, 1.0 + self.others * r
        with np.errstate(all="ignore"):
            half = _sum_of_logs((apart, self.counts * self.others), (together, self.counts))
            numbers = np.concatenate([1.0 / apart, -r / (apart * together)], axis=-1)
        return Parts(numbers, half, (r, apart, together))

    @override
    def back(self, sets: Sequence[Coefficients], parts: Parts, by_number: Floats) -> Given:
        r, apart, together = parts.known
        by_a, by_c = np.split(by_number, 2)
        both = apart * together
        by_r = by_a / apart**2 + by_c * (r * (self.others * apart - together) / both - 1.0) / both
        by_r += 0.5 * self.counts * self.others * (1.0 / apart - 1.0 / together)
        return self.r.back(sets, by_r)


class _Whole(Inverse):
    """Where nothing more is known: the numbers are the entries of the inverse of each pattern."""

    def __init__(self, residual: Residual, design: ResidualDesign) -> None:
        n = len(design.block)
        self.residual, self.batches = residual, batches(residual, design, n)
        self.block = np.empty(n, np.int64)
        blocks = at = 0
        found: list[Pairs] = []
        for batch in self.batches:
            count, m = batch.rows.shape
            self.block[batch.rows] = blocks + np.arange(count)[:, None]
            low, high = np.tril_indices(m)[::-1]
            number = at + batch.pattern[:, None] * len(low) + np.arange(len(low))
            found.append(Pairs(batch.rows[:, low].ravel(), batch.rows[:, high].ravel(), number.ravel()))
            blocks, at = blocks + count, at + len(batch.place) * len(low)
        self.pairs = Pairs(*(np.concatenate(parts) for parts in zip(*found, strict=True)))

    @cached_property
    def counts(self) -> list[Integers]:
        """The blocks of each pattern."""
        return [np.bincount(batch.pattern, minlength=len(batch.place)) for batch in self.batches]

    @override
    def at(self, sets: Sequence[Coefficients]) -> Parts:
        shape = np.broadcast_shapes(*(value.shape[:-1] for value in sets[0].values()))
        if not shape:
            return self._one(list(sets))
        each = (self._one([{name: own[name][at] for name in own} for own in sets]) for at in np.ndindex(*shape))
        numbers, half = zip(*((part.numbers, part.half) for part in each), strict=True)
        return Parts(np.stack(numbers).reshape(*shape, -1), np.reshape(half, shape))

    def _one(self, sets: list[Coefficients]) -> Parts:
        numbers, half, kept = [], 0.0, []
        for batch, counts in zip(self.batches, self.counts, strict=True):
            found = factored(matrices(self.residual, batch, sets))
            if found is None:
                return Parts(np.ones(int(self.pairs.number.max()) + 1), np.array(np.inf))
            inverse, halves = found
            numbers.append(inverse[:, *_lower(batch)].ravel())
            half += float(counts @ halves)
            kept.append(inverse)
        return Parts(np.concatenate(numbers), np.array(half), tuple(kept))

    @override
    def back(self, sets: Sequence[Coefficients], parts: Parts, by_number: Floats) -> Given:
        slopes, at = [], 0
        for batch, counts, inverse in zip(self.batches, self.counts, parts.known, strict=True):
            row, column = _lower(batch)
            by_inverse = np.zeros_like(inverse)
            own = by_number[at : at + inverse.shape[0] * len(row)].reshape(len(inverse), -1)
            by_inverse[:, row, column] += 0.5 * own
            by_inverse[:, column, row] += 0.5 * own
            slopes.append(-inverse @ by_inverse @ inverse - 0.5 * counts[:, None, None] * inverse)
            at += own.size
        return by_coefficients(self.residual, self.batches, sets, slopes)


def _lower(batch: Batch) -> tuple[Integers, Integers]:
    """The entries of a matrix of its blocks, as they are numbered."""
    return np.tril_indices(batch.rows.shape[1])
