"""What a target cannot do with a model: said all at once, before it begins."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Unsupported"]


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something that a target cannot express, as a sentence without its full stop."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence
