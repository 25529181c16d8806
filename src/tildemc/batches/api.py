"""`batch` runs a formula file, `load_batch` reads what came of it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tildemc.batches.columns import refuse_changed, remember
from tildemc.batches.crew import Crew, local
from tildemc.batches.formula_file import SETTINGS, FormulaFile, read_formula_file
from tildemc.batches.outcome import DONE, FAILED, Outcome
from tildemc.batches.plan import Plan, plan
from tildemc.batches.progress import EventLog, Progress
from tildemc.batches.run import Decision, choose, decide, run
from tildemc.batches.store import BatchError, Damaged, Store, locked
from tildemc.batches.tables import Row, index_table, summary_table
from tildemc.errors import nearest
from tildemc.limits import Limits

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataTree

    from tildemc.results.fit import Fit

__all__ = ["Batch", "batch", "load_batch", "plan_batch"]


@dataclass(frozen=True, eq=False)
class Batch:
    """The results of a batch: its tables, and `found["job"]` for the fit of a job.

    Attributes
    ----------
    folder : Path
    problems : tuple of str
        What went wrong beside single jobs: comparisons that could not be made.
    interrupted : bool
        Whether the run was broken off.
    """

    folder: Path
    problems: tuple[str, ...] = ()
    interrupted: bool = False

    @cached_property
    def index(self) -> DataFrame:
        """A row per job: name, by-values, status, seconds, rows, parameters, divergences, R-hat, ESS, key, error."""
        return self._read("index.parquet", Store(self.folder).read_table)

    @cached_property
    def summary(self) -> DataFrame:
        """A row per parameter of each job that is done, group effects too."""
        return self._read("summary.parquet", Store(self.folder).read_table)

    @cached_property
    def compare(self) -> DataFrame | None:
        """The comparisons that the file asked for; None if there are none."""
        import pandas as pd

        if not (self.folder / "compare.csv").is_file():
            return None
        content = self._read("compare.csv", Store(self.folder).read)
        return pd.read_csv(io.BytesIO(content), keep_default_na=False, na_values=["nan"])

    @property
    def failed(self) -> DataFrame:
        """The jobs that failed."""
        return self.index[self.index["status"] == FAILED]

    @property
    def ok(self) -> bool:
        """Whether all is done."""
        return not self.interrupted and not self.problems and bool((self.index["status"] == DONE).all())

    def __getitem__(self, job: str) -> Fit:
        """The fit of a job; see `fit`."""
        return self.fit(job)

    def fit(self, job: str, data: Any = None) -> Fit:
        """A job's fit, for summaries, comparisons and reports: its model is built again from the recorded text.

        Parameters
        ----------
        job : str
        data : data frame, mapping, or path, optional
            By default what the formula file named, where that was. All rows: those of the job are selected.

        Raises
        ------
        BatchError
            If there is no such job, if it is not done, or if its data are gone or have changed since; `draws` needs
            no data.
        """
        from tildemc.batches.reopen import reopen

        outcome = self._outcome(job)
        return reopen(job, outcome, self._draws(outcome), data)

    def draws(self, job: str) -> DataTree:
        """The draws of a job, as ArviZ's groups; needs no data.

        Raises
        ------
        BatchError
            If there is no such job, if it is not done, or if its draws are not as they were written.
        """
        return self._draws(self._outcome(job))

    def _draws(self, outcome: Outcome) -> DataTree:
        """The draws that the record was made with."""
        from tildemc.results.stored import read_tree

        return read_tree(Store(self.folder).path_of_draws(outcome.key))

    def _outcome(self, job: str) -> Outcome:
        """The record of a job that is done and whose draws are whole."""
        store = Store(self.folder)
        try:
            outcome = store.record(self._key(job))
            if outcome is None:
                raise Damaged("its record is gone")
            store.check_draws(outcome)
        except Damaged as error:
            raise BatchError(f"{job} cannot be opened: {error}; run the batch again") from None
        return outcome

    def _key(self, job: str) -> str:
        """The key of a job that is done."""
        found = self.index[self.index["job"] == job]
        if found.empty:
            raise BatchError(f"there is no job {job!r}{nearest(job, self.index['job'])}")
        status, key, error = found.iloc[0][["status", "key", "error"]]
        if status != DONE:
            raise BatchError(f"{job} is {status}{f': {error}' if error else ''}")
        return str(key)

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {status}" for status, count in self.index["status"].value_counts().items())
        return f"<Batch in {self.folder}: {counts}>"

    def _read[T](self, name: str, read: Callable[[str], T | None]) -> T:
        found = read(name)
        if found is None:
            raise BatchError(f"{self.folder} holds no {name} that is whole; run the batch again")
        return found


def load_batch(folder: str | Path) -> Batch:
    """Open a folder of results.

    Raises
    ------
    BatchError
        If there are none.
    """
    found = Batch(Path(folder))
    found.index  # noqa: B018 -- to say at once that there is none
    return found


def plan_batch(
    path: str | Path,
    *,
    data: str | Path | None = None,
    family: str | None = None,
    na: Sequence[str] = (),
    csv: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    **settings: Any,
) -> tuple[FormulaFile, Plan]:
    """What `batch` would fit, and all that is wrong with it.

    Raises
    ------
    FormulaFileError, BatchError
        If the file as a whole cannot be read.
    """
    for name in settings:
        if name not in SETTINGS:
            raise BatchError(f"there is no setting `{name}`{nearest(name, SETTINGS)}")
    file = read_formula_file(path)
    path_of_data = None if data is None else str(Path(data).resolve())
    return file, plan(file, data=path_of_data, family=family, na=na, csv=csv, limits=limits, **settings)


def batch(
    path: str | Path,
    *,
    out: str | Path,
    executor: Executor | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    only: Sequence[str] = (),
    fail_fast: bool = False,
    prune: bool = False,
    data: str | Path | None = None,
    family: str | None = None,
    na: Sequence[str] = (),
    csv: Mapping[str, str] | None = None,
    accept: Sequence[str] = (),
    limits: Limits | None = None,
    progress: bool = False,
    **settings: Any,
) -> Batch:
    """Fit every model of a formula file that is not fitted yet.

    Parameters
    ----------
    path : str or Path
        A model per line, or TOML.
    out : str or Path
        The folder for results.
    executor : concurrent.futures.Executor, optional
        Who does the work; by default a pool of processes on this machine. A script that uses that pool needs
        `if __name__ == "__main__":` around what it does, as multiprocessing has it.
    workers : int, optional
        How many processes; by default as many as there are cores.
    scheduler : str, optional
        The address of a Dask scheduler, `tcp://host:port`, instead.
    only : sequence of str
        Models, or single jobs; the others are left as they are.
    fail_fast : bool
        Whether to begin no more jobs after one has failed.
    prune : bool
        Whether to remove results that no job of the file has any more.
    data, family : str, optional
        For models that name none.
    na : sequence of str
        What stands for no value in the data of models that do not say it.
    csv : mapping, optional
        The marks in text in columns, as for `model`, where models do not say them.
    accept : sequence of str
        Columns that may hold something else than in the last run, labels instead of numbers; other such columns are
        refused.
    limits : Limits, optional
        How large models and their data may be, instead of what the file says: `Limits(sql_seconds=600)`.
    progress : bool
        Whether to tell of it on stderr: a live table on a terminal, else a line per job.
    **settings
        Settings of `Model.fit`, before those of the file.

    Returns
    -------
    Batch
        Failures are told in its index.

    Raises
    ------
    FormulaFileError, BatchError
        If the file cannot be read, or the results cannot be written.
    """
    _, planned = plan_batch(path, data=data, family=family, na=na, csv=csv, limits=limits, **settings)
    chosen = choose(planned, only)
    with locked(out) as store:
        planned = refuse_changed(store, planned, accept)
        decisions = decide(store, planned)
        todo = [d for d in decisions if d.outcome is None and d.planned.job.name in chosen]
        log = EventLog(store.root / "events.jsonl")
        hands = _crew(executor, min(workers or os.cpu_count() or 1, max(len(todo), 1)), scheduler)
        try:
            with hands as crew, _progress(todo, planned, chosen, log, progress, store) as told:
                rows = run(planned, decisions, chosen, store, crew, told, fail_fast=fail_fast)
            remember(store, planned)
            wrong = _write(store, planned, rows)
            if prune and not crew.interrupted:
                store.prune([outcome.key for _, outcome in rows], [job.slug for job, _ in rows])
            failed = sum(outcome.status == FAILED for _, outcome in rows)
            log.write("end", failed=failed, interrupted=crew.interrupted)
        except OSError as error:
            raise BatchError(f"results cannot be written to {out}: {error.strerror}") from error
        finally:
            log.close()
    return Batch(store.root, tuple(wrong), crew.interrupted)


def _progress(
    todo: Sequence[Decision], planned: Plan, chosen: set[str], log: EventLog, shown: bool, store: Store
) -> Progress:
    """Who tells of the jobs to do; begins with why they are to be done."""
    problems = [p for p in planned.problems if p.job.name in chosen]
    log.write("plan", jobs=len(planned.jobs), todo=len(todo), problems=len(problems))
    reasons: dict[str, list[str]] = {}
    for decision in todo:
        job = decision.planned.job.name
        reasons.setdefault(decision.reason, []).append(job)
        log.write("todo", job=job, key=decision.planned.key, reason=decision.reason)
    live = shown and sys.stderr.isatty()
    told = Progress(len(todo) + len(problems), log, live=live, lines=shown, folder=store.draws)
    done = len(planned.jobs) - len(todo) - len(problems)
    if done:
        told.say(f"{done} of {len(planned.jobs)} fits are left as they are")
    for reason, names in reasons.items():
        told.say(f"to do, {reason}: {', '.join(names[:5])}{f' … ({len(names)} in all)' if len(names) > 5 else ''}")
    return told


def _write(store: Store, planned: Plan, rows: Sequence[Row]) -> list[str]:
    """Write the tables, the programs and the page; what could not be compared."""
    from tildemc.batches.compare import compare
    from tildemc.batches.page import page

    index, summary = index_table(rows), summary_table(rows)
    for job, outcome in rows:
        if outcome.model_source:
            path = store.models / f"{job.slug}.py"
            if not path.is_file() or path.read_text(encoding="utf-8", errors="replace") != outcome.model_source:
                store.write(f"models/{job.slug}.py", outcome.model_source)
    compared, wrong = compare(store, rows, planned.compare)
    store.write_table("summary.parquet", summary)
    if compared is None:
        (store.root / "compare.csv").unlink(missing_ok=True)
    else:
        store.write("compare.csv", compared.to_csv(index=False))
    store.write("index.html", page(rows, compared, wrong))
    store.write_table("index.parquet", index)
    store.seal(("summary.parquet", "compare.csv", "index.parquet"))
    return wrong


@contextmanager
def _crew(executor: Executor | None, workers: int, scheduler: str | None) -> Iterator[Crew]:
    if executor is not None:
        here = isinstance(executor, ProcessPoolExecutor | ThreadPoolExecutor)
        yield Crew(executor, workers, workers + 2, remote=not here)
    elif scheduler is not None:
        from tildemc.batches.cluster import cluster

        with cluster(scheduler) as crew:
            yield crew
    else:
        with local(workers) as crew:
            yield crew
