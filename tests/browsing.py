"""Pages as a browser has them: their elements, and what Chromium makes of them, where there is one."""

from __future__ import annotations

import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest


class Reader(HTMLParser):
    """The elements of a page, each with its attributes; fails where they are not nested."""

    VOID = ("meta", "input", "img")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert not self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag


def dom(address: str) -> str:
    """The page after its scripts have run."""
    return _run("--dump-dom", address)


def printed(page: Path, target: Path) -> bytes:
    """The page as PDF."""
    _run(f"--print-to-pdf={target}", page.as_uri())
    return target.read_bytes()


def _run(*options: str) -> str:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome", "headless_shell")
    found = next(filter(shutil.which, names), None)
    if found is None:
        pytest.skip("there is no Chromium here")
    command = [found, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
