"""A parser read from its file reads what the one that was made reads, and no file is no matter."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import lark
import pytest

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax import grammars
from tildemc.syntax.expression import read


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TILDEMC_CACHE_DIR", str(tmp_path))
    grammars.parser.cache_clear()
    yield tmp_path / "grammars"
    grammars.parser.cache_clear()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The grammars whose tables were made."""
    found: list[str] = []
    make = grammars._made

    def counted(grammar: str, text: str) -> lark.Lark:
        found.append(grammar)
        return make(grammar, text)

    monkeypatch.setattr(grammars, "_made", counted)
    return found


TEXTS = {"formula": "y | weights(w) ~ x + (1 | g); sigma ~ z", "prior": "sd(g) ~ exponential(1)"}


@pytest.mark.parametrize("grammar", TEXTS)
def test_a_parser_is_made_once_and_read_again(grammar: str, folder: Path, made: list[str]) -> None:
    first = read(grammar, TEXTS[grammar])
    grammars.parser.cache_clear()
    assert read(grammar, TEXTS[grammar]) == first
    assert made == [grammar]


def test_mistakes_are_told_alike_by_a_parser_that_was_read(folder: Path) -> None:
    told = []
    for _ in range(2):
        grammars.parser.cache_clear()
        with pytest.raises(FormulaSyntaxError) as caught:
            read("formula", "y ~ x + (1 + x | )")
        told.append(str(caught.value))
    assert told[0] == told[1]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def changed(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [cut, changed, emptied, gone])
def test_a_damaged_file_is_made_again(damage, folder: Path, made: list[str]) -> None:  # type: ignore[no-untyped-def]
    first = read("prior", TEXTS["prior"])
    (path,) = folder.iterdir()
    damage(path)
    for _ in range(2):
        grammars.parser.cache_clear()
        assert read("prior", TEXTS["prior"]) == first
    assert made == ["prior", "prior"]


def test_what_a_grammar_says_decides_which_file_is_read(
    folder: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    grammars.parser("prior")
    grammars.parser.cache_clear()
    text = grammars._read
    monkeypatch.setattr(grammars, "_read", lambda file: text(file) + "\n// another version\n")
    grammars.parser("prior")
    assert made == ["prior", "prior"]


def test_a_folder_that_cannot_be_written_to_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TILDEMC_CACHE_DIR", os.fspath(tmp_path / "file"))
    grammars.parser.cache_clear()
    assert read("prior", TEXTS["prior"])
