"""Jobs and their outcomes -> a page that needs nothing but itself: a table, forest plots, details of every fit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from tildemc.batches.outcome import DONE, FAILED, KEPT, WAITING, Cell, Outcome
from tildemc.batches.tables import Row
from tildemc.markup import render
from tildemc.page import Section
from tildemc.resolve.apart import label
from tildemc.screen import number, numbers
from tildemc.spec.terms.term import COEFFICIENTS

if TYPE_CHECKING:
    import pandas as pd

    from tildemc.batches.plan import Job

__all__ = ["page"]

_ORDER = {FAILED: 0, KEPT: 1, WAITING: 2, DONE: 3}
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Interval:
    """One line of a forest plot: whose, its mean and ends as text, and where they lie, in percent from the left."""

    label: str
    mean: str
    lower: str
    upper: str
    x: float
    left: float
    right: float

    @classmethod
    def of(cls, label: str, ends: tuple[float, float, float], low: float, scale: float) -> Interval:
        """Of a mean and the ends of its interval, which is about four sds wide."""
        _, least, most = ends
        mean, lower, upper = numbers(ends, (most - least) / 4)
        x, left, right = (round((value - low) * scale, 2) for value in ends)
        return cls(label, mean, lower, upper, x, left, right)


@dataclass(frozen=True, slots=True)
class Forest:
    """One parameter across the fits of a model."""

    parameter: str
    rows: tuple[Interval, ...]
    zero: float | None
    low: str
    high: str


def page(rows: Sequence[Row], compared: pd.DataFrame | None, problems: Sequence[str]) -> str:
    """The page's text; everything in it that a person wrote is escaped."""
    statuses = [outcome.status for _, outcome in rows]
    return render(
        "batch.html",
        jobs=[_job(*row) for row in sorted(rows, key=lambda row: _ORDER[row[1].status])],
        counts={status: statuses.count(status) for status in _ORDER},
        data=[*dict.fromkeys(job.source.text for job, _ in rows if job.source.text)],
        forests=_forests(rows),
        comparison=None if compared is None else _comparison(compared),
        problems=problems,
    )


def _comparison(compared: pd.DataFrame) -> Section:
    rows = [(short(first), [short(cell) for cell in cells]) for first, *cells in compared.to_numpy(object).tolist()]
    return Section("", [*compared.columns[1:]], rows, most=len(rows))


def short(value: Cell) -> str:
    """A number as people read it."""
    if value is None or value != value:
        return ""
    return number(value) if isinstance(value, float) else str(value)


def _job(job: Job, outcome: Outcome) -> dict[str, object]:
    return {
        "job": job,
        "outcome": outcome,
        "by": label(job.by),
        "anchor": f"fit-{job.slug}",
        "source": f"models/{quote(job.slug)}.py",
        "draws": f"draws/{quote(outcome.key)}.nc",
        "table": _table(outcome.summary) if outcome.drawn else None,
    }


def _table(summary: Mapping[str, list[Cell]]) -> Section:
    """What is no effect of a level."""
    columns = ("parameter", "mean", "sd", "lower", "upper", "ess_bulk", "ess_tail", "r_hat")
    cells = zip(summary["part"], *(summary[name] for name in columns), strict=True)
    rows = [_cells(*row) for part, *row in cells if part not in COEFFICIENTS]
    above = ("mean", "sd", "2.5%", "97.5%", "bulk ESS", "tail ESS", "R-hat")
    return Section("", above, rows, most=_SHOWN, elsewhere="summary.parquet has them all")


def _cells(parameter: str, *values: float | None) -> tuple[str, list[str]]:
    """A parameter's row: its own numbers to the places that its sd has, bulk and tail ESS, and R-hat."""
    mean, sd, lower, upper, bulk, tail, r_hat = (math.nan if value is None else value for value in values)
    cells = [*numbers([mean, sd, lower, upper], sd), f"{bulk:.0f}", f"{tail:.0f}", f"{r_hat:.3f}"]
    return parameter, ["" if cell == "nan" else cell for cell in cells]


def _forests(rows: Sequence[Row]) -> list[tuple[str, list[Forest]]]:
    """For each model with `by`, a plot for each parameter that is no group effect."""
    models: dict[str, list[Row]] = {}
    for job, outcome in rows:
        if job.by and outcome.drawn:
            models.setdefault(job.model, []).append((job, outcome))
    return [(name, list(_of_model(found))) for name, found in models.items()]


def _of_model(rows: Sequence[Row]) -> Iterator[Forest]:
    found: dict[str, list[tuple[str, tuple[float, float, float]]]] = {}
    for job, outcome in rows:
        s = outcome.summary
        cells = zip(s["part"], s["parameter"], s["mean"], s["lower"], s["upper"], strict=True)
        for part, parameter, mean, lower, upper in cells:
            ends = [value for value in (mean, lower, upper) if isinstance(value, float)]
            if part not in COEFFICIENTS and len(ends) == 3:
                found.setdefault(str(parameter), []).append((label(job.by), (ends[0], ends[1], ends[2])))
    for parameter, lines in list(found.items())[:_SHOWN]:
        low, high = min(ends[1] for _, ends in lines), max(ends[2] for _, ends in lines)
        scale = 100 / ((high - low) or 1.0)
        yield Forest(
            parameter,
            tuple(Interval.of(name, ends, low, scale) for name, ends in lines),
            round(-low * scale, 2) if low < 0 < high else None,
            number(low),
            number(high),
        )
