"""The code of what tells rows apart whose residuals go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tildemc.targets.pymc.layout import Code

__all__ = ["Placed", "TurnCode"]


@dataclass(frozen=True, slots=True)
class Placed:
    """The code of what tells rows apart: their group, their places, and their level of `by`."""

    block: Code
    places: Sequence[Code]
    level: Code


@dataclass(frozen=True, slots=True)
class TurnCode:
    """The code of the row before each, of whether there is none, and of how far that is; and of a row's level."""

    before: Code
    begins: Code
    lag: Code
    level: Code
