"""What one worker process does only once, for all of its jobs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tildemc.batches import pulse
from tildemc.batches.api import plan_batch
from tildemc.batches.outcome import DONE
from tildemc.batches.pulse import Pulse, feel
from tildemc.batches.sources import load
from tildemc.batches.worker import Task, work


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
