"""What is kept as files: the folder for what was worked out once and is wanted again, and what JSON holds."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["Json", "folder"]

type Json = bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None
"""What JSON holds, and files of settings."""

VARIABLE = "TILDEMC_CACHE_DIR"
"""The environment's variable that names another folder."""


def folder() -> Path:
    """The user's cache folder, or the one that the environment names."""
    stated = os.environ.get(VARIABLE)
    if stated:
        return Path(stated)
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("tildemc"))
