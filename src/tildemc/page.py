"""Page: what is shown of a result, section by section; as text for a screen, or as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from tildemc.screen import Row, folded, heading, tables
from tildemc.visible import visible

__all__ = ["Page", "Section"]

MOST_ROWS = 100
"""Of one section."""

_STYLE = (
    "<style>.tildemc pre{margin:0 0 .3em;white-space:pre-wrap}.tildemc p{margin:.2em 0}"
    ".tildemc p.title{font-weight:bold;margin-top:.7em}.tildemc div{overflow-x:auto}"
    ".tildemc table{margin:.1em 0 .8em;border-collapse:collapse}"
    ".tildemc th,.tildemc td{padding:.1em .5em;text-align:right;white-space:nowrap}"
    ".tildemc tbody th{text-align:left;font-weight:normal}"
    ".tildemc .words th,.tildemc .words td{text-align:left;white-space:normal}</style>"
)


@dataclass(frozen=True, slots=True)
class Section:
    """A table: its title, what stands above the columns, and a label and cells, numbers or `words`, in each row."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Row]
    words: bool = False

    @property
    def shown(self) -> Sequence[Row]:
        """The rows that there is room for."""
        return self.rows[:MOST_ROWS]

    @property
    def rest(self) -> str:
        """What is said of the others; empty if there are none."""
        more = len(self.rows) - MOST_ROWS
        return f"… and {more:,} more: summary() has them all" if more > 0 else ""


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
        told = "".join(f"<p>{_safe(line)}</p>" for line in self.told)
        warned = "".join(f"<p>⚠ {_safe(warning)}</p>" for warning in self.warnings)
        parts = "".join(map(_table, self.sections))
        return f'<div class="tildemc">{_STYLE}<pre>{_safe(self.formula.strip())}</pre>{told}{parts}{warned}</div>'


def _table(section: Section) -> str:
    above = "".join(f"<th>{_safe(name)}</th>" for name in section.headings)
    top = f"<thead><tr><th></th>{above}</tr></thead>" if any(section.headings) else ""
    rows = "".join(
        f"<tr><th>{_safe(label)}</th>{''.join(f'<td>{_safe(cell)}</td>' for cell in cells)}</tr>"
        for label, cells in section.shown
    )
    rest = f"<p>{_safe(section.rest)}</p>" if section.rest else ""
    words = ' class="words"' if section.words else ""
    title = f'<p class="title">{_safe(section.title)}</p>'
    return f"{title}<div><table{words}>{top}<tbody>{rows}</tbody></table></div>{rest}"


def _safe(text: str) -> str:
    return escape(visible(text))
