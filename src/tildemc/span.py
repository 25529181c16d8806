"""A place in the reader's text: what every node remembers and every message points at."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.visible import visible

__all__ = ["Span"]

_WIDEST, _BEFORE = 400, 150
"""Of a longer line so much is shown, so much of it before the span."""


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
        """The line of the text that holds the span, with carets under the span; of a long line what is around it."""
        line_start = self.text.rfind("\n", 0, self.start) + 1
        line_end = self.text.find("\n", self.start)
        line_end = len(self.text) if line_end < 0 else line_end
        left = line_start if line_end - line_start <= _WIDEST else max(line_start, self.start - _BEFORE)
        right = min(line_end, left + _WIDEST)
        before, after = "…" * (left > line_start), "…" * (right < line_end)
        margin = "".join(c if c == "\t" else " " * len(visible(c)) for c in self.text[left : self.start])
        marked = visible(self.text[self.start : min(self.end, right)])
        line = visible(self.text[left:right])
        return f"    {before}{line}{after}\n    {' ' * len(before)}{margin}{'^' * max(1, len(marked))}"

    def __str__(self) -> str:
        return self.text[self.start : self.end]
