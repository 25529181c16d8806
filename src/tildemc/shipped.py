"""Text that is shipped in the package and has a folder of its own in the checkout: grammars, and the pages of help."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

__all__ = ["shipped"]


def shipped(folder: str) -> Traversable:
    """The folder in the package, or in the checkout that the package is run from."""
    held = files("tildemc") / folder
    return held if held.is_dir() else Path(__file__).parents[2] / folder
