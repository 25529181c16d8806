"""Results that are opened again as fits, without their data."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.batches import load_batch
from tildemc.batches.results import Batch
from tildemc.batches.store import BatchError
from tildemc.results.fit import Fit

MODELS = """
[defaults]
data = "data.csv"
fit = { draws = 200, tune = 100, chains = 2, seed = 5 }
[models.partial]
formula = "y ~ x + (1 | g)"
priors = ["sd ~ exponential(1)"]
[models.each]
formula = "mixed y x"
by = ["state", "year"]
"""


@pytest.fixture
def results(folder: Path, once: Callable[[str], Path]) -> Batch:
    """A batch that was run in this process."""
    shutil.copytree(once(MODELS), folder, dirs_exist_ok=True)
    return load_batch(folder / "out")


def test_a_job_is_opened_as_the_fit_that_it_was(results: Batch, folder: Path) -> None:
    fit = results["partial"]
    assert isinstance(fit, Fit)
    assert fit.draws == 400 and fit.spec.formula == "y ~ x + (1 | g)"
    assert "exact" in fit.path and fit.seconds > 0
    assert fit.model is not None and fit.settings["draws"] == 200
    theirs = results.summary[results.summary["job"] == "partial"].set_index("parameter")["mean"]
    ours = fit.summary(group_effects=True).droplevel("part")["mean"]
    np.testing.assert_allclose(ours, theirs.loc[ours.index])
    assert np.isfinite(fit.loo().elpd)
    assert "Effects by g: 6 levels" in fit.text()


def test_the_rows_of_by_are_found_again(results: Batch) -> None:
    fit = results["each.state=MN.year=1999"]
    assert fit.design.n == 10
    assert results.index.set_index("job").loc["each.state=MN.year=1999", "rows"] == 10


def test_a_fit_needs_no_data(results: Batch, folder: Path) -> None:
    before = str(results["partial"])
    (folder / "data.csv").unlink()
    assert str(results["partial"]) == before
    assert np.isfinite(results["partial"].loo().elpd)


def test_jobs_that_are_none_are_told_of(results: Batch) -> None:
    with pytest.raises(BatchError, match="there is no job 'partail'; did you mean"):
        results["partail"]


def test_draws_that_are_gone_are_told_of(results: Batch, folder: Path) -> None:
    for path in (folder / "out" / "draws").iterdir():
        path.unlink()
    with pytest.raises(BatchError, match="partial cannot be opened: its draws are gone; run the batch again"):
        results["partial"]


def content_of(folder: Path) -> dict[str, Any]:
    """All that a batch can be asked for."""
    found = load_batch(folder)
    assert found.compare is not None
    tables = {"index": found.index, "summary": found.summary, "compare": found.compare}
    return {**{name: table.to_dict("list") for name, table in tables.items()}, "draws": found.draws("partial")}


FILES = ("draws/*.nc", "jobs/*.json", "index.parquet", "summary.parquet", "compare.csv", "checksums.json")


@pytest.mark.parametrize("files", FILES)
def test_a_flipped_bit_is_told_of_or_changes_nothing(compared: Path, files: str) -> None:
    whole = content_of(compared)
    rng = np.random.default_rng(7)
    refused = 0
    for _ in range(6):
        path = rng.choice(sorted(compared.glob(files)))
        content = path.read_bytes()
        changed = bytearray(content)
        changed[rng.integers(len(content))] ^= 1 << rng.integers(8)
        path.write_bytes(changed)
        try:
            assert_same(content_of(compared), whole)
        except BatchError as error:
            assert str(error).endswith("run the batch again")
            refused += 1
        finally:
            path.write_bytes(content)
    assert refused
    assert_same(content_of(compared), whole)


def assert_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one["draws"].identical(other["draws"])
    for name in ("index", "summary", "compare"):
        pd.testing.assert_frame_equal(pd.DataFrame(one[name]), pd.DataFrame(other[name]))


@pytest.mark.parametrize("files", ["index.parquet", "compare.csv", "checksums.json"])
def test_a_batch_that_is_run_again_mends_its_tables(compared: Path, files: str) -> None:
    whole = content_of(compared)
    for path in compared.glob(files):
        path.write_bytes(path.read_bytes()[::-1])
    with pytest.raises(BatchError, match="that is whole; run the batch again"):
        content_of(compared)
    tm.batch(compared.parent / "models.toml", out=compared)
    assert_same(content_of(compared), whole)


@pytest.fixture
def compared(folder: Path, once: Callable[[str], Path]) -> Path:
    """The folder of a batch of two models that are compared."""
    models = MODELS.replace('by = ["state", "year"]\n', "") + '[compare]\n"both" = ["partial", "each"]\n'
    shutil.copytree(once(models), folder, dirs_exist_ok=True)
    return folder / "out"
