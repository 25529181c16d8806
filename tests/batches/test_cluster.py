"""A real Dask cluster on loopback: a scheduler and two workers, one of them killed half way."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest
import xarray as xr

import batch_fakes
from tildemc.batches import batch
from tildemc.batches import cluster as cluster_module
from tildemc.batches.results import Batch
from tildemc.batches.sources import Source
from tildemc.batches.store import BatchError

# Asked without importing it, which takes a second of whoever collects.
pytestmark = [pytest.mark.slow, pytest.mark.skipif(find_spec("distributed") is None, reason="no distributed")]
PATIENCE = 120


class Cluster:
    """The processes of a cluster, and the scheduler's address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[str]] = []
        self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        self.address = self.read("scheduler-0", r"(tcp://127\.0\.0\.1:\d+)")
        for _ in range(2):
            self.start("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        for name in ("worker-1", "worker-2"):
            self.read(name, "Starting established connection")

    def start(self, *arguments: str) -> None:
        log = (self.folder / f"{arguments[0]}-{len(self.processes)}.log").open("w", encoding="utf-8")
        with log:
            process = subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]],
                cwd=self.folder, stdout=log, stderr=subprocess.STDOUT, text=True,
                env={**batch_fakes.environment(), "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        self.processes.append(process)

    def read(self, name: str, pattern: str) -> str:
        """Wait for a line of a process's log."""
        path, end = self.folder / f"{name}.log", time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = re.search(pattern, path.read_text(encoding="utf-8") if path.exists() else "")
            if found:
                return found[found.lastindex or 0]
            time.sleep(0.1)
        raise AssertionError(path.read_text(encoding="utf-8"))

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    yield found
    found.close()


class Sent:
    """What the lender does, and then the files are gone."""

    def __init__(self, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
        self.sources: list[str] = []
        lend = cluster_module._Lender.__call__

        def call(lender: cluster_module._Lender, source: Source) -> object:
            found = lend(lender, source)
            if found is not None:
                self.sources.append(source.text)
            if len(lender.sent) == len(files):
                for path in files:
                    path.unlink(missing_ok=True)
            return found

        monkeypatch.setattr(cluster_module._Lender, "__call__", call)


def test_workers_need_not_see_the_data(
    cluster: Cluster, folder: Path, here: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("duckdb")
    (folder / "data.csv").rename(folder / "a.csv")
    shutil.copy(folder / "a.csv", folder / "b.csv")
    text = (folder / "models.toml").read_text(encoding="utf-8").replace("data.csv", "a.csv")
    query = "select * from 'b.csv' where state <> 'WI'"
    text += f'[models.some]\nformula = "y ~ x"\nby = ["state"]\ndata = "{query}"\n'
    (folder / "models.toml").write_text(text, encoding="utf-8")
    ours = here(out=folder / "here")
    # The workers are on this machine, but the file is another's as they see it.
    monkeypatch.setattr(cluster_module._Lender, "_seen_by_all", lambda *_: False)
    sent = Sent([folder / "a.csv", folder / "b.csv"], monkeypatch)
    there = batch(folder / "models.toml", out=folder / "there", scheduler=cluster.address)
    assert not list(folder.glob("*.csv"))
    assert there.ok, there.failed[["job", "error"]]
    assert set(sent.sources) == {"a.csv", query}
    columns = ["job", "key", "rows", "max_r_hat", "min_ess"]
    pd.testing.assert_frame_equal(ours.index[columns], there.index[columns])
    pd.testing.assert_frame_equal(ours.summary, there.summary)


def test_files_that_all_workers_see_are_not_sent(cluster: Cluster, folder: Path) -> None:
    (folder / "other.csv").write_text("y\n1\n", encoding="utf-8")
    with cluster_module.cluster(cluster.address) as crew:
        assert crew.lend is not None
        assert crew.lend(Source("data.csv", str(folder))) is None
        assert crew.lend(Source("select * from 'other.csv'", str(folder))) is not None


def test_nobody_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_SECONDS", 1)
    with pytest.raises(BatchError, match="no Dask scheduler answers at"):
        batch(folder / "models.toml", out=folder / "out", scheduler="tcp://127.0.0.1:9")


def kill_one(cluster: Cluster, out: Path) -> None:
    """Kill the second worker as soon as there are results."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and len(list((out / "jobs").glob("*.json"))) < 2:
        time.sleep(0.02)
    cluster.processes[2].send_signal(signal.SIGKILL)


def test_a_cluster_with_a_worker_killed_half_way(cluster: Cluster, folder: Path, here: Callable[..., Batch]) -> None:
    text = (folder / "models.toml").read_text(encoding="utf-8").replace('by = ["state"]', 'by = ["state", "year"]')
    more = "\n".join(f'[models.more{i}]\nformula = "y ~ x + I(x^{i + 2})"' for i in range(6))
    (folder / "models.toml").write_text(f"{text}\n{more}\n", encoding="utf-8")
    killer = Thread(target=kill_one, args=(cluster, folder / "out"))
    killer.start()
    found = batch(folder / "models.toml", out=folder / "out", scheduler=cluster.address)
    killer.join()
    assert cluster.processes[2].wait(PATIENCE) == -signal.SIGKILL
    assert len(found.index) == 14
    assert found.ok, found.failed[["job", "error"]]
    runs = (here(out=folder / "here", only=["pooled"]), found)
    ours, theirs = (run.draws("pooled")["posterior"].to_dataset().drop_attrs() for run in runs)
    xr.testing.assert_identical(ours, theirs)
