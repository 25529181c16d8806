"""Support: the values that a parameter may take."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = [
    "CIRCLE", "CORRELATIONS", "INCREASING", "POSITIVE", "REAL", "SHARES", "SPACINGS", "UNIT", "Spacing", "Support",
    "number",
]  # fmt: skip

Spacing = Literal["flexible", "equidistant", "sum_to_zero"]
"""How thresholds lie: wherever; all at one distance from the next; so that their mean is zero."""

SPACINGS: tuple[Spacing, ...] = get_args(Spacing)


@dataclass(frozen=True, slots=True)
class Support:
    """The values a parameter may take.

    Of `ordered` numbers each is greater than the one before; `shares` are positive numbers whose sum is 1.
    """

    lower: float = -math.inf
    upper: float = math.inf
    matrix: bool = False
    ordered: bool = False
    shares: bool = False

    def __str__(self) -> str:
        if self.matrix:
            return "correlation matrices"
        if self.ordered:
            return "increasing numbers"
        if self.shares:
            return "positive numbers whose sum is 1"
        if self == REAL:
            return "the real line"
        if self == POSITIVE:
            return "positive numbers"
        if self.upper == math.inf:
            return f"numbers above {number(self.lower)}"
        if self.lower == -math.inf:
            return f"numbers below {number(self.upper)}"
        return f"({number(self.lower)}, {number(self.upper)})"

    @property
    def joint(self) -> bool:
        """Whether it is one of several numbers together, which have one density."""
        return self.matrix or self.shares

    def within(self, other: Support) -> bool:
        """Whether `other` holds all of these values."""
        return self.lower >= other.lower and self.upper <= other.upper


REAL = Support()
POSITIVE = Support(lower=0.0)
UNIT = Support(0.0, 1.0)
CIRCLE = Support(-math.pi, math.pi)
CORRELATIONS = Support(matrix=True)
INCREASING = Support(ordered=True)
SHARES = Support(0.0, 1.0, shares=True)


def number(value: float) -> str:
    """A number as it is read back: in six digits where these are all."""
    text = f"{value:.6g}"
    return text if float(text) == value else repr(float(value))
