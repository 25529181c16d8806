"""R's contrast matrices."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import SemanticError
from tildemc.span import Span

__all__ = ["CONTRASTS", "contrast", "own_contrast"]


CONTRASTS = ("treatment", "sum", "helmert", "poly", "SAS", "sdif")
"""The codings that `C(f, …)` takes, as R names them without `contr.`."""

_MOST_LEVELS = 1_000


def contrast(name: str, labels: tuple[str, ...], base: int = 0) -> tuple[Floats, tuple[str, ...]]:
    """The matrix (levels, levels - 1) of a coding, and its columns' suffixes.

    Parameters
    ----------
    name : {"treatment", "sum", "helmert", "poly", "SAS", "sdif"}
    labels : tuple of str
        The levels.
    base : int
        The reference level of `treatment`.

    Raises
    ------
    SemanticError
        If there are so many levels that the matrix is refused.
    """
    k = len(labels)
    if k > _MOST_LEVELS:
        raise SemanticError(
            f"{k:,} levels are too many for a table of contrasts, which has up to {_MOST_LEVELS:,}; "
            "a factor without `C()` has indicators, and `(1 | g)` effects that vary"
        )
    numbered = tuple(str(j + 1) for j in range(k - 1))
    match name:
        case "treatment":
            return np.delete(np.eye(k), base, axis=1), tuple(np.delete(np.array(labels, dtype=object), base))
        case "SAS":
            return np.eye(k)[:, :-1], labels[:-1]
        case "sum":
            return np.vstack([np.eye(k - 1), -np.ones(k - 1)]), numbered
        case "helmert":
            helmert = np.triu(-np.ones((k, k - 1)))
            helmert[np.arange(1, k), np.arange(k - 1)] = np.arange(1, k)
            return helmert, numbered
        case "poly":
            return _polynomial(k), tuple(_POWERS[j] if j < 3 else f"^{j + 1}" for j in range(k - 1))
        case "sdif":
            # MASS: each coefficient is the difference of a level from the one before.
            steps = np.arange(1, k)
            each = steps / k - (np.arange(k)[:, None] < steps)
            return each, tuple(f"{labels[j]}-{labels[j - 1]}" for j in range(1, k))
        case _:
            raise AssertionError(name)


def own_contrast(
    matrix: Floats, names: tuple[str, ...], count: int, span: Span | None
) -> tuple[Floats, tuple[str, ...]]:
    """A coding by numbers of one's own, and its columns' suffixes.

    Parameters
    ----------
    matrix : array, (levels, columns)
    names : tuple of str
        The columns', or none.
    count : int
        How many columns there are to be: what the numbers leave is filled with columns orthogonal to them, as R does.
    span : Span or None
        Where it stands.

    Raises
    ------
    SemanticError
        If its columns and the intercept do not go apart.
    """
    levels, given = matrix.shape
    whole = np.column_stack([np.ones(levels), matrix])
    if given >= levels or np.linalg.matrix_rank(whole) < given + 1:
        raise SemanticError("these contrasts are no coding: with the intercept, one column is the sum of others", span)
    filled = np.linalg.qr(whole, mode="complete").Q[:, 1:]
    filled[:, :given] = matrix
    found = tuple(names) + ("",) * (count - given) if names else tuple(str(j + 1) for j in range(count))
    # Twelve digits: what is beyond them is rounding, and would be printed.
    return np.round(filled[:, :count], 12), found[:count]


_POWERS = (".L", ".Q", ".C")


def _polynomial(k: int) -> Floats:
    """Orthonormal polynomials on equally spaced scores."""
    scores = np.arange(k) - (k - 1) / 2
    q, r = np.linalg.qr(np.vander(scores, k, increasing=True))
    # Twelve digits: what is beyond them is rounding, and would be printed.
    return np.asarray(np.round((q * np.sign(np.diag(r)))[:, 1:], 12))
