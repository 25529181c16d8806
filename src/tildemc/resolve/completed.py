"""Several completed data sets -> one model and the numbers of each: what the first teaches holds for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from numbers import Integral

import numpy as np

from tildemc.errors import DataError, about_data_set
from tildemc.resolve.apart import Table
from tildemc.resolve.conventions import Conventions, conventions
from tildemc.resolve.families import Read
from tildemc.resolve.frame import Frame
from tildemc.resolve.given import Given
from tildemc.resolve.request import Request
from tildemc.resolve.resolve import resolve
from tildemc.resolve.stream import Data, Stream, open_data, read_whole
from tildemc.spec.design import Completed
from tildemc.spec.model import ModelSpec
from tildemc.spec.report import Report
from tildemc.syntax.statement import Statement
from tildemc.syntax.tree import PriorStatement
from tildemc.visible import shown

__all__ = ["data_of", "frames_given", "frames_within", "resolve_each"]

_NUMBERED = ("_mi_m", ".imp")
"""The columns that number data sets in one frame: Stata's style flong, and `complete(imp, "long")` of mice."""


def frames_given(data: Sequence[Data], written: Conventions) -> tuple[Frame, ...]:
    """Each of several data sets.

    Raises
    ------
    DataError
        If one of them cannot be read; with its number.
    """
    if not data:
        raise DataError("`data` is an empty list: a list is of completed data sets")
    found = []
    for number, one in enumerate(data, 1):
        with about_data_set(number):
            if not _is_data(one):
                raise DataError(f"a list of data holds completed data sets, frames or paths, not {shown(one)}")
            frame = open_data(one, written)
            if isinstance(frame, Stream):
                if not isinstance(one, str):
                    raise DataError(f"several data sets are read whole, and this is streamed: {frame.advice}")
                frame = read_whole(one, written)
            found.append(frame)
    return tuple(found)


def _is_data(one: object) -> bool:
    """Whether it may be data: rows of values, as a list of mappings has them, are none."""
    return not isinstance(one, list | tuple | int | float | None) and not (
        isinstance(one, dict) and all(np.ndim(value) == 0 for value in one.values())
    )


def frames_within(frame: Frame, told: str) -> tuple[Frame, ...]:
    """The data sets of a frame that numbers them; 0 is that with gaps, and no completed one.

    Parameters
    ----------
    frame : Frame
    told : str
        What in the text says that there are several.

    Raises
    ------
    DataError
        If no column numbers them, or they are not of as many rows.
    """
    name = next((name for name in _NUMBERED if name in frame.names), None)
    if name is None:
        raise DataError(
            f"`{told}` is of several completed data sets: give them as a list, `[d1, d2, …]`, or one frame in which "
            "`_mi_m` (Stata's style flong) or `.imp` (mice's `complete(imp, \"long\")`) numbers them"
        )
    table = Table(frame)
    found = [table.select(by) for by in table.groups((name,)) if float(by[0][1]) > 0]
    sizes = sorted({len(one) for one in found})
    if not found or len(sizes) > 1:
        what = f"its data sets are of {sizes[0]:,} to {sizes[-1]:,} rows" if sizes else "it numbers none from 1"
        raise DataError(f"`{name}` has each completed data set whole, as after `mi convert flong`, but {what}")
    return tuple(found)


def resolve_each(
    statement: Statement,
    frames: Sequence[Frame],
    families: Sequence[Read],
    priors: Sequence[PriorStatement],
    given: Given,
) -> tuple[ModelSpec, Completed, Report]:
    """Find the model that a statement means for the first of several data sets, and its numbers for each.

    Levels, coding and what is learned, such as the mean in `scale(x)`, are those of the first data set, so that
    coefficients mean the same in all.

    Raises
    ------
    TildeError
        Whatever is wrong with the text or the data, with the number of the data set.
    """
    with about_data_set(1):
        spec, design, report = resolve(statement, frames[0], families, priors, given)
    designs = [design]
    for number, frame in enumerate(frames[1:], 2):
        with about_data_set(number):
            designs.append(resolve(statement, frame, families, priors, given, spec)[1])
    told = (
        f"{len(frames)} completed data sets: each is fitted by itself, and draws are pooled; levels, what is learned "
        "of columns, and the numbers of default priors are those of the first"
    )
    return spec, Completed(tuple(designs)), replace(report, notes=(told, *report.notes))


def data_of(request: Request, number: int, many: int) -> Data | None:
    """One of the data sets that a request is of, from 1; None where they are not at hand.

    Raises
    ------
    DataError
        If there is no such data set.
    """
    if isinstance(number, bool) or not isinstance(number, Integral) or not 1 <= number <= many:
        raise DataError(f"the data sets have the numbers 1 to {many}, and {shown(number)} is none")
    data = request.data
    if data is None or isinstance(data, list | tuple):
        return None if data is None else data[number - 1]
    written = conventions(request.text, request.na, request.syntax, request.csv)
    whole = open_data(data, written)
    if isinstance(whole, Stream):
        return None
    return frames_within(whole, "")[number - 1]
