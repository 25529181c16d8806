"""The commands and the Python that the pages in docs/ show print what the pages say."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tildemc.cli import app

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [*sorted(DOCS.glob("from-*.md")), DOCS / "priors.md"]
BLOCK = re.compile(r"```console\n\$ tildemc (?P<command>[^\n]*)\n(?P<output>.*?)```", re.DOTALL)
SESSION = re.compile(r"```python\n(?P<session>>>> .*?)```", re.DOTALL)


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


@pytest.mark.parametrize("page", [page for page in PAGES if SESSION.search(page.read_text(encoding="utf-8"))], ids=str)
def test_a_page_shows_what_its_python_prints(page: Path, monkeypatch: pytest.MonkeyPatch, accept: bool) -> None:
    monkeypatch.chdir(DOCS.parent)

    def run(block: re.Match[str]) -> str:
        printed: list[str] = []
        names: dict[str, object] = {}
        for example in doctest.DocTestParser().get_examples(block["session"]):
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile(example.source, page.name, "single"), names)
            lines = example.source.rstrip().splitlines()
            printed += [f"{'>>>' if k == 0 else '...'} {line}" for k, line in enumerate(lines)]
            printed += [line.rstrip() for line in output.getvalue().splitlines()]
        return "```python\n" + "".join(f"{line}\n" for line in printed) + "```"

    text = page.read_text(encoding="utf-8")
    renewed = SESSION.sub(run, text)
    if accept:
        page.write_text(renewed, encoding="utf-8")
    else:
        assert renewed == text
