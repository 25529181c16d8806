"""Precisions between levels, given beside the data: sparse matrices, and pedigrees by Henderson's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.errors import DataError
from tildemc.spec.recursion import recursion
from tildemc.spec.terms.known import Recursion
from tildemc.visible import listed, shown

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import sparray, spmatrix

__all__ = ["Precision", "pedigree", "precision"]

_ALIKE = 1e-8


@dataclass(frozen=True, eq=False)
class Precision:
    """The inverse of a covariance between levels, for `data2`: made by `precision` and `pedigree`.

    Attributes
    ----------
    levels : tuple of str
        What the rows and columns are called.
    steps : Recursion
        How effects that have it follow from one another.
    """

    levels: tuple[str, ...]
    steps: Recursion


def precision(matrix: sparray | spmatrix | Floats | pd.DataFrame, levels: Sequence[object] | None = None) -> Precision:
    """What `tildemc.precision` gives."""
    from scipy.sparse import csc_array, issparse

    if levels is None:
        levels = list(getattr(matrix, "index", ()))
        if levels != list(getattr(matrix, "columns", ())) or not levels:
            raise DataError("`precision()` needs `levels`, what the rows and columns of the matrix are called")
    names = tuple(map(str, levels))
    try:
        Q = csc_array(matrix if issparse(matrix) else np.asarray(matrix, dtype=float), dtype=float)
    except (TypeError, ValueError):
        raise DataError(f"`precision()` takes a matrix of numbers, not {shown(matrix)}") from None
    if Q.shape != (len(names), len(names)):
        raise DataError(f"`precision()` has a matrix of {' × '.join(map(str, Q.shape))} and {len(names)} levels")
    _refuse_twice("`precision()`", names)
    if not np.isfinite(Q.data).all():
        raise DataError("`precision()` has entries that are no numbers")
    if abs(Q - Q.T).max() > _ALIKE * abs(Q).max():
        raise DataError("`precision()` has a matrix that is not symmetric")
    steps = recursion(csc_array(0.5 * (Q + Q.T)))
    if steps is None:
        raise DataError("`precision()` has a matrix that is not positive definite")
    return Precision(names, steps)


def pedigree(frame: pd.DataFrame) -> Precision:
    """What `tildemc.pedigree` gives: Henderson's (1976) rules, with inbreeding by Meuwissen & Luo (1992)."""
    if not (hasattr(frame, "columns") and hasattr(frame, "iloc") and len(frame.columns) >= 3):
        raise DataError("`pedigree()` takes a data frame whose first three columns are the animal and its two parents")
    if frame.iloc[:, 0].isna().any() or not len(frame):
        raise DataError("`pedigree()` needs a name for each animal, in the first column")
    names = tuple(map(_name, frame.iloc[:, 0]))
    _refuse_twice("`pedigree()`", names)
    number = {name: k for k, name in enumerate(names)}
    parents = np.full((len(names), 2), -1, dtype=np.int64)
    for side in range(2):
        column = frame.iloc[:, 1 + side]
        present = np.flatnonzero(column.notna().to_numpy())
        given = [_name(column.iloc[k]) for k in present]
        unknown = [*dict.fromkeys(name for name in given if name not in number)]
        if unknown:
            raise DataError(
                f"`pedigree()`: {listed(unknown, 3)} of `{frame.columns[1 + side]}` "
                f"{'is' if len(unknown) == 1 else 'are'} no animal of `{frame.columns[0]}`: a parent has a row of its "
                "own, and one that is not known is missing"
            )
        parents[present, side] = [number[name] for name in given]
    order = _oldest_first(parents, names)
    own, others, weights, start = _mendelian(parents, order), [], [], [0]
    for animal in order:
        known = parents[animal][parents[animal] >= 0]
        others += known.tolist()
        weights += [0.5] * len(known)
        start.append(len(others))
    places = np.array(others, dtype=np.int64)
    return Precision(names, Recursion(order, np.sqrt(own), np.array(start), places, np.array(weights)))


def _name(label: object) -> str:
    """A label as text; a whole number among missing ones is a float in a frame."""
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


def _refuse_twice(what: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DataError(f"{what} has `{name}` twice")
        seen.add(name)


def _oldest_first(parents: Integers, names: Sequence[str]) -> Integers:
    """The animals, each after its parents."""
    waiting = (parents >= 0).sum(axis=1)
    children: list[list[int]] = [[] for _ in names]
    for animal, own in enumerate(parents.tolist()):
        for parent in own:
            if parent >= 0:
                children[parent].append(animal)
    order = [int(animal) for animal in np.flatnonzero(waiting == 0)]
    for animal in order:
        for child in children[animal]:
            waiting[child] -= 1
            if waiting[child] == 0:
                order.append(child)
    if len(order) < len(names):
        animal = int(np.flatnonzero(waiting > 0)[0])
        raise DataError(f"`pedigree()`: `{names[animal]}` is its own ancestor, or a descendant of one that is")
    return np.array(order, dtype=np.int64)


def _mendelian(parents: Integers, order: Integers) -> Floats:
    """In that order, the variance of what an animal has of neither parent, 1 for an animal without known ones."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    # By the places in that order: parents have smaller ones than their children.
    above = [[int(place[p]) for p in own if p >= 0] for own in parents[order].tolist()]
    inbreeding, own = np.zeros(len(order)), np.ones(len(order))
    known: dict[tuple[int, ...], float] = {}
    for k, pair in enumerate(above):
        own[k] = 1.0 - 0.25 * sum(1.0 + inbreeding[p] for p in pair)
        if len(pair) == 2:
            both = tuple(sorted(pair))
            if both not in known:
                known[both] = _own_relatedness(k, above, own) - 1.0
            inbreeding[k] = known[both]
    return own


def _own_relatedness(animal: int, above: Sequence[Sequence[int]], own: Floats) -> float:
    """A_kk = Σ_j L_kj² D_jj over the animal and its ancestors, the youngest first."""
    share, queue, total = {animal: 1.0}, [-animal], 0.0
    while queue:
        youngest = -heappop(queue)
        part = share.pop(youngest)
        total += part * part * float(own[youngest])
        for parent in above[youngest]:
            if parent not in share:
                heappush(queue, -parent)
            share[parent] = share.get(parent, 0.0) + 0.5 * part
    return total
