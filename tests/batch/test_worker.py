"""What one worker process does only once, for all of its jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from tildemc.batch import pulse
from tildemc.batch.api import plan_batch
from tildemc.batch.outcome import DONE
from tildemc.batch.plan import Planned
from tildemc.batch.pulse import Pulse, feel
from tildemc.batch.sources import load
from tildemc.batch.worker import Task, work
from tildemc.fit import nuts

MODELS = """
[defaults]
data = "data.csv"
fit = { draws = 40, tune = 40, chains = 2, seed = 5, method = "pymc" }
[models.each]
formula = "y ~ x"
by = ["state"]
"""


def posterior(planned: Planned, folder: Path) -> dict[str, Any]:
    """The draws of a job that is done in this process."""
    outcome, _ = work(Task(planned.job, planned.key, str(folder)))
    assert outcome.status == DONE, outcome.error
    with xr.open_datatree(folder / f"{planned.key}.nc", engine="h5netcdf") as tree:
        return {str(name): values.to_numpy() for name, values in tree["posterior"].data_vars.items()}


@pytest.mark.slow
def test_graphs_of_one_structure_are_compiled_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nutpie

    lines = (folder / "data.csv").read_text(encoding="utf-8").splitlines()
    (folder / "data.csv").write_text("\n".join(lines[:-5]), encoding="utf-8")  # states of 20, 20 and 15 rows
    (folder / "models.toml").write_text(MODELS, encoding="utf-8")
    compiled: list[Any] = []
    compile_model = nutpie.compile_pymc_model
    monkeypatch.setattr(
        nutpie, "compile_pymc_model", lambda *a, **k: compiled.append(compile_model(*a, **k)) or compiled[-1]
    )
    monkeypatch.setattr(nuts, "_GRAPHS", type(nuts._GRAPHS)())
    _, plan = plan_batch(folder / "models.toml")
    found = [posterior(planned, folder) for planned in plan.ready]
    assert len(found) == 3 and len(compiled) == 1
    nuts._GRAPHS.clear()
    fresh = posterior(plan.ready[2], folder)
    assert len(compiled) == 2
    for name, values in fresh.items():
        np.testing.assert_array_equal(found[2][name], values)
    assert not np.array_equal(found[0]["Intercept"], found[1]["Intercept"])


def test_data_are_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas as pd

    _, plan = plan_batch(folder / "models.toml")
    monkeypatch.setattr(pd, "read_csv", lambda *_, **__: pytest.fail("read again"))
    assert {id(load(planned.job.source)) for planned in plan.ready} == {id(load(plan.ready[0].job.source))}


def test_a_worker_may_be_handed_the_data(folder: Path) -> None:
    _, plan = plan_batch(folder / "models.toml")
    planned = plan.ready[1]
    table = load(planned.job.source)
    (folder / "data.csv").unlink()
    outcome, _ = work(Task(planned.job, planned.key, None))
    assert "there is no file data.csv" in outcome.error
    outcome, draws = work(Task(planned.job, planned.key, None), table)
    assert outcome.status == DONE and draws


def test_a_worker_tells_how_far_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int] | None] = []
    write = Pulse.__call__

    def call(self: Pulse, drawn: int, divergences: int) -> None:
        write(self, drawn, divergences)
        seen.append(feel(self.path.parent, plan.ready[0].key))

    monkeypatch.setattr(pulse, "_EVERY", 0.0)
    monkeypatch.setattr(Pulse, "__call__", call)
    _, plan = plan_batch(folder / "models.toml", method="direct", draws=300, tune=300)
    planned = plan.ready[0]
    outcome, _ = work(Task(planned.job, planned.key, str(folder)))
    assert outcome.status == DONE
    assert seen[-1] == (1200, outcome.divergences)
    assert not list(folder.glob("*.part")) and not list(folder.glob(".*.part"))
