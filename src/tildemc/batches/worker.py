"""A task -> its outcome: what a worker does, in a process of its own, maybe on another machine."""

from __future__ import annotations

import hashlib
import math
import os
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tildemc.batches.diagnostics import COLUMNS, diagnose
from tildemc.batches.files import write_atomically
from tildemc.batches.outcome import DONE, FAILED, Outcome
from tildemc.batches.plan import Job, build, fingerprint, said
from tildemc.batches.pulse import pulse
from tildemc.batches.reopen import recipe
from tildemc.batches.sources import Table, load
from tildemc.errors import Interrupted, TildeError
from tildemc.model.parameters import coordinates, names, parameters
from tildemc.model.spec import ModelSpec

if TYPE_CHECKING:
    from tildemc.results.datatree import Group
    from tildemc.results.fit import Fit

__all__ = ["Task", "summary_columns", "work"]

LABELS = ("parameter", "part", "group", "level", "term")
RHAT_LIMIT, ESS_PER_CHAIN = 1.01, 100


@dataclass(frozen=True, slots=True)
class Task:
    """A job, the key that it had when it was planned, and the folder for its draws; None to hand them back."""

    job: Job
    key: str
    folder: str | None


def work(task: Task, table: Table | None = None) -> tuple[Outcome, bytes | None]:
    """Fit one job; the draws are written to the task's folder, or come back as bytes.

    Whatever goes wrong is told in the outcome, so that other jobs go on.

    Parameters
    ----------
    task : Task
    table : Table, optional
        The data, for a worker that cannot read them where the job says.
    """
    start = time.perf_counter()
    try:
        outcome, draws = _fit(task, table)
        outcome = replace(outcome, seconds=time.perf_counter() - start)
        return outcome, _keep(task, draws)
    except TildeError as error:
        told = str(error)
    except OSError as error:
        told = f"{type(error).__name__}: {error.strerror or error}"
    except Exception as error:  # the others are to go on, whatever a sampler or a compiler raised
        last = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {error} ({Path(last.filename).name}, line {last.lineno})"
    return Outcome(task.key, FAILED, told, time.perf_counter() - start), None


def _keep(task: Task, draws: bytes) -> bytes | None:
    if task.folder is None:
        return draws
    write_atomically(Path(task.folder, f"{task.key}.nc"), draws)
    return None


def _fit(task: Task, table: Table | None = None) -> tuple[Outcome, bytes]:
    from tildemc.batches.netcdf import netcdf

    job = task.job
    model = build(job, load(job.source) if table is None else table)
    found = fingerprint(job, model)
    if found.key != task.key:
        raise TildeError(f"the data of {job.name} changed after the plan was made; run the batch again")
    settings = {**said(job.settings), "seed": found.seed(job.settings.seed or 0)}
    with nullcontext(None) if task.folder is None else pulse(task.folder, task.key) as report:
        fit = model.fit(**settings, progress=False, report=report)
    if fit.interrupted:
        raise Interrupted(f"interrupted {fit.interrupted}")
    summary = summary_columns(fit)
    draws = netcdf(_kept(fit, compared=job.compared))
    r_hat, ess = _extreme(summary["r_hat"], max), _extreme(summary["ess_bulk"] + summary["ess_tail"], min)
    outcome = Outcome(
        task.key, DONE,
        rows=model.design.n, parameters=len(summary["parameter"]), draws=fit.draws, divergences=fit.divergences,
        max_r_hat=r_hat, min_ess=ess, engine=fit.path, warnings=_warnings(fit, r_hat, ess),
        notes=model.report.notes,
        fingerprint=asdict(found), job=recipe(job), summary=summary, model_source=model.source(),
        sha256=hashlib.sha256(draws).hexdigest(), size=len(draws),
    )  # fmt: skip
    return outcome, draws


def _extreme(values: list[float | None], choose: Any) -> float | None:
    known = [value for value in values if value is not None]
    return choose(known) if known else None


