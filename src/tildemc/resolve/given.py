"""Matrices that are given beside the data, `data2 = {"A": frame}`: checked, and in the order of a factor's levels."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import DataError, UnknownColumn, nearest
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.known import Known
from tildemc.syntax.tree import Name
from tildemc.visible import listed

__all__ = ["NOTHING", "Given", "known_covariance"]

Given = Mapping[str, object]
"""Matrices by name: data frames whose rows and columns are called as levels are."""

NOTHING: Given = MappingProxyType({})

_ALIKE = 1e-8
"""How far from symmetric a matrix may be, of its largest entry."""


def known_covariance(name: Name, factor: Factor, given: Given) -> Known:
    """The covariance between a factor's levels that a text names.

    Raises
    ------
    UnknownColumn, DataError
        If there is none of that name, or it lacks a level, or is no covariance matrix.
    """
    if name.text not in given:
        example = f'`data2={{"{name.text}": frame}}`'
        there = f"`data2` has {listed(sorted(given))}" if given else f"give it, {example}"
        raise UnknownColumn(f"no matrix `{name.text}`{nearest(name.text, given)}: {there}", name.span)
    found = given[name.text]
    if not (hasattr(found, "index") and hasattr(found, "columns") and hasattr(found, "to_numpy")):
        raise DataError(
            f"`{name.text}` is a data frame whose rows and columns are called as the levels of `{factor.label}`, "
            f"not of class {type(found).__name__}",
            name.span,
        )
    rows, columns = ([str(label) for label in labels] for labels in (found.index, found.columns))
    for labels, what in ((rows, "row"), (columns, "column")):
        if len(set(labels)) < len(labels):
            raise DataError(f"`{name.text}` has two {what}s of one name", name.span)
        lacking = [level for level in factor.levels if level not in set(labels)]
        if lacking:
            hint = nearest(lacking[0], labels)
            raise DataError(
                f"`{name.text}` has no {what} for {listed(lacking, 3)} of `{factor.label}`{hint}", name.span
            )
    try:
        values = np.asarray(found.to_numpy(), dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"`{name.text}` holds something else than numbers", name.span) from None
    places = ([labels.index(level) for level in factor.levels] for labels in (rows, columns))
    return Known(name.text, _covariance(name, values[np.ix_(*places)]))


def _covariance(name: Name, values: Floats) -> Floats:
    if not np.isfinite(values).all():
        raise DataError(f"`{name.text}` has entries that are no numbers", name.span)
    if np.abs(values - values.T).max() > _ALIKE * np.abs(values).max():
        raise DataError(f"`{name.text}` is not symmetric, as a covariance is", name.span)
    values = 0.5 * (values + values.T)
    try:
        np.linalg.cholesky(values)
    except np.linalg.LinAlgError:
        raise DataError(f"`{name.text}` is not positive definite, as a covariance is", name.span) from None
    return values
