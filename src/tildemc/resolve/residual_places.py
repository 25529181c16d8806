"""Whether the rows of a group can go together: each at a place of its own."""

from __future__ import annotations

import numpy as np

from tildemc.arrays import Floats, Integers, Mask
from tildemc.errors import DataError
from tildemc.resolve.frame import Frame
from tildemc.spec.columns import label_of
from tildemc.spec.terms.residual import Residual, ResidualDesign

__all__ = ["check_places"]

_ANY_TIMES = "any times are taken by `corCAR1(form = ~ t | g)`, Stata's `residuals(exponential, t(t))`"


def check_places(residual: Residual, numbers: ResidualDesign, given: Floats, frame: Frame) -> None:
    """Refuse times that are no whole numbers where such are needed, and two rows at one place.

    Parameters
    ----------
    residual, numbers
    given : (n, k)
        The columns of places as they are.
    frame : Frame

    Raises
    ------
    DataError
        With the rows.
    """
    place = numbers.place
    if residual.correlation.places == "whole" and residual.points and not residual.ranked:
        broken = np.flatnonzero((place != np.round(place)).any(axis=1))
        if len(broken):
            found = f"{label_of(float(place[broken[0], 0]))} in {_row(frame, broken[0])}"
            message = f"rows go together here by whole steps of time, and `{residual.points[0].label}` is {found}"
            raise DataError(f"{message}: {_ANY_TIMES}", residual.span)
    if residual.points or residual.at is not None:
        _check_alone(residual, numbers, given, frame)


def _check_alone(residual: Residual, numbers: ResidualDesign, given: Floats, frame: Frame) -> None:
    # Ranks tell rows apart that stand at one place.
    place = given if residual.ranked and residual.points else numbers.place
    order = np.lexsort((*place.T[::-1], numbers.block))
    same = (numbers.block[order][1:] == numbers.block[order][:-1]) & (place[order][1:] == place[order][:-1]).all(axis=1)
    if same.any():
        first = int(np.flatnonzero(same)[0])
        one, two = sorted((int(order[first]), int(order[first + 1])))
        where = f"{_row(frame, one)} and {_row(frame, two)}{_others(same)}"
        group = "" if residual.group is None else f" of one `{residual.group.label}`"
        columns = [column.label for column in residual.points] or [residual.at.label if residual.at else ""]
        at = " and ".join(f"`{name}`" for name in columns)
        message = f"{where}{group} have the same {at}: rows that go together stand at different ones"
        raise DataError(message, residual.span)


def _others(mask: Mask) -> str:
    more = int(mask.sum()) - 1
    return f" (and {more:,} more pairs)" if more else ""


def _row(frame: Frame, place: int | Integers) -> str:
    return frame.row(int(frame.rows[int(place)]))
