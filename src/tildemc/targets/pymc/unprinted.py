"""In place of a Preparation: a program for what it computes, of which no text is made."""

from __future__ import annotations

from tildemc.spec.terms.residual import Residual
from tildemc.targets.pymc.places import Placed, TurnCode

__all__ = ["Unprinted"]


class Unprinted:
    """Answers as a Preparation does, with no code; neither where data come from nor how they are read plays a part."""

    def identify(self, name: str, preferred: str | None = None) -> str:
        """A name stands for itself."""
        return name

    def population(self, *_: object) -> str:
        """No frame."""
        return ""

    def index(self, *_: object) -> str:
        """No codes of levels."""
        return ""

    def group(self, *_: object) -> tuple[str, str]:
        """Neither columns nor an index."""
        return "", ""

    shared = group

    def placed(self, residual: Residual, *_: object) -> Placed:
        """No code of places."""
        return Placed("", ("",) * max(len(residual.points), 1), "")

    def in_turn(self, *_: object) -> TurnCode:
        """No code of what rows follow."""
        return TurnCode("", "", "", "")

    def smooth(self, *_: object) -> str:
        """No array."""
        return ""

    process = smooth

    measured = latent = smooth

    def of_all_rows(self, *_: object) -> None:
        """No labels."""

    def between(self, *_: object) -> None:
        """No matrix."""

    areas = beside = between

    def spread(self, *_: object) -> None:
        """No numbers."""

    def counted(self, *_: object) -> None:
        """No labels."""

    texts = counted

    def number(self, *_: object) -> str:
        """No column."""
        return ""

    real = count = thresholds = number

    def labels(self, *_: object) -> str:
        """No labels."""
        return ""

    def title(self) -> tuple[str, ...]:
        """No docstring."""
        return ()

    def sections(self) -> tuple[()]:
        """Nothing before the model."""
        return ()
