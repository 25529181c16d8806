"""The text of R code in pieces: what stands in brackets, the arguments of a call, names with others in their places."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tildemc.syntax.rcall.lines import TOKEN

__all__ = ["CONTROL", "arguments_of", "block_of", "is_control", "substituted"]

CONTROL = re.compile(r"(for|while|if)\s*\(|repeat\b")
_NAMED = re.compile(r"""\s*(?:([\w.]+)|"([^"]*)"|'([^']*)'|`([^`]*)`)\s*=(?!=)\s*""")


def block_of(text: str, opening: int) -> int:
    """Where the bracket that opens at `opening` closes; the text's end if it does not."""
    depth = 0
    for found in TOKEN.finditer(text, opening):
        depth += (found.lastgroup == "open") - (found.lastgroup == "close")
        if depth == 0:
            return found.start()
    return len(text)


def arguments_of(text: str, opening: int) -> list[tuple[str, str]]:
    """The arguments between the parentheses that open at `opening`: each one's name, empty if it has none, and text."""
    close, depth, start = block_of(text, opening), 0, opening + 1
    found: list[tuple[str, str]] = []
    ends = []
    for token in TOKEN.finditer(text, opening, close):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if token.group() == "," and depth == 1:
            ends.append(token.start())
    for end in (*ends, close):
        part = text[start:end].strip()
        start = end + 1
        named = _NAMED.match(part)
        name = next(filter(None, named.groups()), "") if named else ""
        if part:
            found.append((name, part[named.end() :] if named else part))
    return found


def substituted(text: str, values: Mapping[str, str]) -> str:
    """The text with some names replaced by texts: not behind `$` or `@`, and not where they name an argument.

    In a formula names are columns: numbers alone stand for them there.
    """
    tokens = [token for token in TOKEN.finditer(text) if token.lastgroup != "skipped"]
    inside = _in_formulas(tokens)
    pieces: list[str] = []
    end = depth = 0
    for k, token in enumerate(tokens):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        name = token.group()
        if token.lastgroup == "quoted":
            new = _filled(name, values)
        elif name in values and token.lastgroup == "word" and not _is_label(tokens, k, depth):
            new = name if inside[k] and values[name].startswith(('"', "'")) else values[name]
        else:
            continue
        pieces += [text[end : token.start()], new]
        end = token.end()
    return "".join([*pieces, text[end:]])


def _is_label(tokens: list[re.Match[str]], place: int, depth: int) -> bool:
    """Whether a name stands behind `$`, or names an argument."""
    taken = place > 0 and tokens[place - 1].group() in ("$", "@")
    return taken or (depth > 0 and place + 1 < len(tokens) and tokens[place + 1].lastgroup == "equal")


def _filled(quoted: str, values: Mapping[str, str]) -> str:
    """Glue's `"y ~ {v}"`."""
    for name, value in values.items():
        quoted = quoted.replace(f"{{{name}}}", value.strip("\"'"))
    return quoted


def _in_formulas(tokens: list[re.Match[str]]) -> list[bool]:
    """For each piece of code, whether it is within a formula."""
    around: list[int] = []
    segments: list[tuple[int, ...]] = []
    formulas: set[int] = set()
    latest = 0
    around.append(latest)
    for token in tokens:
        if token.lastgroup == "close" and len(around) > 1:
            around.pop()
        segments.append(tuple(around))
        if token.group() == "~":
            formulas.add(around[-1])
        if token.lastgroup == "open" or token.group() in (",", ";", "\n") or token.lastgroup in ("left", "equal"):
            latest += 1
            if token.lastgroup == "open":
                around.append(latest)
            else:
                around[-1] = latest
    return [any(segment in formulas for segment in own) for own in segments]


def is_control(text: str) -> bool:
    """Whether a statement is a loop or a branch."""
    return CONTROL.match(text) is not None
