"""Data × names -> columns as a person would write new data: of the rows that a model was fitted to, or of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Integers, Label, Values
from tildemc.errors import DataError, FitError, UnknownColumn, nearest
from tildemc.resolve.conventions import USUAL, Conventions, conventions
from tildemc.resolve.frame import Frame
from tildemc.resolve.ordered import with_sources
from tildemc.resolve.request import Request
from tildemc.resolve.stream import Data, Stream, open_data, read_whole
from tildemc.spec.expr import Col
from tildemc.spec.ordered import Ordered

if TYPE_CHECKING:
    from pandas import Categorical, DataFrame, Index

__all__ = ["Kept", "given_rows", "kept", "kept_rows", "table", "used_rows"]

Kept = Mapping[str, tuple[Values | Sequence[Label], Sequence[Label]]]
"""For each column its values, an array or a list, and the different ones in order: what a file has of data."""


def used_rows(request: Request | None, rows: Integers, made: Sequence[Ordered]) -> Frame:
    """The rows of a model's own data that it was fitted to, with the columns made of other rows.

    Raises
    ------
    FitError
        If the data are not at hand.
    """
    if request is None or request.data is None:
        raise FitError("the data of this fit are not at hand, as its file does not hold them: give them as `newdata=`")
    assert not isinstance(request.data, list | tuple)
    frame = _whole(request.data, conventions(request.text, request.na, request.syntax, request.csv), "the data")
    if not np.isin(rows, frame.rows).all():
        raise FitError("the data have fewer rows than when the model was fitted: give those of the fit as `newdata=`")
    frame = with_sources(made, frame, first=True)
    return frame.select(np.isin(frame.rows, rows))


def given_rows(data: Data) -> Frame:
    """All rows of new data; columns by name of one value each are one row."""
    if isinstance(data, Mapping) and data and all(np.ndim(value) == 0 for value in data.values()):
        data = {name: [value] for name, value in data.items()}
    return _whole(data, USUAL, "new data")


def _whole(data: Data, written: Conventions, what: str) -> Frame:
    found = open_data(data, written)
    if not isinstance(found, Stream):
        return found
    if isinstance(data, str | Path):
        return read_whole(data, written)
    raise DataError(f"{what} are needed with all rows at once, and these are streamed: {found.advice}")


def table(frame: Frame, names: Sequence[str]) -> DataFrame:
    """Some columns with the values that models tell apart; under the data's index, else the rows' places.

    Raises
    ------
    UnknownColumn
        If one is not there.
    """
    import pandas as pd

    for name in names:
        if name not in frame.names:
            raise UnknownColumn(f"no column `{name}` in the data{nearest(name, frame.names)}")
    labels = frame.labels
    index = pd.Index(frame.rows) if labels is None else labels.index
    return pd.DataFrame({name: _values(frame, name) for name in names}, index)


def _values(frame: Frame, name: str) -> Values:
    values: Values = np.array(frame.told_apart(Col(name)))
    missing = frame.missing(name)
    if missing.any():
        if values.dtype.kind not in "OUb":
            return np.where(missing, np.nan, values.astype(np.float64))
        return np.where(missing, np.array(None, dtype=object), values.astype(object))
    return values


def kept(frame: Frame, names: Sequence[str]) -> Kept:
    """Some columns for a file."""
    columns = table(frame, names)
    values = {name: columns[name].to_numpy() for name in names}
    return {n: (v if v.dtype.kind in "iufb" else v.tolist(), list(frame.distinct(n))) for n, v in values.items()}


def kept_rows(columns: Kept, index: Index) -> Frame:
    """The rows that a file has."""
    import pandas as pd

    def column(values: Values | Sequence[Label], levels: Sequence[Label]) -> Categorical | Values | Sequence[Label]:
        text = bool(levels) and all(isinstance(level, str) for level in levels)
        return pd.Categorical(values, levels) if text else values

    return Frame(pd.DataFrame({name: column(*stored) for name, stored in columns.items()}, index))
