"""Processes: workers that die, runs that are killed, and that numbers depend on none of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

import batch_fakes
from tildemc.batches import batch, load_batch, plan_batch, worker
from tildemc.batches.crew import local
from tildemc.batches.outcome import Outcome
from tildemc.batches.results import Batch
from tildemc.batches.store import BatchError
from tildemc.batches.worker import Task

pytestmark = pytest.mark.slow
PATIENCE = 240


def tasks(folder: Path, *names: str) -> list[Task]:
    text = "\n".join(f"{name}: y ~ x + I(x^{i + 2})" for i, name in enumerate(names))
    (folder / "m.txt").write_text(text, encoding="utf-8")
    ready = plan_batch(folder / "m.txt", data=folder / "data.csv")[1].ready
    (folder / "draws").mkdir(exist_ok=True)
    return [Task(planned.job, planned.key, str(folder / "draws")) for planned in ready]


def outcomes(
    folder: Path, do: Callable[[Task], tuple[Outcome, bytes | None]], *names: str, workers: int = 2
) -> dict[str, Outcome]:
    with local(workers) as crew:
        crew.do = do
        found = crew.outcomes(tasks(folder, *names), lambda task: None)
        return {task.job.name: outcome for task, outcome, _ in found}


def test_a_job_that_kills_its_worker_twice_is_the_only_one_lost(folder: Path) -> None:
    names = ["unlucky", "a", "b", "deadly"]
    found = outcomes(folder, batch_fakes.killing_work, *names)
    assert {name: outcome.status for name, outcome in found.items()} == {
        **dict.fromkeys(names, "done"),
        "deadly": "failed",
    }
    assert "the worker that ran it died" in found["deadly"].error
    assert (folder / "unlucky").exists()


def test_where_no_worker_stays_alive_it_ends(folder: Path) -> None:
    found = outcomes(folder, batch_fakes.dying_work, *"abcdefgh", workers=1)
    assert {outcome.status for outcome in found.values()} == {"failed"}
    assert len(found) == 8
    assert "__main__" in found["h"].error


def draws(folder: Path) -> dict[str, xr.DataTree]:
    found = load_batch(folder)
    return {job: found.draws(job) for job in found.index["job"]}


def test_same_seed_same_results(folder: Path, here: Callable[..., Batch]) -> None:
    """In this process, by two workers, and in another order."""
    path = folder / "models.toml"
    assert here().ok
    assert batch(path, out=folder / "two", workers=2).ok
    head, *models = path.read_text(encoding="utf-8").split("[models.")
    path.write_text("[models.".join([head, *models[::-1]]), encoding="utf-8")
    assert here(out=folder / "reversed").ok
    first = draws(folder / "out")
    for name in ("two", "reversed"):
        for job, tree in draws(folder / name).items():
            xr.testing.assert_identical(
                first[job]["posterior"].to_dataset().drop_attrs(), tree["posterior"].to_dataset().drop_attrs()
            )
    again = here(seed=6)
    assert not again.draws("pooled")["posterior"]["b"].equals(first["pooled"]["posterior"]["b"])


# Runs that are killed

RUN = """
import os, signal, sys, typer
from tildemc.batches import api
from tildemc.batches import crew
from batch_fakes import {work}
from tildemc.batches.command import batch

class Slow(crew.Crew):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.do = {work}

crew.Crew = Slow
if __name__ == "__main__":
    typer.run(batch)
"""
KILLED_WHILE_WRITING = """
import os, signal, sys
from concurrent.futures import ThreadPoolExecutor
from batch_fakes import fake_fit
from tildemc.batches import batch, files, plan_batch, worker

def killed(folder, when):
    count = 0
    whole = files.os.replace
    def replace(source, target):
        nonlocal count
        count += 1
        if count == when:
            os.kill(os.getpid(), signal.SIGKILL)
        whole(source, target)
    files.os.replace = replace
    with ThreadPoolExecutor(1) as executor:
        batch(f"{folder}/models.toml", out=f"{folder}/out", executor=executor)

