"""One of Stata's commands after a model × the model -> what it asks for, in the model's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.resolve.after import records
from tildemc.resolve.after.listed import read_listed
from tildemc.resolve.after.names import StataNames
from tildemc.resolve.after.reckoned import read_reckoned
from tildemc.resolve.after.records import After, Marginal
from tildemc.resolve.after.worded import read_worded
from tildemc.resolve.margins import read_margins
from tildemc.span import Span
from tildemc.spec.model import ModelSpec
from tildemc.syntax.stata.after import AfterText, Listed, Margined, Reckoned, Replayed, Worded, parse_after
from tildemc.syntax.stata.lines import Block, commands
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.words import PREFIX

__all__ = ["lines_after", "read_after"]


def lines_after(text: str) -> list[Traced]:
    """The commands of a text one by one, without what may stand before each.

    Raises
    ------
    TildeError
        For what is no command after a model.
    """
    found = []
    for item in commands(text):
        if isinstance(item, Block):
            raise UnsupportedError("loops and programs are not run here: write out their commands", item.head.span())
        line = item
        while prefix := PREFIX.match(line.text):
            line = line.part(prefix.end(), len(line.text))
        found.append(line)
    if not found:
        raise FormulaSyntaxError("the text holds no command; write one such as `margins, dydx(x)`", Span(text, 0, 0))
    return found


def read_after(line: Traced, spec: ModelSpec, columns: Callable[[], Sequence[str]]) -> After:
    """What a command asks for.

    Parameters
    ----------
    line : Traced
    spec : ModelSpec
    columns : callable
        Gives those that `margins` may name.

    Raises
    ------
    TildeError
        What is not read, with its place in the person's text.
    """
    with line.told():
        return _meant(parse_after(line), spec, columns)


def _meant(read: AfterText, spec: ModelSpec, columns: Callable[[], Sequence[str]]) -> After:
    match read:
        case Margined(text):
            return Marginal(read_margins(text, spec, columns()))
        case Replayed():
            return records.Replayed(read.display)
        case Listed():
            return read_listed(read, StataNames(spec))
        case Reckoned():
            return read_reckoned(read, StataNames(spec))
        case Worded():
            return read_worded(read, spec)
        case never:
            assert_never(never)
