"""Workers that do not sample: fast, deadly, or slow; modules of their own so that other processes find them."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

import tildemc
from tildemc.batches.outcome import DONE, Outcome
from tildemc.batches.plan import build, fingerprint
from tildemc.batches.sources import load
from tildemc.batches.worker import LABELS, Task, work
from tildemc.resolve.apart import Table
from tildemc.results.diagnose import COLUMNS

RELEASED = "released"


def environment() -> dict[str, str]:
    """This process's environment, in which another Python finds these workers and the same tildemc."""
    found = (Path(__file__).parent, Path(tildemc.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, found))}


def fake_fit(task: Task, table: Table | None = None) -> tuple[Outcome, bytes]:
    """What `worker._fit` returns, without a fit: draws are made from the seed."""
    model = build(task.job, load(task.job.source) if table is None else table)
    found = fingerprint(task.job, model)
    draws = np.random.default_rng(found.seed(task.job.settings.seed or 0)).bytes(1000)
    summary = {name: ["Intercept"] for name in LABELS} | {name: [1.0] for name in COLUMNS} | {"part": ["population"]}
    outcome = Outcome(
        task.key, DONE, rows=model.design.n, parameters=1, draws=10, max_r_hat=1.0, min_ess=400.0, engine="none",
        fingerprint=asdict(found), summary=summary, model_source="# a model\n",
        sha256=hashlib.sha256(draws).hexdigest(), size=len(draws),
    )  # fmt: skip
    return outcome, draws


def fake_work(task: Task) -> tuple[Outcome, bytes | None]:
    outcome, draws = fake_fit(task)
    if task.folder is None:
        return outcome, draws
    Path(task.folder, f"{task.key}.nc").write_bytes(draws)
    return outcome, None


def killing_work(task: Task) -> tuple[Outcome, bytes | None]:
    """Dies of the model called `deadly` every time, of `unlucky` the first time only."""
    mark = Path(task.job.source.folder, "unlucky")
    if task.job.name == "deadly" or (task.job.name == "unlucky" and not mark.exists()):
        if task.job.name == "unlucky":
            mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return fake_work(task)


def slow_work(task: Task) -> tuple[Outcome, bytes | None]:
    """Leaves a mark when it begins, and ends when it finds the file `RELEASED`, which it takes away."""
    Path(task.job.source.folder, f"began-{task.job.slug}-{os.getpid()}").touch()
    while True:
        with suppress(FileNotFoundError):
            Path(task.job.source.folder, RELEASED).unlink()
            return fake_work(task)
        time.sleep(0.05)


def sampling_work(task: Task) -> tuple[Outcome, bytes | None]:
    """Really samples; leaves a mark when it begins."""
    Path(task.job.source.folder, f"began-{task.job.slug}-{os.getpid()}").touch()
    return work(task)


def dying_work(task: Task) -> tuple[Outcome, bytes | None]:
    """Dies of everything, as workers do that cannot even start."""
    os._exit(1)
