"""A topic in, its pages of documentation out, as sections for a terminal: what `tildemc help` shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tildemc.errors import TildeError, nearest
from tildemc.shipped import shipped
from tildemc.visible import listed

__all__ = ["Page", "found", "pages"]

OF_THE_SITE = frozenset({"index", "api", "architecture", "gallery"})
"""Pages that are pictures, or lists that the site is made of."""
_HEADING = re.compile(r"(#+) +(.+)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_EQUATIONS = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_FENCE = "```"


@dataclass(frozen=True)
class Section:
    """A heading with its depth, one for a page's title, and the lines to the next heading of whatever depth."""

    heading: str
    depth: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Markdown for a terminal: links are words, for they lead nowhere, equations are as typed."""
        text = _LINK.sub(r"\1", "\n".join((f"{'#' * self.depth} {self.heading}", *self.lines)))
        return _EQUATIONS.sub(lambda found: f"{_FENCE}latex\n{found[1].strip()}\n{_FENCE}", text)


@dataclass(frozen=True)
class Page:
    """A page of the documentation: the name of its file is its topic."""

    topic: str
    markdown: str

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """All of them, the page's title first."""
        return tuple(_sections(self.markdown))

    @property
    def contents(self) -> str:
        """Its title and what it has under headings."""
        title, *inside = self.sections
        headings = [section.heading for section in inside if section.depth == title.depth + 1]
        return f"{title.heading}: {listed(headings)}" if headings else title.heading

    @property
    def text(self) -> str:
        """The whole page."""
        return "\n".join(section.text for section in self.sections)

    def about(self, word: str) -> str:
        """The sections whose headings have this word, each with those below it; nothing if there are none."""
        if not word.strip():
            return ""
        said: list[str] = []
        above = 0
        for section in self.sections[1:]:
            inside = above and section.depth > above
            if not inside:
                above = section.depth if word.casefold() in section.heading.casefold() else 0
            if above:
                said.append(section.text)
        return "\n".join(said)

    def mentioned(self, word: str) -> Iterator[str]:
        """The headings below which a word stands."""
        sought = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
        return (section.heading for section in self.sections if sought.search(section.text))


def pages() -> dict[str, Page]:
    """The pages by their topics."""
    files = sorted(shipped("docs").iterdir(), key=lambda file: file.name)
    named = {file.name.removesuffix(".md"): file for file in files if file.name.endswith(".md")}
    return {topic: Page(topic, file.read_text("utf-8")) for topic, file in named.items() if topic not in OF_THE_SITE}


def found(topic: str, word: str | None = None) -> str:
    """What the documentation says of a topic, as Markdown.

    Parameters
    ----------
    topic : str
        A page, how one alone begins, or a word of any pages' headings; of a word that stands elsewhere, where it does.
    word : str, optional
        A word of headings of that page.

    Raises
    ------
    TildeError
        If there is no such page or heading; it lists the topics.
    """
    known = pages()
    begun = [page for name, page in known.items() if len(topic) > 2 and name.startswith(topic.casefold())]
    page = known.get(topic.casefold(), begun[0] if len(begun) == 1 else None)
    if page is None:
        said = "" if word is not None else _anywhere(topic, known)
        if not said:
            raise TildeError(f"there is no help on {topic!r}{nearest(topic, known)}: there is on {', '.join(known)}")
        return said
    if word is None:
        return page.text
    about = page.about(word)
    if not about:
        headings = ", ".join(section.heading for section in page.sections[1:])
        raise TildeError(f"nothing under {page.topic!r} is headed {word!r}: there is {headings}")
    return about


def _anywhere(word: str, known: Mapping[str, Page]) -> str:
    said = [about for page in known.values() if (about := page.about(word))]
    if said or not word.strip():
        return "\n".join(said)
    places = [
        f"- `tildemc help {page.topic}`: {listed([*page.mentioned(word)])}"
        for page in known.values()
        if any(page.mentioned(word))
    ]
    return "\n".join([f"No heading has `{word}`; it stands in", "", *places]) if places else ""


def _sections(markdown: str) -> Iterator[Section]:
    heading, depth, lines = "", 1, list[str]()
    fenced = False
    for line in markdown.splitlines():
        fenced ^= line.startswith(_FENCE)
        matched = None if fenced else _HEADING.fullmatch(line)
        if matched is None:
            lines.append(line)
            continue
        if heading:
            yield Section(heading, depth, tuple(lines))
        heading, depth, lines = matched[2], len(matched[1]), []
    yield Section(heading, depth, tuple(lines))
