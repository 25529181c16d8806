"""Blanks: the frame without the values that stand for none."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import reduce
from numbers import Real
from operator import or_
from typing import Literal, assert_never

import narwhals as nw
from narwhals.typing import IntoDataFrame, IntoSeries

from tildemc.arrays import Label
from tildemc.resolve.conventions import Conventions
from tildemc.resolve.numerals import is_number, is_quantity, is_truth
from tildemc.spec.origin import Repair

__all__ = ["repaired"]


def repaired(
    frame: nw.DataFrame[IntoDataFrame], known: Conventions
) -> tuple[nw.DataFrame[IntoDataFrame], tuple[Repair, ...]]:
    """The frame without what stands for no value; text of which only numbers, or true and false, are left becomes such.

    Parameters
    ----------
    frame : narwhals DataFrame
    known : Conventions

    Returns
    -------
    frame, repairs
        What was done to which columns.
    """
    repairs = tuple(_repairs(frame, known))
    for repair in repairs:
        frame = frame.with_columns(_repair(frame[repair.column], repair))
    return frame, repairs


def _repairs(frame: nw.DataFrame[IntoDataFrame], known: Conventions) -> Iterator[Repair]:
    numbers = [int(text) if text.lstrip("-").isdecimal() else float(text) for text in known.stated if is_number(text)]
    for name in frame.columns:
        series = frame[name]
        if series.dtype == nw.String or series.dtype == nw.Object:
            values = _values(series)
            blank = sorted(values & known.blanks)
            if blank:
                # An empty cell of text is no sign that the others were meant as something else.
                yield Repair(name, tuple(blank), None if blank == [""] else _meant(values - known.blanks))
        elif series.dtype.is_numeric() and numbers:
            held = tuple(number for number in numbers if (series == number).any())
            if held:
                yield Repair(name, held)


def _meant(values: set[Label]) -> Literal["number", "truth"] | None:
    """What all of the values are that are left of a column of text, or of objects."""
    if values and all(is_truth(value) if isinstance(value, str) else isinstance(value, bool) for value in values):
        return "truth"
    return "number" if values and all(not isinstance(v, str) or is_quantity(v) for v in values) else None


def _values(series: nw.Series[IntoSeries]) -> set[Label]:
    """What stands in a column of text, or of text and numbers; nothing if there is anything else."""
    if series.dtype == nw.String:
        return set(series.drop_nulls().unique().to_list())
    cells = series.to_list()
    if not all(cell is None or isinstance(cell, str | Real | Decimal) for cell in cells):
        return set()
    return {cell for cell in cells if cell is not None and not _is_nan(cell)}


def _is_nan(cell: object) -> bool:
    return bool(cell.is_nan() if isinstance(cell, Decimal) else cell != cell)


def _repair(series: nw.Series[IntoSeries], repair: Repair) -> nw.Series[IntoSeries]:
    blank = reduce(or_, (nw.col(series.name) == value for value in repair.blanks))
    found = series.to_frame().select(nw.when(~blank).then(nw.col(series.name)))[series.name]
    match repair.meant:
        case "number":
            return found.cast(nw.Float64())
        case "truth":
            true = nw.col(series.name).cast(nw.String()).str.to_lowercase() == "true"
            return found.to_frame().select(nw.when(~nw.col(series.name).is_null()).then(true).alias(series.name))[
                series.name
            ]
        case None:
            return found
        case never:
            assert_never(never)
