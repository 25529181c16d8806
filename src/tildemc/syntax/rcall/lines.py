"""An R script in, the places of its statements out: newlines end them where nothing is open, and semicolons do.

What a console prints before a line, `> ` and `+ `, is no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tildemc.span import Span

__all__ = ["TOKEN", "Line", "statements", "statements_of", "typed"]

TOKEN = re.compile(
    r"""(?P<skipped>[^\S\n]+|\#[^\n]*)
    |(?P<quoted>"[^"\\]*(?:\\[\s\S][^"\\]*)*"|'[^'\\]*(?:\\[\s\S][^'\\]*)*'|`[^`]*`)
    |(?P<newline>\n)
    |(?P<end>;)
    |(?P<open>[(\[{])|(?P<close>[)\]}])
    |(?P<left><<?-)|(?P<right>->>?)
    |(?P<operator>%[^%\s]*%|\|>|[-+*/^~,|&!:?]|[<>=!]=|<|>|\$|@)
    |(?P<equal>=)
    |(?P<word>[\w.]+|.)""",
    re.VERBOSE,
)
"""The pieces of R code, by what they do to statements."""
Arrow = tuple[str, int, int]
"""Which way it points, and where it begins and ends."""

_PRINTED = re.compile(r"\(\s*[\w.]+\s*<-")
"""`(m <- …)`, which assigns and prints."""
_PROMPT = re.compile(r"^[>+] ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Line:
    """One statement: where it stands, where its value does, and what the value is given to, if it is given."""

    whole: Span
    value: Span
    target: Span | None


def statements(text: str) -> Iterator[Line]:
    """The statements of a script in order.

    Parameters
    ----------
    text : str
        With `>` and `+` before its lines or without.
    """
    yield from _within(text, typed(text), 0, len(text))


def statements_of(span: Span) -> Iterator[Line]:
    """The statements that stand between two braces."""
    yield from _within(span.text, span.text, span.start, span.end)


def typed(text: str) -> str:
    """The text with blanks for what a console prints; a line of a formula may begin with `+` where none is pasted."""
    return _PROMPT.sub("  ", text) if text.lstrip().startswith("> ") else text


def _within(text: str, shown: str, start: int, stop: int) -> Iterator[Line]:
    depth, goes_on = 0, False
    arrows: list[Arrow] = []
    for found in TOKEN.finditer(shown, start, stop):
        kind = found.lastgroup or ""
        depth += (kind == "open") - (kind == "close")
        if kind in ("left", "right", "equal") and depth == 0:
            arrows.append((kind, found.start(), found.end()))
        if depth <= 0 and (kind == "end" or (kind == "newline" and not goes_on)):
            yield from _line(text, shown, (start, found.start()), arrows)
            start, depth, arrows = found.end(), 0, []
        if kind not in ("skipped", "newline"):
            goes_on = kind in ("operator", "left", "equal", "open")
    yield from _line(text, shown, (start, stop), arrows)


def _line(text: str, shown: str, place: tuple[int, int], arrows: list[Arrow]) -> Iterator[Line]:
    start, stop = place
    whole = _trimmed(text, start, stop)
    if whole is None:
        return
    if _PRINTED.match(text, whole.start) and text[whole.end - 1] == ")":
        yield from (replace(line, whole=whole) for line in _within(text, shown, whole.start + 1, whole.end - 1))
        return
    lefts = [arrow for arrow in arrows if arrow[0] != "right"]
    target: Span | None = None
    value: Span | None = whole
    if lefts:
        _, before, after = lefts[0]
        target, value = _trimmed(text, start, before), _trimmed(text, after, stop)
    elif arrows:
        _, before, after = arrows[-1]
        target, value = _trimmed(text, after, stop), _trimmed(text, start, before)
    if value is not None:
        yield Line(whole, value, target)


def _trimmed(text: str, start: int, stop: int) -> Span | None:
    """The part of the text without the blanks, comments and prompts around it."""
    lead = re.compile(r"(?:\s+|#[^\n]*|^[>+] )*", re.MULTILINE).match(text, start, stop)
    start = lead.end() if lead else start
    while start < stop and text[stop - 1].isspace():
        stop -= 1
    return Span(text, start, stop) if start < stop else None
