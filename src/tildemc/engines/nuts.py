"""NUTS on the PyMC graph: a Program -> Fit."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Values
from tildemc.engines.progress import followed
from tildemc.engines.settings import Settings
from tildemc.engines.trace import NO_DRAWS, STATISTICS, arrays
from tildemc.errors import Interrupted
from tildemc.results.fit import Fit
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names, parameters

if TYPE_CHECKING:
    import pymc as pm
    from nutpie.compile_pymc import CompiledPyMCModel
    from nutpie.sample import CompiledModel, _BackgroundSampler

    from tildemc.targets.pymc.program import Program
    from tildemc.targets.pymc.share import Shared

__all__ = ["by_nutpie", "compile_graph", "sample_graph"]


def compile_graph(spec: ModelSpec, program: Program) -> CompiledModel:
    """A nutpie model that draws what the model reports and nothing else.

    Compiled once in a process for all programs that differ in their numbers, labels and number of rows.
    """
    from tildemc.targets.pymc.share import share

    shared = share(program, names(spec).obs)
    graph = _graph(shared, spec)
    known = {variable.name for variable in graph.compiled.shared_var_keys}
    compiled = graph.compiled.with_data(**{k: v for k, v in shared.values.items() if k in known})

    def start(seed: int) -> Floats:
        # Where a chain begins depends on the priors' scales, which its own function takes from the model.
        with _LOCK:
            graph.give(shared.values)
            point: Floats = graph.compiled.initial_point_func(seed)
            return point

    return replace(compiled, initial_point_func=start)


@dataclass(frozen=True, eq=False)
class _Graph:
    """A PyMC model and what nutpie compiled of it."""

    model: pm.Model
    compiled: CompiledPyMCModel

    def give(self, values: Mapping[str, Values]) -> None:
        """Other data to the model."""
        for name, value in values.items():
            variable = self.model[name]
            variable.set_value(np.asarray(value, variable.dtype))


_GRAPHS: OrderedDict[str, _Graph] = OrderedDict()
_KEPT = 8
_LOCK, _COMPILING = threading.Lock(), threading.Lock()


def _graph(shared: Shared, spec: ModelSpec) -> _Graph:
    with _COMPILING:
        if shared.shape not in _GRAPHS:
            _GRAPHS[shared.shape] = _compile(shared, spec)
            while len(_GRAPHS) > _KEPT:
                _GRAPHS.popitem(last=False)
        _GRAPHS.move_to_end(shared.shape)
        return _GRAPHS[shared.shape]


def _compile(shared: Shared, spec: ModelSpec) -> _Graph:
    import nutpie

    from tildemc.targets.pymc.build import build

    model = build(shared.program)
    reported = [p.name for p in parameters(spec)]
    compiled = nutpie.compile_pymc_model(model, var_names=reported, initial_points=_cholesky_starts(model))
    return _Graph(model, compiled)


def _cholesky_starts(model: pm.Model) -> dict[str, Floats]:
    """Identity matrices, packed, for the Cholesky factors: drawing a start for them fails in nutpie 0.16."""
    starts: dict[str, Floats] = {}
    transformed = model.initial_point()
    for variable in model.free_RVs:
        if "LKJCholeskyCov" in type(variable.owner.op).__name__:
            size = transformed[model.rvs_to_values[variable].name].size
            n = int((np.sqrt(8 * size + 1) - 1) / 2)
            starts[variable.name] = np.eye(n)[np.tril_indices(n)]
    return starts


def sample_graph(spec: ModelSpec, design: Design, settings: Settings, path: str) -> Fit:
    """Draw from the posterior of a PyMC graph.

    Parameters
    ----------
    spec, design
    settings : Settings
    path : str
        What to say of the path taken.
    """
    from tildemc.targets.pymc.build import build
    from tildemc.targets.pymc.lower import graph

    start = time.perf_counter()
    if settings.progress:
        print("compiling the PyMC graph: some ten seconds, a minute the first time", file=sys.stderr)
    program = graph(spec, design)
    reported = [parameter.name for parameter in parameters(spec)]
    if settings.sampler == "pymc":
        posterior, statistics = _by_pymc(build(program), settings, reported)
    else:
        posterior, statistics = arrays(by_nutpie(compile_graph(spec, program), settings), reported)
    seconds = time.perf_counter() - start
    return Fit.of(spec, design, posterior, statistics, path, seconds)


def by_nutpie(model: CompiledModel, settings: Settings) -> _BackgroundSampler:
    """The raw trace of what nutpie draws of a compiled model."""
    import nutpie

    with followed(settings) as report:
        how: dict[str, object] = {}
        if report is not None:
            how["progress_callback"] = lambda chains: report(
                sum(chain.finished_draws for chain in chains), sum(chain.divergences for chain in chains)
            )
        return nutpie.sample(
            model,
            draws=settings.draws,
            tune=settings.tune,
            chains=settings.chains,
            cores=min(settings.chains, os.cpu_count() or 1),
            seed=settings.seed,
            target_accept=settings.target_accept,
            # What it draws on a terminal is wider than 80 columns.
            progress_bar=settings.progress and not sys.stderr.isatty(),
            return_raw_trace=True,
            **how,
        )


def _by_pymc(model: pm.Model, settings: Settings, names: Sequence[str]) -> tuple[dict[str, Floats], dict[str, Values]]:
    """The draws of variables and the statistics, of PyMC's own sampler."""
    import pymc as pm

    try:
        tree = pm.sample(
            model=model,
            draws=settings.draws,
            tune=settings.tune,
            chains=settings.chains,
            cores=min(settings.chains, os.cpu_count() or 1),
            random_seed=settings.seed,
            target_accept=settings.target_accept,
            progressbar=settings.progress,
            nuts_sampler="pymc",
        )
    except ValueError as error:
        if "Not enough samples" not in str(error):
            raise
        raise Interrupted(NO_DRAWS) from None
    found = tree["sample_stats"].to_dataset()
    known = {ours: found[theirs] for theirs, ours in STATISTICS.items() if theirs in found}
    return (
        {name: np.asarray(tree["posterior"][name], np.float64) for name in names},
        {ours: values.to_numpy() for ours, values in known.items() if values.dims == ("chain", "draw")},
    )
