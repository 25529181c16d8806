"""Where a model's data are -> a Frame: a file, files of one glob, or SQL over files beside the formula file."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tildemc.arrays import Label
from tildemc.batches.sql import select
from tildemc.errors import DataError, nearest
from tildemc.limits import DEFAULT, Limits, under
from tildemc.resolve.apart import Table
from tildemc.resolve.conventions import USUAL, Conventions
from tildemc.resolve.files import Opened, as_text, open_file, with_origin
from tildemc.resolve.frame import Frame
from tildemc.spec.origin import SUFFIXES, DataFile, Files, Origin, Query, format_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Source", "load"]

_SQL = re.compile(r"\s*(select|with|from)\s", re.IGNORECASE)
_QUOTED = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"")
_KEPT = 4


@dataclass(frozen=True, slots=True)
class Source:
    """Data as a formula file names them: where paths start from, what stands for no value, and how much is read."""

    text: str
    folder: str
    conventions: Conventions = USUAL
    limits: Limits = DEFAULT

    @property
    def is_sql(self) -> bool:
        """Whether the text is a query rather than a path."""
        return bool(_SQL.match(self.text))

    def paths(self) -> tuple[Path, ...]:
        """The files that it reads.

        Raises
        ------
        DataError
            If there is none, if one is of no known kind, or if SQL names one outside its folder.
        """
        if self.is_sql:
            return tuple(path for _, paths in self.tables() for path in paths)
        return self.expand(self.text)

    def tables(self) -> Iterator[tuple[str, tuple[Path, ...]]]:
        """The files that a query names, under the names that it gives them."""
        names = {(one or two).replace("''", "'").replace('""', '"') for one, two in _QUOTED.findall(self.text)}
        for name in sorted(names):
            if not name.lower().endswith(SUFFIXES):
                continue
            if Path(name).is_absolute() or ".." in re.split(r"[/\\]", name) or re.match(r"\w+:", name):
                raise DataError(f"SQL reads only files in the folder of the formula file, not '{name}'")
            paths = self.expand(name)
            for path in paths:
                if not path.resolve().is_relative_to(Path(self.folder).resolve()):
                    raise DataError(f"SQL reads only files in the folder of the formula file; '{name}' leads elsewhere")
            yield name, paths

    def expand(self, text: str) -> tuple[Path, ...]:
        """The files that a path or pattern stands for."""
        whole = Path(self.folder, text)
        format_of(text)
        # os.path answers for names that can be no file's, where Path raises.
        if os.path.isfile(whole) or not glob.has_magic(text):
            if os.path.isfile(whole):
                return (whole,)
            beside = os.listdir(whole.parent) if os.path.isdir(whole.parent) else []
            raise DataError(f"there is no file {text}{nearest(whole.name, beside)}")
        pattern = text if Path(text).is_absolute() else f"{glob.escape(self.folder)}/{text}"
        found = sorted(Path(path) for path in glob.glob(pattern, recursive=True) if os.path.isfile(path))
        if not found:
            raise DataError(f"there is no file like {text}")
        return tuple(found)

    def stamp(self) -> tuple[tuple[str, int, int], ...]:
        """What changes when the files change."""
        return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in self.paths())


_TABLES: dict[tuple[Source, tuple[tuple[str, int, int], ...]], Table] = {}


def load(source: Source) -> Table:
    """Read a source's files, unless this process has them already and they did not change since.

    Raises
    ------
    DataError
        If the data cannot be read.
    """
    try:
        key = (source, source.stamp())
    except OSError as error:
        raise DataError(f"{source.text} cannot be read: {error.strerror}") from None
    if key not in _TABLES:
        while len(_TABLES) >= _KEPT:
            del _TABLES[next(iter(_TABLES))]
        with under(source.limits):
            _TABLES[key] = Table(_query(source) if source.is_sql else _frame(source))
    return _TABLES[key]


def _frame(source: Source) -> Frame:
    opened = _open(source, source.text, source.expand(source.text))
    return with_origin(opened.frame, Origin(opened.place), source.conventions, opened.notes, opened.value_labels)


@dataclass(frozen=True, eq=False)
class _Rows:
    """What was found in files, one after the other."""

    frame: pd.DataFrame
    place: DataFile | Files
    notes: tuple[str, ...]
    value_labels: Mapping[str, Mapping[Label, str]] | None = None


def _open(source: Source, text: str, paths: tuple[Path, ...]) -> _Rows:
    """The rows of a path or pattern."""
    import pandas as pd

    if not glob.has_magic(text) or os.path.isfile(Path(source.folder, text)):
        one = open_file(text, paths[0], source.conventions)
        return _Rows(one.frame, one.file, one.notes, one.value_labels)
    folder = Path(source.folder).resolve()
    found = [open_file(_relative(path, folder), path, source.conventions) for path in paths]
    found = list(map(_as_text_elsewhere(found), found, paths))
    frame = pd.concat([each.frame for each in found], ignore_index=True)
    notes = dict.fromkeys(note for each in found for note in each.notes)
    return _Rows(frame, Files(text, tuple(each.file for each in found)), tuple(notes), _value_labels(found))


def _relative(path: Path, folder: Path) -> str:
    whole = path.resolve()
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else str(path)


def _value_labels(found: list[Opened]) -> dict[str, dict[Label, str]]:
    """The names of codes in all files."""
    names: dict[str, dict[Label, str]] = {}
    for opened in found:
        for column, labels in (opened.value_labels or {}).items():
            known = names.setdefault(column, {})
            for code, name in labels.items():
                if known.setdefault(code, name) != name:
                    told = (
                        f"`{column}` calls {code} {name!r} in {opened.file.path}, but {known[code]!r} in another file"
                    )
                    raise DataError(told)
    return names


def _as_text_elsewhere(found: list[Opened]) -> Callable[[Opened, Path], Opened]:
    """What reads the columns as text that are text in one of the files; numbers in the others are labels too then."""
    texts = {name for each in found for name in each.frame if _is_text(each.frame[name])}

    def alike(opened: Opened, path: Path) -> Opened:
        frame = opened.frame
        other = [name for name in frame if name in texts and frame[name].notna().any() and not _is_text(frame[name])]
        return as_text(opened, path, other) if other else opened

    return alike


def _is_text(column: pd.Series) -> bool:
    return bool(column.dtype == object or column.dtype == "str") and bool(column.notna().any())


def _query(source: Source) -> Frame:
    """The rows of one SELECT over the files that it names."""
    tables: dict[str, _Rows] = {}

    def read() -> dict[str, pd.DataFrame]:
        tables.update({name: _open(source, name, paths) for name, paths in source.tables()})
        return {name: rows.frame for name, rows in tables.items()}

    frame = select(source.text, read)
    origin = Origin(Query(source.text, tuple((name, rows.place) for name, rows in tables.items())))
    notes = dict.fromkeys(note for rows in tables.values() for note in rows.notes)
    return with_origin(frame, origin, source.conventions, tuple(notes))
