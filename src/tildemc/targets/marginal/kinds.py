"""Pairs of rows that go together -> the sums of their products by kind, and what each kind is multiplied by.

A kind is the pairs that have one number in R⁻¹ and one pair of sds: its products are added up once, and no evaluation
knows how many rows there were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.targets.marginal.entries import Entries, entries_of
from tildemc.targets.marginal.inverses import Given, Inverse, Parts
from tildemc.targets.marginal.joint import Joint, Spread
from tildemc.targets.marginal.statistics import Layout, Statistics, Tally, tally, together, twins

__all__ = ["Kinds", "Weighed", "kinds_of"]


@dataclass(frozen=True, eq=False)
class Weighed:
    """At some points what each kind is multiplied by (…, kinds), and what the log likelihood has beside them (…)."""

    weights: Floats
    log_density: Floats
    parts: Parts


@dataclass(frozen=True, eq=False)
class Kinds:
    """The kinds of pairs.

    Attributes
    ----------
    joint : Joint
    inverse : Inverse
    spread : Spread
        The sds that differ.
    counts : (sds,)
        How many rows have each.
    number : (kinds,)
    one, two : (kinds,)
        The sds of the two rows.
    """

    joint: Joint
    inverse: Inverse
    spread: Spread
    counts: Floats
    number: Integers
    one: Integers
    two: Integers

    def at(self, x: Floats) -> Weighed:
        """What numbers x (…, ·) come to; a log density of -inf where they make no covariance."""
        log_sd = self.spread.at(x)
        parts = self.inverse.at(self.joint.sets(x))
        with np.errstate(over="ignore", invalid="ignore"):
            weights = parts.numbers[..., self.number] * np.exp(-log_sd[..., self.one] - log_sd[..., self.two])
            log_density = -(log_sd @ self.counts) - parts.half
        known = np.isfinite(weights).all(axis=-1) & np.isfinite(log_density)
        return Weighed(np.where(known[..., None], weights, 1.0), np.where(known, log_density, -np.inf), parts)

    def back(self, x: Floats, at: Weighed, by_weight: Floats) -> Floats:
        """Derivatives by the weights -> by the numbers, with those of what the log likelihood has beside them."""
        size, by_log = len(self.counts), by_weight * at.weights
        by_log_sd = -self.counts - sum(np.bincount(own, by_log, minlength=size) for own in (self.one, self.two))
        given: Given = {}
        if self.joint.free:
            log_sd = self.spread.at(x)
            each = by_weight * np.exp(-log_sd[self.one] - log_sd[self.two])
            by_number = np.bincount(self.number, each, minlength=len(at.parts.numbers))
            given = self.inverse.back(self.joint.sets(x), at.parts, by_number)
        return self.joint.back(x, by_log_sd, self.spread, given)


class _Products(NamedTuple):
    """Pairs of rows of `columns`, with the block, the number and the sds of each pair; once where both are one row."""

    columns: Floats
    one: Integers
    two: Integers
    block: Integers
    number: Integers
    sds: tuple[Integers, Integers]


def kinds_of(joint: Joint, inverse: Inverse, layout: Layout, sums: Statistics) -> tuple[Kinds, Statistics]:
    """The kinds of pairs, and the cross-products with these in the place of residual classes.

    Parameters
    ----------
    joint, inverse
    layout : Layout
    sums : Statistics
        Of the rows as they are: where each entry stands.
    """
    spread, sd = joint.spread.distinct()
    pairs = inverse.pairs
    block, sds = inverse.block[pairs.one], (sd[pairs.one], sd[pairs.two])
    found = [_Products(joint.columns, pairs.one, pairs.two, block, pairs.number, sds)]
    if inverse.whole is not None:
        found.append(_of_sums(joint, inverse.block, inverse.whole, sd))
    size = len(spread.base)
    keys = [(part.number * size + np.minimum(*part.sds)) * size + np.maximum(*part.sds) for part in found]
    known, kind = np.unique(np.concatenate(keys), return_inverse=True)
    own = np.split(kind.ravel(), np.cumsum([len(key) for key in keys])[:-1])
    places = entries_of(layout, sums, joint.of_blocks(inverse.block))
    parts = (_tallied(part, at, places, len(known)) for part, at in zip(found, own, strict=True))
    total = together([each for part in parts for each in part], len(known))
    counts = np.bincount(sd, minlength=size).astype(float)
    kinds = Kinds(joint, inverse, spread, counts, known // size**2, known // size % size, known % size)
    return kinds, _statistics(total, layout, sums, len(known))


def _of_sums(joint: Joint, block: Integers, whole: Integers, sd: Integers) -> _Products:
    """The products of each block's sum of rows with itself: those of rows that have one sd are added up before."""
    size = int(sd.max(initial=0)) + 1
    known, which = np.unique(block * size + sd, return_inverse=True)
    columns = np.zeros((len(known), joint.columns.shape[1]))
    np.add.at(columns, which.ravel(), joint.columns)
    block, sd = known // size, known % size
    _, first, count = np.unique(block, return_index=True, return_counts=True)
    ones, twos = [], []
    for m in np.unique(count):
        two, one = np.tril_indices(m)
        begin = first[count == m, None]
        ones.append((begin + one).ravel())
        twos.append((begin + two).ravel())
    one, two = np.concatenate(ones), np.concatenate(twos)
    return _Products(columns, one, two, block[one], whole[block[one]], (sd[one], sd[two]))


def _tallied(part: _Products, kind: Integers, places: Entries, kinds: int) -> list[Tally]:
    """The products of pairs by entry and kind."""
    one, two = part.columns[part.one], part.columns[part.two]
    twice = part.one != part.two
    found: list[Tally] = []
    for k, (a, c) in enumerate(zip(places.row, places.column, strict=True)):
        value = one[:, a] * two[:, c] + np.where(twice, two[:, a] * one[:, c], 0.0)
        here = np.flatnonzero(value)
        found.append(tally([(places.entry[part.block[here], k], kind[here], value[here])], kinds))
    return found


def _statistics(total: Tally, layout: Layout, sums: Statistics, kinds: int) -> Statistics:
    size = len(sums.start) - 1
    levels, width = layout.levels[0], layout.widths[0]
    each = width * (width + 1) // 2
    own = total.key < levels * each
    return Statistics(
        start=np.concatenate([[0], np.cumsum(np.bincount(total.key, minlength=size))]).astype(np.int64),
        classes=total.residual,
        table=total.value,
        twin=twins(Tally(total.key[own], total.residual[own], total.value[own]), levels, each * kinds, kinds),
        neighbour=sums.neighbour,
        column=sums.column,
        rest_row=sums.rest_row,
        rest_column=sums.rest_column,
        counts=np.zeros(kinds),
        constant=sums.constant,
    )
