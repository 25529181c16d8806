"""A model that reproduces the response: what a posterior and an optimum say of it alike."""

from __future__ import annotations

from tildemc.errors import FitError

__all__ = ["reproduced"]


def reproduced(what: str, remedy: str) -> FitError:
    """The error for a residual sd that tends to zero: it has no `what`, and `remedy` would work."""
    return FitError(
        f"the model reproduces the response exactly, so that its residual sd tends to zero and has no {what}: {remedy}"
    )
