"""A command that does something to the data in, its parts out: what it is about, `if`, `in` and options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tildemc.syntax.stata.traced import Traced

__all__ = ["Clauses", "clauses", "words_of"]

_TOKEN = re.compile(r'"[^"]*"|[()\[\]{}]|,|(?<![\w.])(?:if|in)(?![\w.(])|(?<![\w.])if(?=\()')
_OPTION = re.compile(r"(\w+)\s*(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\))?")


@dataclass(frozen=True, slots=True)
class Clauses:
    """What a command is about, where it holds, and its options: of each what stands in its parentheses.

    Attributes
    ----------
    line : Traced
        All of it.
    """

    line: Traced
    main: Traced
    condition: Traced | None = None
    rows: Traced | None = None
    options: Mapping[str, Traced] = field(default_factory=dict)

    def option(self, name: str, shortest: str) -> Traced | None:
        """What an option is given, by any abbreviation of its name."""
        for written, given in self.options.items():
            if name.startswith(written) and written.startswith(shortest):
                return given
        return None


def clauses(line: Traced, start: int) -> Clauses:
    """The parts of a command whose name ends at `start`."""
    depth, marks = 0, [("main", start, start)]
    for found in _TOKEN.finditer(line.text, start):
        token = found.group()
        depth += (token in "([{") - (token in ")]}")
        if depth == 0 and token in ("if", "in", ","):
            marks.append((token, found.start(), found.end()))
            if token == ",":
                break
    ends = [mark[1] for mark in marks[1:]] + [len(line.text)]
    parts = {name: line.part(after, end).stripped() for (name, _, after), end in zip(marks, ends, strict=True)}
    return Clauses(line, parts["main"], parts.get("if"), parts.get("in"), _options(parts.get(",")))


def _options(part: Traced | None) -> dict[str, Traced]:
    if part is None:
        return {}
    found = ((match, 2 if match[2] is not None else 1) for match in _OPTION.finditer(part.text))
    return {match[1]: part.part(*match.span(group)).stripped() for match, group in found}


def words_of(part: Traced) -> list[Traced]:
    """The words of a list."""
    return [part.part(*found.span()) for found in re.finditer(r"\S+", part.text)]
