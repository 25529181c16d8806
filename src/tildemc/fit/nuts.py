"""NUTS: a pm.Model -> Fit."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tildemc.fit.settings import Settings
from tildemc.model.design import Design
from tildemc.model.parameters import parameters
from tildemc.model.spec import ModelSpec
from tildemc.results.fit import Fit

if TYPE_CHECKING:
    import pymc as pm
    from xarray import DataTree

__all__ = ["compile_graph", "sample_graph"]

STATISTICS = {
    "diverging": "diverging",
    "energy": "energy",
    "logp": "lp",
    "lp": "lp",
    "depth": "tree_depth",
    "tree_depth": "tree_depth",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "mean_tree_accept": "acceptance_rate",
    "acceptance_rate": "acceptance_rate",
}
"""The statistics that are kept, by the samplers' names, under ArviZ's."""


def compile_graph(spec: ModelSpec, model: pm.Model) -> Any:
    """A nutpie model of the graph, that draws what the model reports and nothing else."""
    import nutpie

    names = [p.name for p in parameters(spec)]
    return nutpie.compile_pymc_model(model, var_names=names, initial_points=_cholesky_starts(model))


def _cholesky_starts(model: pm.Model) -> dict[str, NDArray[np.float64]]:
    """Identity matrices, packed, for the Cholesky factors: drawing a start for them fails in nutpie 0.16."""
    starts: dict[str, NDArray[np.float64]] = {}
    transformed = model.initial_point()
    for variable in model.free_RVs:
        if "LKJCholeskyCov" in type(variable.owner.op).__name__:
            size = transformed[model.rvs_to_values[variable].name].size
            n = int((np.sqrt(8 * size + 1) - 1) / 2)
            starts[variable.name] = np.eye(n)[np.tril_indices(n)]
    return starts


def sample_graph(
    spec: ModelSpec,
    design: Design,
    model: pm.Model,
    settings: Settings,
    path: str,
    compiled: Callable[[], Any],
) -> Fit:
    """Draw from the posterior of a PyMC graph.

    Parameters
    ----------
    spec, design
    model : pm.Model
    settings : Settings
    path : str
        What to say of the path taken.
    compiled : callable
        Returns the nutpie model; compiles it the first time.
    """
    start = time.perf_counter()
    if settings.progress:
        print("compiling the PyMC graph: some ten seconds, a minute the first time", file=sys.stderr)
    tree = _pymc(model, settings) if settings.sampler == "pymc" else _nutpie(compiled(), settings)
    seconds = time.perf_counter() - start
    posterior = {p.name: tree["posterior"][p.name].to_numpy() for p in parameters(spec)}
    return Fit.of(spec, design, posterior, _statistics(tree), path, seconds)


def _nutpie(compiled: Any, settings: Settings) -> DataTree:
    import nutpie

    tree: DataTree = nutpie.sample(
        compiled,
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        cores=min(settings.chains, os.cpu_count() or 1),
        seed=settings.seed,
        target_accept=settings.target_accept,
        progress_bar=settings.progress,
        save_warmup=False,
    )
    return tree


def _pymc(model: pm.Model, settings: Settings) -> DataTree:
    import pymc as pm

    tree: DataTree = pm.sample(
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
    return tree


def _statistics(tree: DataTree) -> dict[str, NDArray[Any]]:
    kept: dict[str, NDArray[Any]] = {}
    for theirs, ours in STATISTICS.items():
        values = tree["sample_stats"].get(theirs)
        if values is not None and values.dims == ("chain", "draw"):
            kept[ours] = np.asarray(values)
    return kept