def _warnings(fit: Fit, r_hat: float | None, ess: float | None) -> tuple[str, ...]:
    chains = fit.groups["posterior"].sizes["chain"]
    found = []
    if fit.divergences:
        found.append(f"{fit.divergences} of {fit.draws} draws diverged")
    if r_hat is not None and r_hat > RHAT_LIMIT:
        found.append(f"R-hat is up to {r_hat:.3f}")
    if ess is not None and ess < ESS_PER_CHAIN * chains:
        found.append(f"the ESS is down to {ess:.0f}")
    return tuple(found)


# The summary


def summary_columns(fit: Fit) -> dict[str, list[Any]]:
    """A tidy summary of every scalar of the posterior, group effects too, column by column."""
    posterior, coords = fit.groups["posterior"].variables, coordinates(fit.spec)
    labels, arrays = [], []
    for name, role, dims, group in _quantities(fit.spec):
        _, values = posterior[name]
        for label, index in _cells(name, role, group, [coords[dim] for dim in dims]):
            labels.append(label)
            at: Any = (..., *index)
            arrays.append(values[at])
    found: dict[str, list[Any]] = {name: [label[i] for label in labels] for i, name in enumerate(LABELS)}
    table = diagnose(np.stack(arrays)) if arrays else np.empty((0, len(COLUMNS)))
    for column, numbers in zip(COLUMNS, table.T, strict=True):
        found[column] = [None if math.isnan(number) else number for number in numbers.tolist()]
    return found


def _quantities(spec: ModelSpec) -> Iterator[tuple[str, str, tuple[str, ...], str | None]]:
    """Name, role, dims and grouping factor of each reported quantity."""
    groups: dict[str, str] = {}
    for predictor in names(spec).predictors:
        for group in predictor.groups:
            groups |= dict.fromkeys((group.sd, group.cor, group.r), group.dim)
    for p in parameters(spec):
        yield p.name, p.role, p.dims, groups.get(p.name)


def _cells(
    name: str, role: str, group: str | None, axes: Sequence[tuple[Any, ...]]
) -> Iterator[tuple[tuple[str | None, ...], tuple[int, ...]]]:
    """Labels (parameter, part, group, level, term) and position of each scalar; of a correlation, one of the two."""
    for index in np.ndindex(*map(len, axes)):
        if role == "group correlation" and index[0] <= index[1]:
            continue
        at = [str(labels[i]) for labels, i in zip(axes, index, strict=True)]
        if role == "group correlation":
            at.reverse()
        level = at[0] if role == "group effect" else None
        term = ", ".join(at[1:] if role == "group effect" else at) or None
        yield (f"{name}[{', '.join(at)}]" if at else name, role, group, level, term), index


# The process


def prepare(threads: int) -> None:
    """Set a worker process up: it leaves when the one that started it is gone, and keeps to its threads."""
    import atexit
    import multiprocessing
    import signal
    import threading
    from multiprocessing.connection import wait

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # To take an interpreter with all its kernels apart takes half a second, and nothing is left to do by then.
    atexit.register(os._exit, 0)
    os.environ.update(thread_limits(threads))
    parent = multiprocessing.parent_process()

    def leave() -> None:
        if parent is not None:
            wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=leave, daemon=True).start()


def thread_limits(threads: int) -> dict[str, str]:
    """The environment of a worker: `threads` for chains, and one for linear algebra, so that numbers depend on none."""
    names = ("OMP", "MKL", "OPENBLAS", "NUMBA", "VECLIB_MAXIMUM", "NUMEXPR")
    return {**{f"{name}_NUM_THREADS": "1" for name in names}, "PYTHON_CPU_COUNT": str(threads)}


def _kept(fit: Fit, *, compared: bool) -> dict[str, Group]:
    """What is written: all groups, with the log likelihood of each row if the fit is to be compared."""
    from tildemc.results.pointwise import log_likelihood_group

    found = fit.completed()
    if compared:
        found["log_likelihood"] = log_likelihood_group(fit.spec, fit.design, fit.groups["posterior"])
    return found
