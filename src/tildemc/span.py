"""A place in the reader's text: what every node remembers and every message points at."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field

from tildemc.visible import visible

__all__ = ["Span", "span_field"]

_INDENT, _NARROWEST, _NO_SCREEN = 4, 40, (120, 24)


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of `text`."""

    text: str
    start: int
    end: int

    def join(self, other: Span | None) -> Span:
        """The smallest span of the same text that holds both."""
        if other is None or other.text != self.text:
            return self
        return Span(self.text, min(self.start, other.start), max(self.end, other.end))

    def caret(self) -> str:
        """The line of the text that holds the span, with carets under the span; as much as the screen holds."""
        line_start = self.text.rfind("\n", 0, self.start) + 1
        line_end = self.text.find("\n", self.start)
        line_end = len(self.text) if line_end < 0 else line_end
        room = max(_NARROWEST, shutil.get_terminal_size(_NO_SCREEN).columns - _INDENT)
        left, right = line_start, line_end
        if line_end - line_start > room:
            room -= 2  # for the dots at either end
            left = max(line_start, min(self.start - room * 3 // 8, line_end - room))
            right = min(line_end, left + room)
        before, after = "…" * (left > line_start), "…" * (right < line_end)
        margin = "".join(c if c == "\t" else " " * len(visible(c)) for c in self.text[left : self.start])
        marked = visible(self.text[self.start : min(self.end, right)])
        line = visible(self.text[left:right])
        indent = " " * _INDENT
        return f"{indent}{before}{line}{after}\n{indent}{' ' * len(before)}{margin}{'^' * max(1, len(marked))}"

    def __str__(self) -> str:
        return self.text[self.start : self.end]


def span_field() -> Span | None:
    """The field of a record that says where it stands: two records are equal wherever they were written."""
    return field(default=None, compare=False, repr=False)
