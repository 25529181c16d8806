"""A job that cannot be run now -> what an earlier run has of it: a data file that is gone takes no results with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tildemc.batches.outcome import DONE, KEPT, Outcome
from tildemc.batches.plan import Problem, text
from tildemc.batches.store import Damaged, Store
from tildemc.batches.tables import Row

__all__ = ["kept"]


def kept(store: Store, problem: Problem) -> list[Row]:
    """The results of the same text in the last run's index, each with what keeps it from being made again.

    A model with `by` whose data cannot be read does not know its jobs: they are those that it had.
    """
    index = store.read_table("index.parquet")
    if index is None:
        return []
    job = problem.job
    column = "model" if job.name == job.model else "job"
    mine = index[index[column] == job.name]
    return [
        (replace(job, name=name, by=outcome.by, slug=file), replace(outcome, status=KEPT, error=problem.error))
        for name, file, key in zip(mine["job"], mine["file"], mine["key"], strict=True)
        for outcome in _whole(store, str(key), text(job))
    ]


def _whole(store: Store, key: str, written: str) -> Iterator[Outcome]:
    """The record of a key, if it is of a model that was written so, and its draws are as they were."""
    try:
        outcome = store.record(key) if key else None
        if outcome is not None and outcome.status == DONE and outcome.fingerprint.get("text") == written:
            store.check_draws(outcome)
            yield outcome
    except Damaged:
        return
