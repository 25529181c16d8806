"""ModelSpec × Frame -> Design: a model's numbers for the data that it was read with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats, Integers, Mask
from tildemc.errors import DataError, Unvarying
from tildemc.resolve.frame import Frame
from tildemc.resolve.remedies import remedy
from tildemc.resolve.residual_places import check_places
from tildemc.resolve.schema import level_index
from tildemc.spec.columns import EXACT, label_of
from tildemc.spec.companions import companion_of
from tildemc.spec.design import Design, Numbers
from tildemc.spec.expr import columns_of
from tildemc.spec.families import Family
from tildemc.spec.families.multivariate import beside
from tildemc.spec.model import ModelSpec, Response
from tildemc.spec.responses import of_response, response_names, seen_by
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.measured import Measured
from tildemc.spec.terms.product import Column

__all__ = ["Read", "check_beside", "check_noise", "check_response", "companion", "encode", "numbers", "response_of"]


_LARGEST, _SMALLEST = 1e150, 1e-150


def encode(spec: ModelSpec, frame: Frame) -> Design:
    """A model's numbers.

    Parameters
    ----------
    spec : ModelSpec
    frame : Frame
        Rows without missing values in what the model needs; a grouping's label may be missing.

    Raises
    ------
    DataError
        For a value that is no finite number, or that the family's response cannot take; with its row.
    """
    known, rows = spec.response, Read(frame)
    companions = {name: companion(name, column, frame) for name, column in known.companions.items()}
    if spec.responses:
        y = _several(spec, frame, companions)
    else:
        y = response_of(known, frame, spec.family, companions.get("trials"))
        check_beside(known, frame, y, companions)
    terms = {term.path: term.read(rows) for term in spec.terms()}
    if spec.residual is not None:
        check_places(spec.residual, terms[spec.residual.path], rows.numbers(spec.residual.points), frame)
    for measured in spec.measured:
        check_measured(measured, frame)
    return Design(
        y,
        terms,
        frame.rows,
        companions,
        frame.labels,
    )


def _several(spec: ModelSpec, frame: Frame, companions: Mapping[str, Floats]) -> Floats:
    """The first of several responses, with all of them looked at."""
    each: list[Floats] = []
    for name in response_names(spec):
        own = of_response(spec, name)
        beside_it = {column: companions[beside(column, name)] for column in own.response.companions}
        each.append(response_of(own.response, frame, own.family, beside_it.get("trials")))
        check_beside(own.response, frame, each[-1], beside_it)
    return each[0]


def numbers(columns: Sequence[Column], frame: Frame) -> Floats:
    """The columns' values, (n, len(columns))."""
    values = np.empty((len(frame), len(columns)), order="F")
    with np.errstate(all="ignore"):
        for j, column in enumerate(columns):
            values[:, j] = frame.evaluate(column.value)
            _check_finite(values[:, j], column, frame)
    return values


def _check_finite(values: Floats, column: Column, frame: Frame) -> None:
    """Refuse what is no number, and what has no square: scales and likelihoods are made of squares."""
    size = np.abs(values)
    bad = np.flatnonzero(~np.isfinite(values) | (size > _LARGEST))
    what = "a finite number"
    if len(bad) and np.isfinite(values[bad[0]]):
        what = f"within {_LARGEST:g}, up to which numbers can be squared,"
    elif not len(bad):
        if not 0 < size.max(initial=0.0) < _SMALLEST:
            return
        bad, what = np.flatnonzero(values), f"large enough to be squared, {_SMALLEST:g} at least,"
    row = int(bad[0])
    at = ", ".join(f"{name} = {frame.label(name, frame.values(name)[row])}" for name in columns_of(column.value))
    others = f", and in {len(bad) - 1} more" if len(bad) > 1 else ""
    where = f"{frame.row(int(frame.rows[row]))} ({at}){others}"
    raise DataError(f"`{column.label}` is not {what} in {where}", column.span)


@dataclass(frozen=True)
class Read:
    """The rows of a frame, for the terms of a model to read."""

    frame: Frame

    def numbers(self, columns: Sequence[Column]) -> Floats:
        """The columns' values."""
        return numbers(columns, self.frame)

    def levels(self, factor: Factor, *, needed: bool = False) -> Integers:
        """Each row's level, -1 for a missing label."""
        frame = self.frame
        number = level_index(frame, factor)
        missing = np.logical_or.reduce([frame.missing(name) for name in factor.columns])
        unknown = np.flatnonzero((number < 0) & (~missing | needed))
        if len(unknown):
            row = int(unknown[0])
            shown = ":".join(frame.label(name, frame.values(name)[row]) for name in factor.columns)
            raise DataError(f"`{factor.label}` has no level {shown} ({frame.row(int(frame.rows[row]))})")
        return number


