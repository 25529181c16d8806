"""Jobs and their outcomes -> the tables of a batch: one row per job, and one row per parameter of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tildemc.batches.outcome import Cell, Outcome
from tildemc.batches.plan import Job
from tildemc.resolve.apart import label

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Row", "index_table", "summary_table"]

Row = tuple[Job, Outcome]


def index_table(rows: Sequence[Row]) -> pd.DataFrame:
    """A row per job; each column of `by` is a column `by.<name>`."""
    import pandas as pd

    table = pd.DataFrame([_index_row(job, outcome) for job, outcome in rows])
    for name in dict.fromkeys(name for job, _ in rows for name, _ in job.by):
        values = [dict(job.by).get(name) for job, _ in rows]
        kinds = {type(value) for value in values if value is not None}
        table[f"by.{name}"] = values if len(kinds) == 1 else [None if v is None else str(v) for v in values]
    return table


def _index_row(job: Job, outcome: Outcome) -> dict[str, object]:
    return {
        "job": job.name,
        "model": job.model,
        "by": label(job.by),
        "status": outcome.status,
        "seconds": outcome.seconds,
        "rows": outcome.rows,
        "parameters": outcome.parameters,
        "draws": outcome.draws,
        "divergences": outcome.divergences,
        "max_r_hat": float("nan") if outcome.max_r_hat is None else outcome.max_r_hat,
        "min_ess": float("nan") if outcome.min_ess is None else outcome.min_ess,
        "engine": outcome.engine,
        "finished": outcome.finished,
        "key": outcome.key,
        "error": outcome.error,
        "warnings": "; ".join(outcome.warnings),
        "formula": job.formula,
        "data": job.source.text,
        "file": job.slug,
    }


def summary_table(rows: Sequence[Row]) -> pd.DataFrame:
    """A row per parameter of each job that there are draws of."""
    import pandas as pd

    columns: dict[str, list[Cell]] = {"job": [], "model": [], "by": []}
    for job, outcome in rows:
        if not outcome.drawn:
            continue
        size = len(outcome.summary["parameter"])
        for name, value in (("job", job.name), ("model", job.model), ("by", label(job.by))):
            columns[name] += [value] * size
        for name, values in outcome.summary.items():
            columns.setdefault(name, []).extend(values)
    table = pd.DataFrame(columns)
    numbers = [name for name in ("mean", "sd", "lower", "upper", "ess_bulk", "ess_tail", "r_hat") if name in table]
    return table.astype(dict.fromkeys(numbers, float))
