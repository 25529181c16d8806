"""What the columns of each model held in the last run; a column that holds something else now is refused."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from tildemc.batches.plan import Plan, Planned, Problem
from tildemc.batches.store import Store

__all__ = ["refuse_changed", "remember"]

_FILE = "columns.json"

Known = dict[str, dict[str, dict[str, str]]]
"""For each model and the data that it names, what its columns held."""


def refuse_changed(store: Store, plan: Plan, accept: Collection[str] = ()) -> Plan:
    """The plan; a job is a problem if a column of it holds something else than in the last run.

    Parameters
    ----------
    store : Store
        Of that run.
    plan : Plan
    accept : collection of str
        Columns that may.
    """
    known = _read(store)
    return replace(plan, jobs=tuple(_checked(job, known, accept) for job in plan.jobs))


def remember(store: Store, plan: Plan) -> None:
    """Keep what the columns hold of the jobs that can be run."""
    known = _read(store)
    for planned in plan.ready:
        columns = known.setdefault(planned.job.model, {}).setdefault(planned.job.source.text, {})
        columns.update(planned.columns)
    store.write(_FILE, json.dumps(known, indent=1, sort_keys=True))


def _read(store: Store) -> Known:
    try:
        known: Known = json.loads((store.root / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known


def _checked(job: Planned | Problem, known: Known, accept: Collection[str]) -> Planned | Problem:
    if isinstance(job, Problem):
        return job
    before = known.get(job.job.model, {}).get(job.job.source.text, {})
    changed = {name: told for name, told in _changes(before, job.columns) if name not in accept}
    if not changed:
        return job
    names = list(changed)
    options = " ".join(f"--accept {name}" for name in names)
    return Problem(
        job.job,
        f"{'; '.join(changed.values())} (model {job.job.model}, {job.job.source.text}): "
        f"mend the data, or take the change with {options}, in Python accept={names!r}",
    )


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, holds in now.items():
        if before.get(name, holds) != holds:
            yield name, f"column `{name}` held {before[name]} in the last run and holds {holds} now"
