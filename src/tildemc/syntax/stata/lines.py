"""A do-file or a log in, its commands out: without comments, prompts and output, each line in one piece.

Loops and programs are blocks: what stands before their brace, and the commands inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.stata.traced import Traced

__all__ = ["Block", "Item", "commands", "first_word", "is_log"]

_COMMENT = re.compile(
    r"""("[^"\n]*")"""
    r"|///[^\n]*(?:\n|\Z)"
    r"|(?<![^\s])//[^\n]*"
    r"|/\*[\s\S]*?(?:\*/|\Z)"
    r"|(?:(?<=\n)|\A)[^\S\n]*\*[^\n]*"
)
_LOGGED = re.compile(r"^[ \t]*\. +(?=[*a-zA-Z#])", re.MULTILINE)
_PROMPT = re.compile(r"[ \t]*(?:\.|\d+\.)(?: |$)")
_CONTINUED = re.compile(r"> ?")
_WRAPPED_AT = 78
"""Stata breaks lines of a log at 80 characters, or a little before, and within words."""
_FIRST = re.compile(
    r"\s*(?:(?:(?:eststo(?:\s+[^\s:]+)?|collect|version\s+[\d.]+|xi)(?=\s*:)|(?:qui|noi|cap)\w*)\s*:?\s*)*([^\W\d]\w*)?"
)
_DELIMIT = re.compile(r"\s*#d\w*\s+(;|cr)")


@dataclass(frozen=True, slots=True)
class Block:
    """`foreach v in a b { … }`: what stands before the brace, and the commands inside."""

    head: Traced
    body: tuple[Item, ...]


Item = Traced | Block


def is_log(text: str) -> bool:
    """Whether the commands of a text stand behind Stata's prompt."""
    return bool(_LOGGED.search(text))


def commands(text: str) -> tuple[Item, ...]:
    """The commands of a text in order.

    Raises
    ------
    FormulaSyntaxError
        If a brace is never closed.
    """
    whole = Traced.of(text)
    if is_log(text):
        whole = _typed(whole)
    plain = _COMMENT.sub(lambda found: found.group() if found.group(1) else _blank(found.group()), whole.text)
    items, _ = _nested([*_ended(whole.reading(plain))], 0, None)
    return tuple(items)


def first_word(text: str) -> tuple[str, str]:
    """The name of the first command, empty if there is none, and the text from there on.

    Comments and what may stand before a command are passed over.
    """
    whole = _typed(Traced.of(text)) if is_log(text) else Traced.of(text)
    plain = _COMMENT.sub(lambda found: _blank(found.group()), whole.text)
    start = _DELIMIT.match(plain)
    found = _FIRST.match(plain, start.end() if start else 0)
    return (found[1], plain[found.start(1) :]) if found and found[1] else ("", "")


def _blank(comment: str) -> str:
    return " " * len(comment)


def _typed(whole: Traced) -> Traced:
    """What was typed of a log, without what was printed."""
    found = whole.part(0, 0)
    start, typing, length = 0, False, 0
    for line in whole.text.splitlines(keepends=True):
        end, prompt = start + len(line), _PROMPT.match(line)
        goes_on = _CONTINUED.match(line) if typing else None
        if goes_on:
            # A break within a word leaves no blank there.
            stop = len(found.text.rstrip("\n")) if found.text.endswith("\n") else len(found.text)
            if not found.text[:stop].rstrip().endswith("///"):
                broken = length >= _WRAPPED_AT
                found = found.part(0, stop) if broken else found.part(0, stop).then(_space(whole, start))
            found = found.then(whole.part(start + goes_on.end(), end))
        elif prompt and (typing or line.lstrip().startswith(".")):
            found = found.then(whole.part(start + prompt.end(), end))
        typing, length, start = bool(goes_on or prompt), len(line.rstrip("\n")), end
    return found


def _space(whole: Traced, at: int) -> Traced:
    return Traced(" ", whole.source, whole.places[at : at + 1])


def _ended(plain: Traced) -> Iterator[Traced]:
    """The commands one by one: newlines end them, or semicolons where `#delimit ;` says so."""
    held: Traced | None = None
    semicolons = False
    start = 0
    while start < len(plain.text):
        delimit = _DELIMIT.match(plain.text, start)
        if delimit and (semicolons or "\n" not in delimit.group().lstrip()):
            semicolons = delimit[1] == ";"
            start = delimit.end()
            continue
        stop = plain.text.find(";" if semicolons else "\n", start)
        stop = len(plain.text) if stop < 0 else stop
        line = plain.part(start, stop)
        line = line.reading(re.sub(r"\s", " ", line.text)).stripped()
        start = stop + 1
        if not line.text or (semicolons and line.text.startswith("*")):
            continue
        if held is not None and re.match(r"\|\||,", line.text):
            # A level on a line of its own goes on with the command before it.
            held = held.then(_space(line, 0)).then(line)
            continue
        if held is not None:
            yield from _braced(held)
        held = line
    if held is not None:
        yield from _braced(held)


def _braced(line: Traced) -> Iterator[Traced]:
    """`} else {` and `};`: a brace that closes a block is a line of its own."""
    while line.text.startswith("}"):
        yield line.part(0, 1)
        line = line.part(1, len(line.text)).stripped()
    opened = re.match(r"(?:foreach|forv\w*|while|if|else)\b[^{]*(?<!\$)\{(?=\s*\S)", line.text)
    if opened and opened.end() < len(line.text):
        yield line.part(0, opened.end())
        line = line.part(opened.end(), len(line.text)).stripped()
    if line.text:
        yield line


def _nested(lines: list[Traced], at: int, opened: Traced | None) -> tuple[list[Item], int]:
    """The items from a line on as far as the brace that closes them."""
    items: list[Item] = []
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.text == "}":
            if opened is None:
                raise FormulaSyntaxError("this closing brace was never opened", line.span())
            return items, at
        if line.text.endswith("{"):
            body, at = _nested(lines, at, line)
            items.append(Block(line.part(0, len(line.text) - 1).stripped(), tuple(body)))
        elif re.match(r"program\s+(?!dir|drop|list|l\b)\w|mata\s*:?\s*$|python\s*:?\s*$", line.text):
            first = at
            while at < len(lines) and lines[at].text != "end":
                at += 1
            items.append(Block(line, tuple(lines[first:at])))
            at += 1
        else:
            items.append(line)
    if opened is not None:
        raise FormulaSyntaxError("this brace is never closed", opened.span(len(opened.text) - 1))
    return items, at
