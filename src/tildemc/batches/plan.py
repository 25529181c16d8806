"""A formula file -> a plan: every fit there is to make, with its key, size and cost, or what is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any

from tildemc.batches.digest import feed
from tildemc.batches.formula_file import OPTIMIZE, Entry, FormulaFile
from tildemc.batches.slug import slugs
from tildemc.batches.sources import Source, load
from tildemc.engines.settings import TELLING, Settings
from tildemc.errors import TildeError
from tildemc.limits import Limits
from tildemc.reading import groups_of
from tildemc.resolve.apart import By, Table, label
from tildemc.resolve.conventions import conventions
from tildemc.results.records import release
from tildemc.spec.parameters import coordinates, parameters
from tildemc.storage import Json
from tildemc.targets.explain import prior_lines
from tildemc.threads import one_blas_thread

if TYPE_CHECKING:
    from tildemc.compiled import Model
    from tildemc.engines.choose import Engine

__all__ = [
    "Fingerprint",
    "Job",
    "Plan",
    "Planned",
    "Problem",
    "build",
    "fingerprint",
    "plan",
    "said",
    "stated_priors",
    "text",
]

_SEED = 0
_ESTIMATING, _ESTIMATING_ROW = 0.05, 1e-5
"""Processor seconds of estimates, about."""


@dataclass(frozen=True, slots=True)
class Job:
    """One fit: a model's text, where its data are, and how to draw; all that a worker needs.

    Attributes
    ----------
    name, model : str
        Of the fit and of the file's entry: they differ where there is `by`.
    formula : str
    source : Source
    by : tuple
        Which of the rows.
    family : str or None
    priors : tuple of str
    settings : Settings
        Its `seed` is the file's; the sampler's own comes from `fingerprint`.
    compared : bool
        Whether a comparison needs its log likelihood.
    slug : str
        The name of its files, which is known with those of the others.
    estimated : bool
        Whether what is wanted are estimates, and no draws.
    """

    name: str
    model: str
    formula: str
    source: Source
    by: By
    family: str | None
    priors: tuple[str, ...]
    settings: Settings
    compared: bool = False
    slug: str = ""
    estimated: bool = False

    @property
    def steps(self) -> int:
        """How many draws there will be, warm-up included."""
        return 0 if self.estimated else (self.settings.draws + self.settings.tune) * self.settings.chains


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What makes a fit the fit that it is; a changed part says why it is made again.

    Attributes
    ----------
    text, resolved, settings, version : str
        Digests of the formula with family and priors as written, of the model with all its numbers, and of the
        settings; and tildemc's version.
    """

    text: str
    resolved: str
    settings: str
    version: str

    @property
    def key(self) -> str:
        """The name under which results are kept."""
        return hashlib.sha256("\n".join((self.resolved, self.settings, self.version)).encode()).hexdigest()[:32]

    def seed(self, base: int) -> int:
        """The sampler's seed: of the file's seed and of the model and its data, not of names, workers or order."""
        digest = hashlib.sha256(f"{base}\n{self.resolved}".encode()).digest()
        return int.from_bytes(digest[:4], "little") >> 1


@dataclass(frozen=True, slots=True)
class Planned:
    """A job that can be run: its fingerprint, size, engine and rough cost in seconds; priors for a model's first.

    `columns` says what each column of the data holds: numbers, labels, truth values.
    """

    job: Job
    fingerprint: Fingerprint
    rows: int
    parameters: int
    engine: str
    priors: tuple[str, ...]
    seconds: float
    columns: Mapping[str, str]

    @property
    def key(self) -> str:
        """The name under which its results are kept."""
        return self.fingerprint.key


@dataclass(frozen=True, slots=True)
class Problem:
    """A job that cannot be run, and why."""

    job: Job
    error: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All jobs of a file in its order, and the comparisons to make."""

    jobs: tuple[Planned | Problem, ...]
    compare: Mapping[str, tuple[str, ...]]

    @property
    def ready(self) -> tuple[Planned, ...]:
        """The jobs that can be run."""
        return tuple(job for job in self.jobs if isinstance(job, Planned))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The jobs that cannot be run."""
        return tuple(job for job in self.jobs if isinstance(job, Problem))


