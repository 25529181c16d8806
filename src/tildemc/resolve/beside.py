"""Matrices beside the data that are of all rows, brms's `fcor(M)` and `sar(M)`: checked, and of the model's rows."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import DataError, UnsupportedError
from tildemc.resolve.given import Given, named_matrix
from tildemc.resolve.schema import Learning, Schema
from tildemc.spec.correlation import Correlation
from tildemc.syntax.tree import Name

__all__ = ["ends_of", "matrix_of_rows"]

_ALIKE = 1e-8


def matrix_of_rows(name: Name, correlation: Correlation, columns: Schema, given: Given) -> Floats:
    """The matrix that a text names, its rows and columns those of the data in order: (n, n).

    Raises
    ------
    UnknownColumn, DataError, UnsupportedError
        If there is none, or it is of other rows, or no such matrix.
    """
    found = named_matrix(name, given)
    if not isinstance(columns, Learning):
        raise UnsupportedError(f"`{name.text}` is of all rows, which are not there at once in a stream", name.span)
    try:
        values = np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"`{name.text}` holds something else than numbers", name.span) from None
    rows, n = columns.frame.rows, len(columns.frame)
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise DataError(f"`{name.text}` is a square matrix, a row and a column for each row of the data", name.span)
    if len(values) != n:
        # Rows that are left out for missing values are left out here, too.
        if len(values) <= rows.max(initial=0):
            raise DataError(
                f"`{name.text}` has {len(values):,} rows, and the data {int(rows.max(initial=0)) + 1:,} or more",
                name.span,
            )
        values = values[np.ix_(rows, rows)]
    if not np.isfinite(values).all():
        raise DataError(f"`{name.text}` has entries that are no numbers", name.span)
    _check_neighbours(name, values) if correlation.coefficients else _check_covariance(name, values)
    return values


def _check_covariance(name: Name, values: Floats) -> None:
    if np.abs(values - values.T).max() > _ALIKE * np.abs(values).max():
        raise DataError(f"`{name.text}` is not symmetric, as a covariance is", name.span)
    try:
        np.linalg.cholesky(values)
    except np.linalg.LinAlgError:
        raise DataError(f"`{name.text}` is not positive definite, as a covariance is", name.span) from None


def _check_neighbours(name: Name, values: Floats) -> None:
    if np.diag(values).any():
        raise DataError(f"`{name.text}` has a row beside itself: its diagonal is zero", name.span)
    eigenvalues = np.linalg.eigvals(values)
    if np.abs(eigenvalues.imag).max() > _ALIKE or np.abs(eigenvalues).max() > 1.0 + _ALIKE:
        raise DataError(
            f"`{name.text}` has weights by which no share of all neighbours is possible: divide each row by its sum",
            name.span,
        )
    if not values.any():
        raise DataError(f"`{name.text}` has no neighbours", name.span)


def ends_of(values: Floats) -> tuple[float, float]:
    """The least and the greatest eigenvalue."""
    eigenvalues = np.linalg.eigvals(values).real
    return max(round(float(eigenvalues.min()), 8), -1.0), min(round(float(eigenvalues.max()), 8), 1.0)
