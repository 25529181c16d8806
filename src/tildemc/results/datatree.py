"""Draws -> ArviZ's groups, the same whichever engine drew; groups -> DataTree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tildemc.model.design import Numbers, Streamed
from tildemc.model.parameters import coordinates, names, parameters
from tildemc.model.spec import ModelSpec

if TYPE_CHECKING:
    from xarray import DataTree

__all__ = ["Group", "datatree", "groups", "groups_of"]

Variable = tuple[tuple[str, ...], NDArray[Any]]
"""Dims and values."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """What an xarray Dataset is made from; to make one takes longer than to summarise a small fit.

    Attributes
    ----------
    variables : mapping
        Dims and values by name.
    labels : mapping
        Those along some of the dims.
    attributes : mapping
    """

    variables: Mapping[str, Variable]
    labels: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sizes(self) -> dict[str, int]:
        """The length of each dim."""
        found = {dim: len(values) for dim, values in self.labels.items()}
        for dims, values in self.variables.values():
            found |= dict(zip(dims, values.shape, strict=True))
        return found


def groups(
    spec: ModelSpec,
    design: Numbers,
    posterior: Mapping[str, NDArray[Any]],
    statistics: Mapping[str, NDArray[Any]],
    attributes: Mapping[str, Any],
) -> dict[str, Group]:
    """All groups.

    Parameters
    ----------
    spec, design
    posterior : mapping
        For each parameter of the model, an array (chains, draws, …) with its dims behind.
    statistics : mapping
        Of the sampler, each (chains, draws).
    attributes : mapping
        Kept with the posterior: the formula, the path taken.
    """
    sampling: dict[str, Variable] = {
        name: (("chain", "draw"), np.asarray(values)) for name, values in statistics.items()
    }
    labels = coordinates(spec)
    return {
        "posterior": _posterior(spec, posterior, labels, attributes),
        "sample_stats": Group(sampling),
        **_data(spec, design, labels),
    }


def _posterior(
    spec: ModelSpec,
    draws: Mapping[str, NDArray[Any]],
    labels: Mapping[str, tuple[Any, ...]],
    attributes: Mapping[str, Any],
) -> Group:
    reported = parameters(spec)
    used = {dim for parameter in reported for dim in parameter.dims}
    chains, length = next(iter(draws.values())).shape[:2]
    return Group(
        {p.name: (("chain", "draw", *p.dims), np.asarray(draws[p.name])) for p in reported},
        {
            "chain": np.arange(chains),
            "draw": np.arange(length),
            **{dim: _array(values) for dim, values in labels.items() if dim in used},
        },
        attributes,
    )


def _array(values: tuple[Any, ...]) -> NDArray[Any]:
    return np.array(values, dtype=object if any(isinstance(v, str) for v in values) else None)


def _data(spec: ModelSpec, design: Numbers, labels: Mapping[str, tuple[Any, ...]]) -> dict[str, Group]:
    """The groups `observed_data` and `constant_data`: what the model was given; none if its rows are streamed."""
    if isinstance(design, Streamed):
        return {}
    known = names(spec)
    obs = known.obs
    constant: dict[str, Variable] = {}
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
    used = {dim for dims, _ in constant.values() for dim in dims if dim != obs}
    assert design.y is not None
    rows = {obs: np.asarray(design.obs)}
    return {
        "observed_data": Group({known.response: ((obs,), design.y)}, rows),
        "constant_data": Group(constant, rows | {dim: _array(labels[dim]) for dim in used}),
    }


def datatree(groups: Mapping[str, Group]) -> DataTree:
    """The groups as xarray and ArviZ have them."""
    from xarray import Dataset, DataTree

    datasets = {f"/{name}": Dataset(group.variables, group.labels, group.attributes) for name, group in groups.items()}
    return DataTree.from_dict(datasets)


def groups_of(tree: DataTree) -> dict[str, Group]:
    """The groups of a tree, as `groups` would give them."""
    found = {}
    for name, node in tree.children.items():
        dataset = node.to_dataset(inherit=False)
        variables = {
            str(key): (tuple(map(str, values.dims)), values.to_numpy()) for key, values in dataset.data_vars.items()
        }
        labels = {str(key): values.to_numpy() for key, values in dataset.coords.items()}
        found[name] = Group(variables, labels, dict(dataset.attrs))
    return found
