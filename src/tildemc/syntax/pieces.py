"""A text cut where parentheses end and at commas outside of them, of languages that quote texts alike."""

from __future__ import annotations

import re

from tildemc.span import Span

__all__ = ["closed", "pieces"]

_MARKS = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|[()\[\],]")
_DEPTH = {"(": 1, "[": 1, ")": -1, "]": -1}


def closed(text: str, start: int) -> int:
    """After the parenthesis or bracket that ends what was opened before `start`; the text's end if none does."""
    depth = 1
    for found in _MARKS.finditer(text, start):
        depth += _DEPTH.get(found.group(), 0)
        if depth == 0:
            return found.end()
    return len(text)


def pieces(text: str, start: int, end: int) -> list[Span]:
    """What commas part between two places."""
    parts: list[Span] = []
    depth, begun = 0, start
    for found in _MARKS.finditer(text, start, end):
        depth += _DEPTH.get(found.group(), 0)
        if found.group() == "," and depth == 0:
            parts.append(Span(text, begun, found.start()))
            begun = found.end()
    return [*parts, Span(text, begun, end)]
