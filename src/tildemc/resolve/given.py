"""Matrices that are given beside the data, `data2 = {"A": frame}`: checked, and in the order of a factor's levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from tildemc.arrays import Floats, Label
from tildemc.errors import DataError, UnknownColumn, nearest
from tildemc.resolve.precision import Precision
from tildemc.spec.columns import label_of
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.known import Between, Known, Recursion, Related
from tildemc.syntax.tree import Name
from tildemc.visible import listed

__all__ = ["NOTHING", "Given", "given_matrix", "known_between", "named_matrix"]

Given = Mapping[str, object]
"""Matrices by name: data frames whose rows and columns are called as levels are."""

NOTHING: Given = MappingProxyType({})

_ALIKE = 1e-8
"""How far from symmetric a matrix may be, of its largest entry."""


def known_between(name: Name, factor: Factor, given: Given) -> tuple[Factor, Between]:
    """The factor with the levels that have effects, and the covariance between them that a text names.

    Of a covariance those are the data's; of a precision all that it has, for a part of it is no precision.

    Raises
    ------
    UnknownColumn, DataError
        If there is none of that name, or it lacks a level, or is no covariance matrix.
    """
    found = named_matrix(name, given)
    if isinstance(found, Precision):
        factor, numbers = _with_all(name, factor, found.levels)
        return factor, Related(name.text, _numbered(found.steps, numbers))
    within = _within(factor, found)
    if within is None:
        return factor, Known(name.text, _covariance(name, given_matrix(name, factor.label, factor.levels, given)))
    own, others = within
    values = given_matrix(name, factor.columns[0], own, given)
    same = np.array([[one == two for one in others] for two in others])
    return factor, Known(name.text, _covariance(name, np.where(same, values, 0.0)))


def _within(factor: Factor, found: object) -> tuple[list[str], list[tuple[Label, ...]]] | None:
    """For each level its value of the first column, and of the others: where a matrix is of the first column's levels.

    Levels that differ in the others are then independent. None if it is of the combinations, or there is one column.
    """
    if len(factor.columns) < 2 or set(factor.levels) <= set(map(str, getattr(found, "index", factor.levels))):
        return None
    return [label_of(key[0]) for key in factor.keys], [key[1:] for key in factor.keys]


def given_matrix(name: Name, label: str, levels: Sequence[str], given: Given) -> Floats:
    """The matrix of numbers that a text names, its rows and columns those of `levels`, called as `label`'s are.

    Raises
    ------
    UnknownColumn, DataError
        If there is none of that name, or it lacks a level, or is not symmetric.
    """
    found = named_matrix(name, given)
    if not (hasattr(found, "index") and hasattr(found, "columns") and hasattr(found, "to_numpy")):
        raise DataError(
            f"`{name.text}` is a data frame whose rows and columns are called as the levels of `{label}`, "
            f"not of class {type(found).__name__}",
            name.span,
        )
    rows, columns = ([str(one) for one in labels] for labels in (found.index, found.columns))
    for labels, what in ((rows, "row"), (columns, "column")):
        if len(set(labels)) < len(labels):
            raise DataError(f"`{name.text}` has two {what}s of one name", name.span)
        _refuse_lacking(name, label, levels, labels, what)
    try:
        values = np.asarray(found.to_numpy(), dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"`{name.text}` holds something else than numbers", name.span) from None
    places = []
    for labels in (rows, columns):
        number = {one: k for k, one in enumerate(labels)}
        places.append([number[level] for level in levels])
    values = values[np.ix_(*places)]
    if not np.isfinite(values).all():
        raise DataError(f"`{name.text}` has entries that are no numbers", name.span)
    if np.abs(values - values.T).max() > _ALIKE * np.abs(values).max():
        raise DataError(f"`{name.text}` is not symmetric", name.span)
    return 0.5 * (values + values.T)


def named_matrix(name: Name, given: Given) -> object:
    """What is given by a name.

    Raises
    ------
    UnknownColumn
    """
    if name.text in given:
        return given[name.text]
    example = f'`data2={{"{name.text}": frame}}`'
    there = f"`data2` has {listed(sorted(given))}" if given else f"give it, {example}"
    raise UnknownColumn(f"no matrix `{name.text}`{nearest(name.text, given)}: {there}", name.span)


def _refuse_lacking(name: Name, label: str, levels: Sequence[str], labels: Sequence[str], what: str) -> None:
    there = set(labels)
    lacking = [level for level in dict.fromkeys(levels) if level not in there]
    if lacking:
        hint = nearest(lacking[0], labels)
        raise DataError(f"`{name.text}` has no {what} for {listed(lacking, 3)} of `{label}`{hint}", name.span)


def _with_all(name: Name, factor: Factor, levels: Sequence[str]) -> tuple[Factor, list[int]]:
    """The factor with the levels of a precision after its own; and for each of these its number there."""
    _refuse_lacking(name, factor.label, factor.levels, levels, "row")
    number = {level: k for k, level in enumerate(factor.levels)}
    others = [level for level in levels if level not in number]
    number |= {level: k for k, level in enumerate(others, start=len(number))}
    if others and len(factor.columns) > 1:
        raise DataError(
            f"`{name.text}` has levels that no row of `{factor.label}` has, such as {others[0]}: of several columns "
            "together, levels without rows are not built yet",
            name.span,
        )
    return factor.and_others(others), [number[level] for level in levels]


def _numbered(steps: Recursion, numbers: list[int]) -> Recursion:
    """The steps of levels that have other numbers."""
    number = np.array(numbers)
    return replace(steps, order=number[steps.order], others=number[steps.others])


def _covariance(name: Name, values: Floats) -> Floats:
    try:
        np.linalg.cholesky(values)
    except np.linalg.LinAlgError:
        raise DataError(f"`{name.text}` is not positive definite, as a covariance is", name.span) from None
    return values
