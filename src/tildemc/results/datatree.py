"""Draws -> ArviZ's groups, the same whichever engine drew, complete for the model's PyMC graph; groups -> DataTree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Label, Values
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import coordinates, parameters
from tildemc.targets.pymc.program import Data, Program, Random
from tildemc.targets.pymc.recover import recover

if TYPE_CHECKING:
    from xarray import Dataset, DataTree

__all__ = ["Group", "Variable", "completed", "dataset", "datatree", "drawn_group", "groups", "groups_of", "reported"]

Variable = tuple[tuple[str, ...], Values]
Attribute = str | int | float | tuple[str, ...]
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
    labels: Mapping[str, Values] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)

    @property
    def draws(self) -> dict[str, Floats]:
        """The variables' values as numbers."""
        return {name: np.asarray(values, np.float64) for name, (_, values) in self.variables.items()}

    @property
    def data_sets(self) -> int:
        """How many data sets the draws are of: the chains of each lie one after the other."""
        found = self.attributes.get("data_sets", 1)
        assert not isinstance(found, tuple)
        return int(found)

    @property
    def sizes(self) -> dict[str, int]:
        """The length of each dim."""
        found = {dim: len(values) for dim, values in self.labels.items()}
        for dims, values in self.variables.values():
            found |= dict(zip(dims, values.shape, strict=True))
        return found


def groups(
    spec: ModelSpec,
    posterior: Mapping[str, Floats],
    statistics: Mapping[str, Values],
    attributes: Mapping[str, Attribute],
) -> dict[str, Group]:
    """What was drawn: the groups `posterior` and `sample_stats`.

    Parameters
    ----------
    spec
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
    return {"posterior": drawn_group(spec, posterior, attributes), "sample_stats": Group(sampling)}


def drawn_group(spec: ModelSpec, draws: Mapping[str, Floats], attributes: Mapping[str, Attribute]) -> Group:
    """Draws (chains, draws, …) of all that the model reports, with its labels."""
    reported = parameters(spec)
    used = {dim for parameter in reported for dim in parameter.dims}
    chains, length = next(iter(draws.values())).shape[:2]
    return Group(
        {p.name: (("chain", "draw", *p.dims), np.asarray(draws[p.name])) for p in reported},
        {
            "chain": np.arange(chains),
            "draw": np.arange(length),
            **{dim: _array(values) for dim, values in coordinates(spec).items() if dim in used},
        },
        attributes,
    )


def _array(values: Sequence[Label] | Values) -> Values:
    if isinstance(values, np.ndarray):
        return values
    return np.array(values, dtype=object if any(isinstance(v, str) for v in values) else None)


def reported(spec: ModelSpec, groups: Mapping[str, Group]) -> dict[str, Group]:
    """Of completed groups, what was drawn."""
    posterior = groups["posterior"]
    variables = {p.name: posterior.variables[p.name] for p in parameters(spec)}
    dims = {dim for its_dims, _ in variables.values() for dim in its_dims} | {"chain", "draw"}
    labels = {dim: values for dim, values in posterior.labels.items() if dim in dims}
    return {
        "posterior": Group(variables, labels, posterior.attributes),
        "sample_stats": groups["sample_stats"],
    }


def completed(groups: Mapping[str, Group], program: Program) -> dict[str, Group]:
    """The groups with all that the model's graph has: its free variables, and its data in its names and types.

    To PyMC they are then what `pm.sample` would have returned.

    Parameters
    ----------
    groups : mapping
        As `groups` gives them.
    program : Program
        The model's.
    """
    posterior = groups["posterior"]
    variables, labels = dict(posterior.variables), dict(posterior.labels)
    for name, (dims, values) in recover(program, posterior.draws).items():
        if not dims:
            # Named and counted as ArviZ does it.
            sizes = {f"{name}_dim_{axis}": size for axis, size in enumerate(values.shape[2:])}
            dims = tuple(sizes)
            labels |= {dim: np.arange(size) for dim, size in sizes.items()}
        variables[name] = (("chain", "draw", *dims), values)
    return {
        "posterior": Group(variables, labels, posterior.attributes),
        **{name: group for name, group in groups.items() if name != "posterior"},
        **_data(program),
    }


def _data(program: Program) -> dict[str, Group]:
    """The groups `observed_data` and `constant_data`: what the model was given."""
    observed: dict[str, Variable] = {}
    constant: dict[str, Variable] = {}
    for statement in program.statements:
        match statement:
            case Random(name, dims=dims, observed=np.ndarray() as values):
                observed[name] = (dims, values)
            case Data(name, values, dims):
                constant[name] = (dims, values)
            case _:
                pass
    found = {}
    for group, variables in (("observed_data", observed), ("constant_data", constant)):
        used = dict.fromkeys(dim for dims, _ in variables.values() for dim in dims)
        found[group] = Group(variables, {dim: _array(program.coords[dim][0]) for dim in used})
    return found


def dataset(group: Group) -> Dataset:
    """A group as xarray has it."""
    from xarray import Dataset

    return Dataset(group.variables, group.labels, group.attributes)


def datatree(groups: Mapping[str, Group]) -> DataTree:
    """The groups as xarray and ArviZ have them."""
    from xarray import DataTree

    return DataTree.from_dict({f"/{name}": dataset(group) for name, group in groups.items()})


def groups_of(tree: DataTree) -> dict[str, Group]:
    """The groups of a tree."""
    found = {}
    for name, node in tree.children.items():
        dataset = node.to_dataset(inherit=False)
        variables = {
            str(key): (tuple(map(str, values.dims)), values.to_numpy()) for key, values in dataset.data_vars.items()
        }
        labels = {str(key): values.to_numpy() for key, values in dataset.coords.items()}
        found[name] = Group(variables, labels, dict(dataset.attrs))
    return found
