"""Text that people wrote, safe and short enough to be shown: no control characters, no endless names."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["cut", "listed", "shortened", "shown", "visible"]

LONGEST_WORD, LONGEST = 200, 10_000
"""Of a name in a message, and of a message, in characters."""

_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb]")
_LONG = re.compile(rf"`[^`]{{{LONGEST_WORD},}}`|[^\s`]{{{LONGEST_WORD},}}")


def visible(text: str) -> str:
    r"""`text` with `\u001b` for the character of that number, where it would steer a terminal and not be seen.

    These are the control characters but for the end of a line and the tab, and those that turn the direction of
    writing. JSON remains the same JSON.
    """
    return _HIDDEN.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def shortened(text: str) -> str:
    """A message with what is quoted in it, and itself, no longer than people read."""
    return cut(_LONG.sub(lambda found: cut(found.group(), LONGEST_WORD), text), LONGEST)


def cut(text: str, most: int) -> str:
    """`text` without its middle, where it has more characters than `most`."""
    if len(text) <= most:
        return text
    end = most // 4
    return f"{text[: most - end - 1]}…{text[len(text) - end :]}"


def listed(words: Sequence[str], most: int = 8) -> str:
    """The first of some words, and whether there are more."""
    return ", ".join(words[:most]) + (" …" if len(words) > most else "")


def shown(value: object) -> str:
    """A value as Python writes it, if it can, no longer than people read."""
    try:
        return cut(repr(value), LONGEST_WORD)
    except Exception:  # anyone's `__repr__`; Python's own refuses whole numbers of more than 4,300 digits
        return f"a value of type {type(value).__name__}"
