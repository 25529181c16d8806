"""Data as people have them -> a Frame: data frames, mappings, and every kind of file that is read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw
from narwhals.typing import IntoSeries

from tildemc.arrays import Label
from tildemc.errors import DataError, nearest
from tildemc.resolve.blanks import repaired
from tildemc.resolve.conventions import USUAL, Conventions
from tildemc.resolve.delimited import look
from tildemc.resolve.dictionaries import as_declared
from tildemc.resolve.frame import Frame, Native
from tildemc.resolve.numerals import has_decimal_commas, is_quantity, is_truth
from tildemc.spec.origin import FEATHER, PARQUET, UNNAMED, DataFile, Origin, file_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from pyarrow import NativeFile

__all__ = ["Opened", "as_text", "open_file", "read_frame", "with_origin"]


def read_frame(data: Native | Frame | str | Path, conventions: Conventions = USUAL) -> Frame:
    """A Frame of a data frame, a mapping, or a path to a file.

    Parameters
    ----------
    data : data frame, mapping, str or Path
    conventions : Conventions
        What stands for no value.

    Raises
    ------
    DataError
        If they cannot be read.
    """
    if isinstance(data, Frame):
        return data
    if isinstance(data, str | Path):
        opened = open_file(str(data), Path(data), conventions)
        return with_origin(opened.frame, Origin(opened.file), conventions, opened.notes, opened.value_labels)
    frame = Frame(data)
    conventions.refuse_csv("the data are a frame")
    if not conventions.blanks:
        return frame
    return with_origin(data, UNNAMED, conventions)


def with_origin(
    native: Native,
    origin: Origin,
    conventions: Conventions,
    notes: tuple[str, ...] = (),
    value_labels: Mapping[str, Mapping[Label, str]] | None = None,
) -> Frame:
    """A Frame of what was read from somewhere, without what stands for no value."""
    implied = (text for file in origin.files() for text in file.format.missing)
    frame = Frame(native, origin, value_labels=value_labels, notes=notes)
    found, repairs = repaired(frame.native, conventions.and_implied(tuple(implied)))
    if not repairs:
        return frame
    return Frame(found.to_native(), replace(origin, repairs=repairs), value_labels=value_labels, notes=notes)


@dataclass(frozen=True, eq=False)
class Opened:
    """What was found in a file.

    Attributes
    ----------
    frame : pandas DataFrame
    file : DataFile
        How to read it again.
    notes : tuple of str
        What a person should know of how it was read.
    value_labels : mapping
        For columns of codes, the name of each.
    """

    frame: pd.DataFrame
    file: DataFile
    notes: tuple[str, ...] = ()
    value_labels: Mapping[str, Mapping[Label, str]] | None = None


def open_file(name: str, path: Path, conventions: Conventions = USUAL) -> Opened:
    """Read a file.

    Parameters
    ----------
    name : str
        The path as a person gave it, by which it will be read again.
    path : Path
        Where it is.
    conventions : Conventions

    Raises
    ------
    DataError
        If it is not there, of no known kind, or not what its name says.
    """
    file = file_at(name)
    # os.path answers for names that can be no file's, where Path raises.
    if not os.path.isfile(path):
        beside = os.listdir(path.parent) if os.path.isdir(path.parent) else []
        raise DataError(f"there is no file {name}{nearest(path.name, beside)}")
    package = file.format.package
    if package is not None and find_spec(package) is None:
        raise DataError(f"{path.name} is read by {package}, which is not installed: pip install 'tildemc[files]'")
    with _read_errors(path):
        if file.format.separators:
            return _delimited(file, path, conventions)
        conventions.refuse_csv(f"{path.name} is {file.format.name}")
        if not file.format.typed:
            return _workbook(file, path, conventions)
        return Opened(_read(file, path), file, (), _value_labels(file, path))


def as_text(opened: Opened, path: Path, columns: Sequence[str]) -> Opened:
    """The same file with some columns as text.

    Raises
    ------
    DataError
        If the file says what their types are.
    """
    file = opened.file
    if file.format.typed:
        raise DataError(f"column `{columns[0]}` is text in another file, but not in {file.path}")
    options = dict(file.options)
    stated = options.pop("dtype", {})
    assert isinstance(stated, dict)
    types = {**stated, **dict.fromkeys(columns, str)}
    file = replace(file, options=(*options.items(), ("dtype", types)))
    with _read_errors(path):
        return replace(opened, file=file, frame=_text(file, path) if file.format.separators else _read(file, path))


@contextmanager
def _read_errors(path: Path) -> Iterator[None]:
    """Tell of what a reader cannot read."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:  # each reader has errors of its own
        raise DataError(f"{path.name} cannot be read: {error}") from error


def _read(file: DataFile, path: Path, **options: object) -> pd.DataFrame:
    """The file through its reader."""
    import pandas as pd

    with _opened(file, path) as place:
        how = {**dict(file.format.options), **_listed(file), **options}
        frame: pd.DataFrame = getattr(pd, file.format.reader)(place, **how)
    return as_declared(frame, path) if file.format in (PARQUET, FEATHER) else frame


