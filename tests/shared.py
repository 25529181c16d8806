"""Where data and references lie that are no part of the project: a folder `shared` beside a checkout, if any."""

from __future__ import annotations

from pathlib import Path

__all__ = ["SHARED"]


def _found() -> Path | None:
    beside = (parent / "shared" for parent in Path(__file__).resolve().parents)
    return next((folder for folder in beside if (folder / "data").is_dir()), None)


SHARED = _found()
"""The folder, or None; tests that need it at collection time ask here, all others the fixtures of conftest.py."""
