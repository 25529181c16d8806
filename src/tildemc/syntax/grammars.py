"""The name of a grammar in, its parser out: grammars are text, shipped in the package as `tildemc/grammar`.

To make a parser's tables takes a fifth of a second, to read them a hundredth: they are kept in the user's cache folder.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import lark

from tildemc.shipped import shipped
from tildemc.storage import folder

__all__ = ["parser", "plain"]

_STARTS = {
    "formula": ["formula", "expression"],
    "stata": ["stata", "value"],
    "sas": ["sas", "computed"],
    "after": ["reckoned", "words"],
}
_IMPORT = re.compile(r"^%import \.(\w+)", re.MULTILINE)
"""How a grammar names another that it takes rules from."""


@cache
def parser(grammar: str) -> lark.Lark:
    """The parser of `grammar`, made once."""
    text = _read(f"{grammar}.lark")
    imported = (_read(f"{name}.lark") for name in _IMPORT.findall(text))
    key = "\0".join((text, *imported, repr(_STARTS), lark.__version__, *map(str, sys.version_info[:2])))
    path = folder() / "grammars" / f"{grammar}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    found = _kept(path)
    if found is None:
        found = _made(grammar, text)
        _keep(found, path)
    return found


def _made(grammar: str, text: str) -> lark.Lark:
    return lark.Lark(
        text,
        parser="lalr",
        lexer="contextual",
        start=_STARTS.get(grammar, [grammar]),
        maybe_placeholders=False,
        import_paths=[_imported],
    )


def _kept(path: Path) -> lark.Lark | None:
    """The parser in a file, if there is one as it was written."""
    # What unpickling may raise is anything, even of a whole file: another Lark may be behind the same version.
    with suppress(Exception):
        content = path.read_bytes()
        digest, tables = content[: _DIGEST().digest_size], content[_DIGEST().digest_size :]
        if _DIGEST(tables).digest() == digest:
            return lark.Lark.load(io.BytesIO(tables))
    return None


def _keep(made: lark.Lark, path: Path) -> None:
    """Write the file in one move, for processes that look for it meanwhile; no folder to write to costs time only."""
    tables = io.BytesIO()
    made.save(tables, exclude_options=["import_paths"])
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(_DIGEST(tables.getvalue()).digest() + tables.getvalue())
        os.replace(beside, path)


_DIGEST = hashlib.sha256


def plain(terminal: str) -> str:
    """The name of a terminal in the grammar that defines it: Lark puts the importing grammar's name for it in front."""
    return terminal.replace("expression__", "")


def _imported(_base: object, path: str) -> tuple[str, str]:
    return path, _read(path)


def _read(file: str) -> str:
    return (shipped("grammar") / file).read_text(encoding="utf-8")
