"""The first rows of data, and of designs, as tables of a page."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tildemc.page import Section
from tildemc.screen import number

if TYPE_CHECKING:
    import pandas as pd

    from tildemc.resolve.frame import Frame

__all__ = ["of_frame", "of_rows"]


def of_frame(title: str, frame: pd.DataFrame, most: int, elsewhere: str) -> Section:
    """The first rows of a data frame under its columns' names; `elsewhere` is said of the others."""
    rows = [(str(label), _cells(cells)) for label, cells in zip(frame.index[:most], frame[:most].values, strict=True)]
    return Section(title, [str(name) for name in frame.columns], rows, elsewhere=elsewhere)


def of_rows(frame: Frame, most: int) -> Section:
    """The types of the columns of some data, and the first rows."""
    native = frame.native
    rows = [("", [str(native[name].dtype).lower() for name in frame.names])]
    rows += [(str(place), _cells(cells)) for place, cells in enumerate(native.head(most).iter_rows())]
    return Section("First rows", frame.names, rows)


def _cells(values: Iterable[object]) -> list[str]:
    return [_cell(value) for value in values]


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case float() if math.isnan(value):
            return ""
        case float():
            return number(value)
        case _:
            return str(value)
