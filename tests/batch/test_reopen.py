"""Results that are opened again as fits, with their data and without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.batch import load_batch
from tildemc.batch.api import Batch
from tildemc.batch.store import BatchError
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
def results(folder: Path) -> Batch:
    """A batch that was run in this process."""
    from concurrent.futures import ThreadPoolExecutor

    (folder / "models.toml").write_text(MODELS, encoding="utf-8")
    with ThreadPoolExecutor(1) as executor:
        assert tm.batch(folder / "models.toml", out=folder / "out", executor=executor).ok
    return load_batch(folder / "out")


def test_a_job_is_opened_as_the_fit_that_it_was(results: Batch, folder: Path) -> None:
    fit = results["partial"]
    assert isinstance(fit, Fit)
    assert fit.draws == 400 and fit.spec.formula == "y ~ x + (1 | g)"
    assert "exact" in fit.path and fit.seconds > 0
    theirs = results.summary[results.summary["job"] == "partial"].set_index("parameter")["mean"]
    ours = fit.summary(group_effects=True).droplevel("part")["mean"]
    np.testing.assert_allclose(ours, theirs.loc[ours.index])
    assert np.isfinite(fit.loo().elpd)
    assert "Group standard deviations" in fit.report()


def test_the_rows_of_by_are_found_again(results: Batch) -> None:
    fit = results["each.state=MN.year=1999"]
    assert fit.design.n == 10
    assert results.index.set_index("job").loc["each.state=MN.year=1999", "rows"] == 10


def test_data_that_changed_are_told_of(results: Batch, folder: Path) -> None:
    data = pd.read_csv(folder / "data.csv")
    before = data.copy()
    data.loc[0, "y"] += 1
    data.to_csv(folder / "data.csv", index=False)
    with pytest.raises(BatchError, match=r"the data are not those that partial was fitted to.*draws"):
        results["partial"]
    assert results.draws("partial")["posterior"].sizes["draw"] == 200
    assert results.fit("partial", data=before).design.n == 60


def test_data_that_are_gone_are_told_of(results: Batch, folder: Path) -> None:
    (folder / "data.csv").rename(folder / "moved.csv")
    with pytest.raises(BatchError, match=r"there is no file data.csv"):
        results["partial"]
    assert results.fit("partial", data=folder / "moved.csv").design.n == 60
    assert results.draws("partial")["posterior"].sizes["draw"] == 200


def test_jobs_that_are_none_are_told_of(results: Batch) -> None:
    with pytest.raises(BatchError, match="there is no job 'partail'; did you mean"):
        results["partail"]


def test_draws_that_are_gone_are_told_of(results: Batch, folder: Path) -> None:
    for path in (folder / "out" / "draws").iterdir():
        path.unlink()
    with pytest.raises(BatchError, match="the draws of partial cannot be read"):
        results["partial"]
