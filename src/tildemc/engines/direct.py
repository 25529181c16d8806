"""NUTS on the direct engine: ModelSpec × Design -> Fit, with nothing to compile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Values
from tildemc.engines.nuts import by_nutpie
from tildemc.engines.settings import Settings
from tildemc.engines.trace import arrays
from tildemc.errors import FitError
from tildemc.passes.aggregate import aggregate
from tildemc.results.fit import Fit
from tildemc.spec.design import DataSet
from tildemc.spec.model import ModelSpec

if TYPE_CHECKING:
    from nutpie.sample import CompiledModel

    from tildemc.targets.direct.problem import Problem

__all__ = ["sample_direct"]


def sample_direct(spec: ModelSpec, design: DataSet, settings: Settings, path: str) -> Fit:
    """Draw from the posterior, from merged rows where that pays; the fit keeps those that it was given.

    Parameters
    ----------
    spec : ModelSpec
        Without `gaps`.
    design : DataSet
    settings : Settings
    path : str
        What to say of the path taken.

    Raises
    ------
    FitError
        If no chain can start, or sampling was interrupted before it had come to draws.
    """
    from tildemc.engines.nutpie_door import c_door, has_c_door, python_door
    from tildemc.targets.direct.expand import expand
    from tildemc.targets.direct.pack import pack

    start = time.perf_counter()
    merged_spec, merged, note = aggregate(spec, design)
    path = f"{path}; {note}" if note else path
    problem = pack(merged_spec, merged)
    _check_start(problem)
    door = c_door if has_c_door() else python_door
    coordinates, statistics = draw(door(problem), settings)
    posterior = expand(spec, problem, coordinates)
    seconds = time.perf_counter() - start
    return Fit.of(spec, design, posterior, statistics, path, seconds)


def _check_start(problem: Problem) -> None:
    """Refuse a problem that has no density about its start; the sampler would only say that it gave up."""
    from tildemc.engines.nutpie_door import initial_point
    from tildemc.targets.direct.entry import evaluate

    if not np.isfinite(evaluate(problem.tables, initial_point(problem)(0))[0]):
        raise FitError(
            "the log density is not finite where chains would start: look for huge values in the data, "
            "or for a response that the model reproduces exactly"
        )


def draw(model: CompiledModel, settings: Settings) -> tuple[Floats, dict[str, Values]]:
    """Draws of the coordinates, (chains, draws, size), and the sampler's statistics, (chains, draws).

    An interrupt ends sampling early, see `arrays`.
    """
    from tildemc.engines.nutpie_door import COORDINATES

    found, statistics = arrays(by_nutpie(model, settings), [COORDINATES])
    return found[COORDINATES], statistics
