"""NUTS on the direct engine: ModelSpec × Design -> Fit, with nothing to compile."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tildemc.errors import FitError
from tildemc.fit.nuts import STATISTICS
from tildemc.fit.settings import Settings
from tildemc.model.design import Design
from tildemc.model.spec import ModelSpec
from tildemc.passes.aggregate import aggregate
from tildemc.results.fit import Fit

__all__ = ["sample_direct"]


def sample_direct(spec: ModelSpec, design: Design, settings: Settings, path: str) -> Fit:
    """Draw from the posterior, from merged rows where that pays; the fit keeps those that it was given.

    Parameters
    ----------
    spec : ModelSpec
        Without `gaps`.
    design : Design
    settings : Settings
    path : str
        What to say of the path taken.

    Raises
    ------
    FitError
        If sampling was interrupted before it had come to draws.
    """
    from tildemc.fit.nutpie_door import c_door, has_c_door, python_door
    from tildemc.targets.direct.expand import expand
    from tildemc.targets.direct.pack import pack

    start = time.perf_counter()
    merged_spec, merged, note = aggregate(spec, design)
    path = f"{path}; {note}" if note else path
    problem = pack(merged_spec, merged)
    door = c_door if has_c_door() else python_door
    coordinates, statistics = draw(door(problem), settings)
    posterior = expand(spec, problem, coordinates)
    seconds = time.perf_counter() - start
    return Fit.of(spec, design, posterior, statistics, path, seconds)


def draw(model: Any, settings: Settings) -> tuple[NDArray[np.float64], dict[str, NDArray[Any]]]:
    """Draws of the coordinates, (chains, draws, size), and the sampler's statistics, (chains, draws).

    An interrupt ends sampling early: all chains are cut to the shortest that has draws.
    """
    import nutpie
    import pyarrow as pa

    from tildemc.fit.nutpie_door import COORDINATES

    trace = nutpie.sample(
        model,
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        cores=min(settings.chains, os.cpu_count() or 1),
        seed=settings.seed,
        target_accept=settings.target_accept,
        progress_bar=settings.progress,
        return_raw_trace=True,
    )
    chains = []
    for batch, statistics in zip(*trace.get_arrow_trace(), strict=True):
        kept = ~pa.array(statistics.column("tuning")).to_numpy(zero_copy_only=False)
        if kept.any():
            chains.append((batch, statistics, np.flatnonzero(kept)))
    if not chains:
        raise FitError("sampling was interrupted before the end of warm-up: there are no draws")
    length = min(len(kept) for _, _, kept in chains)
    coordinates = [
        pa.array(batch.column(COORDINATES)).flatten().to_numpy().reshape(batch.num_rows, -1)[kept[:length]]
        for batch, _, kept in chains
    ]
    known = {theirs: ours for theirs, ours in STATISTICS.items() if theirs in chains[0][1].schema.names}
    found = {
        ours: np.stack([_numbers(pa.array(statistics.column(theirs)))[kept[:length]] for _, statistics, kept in chains])
        for theirs, ours in known.items()
    }
    return np.stack(coordinates), found


def _numbers(column: Any) -> NDArray[Any]:
    return np.asarray(column.to_numpy(zero_copy_only=False))
