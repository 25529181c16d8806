"""The documentation's site: its links are checked, and its page of Python has every public name."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

import tildemc
from tildemc.engines.settings import METHODS
from tildemc.targets.glmm.takes import LARGEST_REST as REST
from tildemc.targets.glmm.takes import MOST
from tildemc.targets.marginal.takes import LARGEST_REST as EXACT_REST

PAGE = '<h1 id="top">A</h1><a href="b/c.html#there">b</a><img src="d.png"><script src="e.js"></script>'

FAULTS = {
    "nothing": (PAGE, None),
    "a link elsewhere is followed by who wants to": ('<a href="//example.org/x">x</a>', None),
    "a place of the same page": ('<h1 id="a b">A</h1><a href="#a%20b">a</a>', None),
    "no such page": ('<a href="f.html">f</a>', "a.html: `f.html` leads to no file"),
    "no such place": ('<a href="b/c.html#here">b</a>', "a.html: `b/c.html#here` leads to no place of that page"),
    "no such place of the same page": ('<a href="#here">b</a>', "a.html: `#here` leads to no place of that page"),
    "a link from a server's root": ('<a href="/b/c.html">b</a>', "a.html: `/b/c.html` leads to no file"),
    "no such picture": ('<img src="f.png">', "a.html: `f.png` leads to no file"),
    "a script of elsewhere": (
        '<script src="//example.org/x.js"></script>',
        "a.html: `//example.org/x.js` is fetched from elsewhere",
    ),
    "a font of elsewhere": (
        '<link rel="stylesheet" href="//example.org/x.css">',
        "a.html: `//example.org/x.css` is fetched from elsewhere",
    ),
}


@pytest.fixture(scope="module")
def faults(project: Path) -> Callable[[Path], list[str]]:
    found: Callable[[Path], list[str]] = runpy.run_path(str(project / "docs/site/links.py"))["faults"]
    return lambda site: list(found(site))


@pytest.mark.parametrize("page, fault", FAULTS.values(), ids=FAULTS.keys())
def test_what_is_wrong_with_the_links_of_a_page_is_told(
    page: str, fault: str | None, tmp_path: Path, faults: Callable[[Path], list[str]]
) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.html").write_text('<h2 id="there">C</h2><a href="../a.html">a</a>')
    for name in ("d.png", "e.js"):
        (tmp_path / name).touch()
    (tmp_path / "a.html").write_text(page)
    assert faults(tmp_path) == ([] if fault is None else [fault])


def test_the_page_of_python_has_every_public_name(project: Path) -> None:
    shown = re.findall(r"^::: tildemc\.(\w+)$", (project / "docs/api.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(shown) == sorted(tildemc.__all__)


def test_the_readme_and_the_pages_link_to_what_is_there(project: Path) -> None:
    """As they lie in the checkout, where GitHub shows them."""
    for page in [*project.glob("*.md"), *project.glob("docs/*.md"), *project.glob("examples/*/README.md")]:
        for link in re.findall(r"\]\(([^)\s#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_page_of_engines_has_all_in_their_order(project: Path) -> None:
    page = (project / "docs/engines.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == METHODS["auto"]
    assert f"at most {MOST} parameters" in page
    assert f"{EXACT_REST:,} effects at most" in page
    assert f"engine has {REST:,}" in page