def plan(
    file: FormulaFile,
    *,
    data: str | None = None,
    family: str | None = None,
    na: Sequence[str] = (),
    csv: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    **settings: Json,
) -> Plan:
    """Resolve every model of a file against its data.

    Parameters
    ----------
    file : FormulaFile
    data, family : str, optional
        For models that name none.
    na : sequence of str
        What stands for no value in the data of models that do not say it.
    csv : mapping, optional
        The marks in text in columns, as for `model`, where models do not say them.
    limits : Limits, optional
        Instead of the file's.
    **settings
        Settings of the fit that go before the file's.
    """
    compared = {name for names in file.compare.values() for name in names}
    jobs: dict[str, Planned | Problem] = {}
    for entry in file.entries:
        written = conventions(entry.formula, entry.na or na, csv={**(csv or {}), **entry.csv})
        source = Source(entry.data or data or "", str(file.folder), written, limits or Limits(**entry.limits))
        start = Job(
            name=entry.name, model=entry.name, formula=entry.formula, source=source, by=(),
            family=entry.family or family,
            priors=entry.priors, settings=Settings(seed=_SEED), compared=entry.name in compared,
            estimated=entry.engine == OPTIMIZE,
        )  # fmt: skip
        for planned in _entry(entry, start, settings):
            twice = planned.job.name in jobs
            jobs[planned.job.name] = Problem(planned.job, "two fits have this name") if twice else planned
    files = slugs(jobs)
    named = (replace(planned, job=replace(planned.job, slug=files[name])) for name, planned in jobs.items())
    return Plan(tuple(named), file.compare)


def _entry(entry: Entry, start: Job, settings: Mapping[str, Any]) -> Iterator[Planned | Problem]:
    try:
        if not start.source.text:
            raise TildeError(f"no data are named for the model {entry.name!r}: say `data`")
        method = {} if entry.engine in (None, OPTIMIZE) else {"method": entry.engine}
        drawn = {
            "seed": _SEED,
            **method,
            **entry.fit,
            **{name: value for name, value in settings.items() if value is not None},
        }
        whole = replace(start, settings=Settings(**drawn, progress=False))
        table = load(start.source)
        columns = entry.by or groups_of(entry.formula, table.frame)
        combinations = tuple(table.groups(columns)) if columns else ((),)
    except TildeError as error:
        yield Problem(start, str(error))
        return
    for i, by in enumerate(combinations):
        name = ".".join([entry.name, *(label((pair,)) for pair in by)])
        yield _planned(replace(whole, name=name, by=by), table, explain=i == 0)


def _planned(job: Job, table: Table, *, explain: bool) -> Planned | Problem:
    try:
        model = build(job, table)
    except TildeError as error:
        return Problem(job, str(error))
    coords = coordinates(model.spec)
    size = sum(prod(len(coords[dim]) for dim in p.dims) for p in parameters(model.spec))
    priors = stated_priors(model) if explain else ()
    rows = model.design.n
    if job.estimated:
        engine, seconds = OPTIMIZE, _ESTIMATING + _ESTIMATING_ROW * rows
    else:
        chosen = _engine(model, job.settings)
        engine, seconds = chosen.name, chosen.cost.seconds(job.steps, rows, size)
    columns = dict(model.report.held)
    return Planned(job, fingerprint(job, model), rows, size, engine, priors, seconds, columns)


def build(job: Job, table: Table) -> Model:
    """The job's model on its rows.

    Raises
    ------
    TildeError
        What is wrong with its text or its data.
    """
    import scipy.linalg  # noqa: F401  (whose threads are to be kept, too)

    from tildemc.api import model

    priors = "stata" if job.priors == ("stata",) else job.priors
    # How many threads add up decides how sums are rounded, and a key is of all digits of what a smooth learned.
    with one_blas_thread():
        return model(job.formula, table.select(job.by), job.family, priors, limits=job.source.limits)


def text(job: Job) -> str:
    """A digest of what a person wrote of the model."""
    written = json.dumps([job.formula.split(), job.family, job.priors])
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def fingerprint(job: Job, model: Model) -> Fingerprint:
    """Digests of the job's text, of what it resolves to, and of how it is to be drawn."""
    resolved = hashlib.sha256()
    feed(resolved, replace(model.spec, formula=""))
    feed(resolved, model.design)
    drawing = {"engine": OPTIMIZE} if job.estimated else said(job.settings)
    settings = drawing | ({"compared": True} if job.compared else {})
    return Fingerprint(
        text(job),
        resolved.hexdigest()[:32],
        json.dumps(settings, sort_keys=True),
        release(),
    )


def said(settings: Settings) -> dict[str, Any]:
    """The settings that make a difference to the draws."""
    return {name: value for name, value in settings.said().items() if name not in TELLING}


def _engine(model: Model, settings: Settings) -> Engine:
    """Who will draw: the first of those asked that takes the model, or that will say why it does not."""
    from tildemc.engines.choose import asked

    engines = asked(settings)
    return next((engine for engine in engines if engine.takes().all_of(model.spec)), engines[0])


def stated_priors(model: Model) -> tuple[str, ...]:
    """The lines of the model's explanation that state a prior."""
    return tuple(line.strip() for line in prior_lines(model.facts()))
