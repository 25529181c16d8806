"""A formula file -> its entries: plain text with a model per line, TOML, or an R script or do-file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from tildemc.batches.slug import is_refused
from tildemc.engines.settings import METHODS, TELLING, Settings
from tildemc.errors import TildeError, nearest
from tildemc.limits import Limits
from tildemc.resolve.conventions import MARKS, Marks
from tildemc.span import Span
from tildemc.storage import Json

__all__ = ["MODEL", "OPTIMIZE", "SETTINGS", "Entry", "FormulaFile", "FormulaFileError", "read_formula_file"]

SETTINGS = tuple(f.name for f in fields(Settings) if f.name not in TELLING)
"""What `[fit]` may say."""
OPTIMIZE = "optimize"
ENGINES = (OPTIMIZE, *METHODS)
"""What `engine` may be."""
_LIMITS = tuple(f.name for f in fields(Limits))

_TOP = ("defaults", "models", "compare")
_DEFAULTS = ("data", "na", "family", "priors", "by", "engine", "fit", "limits", "csv")
MODEL = ("formula", "script", *_DEFAULTS)
"""What a model's table may say."""
_SCRIPTS = (".r", ".do")
"""How the names of scripts end."""
_NAMED = re.compile(r"([^\s:~|()'\"`+*,]+)[ \t]*:(?!:)\s*(?=\S)")
_PREFIXES = re.compile(r"(bayes|quietly|qui|noisily|capture|cap|xi|svy|mi)\b", re.IGNORECASE)
_DEEP_KEY = re.compile(r"""^[ \t]*+\[*+[ \t]*+(?:[\w"'-]++[ \t]*+\.[ \t]*+){20}""", re.MULTILINE)
_MANY = 100_000
_TOLD = 20
"""Mistakes that are told at once."""


class FormulaFileError(TildeError):
    """The file is not a formula file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the file. What is None was not said.

    Attributes
    ----------
    name, formula : str
    data : str or None
        A path, a glob, or SQL.
    family : str or None
    priors : tuple of str
    by : tuple of str
        Columns: one fit for each combination of their values.
    na : tuple of str
        What stands for no value in the data.
    csv : mapping
        The marks in text in columns by name.
    fit, limits : mapping
        Settings and limits by name.
    engine : str or None
        `optimize` for estimates in place of draws, or a `method` of these.
    """

    name: str
    formula: str
    data: str | None = None
    family: str | None = None
    priors: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    na: tuple[str, ...] = ()
    csv: Mapping[str, str] = field(default_factory=dict)
    fit: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    engine: str | None = None


@dataclass(frozen=True, slots=True)
class FormulaFile:
    """What a file says: its models in order, and which of them to compare."""

    folder: Path
    entries: tuple[Entry, ...]
    compare: Mapping[str, tuple[str, ...]]


def read_formula_file(path: str | Path) -> FormulaFile:
    """Read a formula file; TOML, or a script, if its name says so.

    Raises
    ------
    FormulaFileError
        With all that is wrong with the file.
    """
    path = Path(path)
    text = _text(path, "formula file")
    compare: Mapping[str, tuple[str, ...]] = {}
    match path.suffix.lower():
        case ".toml":
            entries, compare = _read_toml(text, path.parent)
        case suffix if suffix in _SCRIPTS:
            entries = tuple(Entry(name, own) for name, own in _models_of(text).items())
        case _:
            entries = _read_plain(text)
    if not entries:
        raise FormulaFileError(f"the formula file {path} holds no model")
    _check_names(entries)
    return FormulaFile(path.resolve().parent, entries, compare)


def _text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", error)
        raise FormulaFileError(f"the {what} {path} cannot be read: {reason}") from None


def _models_of(text: str) -> dict[str, str]:
    """The models of a script by name."""
    from tildemc.syntax.command import models_of

    try:
        return models_of(text)
    except TildeError as error:
        raise FormulaFileError(error.message, error.span) from None


