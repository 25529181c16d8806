"""Word: the least that a Stata command is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from tildemc.errors import FormulaSyntaxError, nearest
from tildemc.span import Span

__all__ = ["Word", "Written", "abbreviates", "full_name", "known_name"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word, with its place."""

    text: str
    span: Span


def abbreviates(written: str, full: str, shortest: str) -> bool:
    """Whether a word stands for `full`: it is its beginning, and no shorter than `shortest`, as Stata has it."""
    return full.startswith(written) and written.startswith(shortest)


def full_name(written: str, shortest: Mapping[str, str]) -> str | None:
    """The name that a word stands for, of those with the shortest way to write each; None if there is none."""
    return next((full for full, least in shortest.items() if abbreviates(written, full, least)), None)


class Written(Protocol):
    """A word of a command, whatever else is known of it."""

    @property
    def text(self) -> str:
        """As it is written."""

    @property
    def span(self) -> Span:
        """Where it stands."""


def known_name(word: Written, shortest: Mapping[str, str], what: str, listed: Iterable[str] | None = None) -> str:
    """The same for a word that must stand for one.

    Raises
    ------
    FormulaSyntaxError
        With the nearest name, or those in `listed`.
    """
    found = full_name(word.text, shortest)
    if found is None:
        names = tuple(shortest if listed is None else listed)
        hint = nearest(word.text, names) or f"; there are {', '.join(names)}"
        raise FormulaSyntaxError(f"there is no {what} `{word.text}`{hint}", word.span)
    return found
