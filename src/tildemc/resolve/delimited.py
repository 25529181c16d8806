"""Text in columns -> what its reader must be told: what separates the columns, and in which encoding it is."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import lzma
import zipfile
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import IO

from tildemc.errors import DataError
from tildemc.spec.origin import Format

__all__ = ["look"]

_HEAD = 1 << 18
_ROWS = 1000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SPOKEN = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
_OPENERS: dict[str, Callable[[Path], gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]] = {
    ".gz": gzip.GzipFile,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}


def look(path: Path, format: Format, separator: str | None = None) -> tuple[dict[str, object], tuple[str, ...]]:
    """What the reader must be told to read a file, and what a person should know of it.

    Parameters
    ----------
    path : Path
    format : Format
        One with separators.
    separator : str, optional
        What is between columns, if a person says it.

    Raises
    ------
    DataError
        If it can be read in several ways.
    """
    head = _head(path)
    encoding = _encoding(head)
    options: dict[str, object] = {} if encoding == "utf-8" else {"encoding": encoding}
    notes = [] if encoding == "utf-8" else [f"{path.name} is {encoding.upper()} text"]
    lines = _lines(head, encoding)
    found = separator or _separator(path, format, lines)
    if not separator and found != format.separators[0]:
        notes.append(f"the columns of {path.name} are separated by {_SPOKEN[found]}")
    if found != ",":
        options["sep"] = r"\s+" if found == " " else found
    header, *rows = islice(_rows(found, lines), _ROWS) if lines else ([],)
    if rows and all(len(row) == len(header) + 1 for row in rows):
        if all(not row[-1] for row in rows):
            options["index_col"] = False
        else:
            notes.append(f"the first value of each row of {path.name} is the row's name")
    return options, tuple(notes)


def _head(path: Path) -> bytes:
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as file:
            return file.read(_HEAD)
    with _OPENERS.get(path.suffix.lower(), _open)(path) as file:
        head: bytes = file.read(_HEAD)
    return head


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _encoding(head: bytes) -> str:
    """By its mark, or by the zeros that ASCII has in UTF-16; what is no UTF-8 shows where it is read."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        sample = head[start:1000:2]
        if sample and sample.count(0) > len(sample) / 2:
            return encoding
    return "utf-8"


def _lines(head: bytes, encoding: str) -> list[str]:
    """The lines of the text that are there whole."""
    text = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)("replace").decode(head)
    lines = text.splitlines(keepends=True)
    return lines[:-1] if len(head) == _HEAD else lines


def _separator(path: Path, format: Format, lines: list[str]) -> str:
    widths = {mark: _width(mark, lines) for mark in format.separators}
    fitting = [mark for mark, width in widths.items() if width > 1]
    if len(fitting) > 1 and " " in fitting:
        fitting.remove(" ")
    if len(fitting) > 1:
        ways = " or ".join(f"{_SPOKEN[mark]} ({widths[mark]} columns)" for mark in fitting)
        raise DataError(f"the columns of {path.name} may be separated by {ways}: {_say('"sep": …', 'sep=…')}")
    if fitting:
        return fitting[0]
    usual = format.separators[0]
    header, *rows = islice(_rows(usual, lines), 2) if lines else ([],)
    if len(header) == 1 and rows and len(rows[0]) == 2:
        raise DataError(
            f"the first line of {path.name} names one column and the next has two values, {', '.join(rows[0])}: "
            f"if it is one number with a decimal comma, {_say('"sep": ";", "decimal": ","', "'sep=;' --csv decimal=,")}"
        )
    return usual


def _say(mapping: str, stated: str) -> str:
    return f"say which by csv={{{mapping}}}, `--csv {stated}` on the command line, `csv` in a formula file"


def _width(mark: str, lines: list[str]) -> int:
    """How many columns there are, if all lines have as many; the names may be one fewer, where rows have names."""
    found = list(islice(_rows(mark, lines), _ROWS))
    if not found:
        return 0
    header, *rows = (len(row) for row in found)
    wide = set(rows) or {header}
    return header if wide <= {header} or (header > 1 and wide == {header + 1}) else 0


def _rows(mark: str, lines: list[str]) -> Iterable[list[str]]:
    stripped = (line.strip(" ") for line in lines) if mark == " " else lines
    try:
        yield from (row for row in csv.reader(stripped, delimiter=mark, skipinitialspace=mark == " ") if row)
    except csv.Error:
        return
