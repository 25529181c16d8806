"""What is wrong with the links of a built site; as a hook of MkDocs, a warning each, which a strict build ends with."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["faults", "on_post_build"]

FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
"""What a browser fetches by itself, and by which attribute."""


class Links(HTMLParser):
    """The links of a page, with whether a browser follows them unasked, and the places that links may lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, bool]] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the tag's links and its place."""
        found = dict(attrs)
        self.places |= {place for name in ("id", "name") if (place := found.get(name))}
        fetched = FETCHED.get(tag)
        link = found.get(fetched or "href")
        if link is not None:
            self.links.append((link, fetched is not None and found.get("rel") != "canonical"))


def faults(site: Path) -> Iterator[str]:
    """Links of the site's pages that lead nowhere, and what would be fetched from elsewhere, a line each."""
    pages = {path: Links(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        for link, fetched in page.links:
            if fault := _fault(link, fetched, path, pages):
                yield f"{path.relative_to(site).as_posix()}: `{link}` {fault}"


def _fault(link: str, fetched: bool, path: Path, pages: Mapping[Path, Links]) -> str | None:
    parts = urlsplit(link)
    if parts.scheme == "data":
        return None
    if parts.scheme or parts.netloc:
        return "is fetched from elsewhere" if fetched else None
    to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not to.is_file():
        return "leads to no file"
    place = unquote(parts.fragment)
    if to in pages and place not in {"", *pages[to].places}:
        return "leads to no place of that page"
    return None


def on_post_build(config: Mapping[str, str]) -> None:
    """Warn of each fault."""
    log = logging.getLogger("mkdocs.hooks.links")
    for fault in faults(Path(config["site_dir"]).resolve()):
        log.warning(fault)
