"""Origin -> the lines of a program that read the same data in the same way."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, assert_never

from tildemc.spec.origin import DataFile, Files, Options, Origin, Query, Repair
from tildemc.targets.pymc.layout import Bracket, Code, flat, quoted
from tildemc.targets.pymc.literals import literal
from tildemc.targets.pymc.program import Line

__all__ = ["opening"]

_TOLD_OF_TYPES = ("dtype_backend",)
"""What readers of files with types of their own are told too."""


def opening(origin: Origin, columns: Collection[str], told: Options = ()) -> Iterator[Line]:
    """`data = pd.read_csv(…)`, and what is done to its columns then.

    Parameters
    ----------
    origin : Origin
    columns : collection of str
        Those in use: others are left as they are.
    told : tuple
        What the files' readers are told beside what the origin says.
    """
    repairs = [repair for repair in origin.repairs if repair.column in columns]
    if repairs and not origin.named and not next(origin.files()).format.typed:
        # A frame's types will be text in the file that it is kept in.
        told = (*told, ("na_values", tuple(dict.fromkeys(blank for repair in repairs for blank in repair.blanks))))
        repairs = []
    yield Line("data", _place(origin.place, told))
    for repair in repairs:
        yield Line(f"data[{quoted(repair.column)}]", _repaired(repair))
    for name, value in origin.rows:
        yield Line("data", f"data[data[{quoted(name)}] == {literal(value)}]")


def _place(place: DataFile | Files | Query, told: Options) -> Code:
    match place:
        case DataFile(path):
            return _call(place, quoted(path), told)
        case Files(pattern, (first, *others)) if all(file.options == first.options for file in others):
            each = flat(_call(first, "path", told))
            loop = f"[{each} for path in sorted(glob.glob({quoted(pattern)}, recursive=True))]"
            return Bracket("pd.concat(", (("", loop), ("ignore_index=", "True")), ")")
        case Files(_, files):
            calls = Bracket("[", tuple(("", _call(file, quoted(file.path), told)) for file in files), "]")
            return Bracket("pd.concat(", (("", calls), ("ignore_index=", "True")), ")")
        case Query(text, tables):
            registered = "".join(f".register({quoted(name)}, {flat(_place(table, ()))})" for name, table in tables)
            return Bracket(f"duckdb.connect(){registered}.sql(", (("", quoted(text)),), ")", ".df()")
        case never:
            assert_never(never)


def _call(file: DataFile, path: Code, told: Options) -> Code:
    options = dict((*file.format.options, *file.options))
    for name, value in told:
        if file.format.typed and name not in _TOLD_OF_TYPES:
            continue
        options[name] = _both(options[name], value) if name in options else value
    named = ((f"{name}=", _value(value)) for name, value in options.items())
    return Bracket(f"pd.{file.format.reader}(", (("", path), *named), ")")


def _both(one: Any, other: Any) -> Any:
    """What two parts of the program ask of one option."""
    return {**one, **other} if isinstance(one, dict) else (*one, *(value for value in other if value not in one))


def _value(value: object) -> Code:
    if isinstance(value, dict):
        return Bracket("{", tuple((f"{quoted(key)}: ", _value(inner)) for key, inner in value.items()), "}")
    if isinstance(value, tuple):
        return Bracket("[", tuple(("", _value(inner)) for inner in value), "]")
    return value.__name__ if isinstance(value, type) else literal(value)


def _repaired(repair: Repair) -> Code:
    column = f"data[{quoted(repair.column)}]"
    blanks = ", ".join(map(literal, repair.blanks))
    kept = f"{column}.mask({column}.isin([{blanks}]))"
    match repair.meant:
        case "number":
            return f"pd.to_numeric({kept})"
        case "truth":
            return f'{kept}.str.lower().map({{"true": True, "false": False}})'
        case None:
            return kept
        case never:
            assert_never(never)
