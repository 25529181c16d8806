"""The page that draws the house names what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
TABLE = [line for line in PAGE.splitlines() if line.startswith("|") and "`src/" in line]
FOLDERS = re.findall(r"^        (\w+)/", PAGE, re.MULTILINE)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.split("|")[1].strip())
def test_where_something_new_goes_there_is_a_file(row: str) -> None:
    for path in re.findall(r"`(src/[^`]+)`", row):
        assert (ROOT / path).is_file(), path


def test_every_folder_of_the_package_is_drawn() -> None:
    package = ROOT / "src" / "tildemc"
    there = {path.name for path in package.iterdir() if (path / "__init__.py").is_file()}
    assert there == set(FOLDERS)


def test_the_page_names_no_file_that_is_gone() -> None:
    for name in re.findall(r"`((?:model|tests)/\w+\.py)`", PAGE):
        assert (ROOT / name).is_file() or (ROOT / "src" / "tildemc" / name).is_file(), name
