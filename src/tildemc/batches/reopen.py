"""A job's record and draws -> its Fit: the model is built again from its text and its data."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tildemc.batches.outcome import Outcome
from tildemc.batches.plan import Job, build, fingerprint
from tildemc.batches.sources import By, Source, Table, label, load
from tildemc.batches.store import BatchError
from tildemc.engines.settings import Settings
from tildemc.errors import TildeError
from tildemc.limits import Limits
from tildemc.resolve.conventions import Marks, conventions
from tildemc.resolve.files import read_frame

if TYPE_CHECKING:
    from xarray import DataTree

    from tildemc.resolve.frame import Frame, Native
    from tildemc.results.fit import Fit

__all__ = ["recipe", "reopen"]


def recipe(job: Job) -> dict[str, object]:
    """What is needed to build a job's model again, as plain values."""
    return {
        "formula": job.formula,
        "data": job.source.text,
        "folder": job.source.folder,
        "na": list(job.source.conventions.stated),
        "csv": job.source.conventions.csv.said(),
        # Values as they are read: what they are, the data say.
        "by": [[name, label(((name, value),))] for name, value in job.by],
        "family": job.family,
        "priors": list(job.priors),
        "limits": asdict(job.source.limits),
    }


def reopen(name: str, outcome: Outcome, tree: DataTree, data: Native | Frame | str | Path | None = None) -> Fit:
    """The fit of a job that is done.

    Parameters
    ----------
    name : str
    outcome : Outcome
    tree : DataTree
        Its draws.
    data : data frame, mapping, or path, optional
        By default what the formula file named. All rows: those of the job are selected.

    Raises
    ------
    BatchError
        If the data are gone, or are not those that it was fitted to.
    """
    from tildemc.results.datatree import groups_of, reported
    from tildemc.results.fit import Fit

    instead = f"its draws are there: draws({name!r}); or name its data: fit({name!r}, data=...)"
    if not outcome.job:
        raise BatchError(f"how {name} was made is not recorded; {instead}")
    try:
        table = _table(outcome, data)
        job = _job(name, outcome, table)
        model = build(job, table)
    except TildeError as error:
        raise BatchError(f"{name} cannot be opened as a fit: {error}\n{instead}") from None
    now, then = fingerprint(job, model), outcome.fingerprint
    if now.resolved != then["resolved"]:
        other = "" if now.version == then["version"] else f", or tildemc {then['version']} read them otherwise"
        raise BatchError(f"the data are not those that {name} was fitted to{other}; {instead}")
    seconds = float(tree["posterior"].attrs["seconds"])
    drawn = reported(model.spec, groups_of(tree))
    fit = Fit(model.spec, model.design, drawn, outcome.engine, seconds).shown(model.display)
    settings = Settings().said()
    recorded = json.loads(then["settings"]).items()
    return fit.of_model(model, settings | {name: value for name, value in recorded if name in settings})


def _table(outcome: Outcome, data: Native | Frame | str | Path | None) -> Table:
    if data is None:
        return load(_source(outcome))
    source = _source(outcome)
    if isinstance(data, str | Path):
        return load(replace(source, text=str(Path(data).resolve()), folder=""))
    return Table(read_frame(data, replace(source.conventions, csv=Marks())))


def _source(outcome: Outcome) -> Source:
    said = outcome.job
    written = conventions(said["formula"], said.get("na", ()), csv=said.get("csv"))
    return Source(said["data"], said["folder"], written, Limits(**said["limits"]))


def _job(name: str, outcome: Outcome, table: Table) -> Job:
    said = outcome.job
    return Job(
        name=name, model=name, formula=said["formula"], source=_source(outcome), by=_by(said["by"], table),
        family=said["family"], priors=tuple(said["priors"]), settings=Settings(),
    )  # fmt: skip


def _by(said: list[list[str]], table: Table) -> By:
    """The combination of values that reads like this."""
    if not said:
        return ()
    for by in table.groups(tuple(name for name, _ in said)):
        if [label((pair,)) for pair in by] == [text for _, text in said]:
            return by
    raise BatchError(f"no row of the data has {', '.join(text for _, text in said)}")
