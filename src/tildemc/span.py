"""A place in the reader's text: what every node remembers and every message points at."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Span"]


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
        """The line of the text that holds the span, with carets under the span."""
        line_start = self.text.rfind("\n", 0, self.start) + 1
        line_end = self.text.find("\n", self.start)
        line_end = len(self.text) if line_end < 0 else line_end
        line = self.text[line_start:line_end]
        width = max(1, min(self.end, line_end) - self.start)
        margin = "".join(c if c == "\t" else " " for c in self.text[line_start : self.start])
        return f"    {line}\n    {margin}{'^' * width}"

    def __str__(self) -> str:
        return self.text[self.start : self.end]
