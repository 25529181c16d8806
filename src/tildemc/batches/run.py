"""A plan and a store -> every job's outcome: what is done is left, what is new or changed is fitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from tildemc.batches.crew import Crew
from tildemc.batches.kept import kept
from tildemc.batches.outcome import DONE, FAILED, WAITING, Outcome
from tildemc.batches.plan import Plan, Planned, Problem
from tildemc.batches.progress import Progress
from tildemc.batches.store import Damaged, Store
from tildemc.batches.tables import Row
from tildemc.batches.worker import Task
from tildemc.errors import nearest

__all__ = ["Decision", "choose", "decide", "run"]


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a planned job is to be fitted: its outcome if it is done already, else why it is to be."""

    planned: Planned
    outcome: Outcome | None
    reason: str


def choose(plan: Plan, only: Sequence[str]) -> set[str]:
    """The names of the jobs that `only` names, by themselves or by their model.

    Raises
    ------
    BatchError
        If a name is none.
    """
    from tildemc.batches.store import BatchError

    names = {planned.job.name for planned in plan.jobs}
    models = {planned.job.model for planned in plan.jobs}
    for name in only:
        if name not in names | models:
            raise BatchError(f"there is no model {name!r} in the formula file{nearest(name, names | models)}")
    if not only:
        return names
    return {planned.job.name for planned in plan.jobs if {planned.job.name, planned.job.model} & set(only)}


def decide(store: Store, plan: Plan) -> list[Decision]:
    """For every job that can be run, whether it is done, or why it is not."""
    index = store.read_table("index.parquet")
    before: Mapping[str, str] = {}
    if index is not None and {"job", "key"} <= set(index.columns):
        before = dict(zip(index["job"], index["key"], strict=True))
    return [_decide(store, planned, before.get(planned.job.name)) for planned in plan.ready]


def _decide(store: Store, planned: Planned, before: str | None) -> Decision:
    try:
        outcome = store.record(planned.key)
        if outcome is not None and outcome.status == DONE:
            store.check_draws(outcome)
            return Decision(planned, outcome, "done")
    except Damaged as error:
        return Decision(planned, None, str(error))
    if outcome is not None:
        return Decision(planned, None, "it failed the last time")
    return Decision(planned, None, _changed(store, planned, before))


def _changed(store: Store, planned: Planned, before: str | None) -> str:
    """What is different from the last time that a job of this name was fitted."""
    if not before or before == planned.key:
        return "new"
    try:
        old = store.record(before)
    except Damaged:
        return "changed"
    if old is None or not old.fingerprint:
        return "changed"
    now = asdict(planned.fingerprint)
    changed = {name for name, value in now.items() if old.fingerprint.get(name) != value}
    parts = {
        "text": "the model",
        "resolved": "" if "text" in changed else "the data",
        "settings": "the settings",
        "version": "tildemc",
    }
    said = [parts[name] for name in parts if name in changed and parts[name]]
    return f"{' and '.join(said) or 'something'} changed"


def run(
    plan: Plan,
    decisions: Sequence[Decision],
    chosen: Iterable[str],
    store: Store,
    crew: Crew,
    progress: Progress,
    *,
    fail_fast: bool,
) -> list[Row]:
    """Fit what is to be fitted; a row for every job of the plan, in its order.

    A KeyboardInterrupt ends it early: what is not done then is waiting.
    """
    wanted = set(chosen)
    found = {d.planned.key: d.outcome for d in decisions if d.outcome is not None}
    names: dict[str, list[str]] = {}
    tasks: dict[str, Task] = {}
    folder = None if crew.remote else str(store.draws)
    for decision in decisions:
        planned = decision.planned
        if decision.outcome is None and planned.job.name in wanted:
            names.setdefault(planned.key, []).append(planned.job.name)
            tasks.setdefault(planned.key, Task(planned.job, planned.key, folder))
    problems = [p for p in plan.problems if p.job.name in wanted]
    for problem in problems:
        progress.finished(problem.job.name, Outcome("", FAILED, problem.error))
    if problems and fail_fast:
        crew.stop()
    try:
        for task, outcome, draws in crew.outcomes(
            list(tasks.values()), lambda task: progress.began(task.job.name, task.key, task.job.steps)
        ):
            found[task.key] = _save(store, outcome, draws)
            for name in names[task.key]:
                progress.finished(name, found[task.key])
            if fail_fast and found[task.key].status == FAILED:
                crew.stop()
    except KeyboardInterrupt:
        crew.interrupted = True
    return [row for planned in plan.jobs for row in _rows(planned, found, store, wanted)]


def _rows(planned: Planned | Problem, found: Mapping[str, Outcome], store: Store, wanted: set[str]) -> list[Row]:
    """The row of a job; of one that cannot be run, what an earlier run has of it."""
    if isinstance(planned, Problem):
        status = FAILED if planned.job.name in wanted else WAITING
        return kept(store, planned) or [(planned.job, Outcome("", status, planned.error))]
    return [(planned.job, found.get(planned.key, Outcome(planned.key, WAITING)))]


def _save(store: Store, outcome: Outcome, draws: bytes | None) -> Outcome:
    try:
        store.save(outcome, draws)
    except OSError as error:
        return Outcome(outcome.key, FAILED, f"its results cannot be written: {error.strerror}", outcome.seconds)
    return outcome
