"""Where data and references lie that are no part of the project: a folder `shared` beside a checkout, if any."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

__all__ = ["SHARED", "declared"]


def _found() -> Path | None:
    beside = (parent / "shared" for parent in Path(__file__).resolve().parents)
    return next((folder for folder in beside if (folder / "data").is_dir()), None)


SHARED = _found()
"""The folder, or None; tests that need it at collection time ask here, all others the fixtures of conftest.py."""


def declared(name: str) -> pd.DataFrame:
    """An open data set with its factors' declared levels."""
    assert SHARED is not None
    folder = SHARED / "data/open"
    factors = json.loads((folder / f"{name}.levels.json").read_text())
    frame = pd.read_csv(folder / f"{name}.csv", dtype={column: str for column in factors})
    for column, levels in factors.items():
        frame[column] = pd.Categorical(frame[column], levels["levels"], ordered=levels["ordered"])
    return frame