def _opened(file: DataFile, path: Path) -> AbstractContextManager[Path | NativeFile]:
    """What the reader is handed: the path, but where pandas would open a file of Python's, one of Arrow's own.

    Arrow's threads live on after it was read, and one that lets go of Python's bytes while the process ends aborts it.
    """
    if file.format != FEATHER:
        return nullcontext(path)
    from pyarrow import OSFile

    found: AbstractContextManager[Path | NativeFile] = OSFile(str(path))
    return found


def _listed(file: DataFile) -> dict[str, object]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in file.options}


def _told(file: DataFile, **options: object) -> DataFile:
    """The file, its reader told more."""
    return replace(file, options=(*file.options, *options.items()))


# Text in columns


def _delimited(file: DataFile, path: Path, conventions: Conventions) -> Opened:
    said = conventions.csv.said()
    options, notes = look(path, file.format, said.pop("sep", None))
    options |= said
    if conventions.stated:
        options["na_values"] = conventions.stated
    file = _told(file, **options)
    try:
        frame = _text(file, path)
    except UnicodeDecodeError:
        file = _told(file, encoding="cp1252")
        frame = _windows(file, path)
        notes = (*notes, f"{path.name} is not UTF-8: it is read as Windows-1252 text")
    with_commas = None if said else _with_decimal_commas(file, path, frame)
    if with_commas is not None:
        file, frame = with_commas
        notes = (*notes, f"the numbers of {path.name} have decimal commas")
    found = [text for text in conventions.implied if any((column == text).any() for column in _texts(frame).values())]
    if found:
        rest = tuple(option for option in file.options if option[0] != "na_values")
        file = _told(replace(file, options=rest), na_values=(*conventions.stated, *found))
        frame = _text(file, path)
    return Opened(frame, file, notes)


def _windows(file: DataFile, path: Path) -> pd.DataFrame:
    try:
        return _text(file, path)
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is neither UTF-8 nor Windows-1252 text: save it as UTF-8") from error


def _text(file: DataFile, path: Path) -> pd.DataFrame:
    # In pieces, the column of a large file would be text in some and numbers in others.
    pieces = {} if dict(file.options).get("sep") == r"\s+" else {"low_memory": False}
    return _read(file, path, **pieces)


def _with_decimal_commas(file: DataFile, path: Path, frame: pd.DataFrame) -> tuple[DataFile, pd.DataFrame] | None:
    """The file read with decimal commas, if it has some and no decimal points."""
    texts = _texts(frame)
    with_commas = (column for column in texts.values() if column.str.contains(r"\d,\d|^,\d").any())
    if not any(has_decimal_commas(column.drop_nulls().unique().to_list()) for column in with_commas):
        return None
    told = _told(file, decimal=",")
    other = _text(told, path)
    return (told, other) if _texts(other).keys() < texts.keys() else None


def _texts(frame: pd.DataFrame) -> dict[str, nw.Series[IntoSeries]]:
    """The columns of text."""
    columns = nw.from_native(frame, eager_only=True).iter_columns()
    return {column.name: column for column in columns if column.dtype == nw.String}


# Others


def _workbook(file: DataFile, path: Path, conventions: Conventions) -> Opened:
    """The first sheet; a column is text if not all its cells are numbers, or all true and false, whatever the cells."""
    import pandas as pd

    with pd.ExcelFile(path) as book:
        sheets = book.sheet_names
    notes = [f"{path.name} has {len(sheets)} sheets; the first, {sheets[0]!r}, is read"] if len(sheets) > 1 else []
    if conventions.stated:
        file = _told(file, na_values=conventions.stated)
    cells = _read(file, path, dtype=object)
    types: dict[str, type] = {}
    for name in cells:
        present = cells[name].dropna().tolist()
        held, texts = {_meant_cell(cell) for cell in present}, {isinstance(cell, str) for cell in present}
        if "text" in held or len(held) > 1 or (held == {"truth"} and len(texts) > 1):
            types[str(name)] = str
        elif True in texts:
            notes.append(f"`{name}` has {_SPOKEN[held.pop()]} in cells of text")
    if types:
        file = _told(file, dtype=types)
    return Opened(_read(file, path), file, tuple(notes))


_SPOKEN = {"number": "numbers", "truth": "true and false"}


def _meant_cell(cell: object) -> str:
    """What a cell of a workbook is; text may be a number, unless it begins with a zero, or true or false."""
    if not isinstance(cell, str):
        return "truth" if isinstance(cell, bool) else "number"
    return "truth" if is_truth(cell) else "number" if is_quantity(cell) else "text"


def _value_labels(file: DataFile, path: Path) -> Mapping[str, Mapping[Label, str]] | None:
    """The names of codes, for the kinds of file that keep them."""
    if file.format.name == "Stata":
        import pandas as pd

        with pd.read_stata(path, iterator=True) as reader:
            sets = reader.value_labels()
            # pandas has no public word for which column has which set of labels.
            stata: Any = reader
            of_columns = zip(stata._varlist, stata._lbllist, strict=True)
            return {column: sets[name] for column, name in of_columns if name in sets}
    if file.format.name == "SPSS":
        import pyreadstat

        _, found = pyreadstat.read_sav(path, metadataonly=True)
        named = found.variable_value_labels.items()
        return {column: {code: name for code, name in names.items()} for column, names in named}
    return None
