"""Table: a data frame that prints all of its columns, with the digits that they have, within the screen.

This module imports pandas: it is imported where a frame is made.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import pandas as pd

from tildemc.screen import aligned, number, numbers, wide, width, wrapped
from tildemc.visible import visible

__all__ = ["Table"]

SPREAD = ("mean", "estimate", "sd", "_lb", "_ub", "lower", "upper")
"""How the names of columns end whose numbers have the places that the `sd` beside them gives a meaning to."""
NARROWEST_WORDS = 30
"""A column of words gets at least as much of the screen, and is folded in it."""


class _Frames(type):
    """The class of a class that any data frame is of: they differ in print alone."""

    def __instancecheck__(cls, other: object) -> bool:
        # pandas' assert_frame_equal asks whether one frame is of the other's class.
        return isinstance(other, pd.DataFrame)


class Table(pd.DataFrame, metaclass=_Frames):  # type: ignore[misc]
    """A data frame whose print leaves no column out; in all else, and in full precision, pandas' own.

    Numbers beside an `sd` are shown to its third digit, or to the places that `round` left them, others to four.
    Columns for which there is no room are below the others; of many rows the first and the last are shown.
    """

    @property
    def _constructor(self) -> type[Table]:
        return Table

    def __repr__(self) -> str:
        if self.empty:
            return str(super().__repr__())
        blocks, cut = self._blocks(pd.get_option("display.max_rows"))
        lines = [line for block in blocks for line in (*_lines(block), "")]
        size = [f"[{len(self):,} rows x {self.shape[1]} columns]"] if cut else []
        return visible("\n".join([*lines, *size]).rstrip())

    def _repr_html_(self) -> str:
        """For a notebook: pandas' own, with the same digits."""
        shown, cut = self._shown(pd.get_option("display.max_rows"))
        cells = dict(enumerate(_formatted(shown)))
        frame = pd.DataFrame(cells, index=shown.index)
        frame.columns = shown.columns
        html: str = pd.DataFrame.to_html(frame, notebook=True)
        return f"{html}<p>{len(self):,} rows × {self.shape[1]} columns</p>" if cut else html

    def _blocks(self, most: int | None) -> tuple[list[list[Column]], int]:
        """What stands below one another, all in all no more rows than asked for if it can be, and the cut."""
        shown, cut = self._shown(most)
        blocks = [*_blocks(_columns(shown, cut))]
        if most and len(blocks) > 1 and not cut:
            shown, cut = self._shown(most // len(blocks))
            blocks = [*_blocks(_columns(shown, cut))]
        return blocks, cut

    def _shown(self, most: int | None) -> tuple[pd.DataFrame, int]:
        """The rows that there is room for, and after which of them others were left out; 0 if none were."""
        if not most or len(self) <= most:
            return self, 0
        half = max(1, (pd.get_option("display.min_rows") or most) // 2)
        return pd.concat([self.head(half), self.tail(half)]), half


def _formatted(frame: pd.DataFrame) -> list[list[str]]:
    """The cells of each column."""
    return [_cells(frame, place) for place in range(frame.shape[1])]


def _cells(frame: pd.DataFrame, place: int) -> list[str]:
    column, name = frame.iloc[:, place], frame.columns[place]
    if column.dtype.kind in "iu":
        return [f"{value:,}" for value in column]
    if column.dtype.kind != "f":
        return [*map(str, column)]
    above, statistic = (name[:-1], name[-1]) if isinstance(name, tuple) else ((), name)
    beside = (*above, "sd") if above else "sd"
    if beside not in frame.columns or not str(statistic).endswith(SPREAD):
        return aligned([_alone(value) for value in column])
    sds = frame[beside]
    places = max(map(_places, (*column, *sds)))
    return aligned([_cut(numbers([value], sd)[0], places) for value, sd in zip(column, sds, strict=True)])


def _places(value: float) -> int:
    """How many decimals a number has."""
    text = repr(float(value))
    return sys.maxsize if "e" in text else 0 if text.endswith(".0") else len(text.partition(".")[2])


def _cut(cell: str, places: int) -> str:
    """A cell without zeros behind the places that its column has, which `round` may have left few of."""
    whole, point, decimals = cell.partition(".")
    return cell if "e" in cell or len(decimals) <= places else whole + (point + decimals[:places]) * (places > 0)


def _alone(value: float) -> str:
    """A number to four digits, or to as many as it has."""
    short = f"{value:.4g}"
    return short if float(short) == value and "e" not in short else number(value)


class Column(NamedTuple):
    """A column as it is shown: a heading for each level of the columns, its cells, and what they are."""

    headings: tuple[str, ...]
    cells: list[str]
    left: bool
    folds: bool = False

    @property
    def size(self) -> int:
        """How much of the screen it takes at least."""
        widest = max(map(wide, self.cells), default=0)
        return max(wide(self.headings[-1]), min(widest, NARROWEST_WORDS) if self.folds else widest)


def _columns(frame: pd.DataFrame, cut: int) -> tuple[list[Column], list[Column]]:
    """The columns of the index, and the others."""
    above = ("",) * (frame.columns.nlevels - 1)
    index = [
        Column(
            (*above, "" if name is None else str(name)),
            _once(frame.index, level),
            frame.index.get_level_values(level).dtype.kind not in "iuf",
        )
        for level, name in enumerate(frame.index.names)
    ]
    headings = [tuple(map(str, name)) if isinstance(name, tuple) else (str(name),) for name in frame.columns]
    words = [dtype.kind not in "iuf" for dtype in frame.dtypes]
    others = [Column(*each) for each in zip(headings, _formatted(frame), words, words, strict=True)]
    for column in (*index, *others) if cut else ():
        column.cells.insert(cut, "…")
    return index, others


def _once(index: pd.Index[Any], level: int) -> list[str]:
    """The labels of a level, each where it begins."""
    labels = [*map(str, index.get_level_values(level))]
    if level == index.nlevels - 1:
        return labels
    keys = [tuple(map(str, key))[: level + 1] for key in index]
    return ["" if place and keys[place] == keys[place - 1] else label for place, label in enumerate(labels)]


def _blocks(columns: tuple[list[Column], list[Column]]) -> Iterator[list[Column]]:
    """As many columns beside one another as there is room for, each time after those of the index."""
    index, others = columns
    room = width() - sum(column.size + 2 for column in index)
    block: list[Column] = []
    left = room
    for group in _groups(others):
        needed = sum(column.size + 2 for column in group)
        for column in group:
            # What stands under one heading stays together, if it can.
            if block and (needed if column is group[0] and needed <= room else column.size + 2) > left:
                yield [*index, *block]
                block, left = [], room
            block.append(column)
            left -= column.size + 2
    yield [*index, *block]


def _groups(columns: Sequence[Column]) -> Iterator[list[Column]]:
    """Neighbours that have a heading in common; each by itself where there is one row of headings."""
    group: list[Column] = []
    for column in columns:
        if group and (len(column.headings) == 1 or column.headings[:-1] != group[-1].headings[:-1]):
            yield group
            group = []
        group.append(column)
    yield group


def _lines(block: Sequence[Column]) -> Iterator[str]:
    """The lines of some columns; words are folded in the room that is left."""
    sizes = [column.size for column in block]
    spare = width() - sum(size + 2 for size in sizes)
    for place, column in enumerate(block):
        more = min(max(map(wide, column.cells), default=0) - sizes[place], spare)
        if column.folds and more > 0:
            sizes[place], spare = sizes[place] + more, spare - more

    def line(cells: Iterable[str]) -> str:
        padded = zip(cells, sizes, block, strict=True)
        blanks = ((cell, " " * (size - wide(cell)), column.left) for cell, size, column in padded)
        return "  ".join(cell + blank if left else blank + cell for cell, blank, left in blanks).rstrip()

    for level in range(len(block[0].headings)):
        names = [column.headings[level] for column in block]
        above = level < len(block[0].headings) - 1
        yield line("" if above and place and name == names[place - 1] else name for place, name in enumerate(names))
    for cells in zip(*(column.cells for column in block), strict=True):
        yield from map(line, zip_longest(*_pieces(cells, sizes, block), fillvalue=""))


def _pieces(cells: Sequence[str], sizes: Sequence[int], block: Sequence[Column]) -> Iterator[list[str]]:
    for cell, size, column in zip(cells, sizes, block, strict=True):
        yield wrapped(cell, size) if column.folds and wide(cell) > size else [cell]
