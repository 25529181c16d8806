"""Numbers and labels as Python text."""

from __future__ import annotations

import math

from tildemc.targets.pymc.layout import quoted

__all__ = ["literal", "number", "real"]


def number(value: float) -> str:
    """A number of the data's arithmetic, as short as it can be."""
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return str(int(value))
    return real(value)


def real(value: float) -> str:
    """A number that is never an integer, which PyMC would compute with in as few bits as hold it."""
    if math.isnan(value):
        return "np.nan"
    return repr(float(value)) if math.isfinite(value) else f"{'-' if value < 0 else ''}np.inf"


def literal(value: object) -> str:
    """A level as Python text, of its own type."""
    if isinstance(value, str):
        return quoted(value)
    return real(value) if isinstance(value, float) else repr(value)
