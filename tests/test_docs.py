"""The commands that the pages in docs/ show print what the pages say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tildemc.cli import app

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.glob("from-*.md"))
BLOCK = re.compile(r"```console\n\$ tildemc (?P<command>[^\n]*)\n(?P<output>.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_its_commands_print(page: Path, monkeypatch: pytest.MonkeyPatch, accept: bool) -> None:
    monkeypatch.chdir(DOCS.parent)

    def run(block: re.Match[str]) -> str:
        printed = CliRunner().invoke(app, shlex.split(block["command"])).output
        return f"```console\n$ tildemc {block['command']}\n{printed}```"

    text = page.read_text(encoding="utf-8")
    assert BLOCK.search(text)
    renewed = BLOCK.sub(run, text)
    if accept:
        page.write_text(renewed, encoding="utf-8")
    else:
        assert renewed == text
