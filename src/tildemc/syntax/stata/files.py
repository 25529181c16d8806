"""`use f if x > 1, clear` in, the file that the data are read from out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tildemc.syntax.stata.clauses import clauses
from tildemc.syntax.stata.datalines import changed
from tildemc.syntax.stata.macros import Macros
from tildemc.syntax.stata.scene import Scene
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.word import full_name
from tildemc.syntax.steps import Step

__all__ = ["Opened", "Taken", "opened"]

_SHIPPED = ("sysuse", "webuse")
_OPENS = {"use": "u", "import": "import", "insheet": "insheet", **{name: name for name in _SHIPPED}}
_ENDINGS = {"use": ".dta", "delimited": ".csv", "excel": ".xlsx", "insheet": ".csv", "spss": ".sav", "sas": ".sas7bdat"}


@dataclass(frozen=True, slots=True)
class Opened:
    """Data that a script takes: what it calls them, and the file that they are in, if it is one of a person's."""

    name: str
    file: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """The data, and the rows that are taken of them."""

    opened: Opened
    steps: tuple[Step, ...]


def opened(line: Traced, macros: Macros) -> Taken | None:
    """The data that a command takes; None for any other command.

    Raises
    ------
    TildeError
        If the rows that it takes are asked for in a way that is not read.
    """
    word = re.match(r"\w+", line.text)
    kind = full_name(word.group(), _OPENS) if word else None
    if word is None or kind is None:
        return None
    line = macros.expanded(line)
    written = clauses(line, word.end())
    named = re.findall(r'"([^"]*)"|(\S+)', written.main.text)
    words = [quoted or plain for quoted, plain in named]
    if kind == "import" and words:
        kind = words.pop(0)
    if not words:
        return None
    using = [place for place, text in enumerate(words) if text == "using"]
    name = words[using[0] + 1] if using and using[0] + 1 < len(words) else words[-1 if kind == "import" else 0]
    rows = changed("keep", written, Scene()) if kind == "use" and (written.condition or written.rows) else ()
    if kind in _SHIPPED:
        return Taken(Opened(name, None), ())
    path = name.replace("\\", "/")
    ending = "" if re.search(r"\.\w{1,8}$", path) else _ENDINGS.get(kind, "")
    return Taken(Opened(path + ending, path + ending), rows)
