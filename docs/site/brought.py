"""Pages of the checkout that stand outside docs/, brought into the site; and links between pages as they lie there."""

from __future__ import annotations

import posixpath
import re
from html import unescape
from pathlib import Path

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

__all__ = ["on_config", "on_files", "on_page_content", "on_page_markdown"]

BROUGHT = ("examples/*/README.md", "examples/*/*.png", "benchmarks/RESULTS.md", "CHANGELOG.md")
"""Which: the site has each under its own path."""
LINK = re.compile(r"(?P<text>!?\[[^\]]*\])\((?P<to>[^)\s#:]+)(?P<rest>#[^)]*)?\)")
MATHEMATICS = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\(?:\(|\[)(?P<latex>.*?)\\(?:\)|\])</(?P=tag)>', re.DOTALL
)
CELL = re.compile(r"<td[^>]*>.*?</td>", re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave the page out that a server gives for one that is not there: its links are from a server's root."""
    config.theme.static_templates.discard("404.html")
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is brought."""
    root = Path(config.config_file_path).parent
    for path in sorted(path for pattern in BROUGHT for path in root.glob(pattern)):
        uri = path.relative_to(root).as_posix()
        files.append(File(uri, str(root), config.site_dir, config.use_directory_urls))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Have the page's links lead to the site's pages; of a link to a source, the text is left."""
    root = Path(config.config_file_path).parent
    assert page.file.abs_src_path is not None
    home = Path(page.file.abs_src_path).relative_to(root).parent.as_posix()

    def led(link: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join(home, link["to"]))
        uri = place.removeprefix("docs/")
        if files.get_file_from_path(uri) is None:
            return link["text"][1:-1] if (root / place).exists() else link[0]
        to = posixpath.relpath(uri, posixpath.dirname(page.file.src_uri) or ".")
        return f"{link['text']}({to}{link['rest'] or ''})"

    # What somebody types and what is printed are told apart by their prompts, which GitHub does not ask for.
    return LINK.sub(led, markdown).replace("```python\n>>> ", "```pycon\n>>> ")


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Show equations as MathML, which browsers draw themselves, and a bar in a table's code as a bar.

    GitHub wants that escaped there, and Python-Markdown keeps the escape.
    """
    barred = CELL.sub(lambda cell: cell[0].replace(r"\|", "|"), html)
    return MATHEMATICS.sub(
        lambda found: convert(unescape(found["latex"]), "block" if found["tag"] == "div" else "inline"), barred
    )
