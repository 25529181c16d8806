"""Tensor products of smooths, and smooths by level: each made of other smooths in their natural parameters.

Wood, S. N., Scheipl, F. and Faraway, J. J. (2013). Straightforward intermediate rank tensor product smoothing in mixed
models. Statistics and Computing 23, 341-360.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from tildemc.arrays import Floats
from tildemc.resolve.smooths.mixed import natural_parameters
from tildemc.resolve.smooths.raw import Raw, decreasing_eigen, symmetric
from tildemc.spec.bases import Basis, Tensor, row_products

__all__ = ["by_level", "tensor"]


def tensor(margins: tuple[Raw, ...], inputs: tuple[int, ...]) -> Raw:
    """`t2()`: a penalty for each choice of penalised or unpenalised functions of each margin.

    Parameters
    ----------
    margins : tuple of Raw
        With one penalty each.
    inputs : tuple of int
        How many inputs each has.
    """
    parts = [_split(raw) for raw in margins]
    # The first margin's choice varies fastest, and nothing but unpenalised functions comes last.
    chosen = [choice[::-1] for choice in product(*([0, 1] if part[1] is not None else [0] for part in reversed(parts)))]
    picked = [tuple(_present(part[c]) for part, c in zip(parts, choice, strict=True)) for choice in chosen]
    blocks: list[tuple[Basis, ...]] = [tuple(basis for basis, _ in block) for block in picked]
    values = [row_products(tuple(X for _, X in block)) for block in picked]
    X = np.column_stack(values)
    owner = np.repeat(np.arange(len(blocks)), [V.shape[1] for V in values])
    free = all(part[1] is not None for part in parts)
    penalised = len(blocks) - free
    penalties = tuple(np.diag((owner == j).astype(float)) for j in range(penalised))
    # The function sums to zero by way of its unpenalised part, so that penalties stay diagonal.
    sums = np.where(owner == penalised, X.mean(axis=0), 0.0)[None]
    constraints = sums[: int(free and all(raw.constraints is None for raw in margins))]
    return Raw(Tensor(tuple(blocks), inputs, np.eye(X.shape[1])), X, penalties, 0, constraints)


_Part = tuple[Basis, Floats]


def _present(part: _Part | None) -> _Part:
    assert part is not None
    return part


def _split(raw: Raw) -> tuple[_Part, _Part | None]:
    """The penalised functions of a margin and the others, each of mean square one."""
    [S], rank = raw.penalties, raw.rank
    P = natural_parameters(raw.X, S, rank)
    null = S.shape[0] - rank
    P[:, rank:] = _steadiest_first(raw.X, P[:, rank:])
    own = [P[:, :rank], P[:, rank:]]
    own = [part / np.sqrt(((raw.X @ part) ** 2).mean()) if part.shape[1] else part for part in own]
    range_, rest = ((raw.basis.times(part), raw.X @ part) for part in own)
    return range_, rest if null else None


def _steadiest_first(X: Floats, P: Floats) -> Floats:
    """Functions X P turned so that the one that varies least over the rows, a constant, comes first."""
    if P.shape[1] < 2:
        return P
    around = X @ P - (X @ P).mean(axis=0)
    return np.asarray((P @ decreasing_eigen(around.T @ around)[1])[:, ::-1])


def by_level(raw: Raw) -> Raw:
    """`bs = "fs"`: the functions of one level, all of them penalised, each unpenalised one by a penalty of its own.

    Which combinations of the unpenalised functions these are, mgcv leaves to rounding; here the constant is the first.
    """
    [S], rank = raw.penalties, raw.rank
    inverse = np.linalg.inv(np.linalg.qr(raw.X)[1])
    ev, V = decreasing_eigen(symmetric(inverse.T @ S @ inverse))
    scale = np.concatenate([np.sqrt(ev[:rank]), np.ones(len(S) - rank)])
    P = inverse @ V / scale
    P[:, rank:] = _steadiest_first(raw.X, P[:, rank:])
    X = raw.X @ P
    sizes = [1 / np.sqrt((part**2).mean()) for part in (X[:, :rank], X[:, rank:]) if part.size]
    unit = np.repeat(sizes, [rank, len(S) - rank][: len(sizes)])
    own = np.eye(len(S))
    penalties = [np.diag(np.where(np.arange(len(S)) < rank, sizes[0] ** 2, 0.0))]
    penalties += [np.diag(own[j]) for j in range(rank, len(S))]
    return Raw(raw.basis.times(P * unit), X * unit, tuple(penalties), 0, np.zeros((0, len(S))))
