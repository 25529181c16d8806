"""once: what is worked out of a model the first time that it is asked for, and kept with it; models do not change."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate

__all__ = ["KEPT", "once"]

KEPT = "_kept"
"""Where it is kept; it belongs to no file and to no other process."""


def once[S, **P, T](function: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """The same function of a model and of what stands beside it in place, which finds what it gave before."""

    @wraps(function)
    def known(spec: S, /, *given: P.args, **named: P.kwargs) -> T:
        kept: dict[Hashable, Any] = vars(spec).setdefault(KEPT, {})
        key = (function, given, *named.items())
        if key not in kept:
            kept[key] = function(spec, *given, **named)
        found: T = kept[key]
        return found

    return known
