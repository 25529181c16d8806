"""Covariances between levels: the steps that make related effects of independent ones in place, and the way back.

Both forms are steps in some order, in each of which one level's effect becomes a multiple of itself and a sum of
others': the lower factor of a covariance from the last level up, so that the others' are still the independent ones; a
recursion from its first level on, so that they are related already.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.kernels import jit
from tildemc.spec.recursion import few_steps
from tildemc.spec.terms.known import Between, Known, Recursion, Related
from tildemc.targets.direct.tables import Group, Tables

__all__ = ["in_steps", "packed", "relate", "relate_back"]


def packed(between: Between) -> Floats:
    """The steps as a kernel reads them, of what `in_steps` gives.

    How long that is; then for each step how long it is, the level, the multiple, runs of levels that follow one on the
    other, each the first of them, how many there are and what they are multiplied by, and again how long it is.
    """
    found: list[Floats] = []
    for level, own, others, weights in _steps(between):
        size = 4.0
        parts: list[Floats] = []
        order = np.argsort(others, kind="stable")
        others, weights = others[order], weights[order]
        for run in np.split(np.arange(len(others)), np.flatnonzero(np.diff(others) != 1) + 1):
            if len(run):
                parts += [np.array([others[run[0]], len(run)], dtype=float), weights[run]]
                size += 2.0 + len(run)
        found += [np.array([size, level, own]), *parts, np.array([size])]
    whole = np.concatenate(found)
    return np.concatenate([[len(whole) + 1.0], whole])


def in_steps(between: Between) -> Between:
    """The covariance as effects that have it are made here: of other noise than by its factor, where few steps do."""
    few = few_steps(between.values) if isinstance(between, Known) else None
    return between if few is None else Related(between.name, few)


def _steps(between: Between) -> Iterator[tuple[int, float, Integers, Floats]]:
    """For each step the level, its multiple, the others and what these are multiplied by."""
    match between:
        case Related(steps=steps):
            yield from _in_order(steps)
        case Known(factor=L):
            for level in range(len(L) - 1, -1, -1):
                others = np.flatnonzero(L[level, :level])
                yield level, float(L[level, level]), others, L[level, others]
        case never:
            assert_never(never)


def _in_order(steps: Recursion) -> Iterator[tuple[int, float, Integers, Floats]]:
    for k, level in enumerate(steps.order.tolist()):
        at = slice(steps.start[k], steps.start[k + 1])
        yield level, float(steps.own[k]), steps.others[at], steps.weights[at]


@jit
def relate(t: Tables, group: Group, effects: Floats) -> None:
    """Effects of related levels of independent ones, in place."""
    width = group.width
    at = group.related + 1
    end = group.related + int(t.floats[group.related])
    while at < end:
        size, level = int(t.floats[at]), int(t.floats[at + 1])
        own = t.floats[at + 2]
        for c in range(width):
            total = own * effects[group.effects + level * width + c]
            place = at + 3
            while place < at + size - 1:
                first, run = int(t.floats[place]), int(t.floats[place + 1])
                weights = t.floats[place + 2 : place + 2 + run]
                others = effects[group.effects + first * width + c :]
                for k in range(run):
                    total += weights[k] * others[k * width]
                place += 2 + run
            effects[group.effects + level * width + c] = total
        at += size


@jit
def relate_back(t: Tables, group: Group, d_effects: Floats) -> None:
    """The way back of `relate`, for derivatives: from the last step to the first."""
    width = group.width
    end = group.related + int(t.floats[group.related])
    while end > group.related + 1:
        size = int(t.floats[end - 1])
        at = end - size
        level, own = int(t.floats[at + 1]), t.floats[at + 2]
        for c in range(width):
            d = d_effects[group.effects + level * width + c]
            place = at + 3
            while place < end - 1:
                first, run = int(t.floats[place]), int(t.floats[place + 1])
                weights = t.floats[place + 2 : place + 2 + run]
                others = d_effects[group.effects + first * width + c :]
                for k in range(run):
                    others[k * width] += weights[k] * d
                place += 2 + run
            d_effects[group.effects + level * width + c] = own * d
        end = at