worker._fit = fake_fit
print(*(planned.key for planned in plan_batch(f"{sys.argv[1]}/models.toml")[1].ready), flush=True)
for folder, when in zip(sys.argv[1::2], map(int, sys.argv[2::2])):
    child = os.fork()
    if not child:
        killed(folder, when)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
"""A process that begins runs, each in a fork of its own, in which it is killed at one of the renames."""


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, work: str = "slow_work") -> subprocess.Popen[str]:
        script = folder / "run.py"
        script.write_text(RUN.format(work=work), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, str(script), "models.toml", "--out", "out", "--workers", "1", *arguments],
            cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            env=batch_fakes.environment(),
        )  # fmt: skip
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def workers(folder: Path) -> set[int]:
    return {int(path.name.rpartition("-")[2]) for path in folder.glob("began-*")}


def test_killed_while_sampling(
    folder: Path, start: Callable[..., subprocess.Popen[str]], here: Callable[..., Batch], capsys: pytest.CaptureFixture
) -> None:
    first = start("--draws", "3000", work="sampling_work")
    until(lambda: len(list((folder / "out" / "jobs").glob("*.json"))) >= 1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    until(lambda: not any(alive(pid) for pid in workers(folder)))
    done = set((folder / "out" / "jobs").glob("*.json"))
    kept = {path: path.stat().st_mtime_ns for path in done}
    assert here(draws=3000, progress=True).ok
    assert {path: path.stat().st_mtime_ns for path in done} == kept
    assert f"{len(done)} of 5 fits are left as they are" in capsys.readouterr().err
    assert load_batch(folder / "out").ok


def test_killed_while_writing_and_keys_are_the_same_in_every_process(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, here: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At one of the renames: of a record, of a program, of a table, of the page; the next run is in this process."""
    folders = {
        when: shutil.copytree(folder, tmp_path_factory.mktemp(f"killed{when}"), dirs_exist_ok=True)
        for when in (1, 5, 8, 11, 13)
    }
    arguments = [str(argument) for when, place in folders.items() for argument in (place, when)]
    command = [sys.executable, "-c", KILLED_WHILE_WRITING, *arguments]
    # Sets of texts have another order in each process, by this.
    environment = {**batch_fakes.environment(), "PYTHONHASHSEED": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=PATIENCE)
    keys, *codes = done.stdout.splitlines()
    assert keys.split() == [planned.key for planned in plan_batch(folder / "models.toml")[1].ready]
    assert codes == [str(-signal.SIGKILL.value)] * len(folders), done.stderr
    monkeypatch.setattr(worker, "_fit", batch_fakes.fake_fit)
    for when, place in folders.items():
        assert here(path=place / "models.toml", out=place / "out").ok, when
        found = load_batch(place / "out")
        assert found.ok and len(found.summary) == 5, when
        assert not [*(place / "out").rglob("*.part")], when
        assert sorted(found.index["key"]) == sorted(p.key for p in plan_batch(place / "models.toml")[1].ready), when


def test_a_second_run_is_refused_and_an_interrupt_ends_the_first(
    folder: Path, start: Callable[..., subprocess.Popen[str]], here: Callable[..., Batch]
) -> None:
    first = start()
    until(lambda: bool(workers(folder)))
    with pytest.raises(BatchError, match=f"another run is writing to .*process {first.pid}"):
        here()
    (folder / batch_fakes.RELEASED).touch()
    until(lambda: len(list((folder / "out" / "jobs").glob("*.json"))) >= 1)
    os.killpg(first.pid, signal.SIGINT)
    ended = first.communicate(timeout=PATIENCE)
    assert first.returncode == 130, ended
    assert "waiting" in ended[0]
    until(lambda: not any(alive(pid) for pid in workers(folder)))
    assert isinstance(load_batch(folder / "out").index, pd.DataFrame)