def companion(name: str, column: Column, frame: Frame) -> Floats:
    """What stands beside the response, (n,)."""
    record, values = companion_of(name), numbers((column,), frame)[:, 0]
    _refuse_rows(record.refused(values), values, frame, column, record.told)
    if record.whole:
        too_large = f"{name} are too large to be counted where they are"
        _refuse_rows(values >= EXACT, values, frame, column, too_large)
    return values


def check_beside(response: Response, frame: Frame, y: Floats, companions: Mapping[str, Floats]) -> None:
    """Refuse what does not go with the response that it stands beside."""
    row = {**companions, "y": y}
    for name, values in companions.items():
        record = companion_of(name)
        if record.beyond is not None:
            bad = np.broadcast_to(record.beyond(row), values.shape)
            _refuse_rows(bad, values, frame, response.companions[name], record.told_beyond)


def response_of(response: Response, frame: Frame, family: Family, trials: Floats | None) -> Floats:
    """The response, (n,)."""
    column = Column(response.label, response.value, response.span)
    y = numbers((column,), frame)[:, 0]
    name = f"`{response.label}`"
    values = family.values
    refused = values.refused(y)
    if refused.any():
        instead = remedy(family, response.label, y)
        told = f"{family} response is {values.told}, but {name} is"
        _refuse_rows(refused, y, frame, column, f"{instead}; {told}" if instead else told)
    if values.whole:
        _refuse_rows(y >= EXACT, y, frame, column, f"{name} is too large to be counted exactly where it is")
    if trials is not None:
        _refuse_rows(trials < y, y, frame, column, f"{name} is more than the trials where it is")
    return y


def check_response(spec: ModelSpec, design: Numbers) -> None:
    """Refuse a response that has one value in all rows.

    Raises
    ------
    DataError
    """
    if spec.responses:
        for name in response_names(spec):
            check_response(*seen_by(spec, design.whole("several responses"), name))
        return
    response, y = spec.response, design.summary.y
    values = spec.family.values
    if (values.whole and not values.binary) or y.n < 2 or y.low[0] != y.high[0]:
        return
    told = f"{label_of(y.low[0])} in every row"
    if response.success is not None:
        told = f"{response.success} in every row" if y.low[0] == 1 else f"{response.success} in no row"
    raise Unvarying(f"the response `{response.label}` is {told}", response.span, "there is nothing to model")


def check_measured(measured: Measured, frame: Frame) -> None:
    """Refuse errors without an sd, and levels of which several things were measured."""
    found = numbers(measured.columns, frame)
    check_noise(found[:, measured.width :], measured, frame)
    if measured.factor is None:
        return
    index = level_index(frame, measured.factor)
    _, first = np.unique(index, return_index=True)
    bad = np.flatnonzero((found != found[first][index]).any(axis=1))
    if len(bad):
        label, row = measured.factor.label, int(bad[0])
        level = measured.factor.levels[index[row]]
        raise DataError(
            f"each level of `{label}` has one true value, and here several were measured: "
            f"{measured.variables[0].value.label} of {level} differs in {frame.row(int(frame.rows[row]))}",
            measured.variables[0].value.span,
        )


def check_noise(noise: Floats, measured: Measured, frame: Frame, *, least: float | None = None) -> None:
    """Refuse sds of errors that are none; in new data a value may be known as it is."""
    for k, variable in enumerate(measured.variables):
        own = noise[:, k]
        bad = own <= 0 if least is None else own < least
        _refuse_rows(
            bad, own, frame, variable.noise, "the sd of a measurement's error is greater than 0, but here it is"
        )


def _refuse_rows(bad: Mask, values: Floats, frame: Frame, column: Column | None, sentence: str) -> None:
    rows = np.flatnonzero(bad)
    if len(rows):
        first = int(rows[0])
        others = f", and in {len(rows) - 1} more" if len(rows) > 1 else ""
        where = f"{label_of(values[first])} in {frame.row(int(frame.rows[first]))}{others}"
        raise DataError(f"{sentence} {where}", None if column is None else column.span)
