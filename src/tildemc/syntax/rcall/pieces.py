"""The text of R code in pieces: what stands in brackets, the arguments of a call, names with others in their places."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tildemc.syntax.rcall.lines import TOKEN

__all__ = ["arguments_of", "block_of", "substituted"]

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
    """The text with some names replaced by texts: not behind `$` or `@`, and not where they name an argument."""
    tokens = [*TOKEN.finditer(text)]
    pieces: list[str] = []
    end, depth = 0, 0
    for k, token in enumerate(tokens):
        depth += (token.lastgroup in ("open",)) - (token.lastgroup == "close")
        name = token.group()
        if token.lastgroup != "word" or name not in values:
            continue
        others = [other for other in tokens[k + 1 : k + 4] if other.lastgroup != "skipped"]
        names_one = bool(others) and others[0].lastgroup == "equal" and depth > 0
        taken = k > 0 and tokens[k - 1].group() in ("$", "@")
        if names_one or taken:
            continue
        pieces += [text[end : token.start()], values[name]]
        end = token.end()
    return "".join([*pieces, text[end:]])
