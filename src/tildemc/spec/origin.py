"""Origin: where a model's data come from and how they are read there; FORMATS: the kinds of file that are read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal, assert_never

from tildemc.errors import DataError

if TYPE_CHECKING:
    from tildemc.arrays import Label

__all__ = [
    "CSV",
    "FEATHER",
    "FORMATS",
    "PARQUET",
    "SUFFIXES",
    "UNNAMED",
    "DataFile",
    "Files",
    "Format",
    "Origin",
    "Query",
    "Repair",
    "file_at",
    "format_of",
]

Options = tuple[tuple[str, object], ...]
"""Keyword arguments of a reader."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    Attributes
    ----------
    name : str
    suffixes : tuple of str
    reader : str
        The function of pandas that reads it.
    options : tuple
        What that function is always told.
    separators : str
        Of text in columns: what may stand between these, the usual one first.
    typed : bool
        Whether columns have types of their own; else the reader makes numbers of cells and takes `dtype` and
        `na_values`.
    package : str or None
        What must be installed beside tildemc.
    missing : tuple of str
        What stands for no value in its text.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: str
    options: Options = ()
    separators: str = ""
    typed: bool = True
    package: str | None = None
    missing: tuple[str, ...] = ()


CODES = (("convert_categoricals", False),)
CSV = Format("csv", (".csv",), "read_csv", separators=",;\t|", typed=False)
PARQUET = Format("parquet", (".parquet", ".pq"), "read_parquet")
FEATHER = Format("feather", (".feather", ".arrow"), "read_feather")

FORMATS = (
    CSV,
    Format("tab-separated text", (".tsv", ".tab"), "read_csv", separators="\t,;|", typed=False),
    Format("text in columns", (".txt",), "read_csv", separators="\t,;| ", typed=False),
    PARQUET,
    FEATHER,
    Format("Excel", (".xlsx", ".xlsm"), "read_excel", typed=False, package="openpyxl"),
    Format("Stata", (".dta",), "read_stata", CODES, missing=("", ".")),
    Format("SPSS", (".sav", ".zsav"), "read_spss", CODES, package="pyreadstat", missing=("", ".")),
    Format("SAS", (".sas7bdat",), "read_sas", (("encoding", "infer"),), missing=("", ".")),
    Format("SAS transport", (".xpt",), "read_sas", (("format", "xport"), ("encoding", "utf-8")), missing=("", ".")),
)
"""The kinds of file that are read; text in columns may be compressed too."""

COMPRESSED = (".gz", ".bz2", ".xz", ".zip")
_PLAIN = tuple(suffix for format in FORMATS for suffix in format.suffixes)
SUFFIXES = (*_PLAIN, *(s + c for format in FORMATS if format.separators for s in format.suffixes for c in COMPRESSED))
"""The ends of names of files that are read."""


def format_of(path: str) -> Format:
    """The kind of a file, by its name.

    Raises
    ------
    DataError
        If it is none of these.
    """
    name = PurePath(path).name.lower()
    bare = name.removesuffix(next((c for c in COMPRESSED if name.endswith(c)), ""))
    for format in FORMATS:
        if (bare if format.separators else name).endswith(format.suffixes):
            return format
    listed = ", ".join(_PLAIN)
    raise DataError(f"{path}: data are read from files that end in {listed}, and from compressed text such as .csv.gz")


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file, and what its reader is told beside what it always is."""

    path: str
    format: Format
    options: Options = ()


@dataclass(frozen=True, slots=True)
class Files:
    """All files of a pattern, in order; their rows one after the other."""

    pattern: str
    files: tuple[DataFile, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """SQL over files, each under the name that the text gives it."""

    text: str
    tables: tuple[tuple[str, DataFile | Files], ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """A column of which some values stand for none; `meant` says what its text is made into, if all others are such."""

    column: str
    blanks: tuple[Label, ...]
    meant: Literal["number", "truth"] | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the data of a model come from.

    Attributes
    ----------
    place : DataFile, Files or Query
    repairs : tuple of Repair
        What is done to columns that are read with types of their own.
    rows : tuple
        Columns and the value that each has in the rows in use.
    named : bool
        Whether a person named the place; else the data came as a frame, and the place is where a program is to look.
    """

    place: DataFile | Files | Query
    repairs: tuple[Repair, ...] = ()
    rows: tuple[tuple[str, Label], ...] = ()
    named: bool = True

    @property
    def path(self) -> str | None:
        """The path, pattern or query that a person gave."""
        if not self.named:
            return None
        match self.place:
            case DataFile(path):
                return path
            case Files(pattern):
                return pattern
            case Query(text):
                return text
            case never:
                assert_never(never)

    def seen_from(self, folder: str) -> Origin:
        """The same data by their paths from the folder in which a program is to run; what SQL names stays."""
        return replace(self, place=_seen_from(self.place, folder))

    def files(self) -> Iterator[DataFile]:
        """All files."""
        tables = [place for _, place in self.place.tables] if isinstance(self.place, Query) else [self.place]
        for table in tables:
            yield from table.files if isinstance(table, Files) else (table,)

    def at(self, path: str) -> Origin:
        """The same data in another file; a file of the same kind is read in the same way."""
        other = file_at(path)
        if isinstance(self.place, DataFile) and self.place.format == other.format:
            other = replace(self.place, path=path)
        return replace(self, place=other)


def _seen_from[T: DataFile | Files | Query](place: T, folder: str) -> T:
    match place:
        case DataFile(path):
            return replace(place, path=_path_from(path, folder))
        case Files(pattern, files):
            return replace(
                place, pattern=_path_from(pattern, folder), files=tuple(_seen_from(file, folder) for file in files)
            )
        case Query(_, tables):
            return replace(place, tables=tuple((name, _seen_from(table, folder)) for name, table in tables))
        case never:
            assert_never(never)


def _path_from(path: str, folder: str) -> str:
    """A path from a folder; one that is absolute, or of the network, stays."""
    if os.path.isabs(path) or "://" in path:
        return path
    return os.path.relpath(path, folder).replace(os.sep, "/")


def file_at(path: str) -> DataFile:
    """A file that nobody has looked into.

    Raises
    ------
    DataError
        If it is of no known kind.
    """
    return DataFile(path, format_of(path))


UNNAMED = Origin(file_at("data.csv"), named=False)
"""Of data that came as a frame: where a program is to look for them."""
