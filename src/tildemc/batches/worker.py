"""A task -> its outcome: what a worker does, in a process of its own, maybe on another machine."""

from __future__ import annotations

import hashlib
import math
import time
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tildemc.batches.files import write_atomically
from tildemc.batches.outcome import DONE, FAILED, Cell, Outcome
from tildemc.batches.plan import Fingerprint, Job, build, fingerprint, said, stated_priors
from tildemc.batches.pulse import pulse
from tildemc.batches.sources import load
from tildemc.errors import Interrupted, TildeError
from tildemc.markup import now
from tildemc.resolve.apart import Table
from tildemc.results.diagnose import COLUMNS
from tildemc.results.summary import Summary, summarise
from tildemc.spec.columns import label_of

if TYPE_CHECKING:
    from tildemc.compiled import Model
    from tildemc.results.datatree import Group
    from tildemc.results.fit import Fit

__all__ = ["Task", "summary_columns", "work"]

_Z = 1.959963984540054
"""Half the width of 95 % intervals, in standard errors."""
LABELS = ("parameter", "part", "group", "level", "term")


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
        by = tuple((name, label_of(value)) for name, value in task.job.by)
        outcome = replace(outcome, seconds=time.perf_counter() - start, finished=now(), by=by)
        return outcome, _keep(task, draws)
    except TildeError as error:
        told = str(error)
    except OSError as error:
        told = f"{type(error).__name__}: {error.strerror or error}"
    except Exception as error:  # the others are to go on, whatever a sampler or a compiler raised
        last = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {error} ({Path(last.filename).name}, line {last.lineno})"
    return Outcome(task.key, FAILED, told, time.perf_counter() - start, now()), None


def _keep(task: Task, draws: bytes | None) -> bytes | None:
    if task.folder is None or draws is None:
        return draws
    write_atomically(Path(task.folder, f"{task.key}.nc"), draws)
    return None


def _fit(task: Task, table: Table | None = None) -> tuple[Outcome, bytes | None]:
    from tildemc.batches.netcdf import netcdf

    job = task.job
    model = build(job, load(job.source) if table is None else table)
    found = fingerprint(job, model)
    if found.key != task.key:
        raise TildeError(f"the data of {job.name} changed after the plan was made; run the batch again")
    if job.estimated:
        return _estimated(task, model, found), None
    settings = {**said(job.settings), "seed": found.seed(job.settings.seed or 0)}
    with nullcontext(None) if task.folder is None else pulse(task.folder, task.key) as report:
        fit = model.fit(**settings, progress=False, report=report)
    if fit.interrupted:
        raise Interrupted(f"interrupted {fit.interrupted}")
    summary = summarise(fit.spec, fit.groups["posterior"])
    draws = netcdf(_kept(fit, compared=job.compared))
    columns = summary_columns(summary)
    r_hat, ess = _extreme(columns["r_hat"], max), _extreme(columns["ess_bulk"] + columns["ess_tail"], min)
    outcome = Outcome(
        task.key, DONE,
        rows=model.design.n, parameters=len(summary.scalars), draws=fit.draws, divergences=fit.divergences,
        max_r_hat=r_hat, min_ess=ess, engine=fit.path, warnings=fit.concerns(summary),
        notes=model.report.notes, priors=stated_priors(model),
        fingerprint=asdict(found), summary=columns, model_source=model.source(),
        sha256=hashlib.sha256(draws).hexdigest(), size=len(draws),
    )  # fmt: skip
    return outcome, draws


def _estimated(task: Task, model: Model, found: Fingerprint) -> Outcome:
    """The outcome of a job whose numbers are estimates."""
    estimate = model.optimize()
    rows = [*estimate.numbers()]
    # Estimates and standard errors stand where draws have means and sds; there is no R-hat.
    found_columns = {"mean": [row.value for row in rows], "sd": [row.se for row in rows]}
    found_columns["lower"], found_columns["upper"] = np.reshape([row.wald(_Z) for row in rows], (-1, 2)).T.tolist()
    columns: dict[str, list[Cell]] = {name: [None] * len(rows) for name in (*LABELS, *COLUMNS)}
    columns |= {"parameter": [row.name for row in rows], "part": [row.role for row in rows]}
    for name, values in found_columns.items():
        columns[name] = [None if math.isnan(value) else value for value in values]
    boundary = (f"boundary (singular) fit: {'; '.join(estimate.boundary)}",) if estimate.boundary else ()
    return Outcome(
        task.key, DONE,
        rows=model.design.n, parameters=len(rows), engine=estimate.title, warnings=boundary,
        notes=(*model.report.notes, *estimate.told), priors=stated_priors(model),
        fingerprint=asdict(found), summary=columns, model_source=model.source(),
    )  # fmt: skip


def _extreme(values: list[Cell], choose: Callable[[list[float]], float]) -> float | None:
    known = [value for value in values if isinstance(value, float)]
    return choose(known) if known else None


def summary_columns(summary: Summary) -> dict[str, list[Cell]]:
    """A tidy table of every scalar of the posterior, group effects too, column by column."""
    labels = [(s.label, s.role, s.group, s.level, s.term) for s in summary.scalars]
    found: dict[str, list[Cell]] = {name: [label[i] for label in labels] for i, name in enumerate(LABELS)}
    for column, numbers in zip(COLUMNS, summary.numbers.T, strict=True):
        found[column] = [None if math.isnan(number) else number for number in numbers.tolist()]
    return found


def _kept(fit: Fit, *, compared: bool) -> dict[str, Group]:
    """What is written: all groups and the model, with the log likelihood of each row if the fit is to be compared."""
    from tildemc.results.pointwise import log_likelihood_group
    from tildemc.results.saved import GROUP, model_group

    found = {**fit.completed(), GROUP: model_group(fit)}
    if compared:
        found["log_likelihood"] = log_likelihood_group(fit.spec, fit.design, fit.groups["posterior"])
    return found
