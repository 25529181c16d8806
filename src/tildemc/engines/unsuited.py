"""Unsuited: an engine takes a model, but finds with these data that another will draw better."""

from __future__ import annotations

from tildemc.errors import FitError

__all__ = ["Unsuited"]


class Unsuited(FitError):
    """Why an engine gave up, as a sentence without its full stop: where others may draw, the next does."""
