"""The engines, and which of them draws: the first of those asked that takes the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tildemc.engines.reproduced import check_reproduced
from tildemc.engines.settings import METHODS, MOST_SEED, SAMPLERS, Settings
from tildemc.engines.unsuited import Unsuited
from tildemc.errors import FitError, Interrupted, about_data_set
from tildemc.passes.aggregate import pays
from tildemc.results.fit import Fit
from tildemc.results.imputations import pooled
from tildemc.spec.design import Completed, DataSet, Numbers, Streamed
from tildemc.spec.model import ModelSpec
from tildemc.spec.takes import Takes

__all__ = ["ENGINES", "Engine", "asked", "fit", "streams"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a fit costs, about, in processor seconds: to begin, for each draw, each draw of a row, and of a number."""

    start: float
    draw: float = 0.0
    row: float = 0.0
    number: float = 0.0

    def seconds(self, draws: int, rows: int, numbers: int) -> float:
        """Of so many draws, those of warm-up among them, of a model of so many rows and parameters."""
        return self.start + draws * (self.draw + self.row * rows + self.number * numbers)


@dataclass(frozen=True, slots=True)
class Engine:
    """A way to a posterior.

    Attributes
    ----------
    name : str
        As in `method=`.
    path : str
        What a fit says of it.
    takes : callable
        The lists of what it takes; imported when they are asked for.
    sample : callable
        Draws; takes the model, its design, the settings, and what to say of the path.
    cost : Cost
        For plans of many fits.
    samplers : tuple of str
        The values of `sampler=` that go with it.
    """

    name: str
    path: str
    takes: Callable[[], Takes]
    sample: Callable[[ModelSpec, DataSet, Settings, str], Fit]
    cost: Cost
    samplers: tuple[str, ...] = SAMPLERS[:1]


def _exact_takes() -> Takes:
    from tildemc.targets.marginal.takes import TAKES

    return TAKES


def _exact(spec: ModelSpec, design: DataSet, settings: Settings, path: str) -> Fit:
    from tildemc.engines.exact import sample_exact

    return sample_exact(spec, design, settings, path)


def _transport_takes() -> Takes:
    from tildemc.targets.glmm.takes import TAKES

    return TAKES


def _transport(spec: ModelSpec, design: DataSet, settings: Settings, path: str) -> Fit:
    from tildemc.engines.transport import sample_transport

    return sample_transport(spec, design, settings, path)


def _direct_takes() -> Takes:
    from tildemc.targets.direct.takes import TAKES

    return TAKES


def _direct(spec: ModelSpec, design: DataSet, settings: Settings, path: str) -> Fit:
    from tildemc.engines.direct import sample_direct

    return sample_direct(spec, design, settings, path)


def _graph_takes() -> Takes:
    # PyMC is the language that models are written in: what cannot be said there is no model yet.
    return Takes(engine="PyMC", nonlinear=True, made=True)


def _graph(spec: ModelSpec, design: DataSet, settings: Settings, path: str) -> Fit:
    from tildemc.engines.nuts import sample_graph

    return sample_graph(spec, design.whole(path), settings, path)


ENGINES = {
    engine.name: engine
    for engine in (
        Engine("exact", "exact", _exact_takes, _exact, Cost(0.04, number=2e-7)),
        Engine("transport", "transport", _transport_takes, _transport, Cost(0.1, 1e-4, 1e-7)),
        Engine("direct", "NUTS, direct engine", _direct_takes, _direct, Cost(0.1, 5e-5, 2e-7)),
        Engine("pymc", "NUTS on the PyMC graph", _graph_takes, _graph, Cost(20.0, 2e-4, 1e-6), samplers=SAMPLERS),
    )
}
"""By the name that `method=` gives them; `METHODS` has the order in which they are asked."""


def asked(settings: Settings) -> tuple[Engine, ...]:
    """The engines that these settings leave to choose from, in the order in which they are asked."""
    engines = (ENGINES[name] for name in METHODS[settings.method])
    return tuple(engine for engine in engines if settings.sampler in engine.samplers)


def streams(spec: ModelSpec, design: Streamed) -> bool:
    """Whether an engine takes these rows in chunks."""
    lists = [engine.takes() for engine in ENGINES.values()]
    kept = {takes.chunks for takes in lists if takes.chunks and takes.all_of(spec)}
    return "cross-products" in kept or ("merged rows" in kept and pays(spec, design))


def fit(spec: ModelSpec, design: Numbers, settings: Settings) -> Fit:
    """Draw from the posterior with the engine that the settings ask for.

    Returns
    -------
    Fit
        With fewer draws than asked for, which it says, if a sampler was interrupted. Of several data sets, the draws
        for all.

    Raises
    ------
    FitError
        If no engine that was asked for can fit the model, with all reasons; or if the model reproduces the response.
    Interrupted
        If a sampler was, before there were draws.
    """
    if isinstance(design, Completed):
        return _of_each(spec, design, settings)
    found = _draw(spec, design, settings)
    check_reproduced(found)
    return found.asked(settings.chains, settings.draws)


def _of_each(spec: ModelSpec, design: Completed, settings: Settings) -> Fit:
    """Draw for each data set, with a seed of its own: the same would make draws of different data sets go together."""
    found = []
    for number, one in enumerate(design.designs):
        seed = None if settings.seed is None else (settings.seed + number) % (MOST_SEED + 1)
        with about_data_set(number + 1):
            fitted = fit(spec, one, replace(settings, seed=seed))
            if fitted.interrupted:
                raise Interrupted(f"interrupted {fitted.interrupted}")
        found.append(fitted)
    first, seconds = found[0], sum(one.seconds for one in found)
    path = f"{first.path}; draws of {len(found)} data sets pooled"
    groups = pooled([one.groups for one in found], path=path, seconds=seconds)
    return replace(first, design=design, groups=groups, path=path, seconds=seconds)


def _draw(spec: ModelSpec, design: DataSet, settings: Settings) -> Fit:
    meant = asked(settings)
    if not meant:
        raise FitError(f"the {settings.method} engine has a sampler of its own; `sampler` goes with `method='pymc'`")
    engines = _reading(design, meant)
    if not engines:
        chosen = settings.sampler != SAMPLERS[0]
        design.whole(f"`sampler={settings.sampler!r}`" if chosen else f"`method={settings.method!r}`")
    unsuited = ""
    for before, engine in zip((None, *engines), engines, strict=False):
        if not engine.takes().all_of(spec):
            continue
        told = unsuited
        if before is not None and engine is meant[-1]:
            # Who is asked last says why, for it is slow, or was not meant; and who draws where another gave up.
            told = "; ".join(map(str, before.takes().gaps(spec))) or unsuited
        try:
            return engine.sample(spec, design, settings, f"{engine.path} ({told})" if told else engine.path)
        except Unsuited as error:
            if engine is engines[-1]:
                raise
            unsuited = f"{engine.name}: {error}"
    gaps = engines[-1].takes().gaps(spec)
    others = _reading(design, asked(replace(settings, method="auto")))
    able = next((engine.name for engine in others if engine.takes().all_of(spec)), None)
    if able is None:
        design.whole(f"this model ({'; '.join(map(str, gaps))})")
    listed = "".join(f"\n- {gap}" for gap in gaps)
    raise FitError(f"`method={settings.method!r}` cannot fit this model; `method={able!r}` can:{listed}")


def _reading(design: DataSet, engines: tuple[Engine, ...]) -> tuple[Engine, ...]:
    """Those that take rows as these come."""
    return tuple(engine for engine in engines if engine.takes().chunks or not isinstance(design, Streamed))
