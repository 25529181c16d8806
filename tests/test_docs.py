"""The commands and the Python that the pages in docs/ show print what the pages say."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import runpy
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tildemc.cli import app
from tildemc.results.plots import PICTURES
from tildemc.spec.densities import DISTRIBUTIONS, SPELLINGS, Distribution
from tildemc.spec.families import FAMILIES

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [*sorted(DOCS.glob("from-*.md")), DOCS / "priors.md"]
BLOCK = re.compile(r"```console\n\$ tildemc (?P<command>[^\n]*)\n(?P<output>.*?)```", re.DOTALL)
SESSION = re.compile(r"```python\n(?P<session>>>> .*?)```", re.DOTALL)
SESSIONS = [page for page in [*PAGES, DOCS / "prediction.md"] if SESSION.search(page.read_text(encoding="utf-8"))]


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


@pytest.mark.parametrize("page", SESSIONS, ids=str)
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


TABLE = re.compile(r"(?<=\| density \| PyMC \|\n\|---\|---\|\n)(?:\|.*\n)*")


def _density_row(record: Distribution) -> str:
    """What the page says of a density: every name that it goes by."""
    spellings = {name: known for name, known in SPELLINGS.items() if known.distribution == record.name}

    def signature(name: str, arguments: tuple[str, ...]) -> str:
        return f"`{name}({', '.join(arguments)})`"

    ours = ", ".join(signature(name, record.arguments) for name in (record.name, *record.aliases))
    ours += ", of correlations" if record.support.matrix else ""
    theirs = [signature(name, known.arguments) for name, known in spellings.items() if name not in record.aliases]
    return f"| {ours} | {', '.join(theirs)} |\n"


def test_the_table_of_densities_is_that_of_their_records(accept: bool) -> None:
    page = DOCS / "priors.md"
    text = page.read_text(encoding="utf-8")
    renewed = TABLE.sub(lambda _: "".join(map(_density_row, DISTRIBUTIONS.values())), text, count=1)
    if accept:
        page.write_text(renewed, encoding="utf-8")
    else:
        assert renewed == text


def test_the_gallery_shows_every_kind_of_picture() -> None:
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\w+)", page, re.MULTILINE) == [*PICTURES]
    for name in re.findall(r"\((gallery/[^)]+)\)", page):
        assert (DOCS / name).stat().st_size < 100_000, name


def test_the_page_of_families_is_that_of_their_records() -> None:
    """`python docs/families.py` writes it."""
    written = runpy.run_path(str(DOCS / "families.py"))["page"]()
    assert (DOCS / "families.md").read_text(encoding="utf-8") == written
    assert all(family.use for family in FAMILIES.values())
