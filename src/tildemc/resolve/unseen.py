"""Levels and steps that no row of the fit had: how new rows that have one are read, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import override

import numpy as np
from numpy.typing import NDArray

from tildemc.arrays import Floats, Integers, Mask
from tildemc.errors import DataError, nearest
from tildemc.resolve.combinations import numbered
from tildemc.resolve.encode import Read
from tildemc.resolve.frame import Frame
from tildemc.resolve.schema import level_index
from tildemc.spec.expr import Col, columns_of
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.product import Levels
from tildemc.visible import listed

__all__ = ["NewRead", "check_levels", "check_steps", "combination", "refused", "unrelated"]


def check_levels(levels: Levels, frame: Frame) -> None:
    with np.errstate(invalid="ignore"):
        unknown = np.flatnonzero(~(frame.evaluate(levels.has_one).astype(float) > 0))
    if len(unknown):
        raise DataError(_unknown(levels.label, columns_of(levels.has_one), levels.names, frame, unknown))


def check_steps(effect: Monotonic, code: Floats, frame: Frame) -> None:
    """Refuse rows between two steps, or beyond the first or the last."""
    beyond = np.flatnonzero((code < 0) | (code > effect.steps) | (code != np.round(code)))
    if len(beyond):
        raise DataError(
            f"`{effect.code.label}` has {effect.steps} steps from its lowest value, and "
            f"{frame.row(int(frame.rows[beyond[0]]))} is {code[beyond[0]]:g} from it: nothing is known of it"
        )


def _unknown(label: str, columns: tuple[str, ...], names: tuple[str, ...], frame: Frame, rows: NDArray[np.intp]) -> str:
    """`f` has no level d (row 3); its levels are a, b, c."""
    shown = _shown(columns, frame, int(rows[0]))
    others = f", and in {len(rows) - 1} more" if len(rows) > 1 else ""
    where = frame.row(int(frame.rows[rows[0]]))
    return f"`{label}` has no level {shown} ({where}{others}){nearest(shown, names)}; its levels are {listed(names)}"


def _shown(columns: tuple[str, ...], frame: Frame, row: int) -> str:
    return ":".join(frame.label(name, frame.values(name)[row]) for name in columns)


@dataclass(frozen=True)
class NewRead(Read):
    """What `Read` reads, of new rows, which may have a level that is not known.

    Rows go together by `together`, of which a level that no row had is as good as another.
    """

    together: Factor | None = None

    @override
    def levels(self, factor: Factor, *, needed: bool = False) -> Integers:
        number = level_index(self.frame, factor)
        unknown = np.flatnonzero(number < 0)
        if factor == self.together:
            labelled = ~np.logical_or.reduce([self.frame.missing(name) for name in factor.columns])
            number = np.where((number < 0) & labelled, len(factor.levels) + combination(factor, self.frame), number)
            unknown = np.flatnonzero(number < 0)
        if len(unknown):
            raise DataError(_unknown(factor.label, factor.columns, factor.levels, self.frame, unknown))
        return number


def refused(factor: Factor, frame: Frame, unseen: Mask) -> DataError:
    """What to say of levels that the model has not seen, where nobody said what becomes of them."""
    row = int(np.flatnonzero(unseen)[0])
    shown = _shown(factor.columns, frame, row)
    return DataError(
        f"`{factor.label}` has no level {shown} ({frame.row(int(frame.rows[row]))}){nearest(shown, factor.levels)}: "
        '`new_levels="sample"` draws the effects of new levels from their distribution, "population" leaves them out'
    )


def unrelated(factor: Factor, frame: Frame, unseen: Mask) -> DataError:
    """What to say of levels of which nobody knows how they are related to others."""
    shown = _shown(factor.columns, frame, int(np.flatnonzero(unseen)[0]))
    return DataError(
        f"`{factor.label}` has no level {shown}, and how it is related to the others is not known: "
        '`new_levels="population"` leaves its effects out'
    )


def combination(factor: Factor, frame: Frame) -> Integers:
    """A number for each row's values of the factor's columns, which does not depend on the levels that are known."""
    import pandas as pd

    if factor.among:
        # One number for one level, whichever of the columns it is in.
        values = [np.asarray(frame.told_apart(Col(name)), dtype=object) for name in factor.among]
        codes = pd.factorize(np.concatenate(values))[0].reshape(len(values), -1)
        return np.asarray(codes[factor.among.index(factor.columns[0])], dtype=np.int64)
    found = [pd.factorize(frame.told_apart(Col(name))) for name in factor.columns]
    number = numbered([codes.astype(np.int64) for codes, _ in found], [len(values) for _, values in found])
    return np.asarray(pd.factorize(number)[0], dtype=np.int64)
