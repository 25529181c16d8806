"""Word: the least that a Stata command is made of."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.span import Span

__all__ = ["Word"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word, with its place."""

    text: str
    span: Span
