"""Text for a terminal: numbers to the digits that they have, columns aligned, and no line wider than the screen."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain, pairwise

__all__ = [
    "Row",
    "aligned",
    "continued",
    "folded",
    "heading",
    "number",
    "numbers",
    "tables",
    "wide",
    "width",
    "wrapped",
]

Row = tuple[str, Sequence[str]]
"""A label and the cells beside it."""

DIGITS = 3
"""Of a standard deviation; what it is the deviation of is shown to the same place."""
PLAIN, FILLED = 9, 3
"""Numbers with more characters, or more digits that only fill the place before the point, may have an exponent."""
ALIGNED = 10
"""A column is no wider than this for its points to stand below one another."""
NARROWEST = 60


def width() -> int:
    """The screen's columns; 80 where there is no screen."""
    return max(NARROWEST, shutil.get_terminal_size().columns)


# Numbers


def numbers(values: Sequence[float], sd: float) -> list[str]:
    """Values of one quantity, all to the last place that its standard deviation gives a meaning to."""
    if not (math.isfinite(sd) and sd > 0):
        return [number(value) for value in values]
    last = math.floor(math.log10(sd)) - DIGITS + 1
    plain = [_plain(value, last) for value in values]
    if max(map(len, plain)) <= PLAIN and last <= FILLED:
        return plain
    scientific = [_scientific(value, last) for value in values]
    return min(scientific, plain, key=lambda cells: max(map(len, cells)))


def number(value: float) -> str:
    """A number that stands alone, to four significant digits."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    return numbers([value], abs(value) / 10)[0]


def _plain(value: float, last: int) -> str:
    text = f"{value:.{max(0, -last)}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def _scientific(value: float, last: int) -> str:
    """`1.23e-9`: to the place 10^last."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    places = math.floor(math.log10(abs(value))) - last
    mantissa, exponent = f"{value:.{min(max(places, 0), 15)}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


# Lines


def wide(text: str) -> int:
    """How many columns of the screen a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def folded(text: str, first: str = "", rest: str = "") -> list[str]:
    """The text in lines no wider than the screen; `first` stands before the first, `rest` before the others."""
    pieces = wrapped(text, width() - max(len(first), len(rest)))
    return [f"{rest if i else first}{piece}" for i, piece in enumerate(pieces)]


def wrapped(text: str, room: int) -> list[str]:
    """The text in lines no wider than the room for it."""
    from rich.console import Console
    from rich.text import Text

    console = Console(width=room, color_system=None)
    return [piece.plain.rstrip() for line in text.splitlines() for piece in Text(line).wrap(console, room)]


def continued(text: str, first: str = "", rest: str = "") -> list[str]:
    """The same of a line that may be typed again: no word, and nothing in quotes, is cut, however long it is."""
    room = width() - max(len(first), len(rest))
    lines: list[str] = []
    for word in _WORD.findall(text):
        if lines and wide(lines[-1]) + wide(word) <= room:
            lines[-1] += word
        else:
            lines.append(word.strip())
    return [f"{rest if i else first}{line}" for i, line in enumerate(lines)]


_WORD = re.compile(r'\s*(?:"(?:[^"\\]|\\.)*"|`[^`]*`|(?<![^\s(,])\'[^\']*\'|\S)+')
"""What stands between spaces that are outside of quotes, and the spaces before it."""


def heading(formula: str, told: Iterable[str]) -> list[str]:
    """What stands above results: the formula's lines as they were written, and what was done with it."""
    written = [piece for line in formula.strip().splitlines() for piece in folded(line, rest="    ")]
    return [*written, *(piece for line in told for piece in folded(line, "  ", "    "))]


def tables(parts: Sequence[Sequence[Row]], headings: Sequence[str]) -> list[list[str]]:
    """The lines of several tables whose columns stand below one another.

    A label for which there is no room beside the numbers has a line of its own; without headings there is no line for
    them.
    """
    from rich.cells import cell_len

    rows = [row for part in parts for row in part]
    columns = [aligned([cells[i] for _, cells in rows]) for i in range(len(headings))]
    sizes = [max(len(name), *map(len, column)) for name, column in zip(headings, columns, strict=True)]
    room = width() - 2 - sum(size + 2 for size in sizes)
    labels = max((size for label, _ in rows if (size := cell_len(label)) <= room), default=0)

    def line(label: str, cells: Iterable[str]) -> str:
        beside = "".join(f"  {cell:>{size}}" for cell, size in zip(cells, sizes, strict=True))
        return f"  {label}{'':{labels - cell_len(label)}}{beside}".rstrip()

    top = [line("", headings)] if any(headings) else []
    lines = [
        [line(label, cells)] if cell_len(label) <= labels else [*folded(label, "  ", "    "), line("", cells)]
        for (label, _), *cells in zip(rows, *columns, strict=True)
    ]
    ends = [*accumulate(map(len, parts), initial=0)]
    return [[*top, *chain.from_iterable(lines[start:end])] for start, end in pairwise(ends)]


def aligned(cells: Sequence[str]) -> list[str]:
    """Cells of one width, their points below one another where there is room for that."""
    parts = [cell.partition(".") for cell in cells]
    left, right = max(len(whole) for whole, _, _ in parts), max(len(point + rest) for _, point, rest in parts)
    if left + right > ALIGNED or any("e" in cell for cell in cells):
        size = max(map(len, cells))
        return [f"{cell:>{size}}" for cell in cells]
    return [
        f"{whole:>{left}}{point + rest:<{right}}" if whole[-1:].isdigit() else f"{whole:>{left + right}}"
        for whole, point, rest in parts
    ]
