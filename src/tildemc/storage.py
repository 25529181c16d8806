"""The folder for what was worked out once and is wanted again: compiled kernels, tables of grammars."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["folder"]

VARIABLE = "TILDEMC_CACHE_DIR"
"""The environment's variable that names another folder."""


def folder() -> Path:
    """The user's cache folder, or the one that the environment names."""
    stated = os.environ.get(VARIABLE)
    if stated:
        return Path(stated)
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("tildemc"))