def _check_names(entries: Iterable[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if is_refused(entry.name):
            raise FormulaFileError(f"a model's name cannot be a path that leads elsewhere, but is {entry.name!r}")
        if entry.name in seen:
            raise FormulaFileError(f"two models are called {entry.name!r}; every model needs a name of its own")
        seen.add(entry.name)


# Plain text


def _read_plain(text: str) -> tuple[Entry, ...]:
    groups: list[list[str]] = []
    for line in text.splitlines():
        bare = _without_comment(line).rstrip()
        if not bare:
            continue
        if bare[0].isspace() and groups:
            groups[-1].append(bare)
        else:
            groups.append([bare.lstrip()])
    return tuple(_plain_entry(lines) for lines in groups)


def _plain_entry(lines: list[str]) -> Entry:
    named = None if _PREFIXES.match(lines[0]) else _NAMED.match(lines[0])
    first = lines[0][named.end() :] if named else lines[0]
    # Stata ends a command at the end of its line; a text without a tilde can only be such a command.
    continued = "\n" if any("~" in line for line in lines) else " ///\n"
    formula = continued.join([first, *lines[1:]])
    return Entry(named[1] if named else " ".join(formula.replace("///", " ").split()), formula)


def _without_comment(line: str) -> str:
    """The line up to a `#` that stands at its start or after a space, outside quotes; Stata's `a##b` is no comment."""
    quote = ""
    for i, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'`":
            quote = character
        elif character == "#" and (i == 0 or line[i - 1].isspace()):
            return line[:i]
    return line


# TOML


def _read_toml(text: str, folder: Path) -> tuple[tuple[Entry, ...], dict[str, tuple[str, ...]]]:
    deep = _DEEP_KEY.search(text)
    if deep is not None:
        # Each level of such a key costs as much as all before it.
        raise FormulaFileError("a key has more levels than a formula file has", Span(text, *deep.span()))
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormulaFileError(f"the formula file is not TOML: {error}") from None
    except RecursionError:
        raise FormulaFileError("the formula file is nested deeper than TOML is read") from None
    reader = _Toml(text, folder)
    entries, compare = reader.document(document)
    if reader.errors:
        raise _joined(reader.errors)
    return entries, compare


def _joined(errors: list[FormulaFileError]) -> FormulaFileError:
    if len(errors) == 1:
        return errors[0]
    told = [str(error) for error in errors[:_TOLD]]
    rest = [f"and {len(errors) - _TOLD:,} more"] if len(errors) > _TOLD else []
    return FormulaFileError("\n\n".join([*told, *rest]))


Table = Mapping[str, Json]


class _Toml:
    """The validated reading of a document; collects what is wrong."""

    def __init__(self, text: str, folder: Path) -> None:
        self.text = text
        self.folder = folder
        self.errors: list[FormulaFileError] = []

    def document(self, document: Table) -> tuple[tuple[Entry, ...], dict[str, tuple[str, ...]]]:
        self.keys(document, _TOP, "")
        defaults = self.table(document, "defaults", "")
        self.keys(defaults, _DEFAULTS, "defaults")
        common = self.common(defaults, "defaults")
        models = self.table(document, "models", "")
        entries = tuple(entry for name, values in models.items() for entry in self.entries(name, values, common))
        names = {*models, *(entry.name for entry in entries)}
        compare = self.table(document, "compare", "")
        found = {title: self.compared(title, chosen, names) for title, chosen in compare.items()}
        return entries, found

    def entries(self, name: str, values: Json, common: dict[str, Any]) -> Iterator[Entry]:
        """The model of a table; of one that names a script, all of the script's, `table.model`."""
        where = f"models.{name}"
        if not isinstance(values, Mapping):
            self.wrong(f"`[{where}]` is a table with a `formula`, not {_spoken(values)}", name, "models")
            return
        self.keys(values, MODEL, where)
        own = self.common(values, where)
        formula, script = (self.text_of(values, key, where) for key in ("formula", "script"))
        if not {"formula", "script"} & set(values) and set(values) <= set(MODEL):
            self.wrong(f"`[{where}]` has no `formula`", name, where)
        if {"formula", "script"} <= set(values):
            self.wrong(f"`[{where}]` has a `formula` or a `script`, not both", "script", where)
            return
        merged = {**common, **own}
        merged |= {key: {**common.get(key, {}), **own.get(key, {})} for key in ("fit", "limits", "csv")}
        if script is None:
            yield Entry(name, formula or "", **merged)
            return
        for model, text in self.scripted(script, where).items():
            yield Entry(f"{name}.{model}", text, **merged)

    def scripted(self, script: str, where: str) -> dict[str, str]:
        """The models of a script beside the file."""
        try:
            return _models_of(_text(self.folder / script, "script"))
        except FormulaFileError as error:
            # A place in the script is told as it stands there.
            self.wrong(str(error), "script", where)
            return {}

    def common(self, values: Table, where: str) -> dict[str, Any]:
        """What defaults and models may both say."""
        found: dict[str, Any] = {}
        for key in ("data", "family"):
            if key in values:
                found[key] = self.text_of(values, key, where)
        if "engine" in values:
            found["engine"] = self.engine(self.text_of(values, "engine", where), where)
        for key in ("na", "priors", "by"):
            if key in values:
                found[key] = self.texts(values[key], key, where)
        for key, kind, known in (("fit", Settings, SETTINGS), ("limits", Limits, _LIMITS), ("csv", Marks, MARKS)):
            if key in values:
                found[key] = self.stated(self.table(values, key, where), f"{where}.{key}", kind, known)
        return found

    def engine(self, said: str | None, where: str) -> str | None:
        """Who estimates or draws."""
        if said is not None and said not in ENGINES:
            self.wrong(f"`engine` is {', '.join(ENGINES)}, not {said!r}{nearest(said, ENGINES)}", "engine", where)
        return said

    def stated(self, values: Table, where: str, kind: Callable[..., object], known: Sequence[str]) -> dict[str, Json]:
        """What a table says of settings or limits; `kind` says which values are none."""
        self.keys(values, known, where)
        found: dict[str, Json] = {}
        for key, value in values.items():
            if key not in known:
                continue
            try:
                kind(**{key: value})
            except TildeError as error:
                self.wrong(error.message, key, where)
            else:
                found[key] = value
        return found

    def compared(self, title: str, chosen: Json, names: set[str]) -> tuple[str, ...]:
        found = self.texts(chosen, title, "compare")
        for name in found:
            if name not in names:
                self.wrong(f"`{title}` compares `{name}`, which is no model{nearest(name, names)}", title, "compare")
        if len(found) < 2:
            self.wrong(f"`{title}` in `[compare]` needs two models or more", title, "compare")
        return found

    def keys(self, values: Table, known: Iterable[str], where: str) -> None:
        place = f"`[{where}]`" if where else "a formula file"
        for key in values:
            if key not in known:
                self.wrong(f"{place} has no `{key}`{nearest(key, known)}", key, where)

    def table(self, values: Table, key: str, where: str) -> Table:
        found = values.get(key, {})
        if isinstance(found, Mapping):
            return found
        self.wrong(f"`{key}` is a table, not {_spoken(found)}", key, where)
        return {}

    def text_of(self, values: Table, key: str, where: str) -> str | None:
        value = values.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if key in values:
            self.wrong(f"`{key}` in `[{where}]` is a text, not {_spoken(value)}", key, where)
        return None

    def texts(self, value: Json, key: str, where: str) -> tuple[str, ...]:
        values = [value] if isinstance(value, str) else value
        if isinstance(values, list) and all(isinstance(v, str) for v in values):
            return tuple(map(str, values))
        self.wrong(f"`{key}` in `[{where}]` is a list of texts, not {_spoken(value)}", key, where)
        return ()

    def wrong(self, message: str, key: str, where: str) -> None:
        told = len(self.errors) < _TOLD
        self.errors.append(FormulaFileError(message, _find(self.text, key, where) if told else None))


def _spoken(value: Json) -> str:
    if isinstance(value, Mapping):
        return "a table"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _find(text: str, key: str, where: str) -> Span | None:
    """Where a key stands: in the table of that name, else as the name of a table; None if it cannot be told."""
    header, start = "", 0
    for line in text[:_MANY].splitlines(keepends=True):
        table = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if table:
            header = table[1].replace('"', "").replace("'", "")
        parts = header.split(".")
        pattern = rf"\s*(?:\[+[^\]]*?)?[\"']?({re.escape(key)})[\"']?\s*[=.\]]"
        found = re.match(pattern, line)
        inside = header == where or (table is not None and key in parts)
        if found and inside:
            return Span(text, start + found.start(1), start + found.end(1))
        start += len(line)
    return None
