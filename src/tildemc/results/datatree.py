"""Draws -> DataTree: ArviZ's groups, the same whichever engine drew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tildemc.model.design import Design
from tildemc.model.parameters import coordinates, names, parameters
from tildemc.model.spec import ModelSpec

if TYPE_CHECKING:
    from xarray import Dataset, DataTree

__all__ = ["data_groups", "datatree", "posterior_dataset"]


def posterior_dataset(spec: ModelSpec, draws: Mapping[str, NDArray[Any]]) -> Dataset:
    """The posterior as a Dataset.

    Parameters
    ----------
    spec : ModelSpec
    draws : mapping
        For each parameter of the model, an array (chains, draws, …) with its dims behind.
    """
    from xarray import Dataset

    coords = coordinates(spec)
    reported = parameters(spec)
    used = {dim for parameter in reported for dim in parameter.dims}
    chains, length = next(iter(draws.values())).shape[:2]
    return Dataset(
        {p.name: (("chain", "draw", *p.dims), np.asarray(draws[p.name])) for p in reported},
        coords={
            "chain": np.arange(chains),
            "draw": np.arange(length),
            **{dim: _labels(values) for dim, values in coords.items() if dim in used},
        },
    )


def _labels(values: tuple[Any, ...]) -> NDArray[Any]:
    return np.array(values, dtype=object if any(isinstance(v, str) for v in values) else None)


def data_groups(spec: ModelSpec, design: Design) -> dict[str, Dataset]:
    """The groups `observed_data` and `constant_data`: what the model was given."""
    from xarray import Dataset

    known = names(spec)
    obs = known.obs
    coords = {obs: design.rows}
    constant: dict[str, tuple[tuple[str, ...], NDArray[Any]]] = {}
    for predictor, numbers, named in zip(spec.predictors, design.predictors, known.predictors, strict=True):
        if predictor.terms:
            constant[named.X] = ((obs, named.term_dim), numbers.X)
        if numbers.offset is not None:
            constant[named.offset] = ((obs,), numbers.offset)
        for group_design, group in zip(numbers.groups, named.groups, strict=True):
            constant[group.Z] = ((obs, group.term_dim), group_design.Z)
            constant[group.index] = ((obs,), group_design.index)
    for auxiliary, auxiliary_names in zip(design.auxiliaries, known.auxiliaries, strict=True):
        if auxiliary.index is not None:
            constant[auxiliary_names.index] = ((obs,), auxiliary.index)
    for name, values in ((known.trials, design.trials), (known.weights, design.weights), (known.se, design.se)):
        if values is not None:
            constant[name] = ((obs,), values)
    labels = coordinates(spec)
    used = {dim for dims, _ in constant.values() for dim in dims if dim != obs}
    assert design.y is not None
    return {
        "observed_data": Dataset({known.response: ((obs,), design.y)}, coords=coords),
        "constant_data": Dataset(constant, coords=coords | {dim: _labels(labels[dim]) for dim in used}),
    }


def datatree(
    spec: ModelSpec,
    design: Design,
    posterior: Mapping[str, NDArray[Any]],
    statistics: Mapping[str, NDArray[Any]],
    attributes: Mapping[str, Any],
) -> DataTree:
    """All groups.

    Parameters
    ----------
    spec, design
    posterior : mapping
        See `posterior_dataset`.
    statistics : mapping
        Of the sampler, each (chains, draws).
    attributes : mapping
        Kept with the posterior: the formula, the path taken.
    """
    from xarray import Dataset, DataTree

    dataset = posterior_dataset(spec, posterior).assign_attrs(**attributes)
    sampling = Dataset({name: (("chain", "draw"), np.asarray(values)) for name, values in statistics.items()})
    groups = {"posterior": dataset, "sample_stats": sampling, **data_groups(spec, design)}
    return DataTree.from_dict({f"/{name}": group for name, group in groups.items()})
