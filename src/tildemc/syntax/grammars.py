"""The name of a grammar in, its parser out: grammars are text, shipped in the package as `tildemc/grammar`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from lark import Lark

__all__ = ["parser", "plain"]

_STARTS = {"formula": ["formula", "expression"], "prior": ["prior"]}


@cache
def parser(grammar: str) -> Lark:
    """The parser of `grammar`, made once."""
    return Lark(
        _read(f"{grammar}.lark"),
        parser="lalr",
        lexer="contextual",
        start=_STARTS.get(grammar, [grammar]),
        maybe_placeholders=False,
        import_paths=[_imported],
    )


def plain(terminal: str) -> str:
    """The name of a terminal in the grammar that defines it: Lark puts the importing grammar's name for it in front."""
    return terminal.replace("expression__", "")


def _imported(_base: object, path: str) -> tuple[str, str]:
    return path, _read(path)


def _read(file: str) -> str:
    shipped = files("tildemc") / "grammar" / file
    if shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    checkout = Path(__file__).parents[3] / "grammar" / file
    return checkout.read_text(encoding="utf-8")
