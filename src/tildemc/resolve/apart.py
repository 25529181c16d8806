"""A Frame -> the rows of each combination of some columns' values: one model for each, as `by` asks for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tildemc.arrays import Integers, Label
from tildemc.errors import DataError, nearest
from tildemc.resolve.column import Categorical
from tildemc.resolve.frame import Frame
from tildemc.spec.columns import label_of

__all__ = ["By", "Table", "check_one_group", "label"]

By = tuple[tuple[str, Label], ...]
"""Columns and the value that each has in the rows of one fit."""


class Table:
    """The rows of a source, and those of each combination of some columns' values."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._groups: dict[tuple[str, ...], dict[By, Integers]] = {}

    def groups(self, by: tuple[str, ...]) -> dict[By, Integers]:
        """For each combination that the data hold, in order, its rows; rows without a value are in none.

        Raises
        ------
        DataError
            If a column is not there.
        """
        if by not in self._groups:
            self._groups[by] = self._find(by)
        return self._groups[by]

    def select(self, by: By) -> Frame:
        """The rows of one combination; all rows for the empty one."""
        if not by:
            return self.frame
        rows = self.groups(tuple(name for name, _ in by)).get(by)
        if rows is None:
            raise DataError(f"no row of the data has {label(by)}")
        keep = np.zeros(len(self.frame), dtype=bool)
        keep[rows] = True
        chosen = self.frame.select(keep)
        if chosen.origin is not None:
            chosen.origin = replace(chosen.origin, rows=by)
        return chosen

    def _find(self, by: tuple[str, ...]) -> dict[By, Integers]:
        for name in by:
            if name not in self.frame.names:
                raise DataError(f"`by` names `{name}`, which is no column of the data{nearest(name, self.frame.names)}")
        levels = [self._levels(name) for name in by]
        codes = np.stack([self._codes(name, values) for name, values in zip(by, levels, strict=True)], axis=1)
        present = np.flatnonzero((codes >= 0).all(axis=1))
        combinations, inverse = np.unique(codes[present], axis=0, return_inverse=True)
        order = np.argsort(inverse, kind="stable")
        pieces = np.split(present[order], np.cumsum(np.bincount(inverse, minlength=len(combinations)))[:-1])
        return {
            tuple((name, values[code]) for name, values, code in zip(by, levels, combination, strict=True)): rows
            for combination, rows in zip(combinations.tolist(), pieces, strict=True)
        }

    def _levels(self, name: str) -> tuple[Label, ...]:
        """A column's values in order; whole numbers that are written as text in that of the numbers."""
        values, kind = self.frame.distinct(name), self.frame.kind(name)
        written = (
            isinstance(kind, Categorical)
            and not kind.declared
            and all(isinstance(value, str) and value.isdecimal() for value in values)
        )
        return tuple(sorted(values, key=int)) if written else values

    def _codes(self, name: str, levels: tuple[Label, ...]) -> Integers:
        position = {value: i for i, value in enumerate(levels)}
        values, missing = self.frame.values(name), self.frame.missing(name)
        return np.array(
            [-1 if gone else position[value] for value, gone in zip(values.tolist(), missing, strict=True)],
            dtype=np.int64,
        )


def label(by: By) -> str:
    """`state=MN, year=1999`."""
    return ", ".join(f"{name}={label_of(value)}" for name, value in by)


def check_one_group(frame: Frame, by: tuple[str, ...]) -> None:
    """Refuse rows of several groups where a text asks for a model of each.

    Raises
    ------
    DataError
    """
    groups = [*Table(frame).groups(by)]
    if len(groups) == 1:
        return
    named = ", ".join(f"`{name}`" for name in by)
    some = "; ".join(map(label, groups[:3])) + ("; …" if len(groups) > 3 else "")
    raise DataError(
        f"the text asks for a model of each group by {named}, and there are {len(groups)} ({some}): "
        "`tildemc.models(text, data)` has them all by name, and `tildemc batch` fits them"
    )
