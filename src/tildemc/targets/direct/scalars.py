"""The vocabulary's functions of one row's numbers, as row functions inline them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

from tildemc.kernels import exactly
from tildemc.targets.direct import rare, series, special
from tildemc.targets.direct.incomplete import PARTS

__all__ = ["PARTS", "known", "scalar"]

_OWN = (special, rare, series)


def known(function: str) -> bool:
    """Whether there is one of that name."""
    return function in PARTS or any(function in module.__all__ for module in _OWN) or hasattr(math, function)


@cache
def scalar(function: str) -> Callable[..., float]:
    """The function of that name: this package's own, which loops may inline, or else Python's."""
    for module in _OWN:
        if function in module.__all__:
            found: Callable[..., float] = getattr(module, function)
            return found
    plain = getattr(math, function)
    return exactly(lambda x: plain(x))
