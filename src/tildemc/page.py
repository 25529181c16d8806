"""Page: what is shown of a result, section by section; as text for a screen, or as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tildemc.screen import Row, folded, heading, tables
from tildemc.visible import visible

__all__ = ["Page", "Section"]

MOST_ROWS = 100
"""Of one section."""


@dataclass(frozen=True, slots=True)
class Section:
    """A table: its title, what stands above the columns, and a label and cells, numbers or `words`, in each row.

    There is room for `most` rows, and all are `elsewhere`.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Row]
    words: bool = False
    most: int = MOST_ROWS
    elsewhere: str = "summary() has them all"

    @property
    def shown(self) -> Sequence[Row]:
        """The rows that there is room for."""
        return self.rows[: self.most]

    @property
    def rest(self) -> str:
        """What is said of the others; empty if there are none."""
        more = len(self.rows) - self.most
        return f"… and {more:,} more: {self.elsewhere}" if more > 0 else ""


@dataclass(frozen=True)
class Page:
    """What is shown.

    Attributes
    ----------
    formula : str
        As it was written.
    told : sequence of str
        What was done with it, a line each.
    sections : sequence of Section
    warnings : sequence of str
    """

    formula: str
    told: Sequence[str]
    sections: Sequence[Section]
    warnings: Sequence[str] = field(default=())

    def text(self) -> str:
        """For a terminal: no line is wider than the screen."""
        lines = heading(self.formula, self.told)
        for section, table in zip(self.sections, self._tables(), strict=True):
            lines += ["", *folded(section.title, rest="    "), *table]
            lines += [f"  {section.rest}"] if section.rest else []
        for warning in self.warnings:
            lines += ["", *folded(warning, "! ", "  ")]
        return visible("\n".join(lines))

    def _tables(self) -> Iterator[list[str]]:
        """The sections' lines; columns of neighbours with the same headings stand below one another."""
        start = 0
        for end in range(1, len(self.sections) + 1):
            above = self.sections[start].headings
            if end == len(self.sections) or self.sections[end].headings != above:
                yield from tables([section.shown for section in self.sections[start:end]], above)
                start = end

    def html(self) -> str:
        """For a notebook: everything is escaped."""
        from tildemc.markup import render

        return render("page.html", page=self)
