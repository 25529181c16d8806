"""A small formula file with its data, and a way to run it that does not sample."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from batch_fakes import fake_fit
from tildemc.batches import batch, worker
from tildemc.batches.results import Batch

MODELS = """
[defaults]
data = "data.csv"
[defaults.fit]
draws = 20
tune = 20
chains = 2
seed = 5
[models.pooled]
formula = "y ~ x"
[models.partial]
formula = "y ~ x + (1 | g)"
[models.each]
formula = "y ~ x"
by = ["state"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with `models.toml` and `data.csv`."""
    return filled(tmp_path, MODELS)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`once(models)`: a folder in which a batch of these models was run, in this process; to be copied, not changed."""

    @cache
    def ran(models: str) -> Path:
        folder = filled(tmp_path_factory.mktemp("ran"), models)
        with ThreadPoolExecutor(1) as executor:
            assert batch(folder / "models.toml", out=folder / "out", executor=executor).ok
        return folder

    return ran


def filled(folder: Path, models: str) -> Path:
    """The folder, with data and a formula file."""
    rng = np.random.default_rng(1)
    n = 60
    data = pd.DataFrame(
        {
            "y": rng.normal(size=n).round(3),
            "x": rng.normal(size=n).round(3),
            "g": np.resize([f"g{i}" for i in range(6)], n),
            "state": np.repeat(["MN", "WI", "IA"], n // 3),
            "year": np.resize([1999, 2000], n),
        }
    )
    data.to_csv(folder / "data.csv", index=False)
    (folder / "models.toml").write_text(models, encoding="utf-8")
    return folder


@pytest.fixture
def here(folder: Path) -> Callable[..., Batch]:
    """Run the folder's formula file in this process."""

    def run(**arguments: Any) -> Batch:
        with ThreadPoolExecutor(1) as executor:
            found = {"path": folder / "models.toml", "out": folder / "out", "executor": executor, **arguments}
            return batch(**found)

    return run


@pytest.fixture
def fake(here: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Batch]:
    """Run the folder's formula file in this process, without sampling."""
    monkeypatch.setattr(worker, "_fit", fake_fit)
    return here
