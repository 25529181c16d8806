"""Options of commands after a model."""

from __future__ import annotations

import re

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.stata.after import Options

__all__ = ["RATIOS", "level", "ratios", "taken"]

RATIOS = ("or", "irr", "ir", "eform", "hr", "rr", "shr", "tratio")
"""Those that ask for exp of what is estimated."""


def taken(options: Options, *known: str) -> Options:
    """The options, all of which must have a meaning here.

    Raises
    ------
    UnsupportedError
        For one that has none, with its place.
    """
    for name, option in options.items():
        if name not in known:
            raise UnsupportedError(f"`{option.span}` is not built here", option.span)
    return options


def ratios(options: Options) -> bool:
    """Whether exp of what is estimated is asked for."""
    return any(name in options for name in RATIOS)


def level(options: Options) -> float | None:
    """The probability of `level(90)`; None if it is not said.

    Raises
    ------
    FormulaSyntaxError
        If it is none.
    """
    if "level" not in options:
        return None
    words = options["level"].given or ()
    text = words[0].text if len(words) == 1 else ""
    if not re.fullmatch(r"\d+(?:\.\d+)?", text) or not 0 < float(text) < 100:
        raise FormulaSyntaxError("`level()` is a percentage between 0 and 100", options["level"].span)
    return float(text) / 100
