"""A plan -> the results of its jobs, in a folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tildemc.batches.columns import refuse_changed, remember
from tildemc.batches.crew import Crew, local
from tildemc.batches.outcome import FAILED
from tildemc.batches.plan import Plan
from tildemc.batches.progress import EventLog, Progress
from tildemc.batches.results import Batch
from tildemc.batches.run import Decision, choose, decide, run
from tildemc.batches.store import BatchError, Store, locked
from tildemc.batches.tables import Row, index_table, summary_table

__all__ = ["perform"]


def perform(
    planned: Plan,
    out: str | Path,
    *,
    executor: Executor | None,
    workers: int | None,
    scheduler: str | None,
    only: Sequence[str],
    fail_fast: bool,
    prune: bool,
    accept: Sequence[str],
    progress: bool,
) -> Batch:
    """Fit what is not fitted yet; the arguments are those of `batch`.

    Raises
    ------
    BatchError
        If the results cannot be written.
    """
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
        store.write("compare.csv", compared.to_csv(index=False, na_rep="nan"))
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
