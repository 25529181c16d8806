"""Texts with a mistake between ⟪ and ⟫, which is where the message has to be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tildemc.errors import TildeError

__all__ = ["mistake", "unmarked"]


def unmarked(marked: str) -> str:
    """The text itself."""
    return marked.replace("⟪", "").replace("⟫", "")


def mistake[E: TildeError](run: Callable[[str], object], marked: str, fragment: str, kind: type[E]) -> E:
    """The error of a text, which is told of at its mark and says `fragment`."""
    with pytest.raises(kind) as caught:
        run(unmarked(marked))
    span = caught.value.span
    assert span is not None, caught.value.message
    assert f"{span.text[: span.start]}⟪{span}⟫{span.text[span.end :]}" == marked
    assert fragment in caught.value.message
    return caught.value
