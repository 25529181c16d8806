"""Jobs and their outcomes -> a page that needs nothing but itself: a table, forest plots, details of every fit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from tildemc.batches.outcome import DONE, FAILED, WAITING, Outcome
from tildemc.batches.sources import label
from tildemc.batches.tables import Row
from tildemc.screen import number, numbers
from tildemc.visible import visible

if TYPE_CHECKING:
    import pandas as pd

    from tildemc.batches.plan import Job

__all__ = ["page"]

_TEMPLATE = Path(__file__).parent / "templates" / "index.html"
_ORDER = {FAILED: 0, WAITING: 1, DONE: 2}
_SHOWN = 40
_WIDTH = 480.0


@dataclass(frozen=True, slots=True)
class Interval:
    """One line of a forest plot: whose, its mean and ends as text, and where they lie, in pixels from the left."""

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
        x, left, right = ((value - low) * scale for value in ends)
        return cls(label, mean, lower, upper, x, left, right)


@dataclass(frozen=True, slots=True)
class Forest:
    """One parameter across the fits of a model."""

    parameter: str
    rows: tuple[Interval, ...]
    zero: float | None
    low: float
    high: float


def page(rows: Sequence[Row], compared: pd.DataFrame | None, problems: Sequence[str]) -> str:
    """The page's text; everything in it that a person wrote is escaped."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        finalize=lambda value: visible(value) if isinstance(value, str) else value,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["short"] = short
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    jobs = [_job(*row) for row in sorted(rows, key=lambda row: _ORDER[row[1].status])]
    counts = {status: sum(outcome.status == status for _, outcome in rows) for status in (DONE, FAILED, WAITING)}
    comparison = [] if compared is None else compared.to_dict("records")
    return template.render(
        jobs=jobs, counts=counts, forests=_forests(rows), comparison=comparison, problems=problems, width=_WIDTH,
        version=version("tildemc"),
    )  # fmt: skip


def short(value: str | float | None) -> str:
    """A number as people read it."""
    if value is None or value != value:
        return ""
    return number(value) if isinstance(value, float) else str(value)


def _job(job: Job, outcome: Outcome) -> dict[str, object]:
    summary = outcome.summary
    table = []
    if outcome.status == DONE:
        columns = ("parameter", "mean", "sd", "lower", "upper", "ess_bulk", "ess_tail", "r_hat")
        cells = zip(summary["part"], *(summary[name] for name in columns), strict=True)
        table = [_cells(*row) for part, *row in cells if part != "group effect"]
    return {
        "job": job,
        "outcome": outcome,
        "by": label(job.by),
        "anchor": f"fit-{job.slug}",
        "source": f"models/{quote(job.slug)}.py",
        "draws": f"draws/{quote(outcome.key)}.nc",
        "table": table[:_SHOWN],
        "more": max(0, len(table) - _SHOWN),
    }


def _cells(parameter: str, *values: float | None) -> list[str]:
    """A parameter's row: its own numbers to the places that its sd has, bulk and tail ESS, and R-hat."""
    mean, sd, lower, upper, bulk, tail, r_hat = (math.nan if value is None else value for value in values)
    cells = [*numbers([mean, sd, lower, upper], sd), f"{bulk:.0f}", f"{tail:.0f}", f"{r_hat:.3f}"]
    return [parameter, *("" if cell == "nan" else cell for cell in cells)]


def _forests(rows: Sequence[Row]) -> list[tuple[str, list[Forest]]]:
    """For each model with `by`, a plot for each parameter that is no group effect."""
    models: dict[str, list[Row]] = {}
    for job, outcome in rows:
        if job.by and outcome.status == DONE:
            models.setdefault(job.model, []).append((job, outcome))
    return [(name, list(_of_model(found))) for name, found in models.items()]


def _of_model(rows: Sequence[Row]) -> Iterator[Forest]:
    found: dict[str, list[tuple[str, tuple[float, float, float]]]] = {}
    for job, outcome in rows:
        s = outcome.summary
        cells = zip(s["part"], s["parameter"], s["mean"], s["lower"], s["upper"], strict=True)
        for part, parameter, mean, lower, upper in cells:
            ends = [value for value in (mean, lower, upper) if isinstance(value, float)]
            if part != "group effect" and len(ends) == 3:
                found.setdefault(str(parameter), []).append((label(job.by), (ends[0], ends[1], ends[2])))
    for parameter, lines in list(found.items())[:_SHOWN]:
        low, high = min(ends[1] for _, ends in lines), max(ends[2] for _, ends in lines)
        scale = _WIDTH / ((high - low) or 1.0)
        yield Forest(
            parameter,
            tuple(Interval.of(name, ends, low, scale) for name, ends in lines),
            -low * scale if low < 0 < high else None,
            low,
            high,
        )
