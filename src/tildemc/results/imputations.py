"""Draws for several completed data sets -> one posterior, whose chains are those of all; and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tildemc.results.datatree import Attribute, Group, Variable

__all__ = ["of_one", "pooled"]

_WORST = ("pareto_k", "heaviest_weight")
"""What an engine says of its weights: of several data sets the largest counts."""


def pooled(each: Sequence[Mapping[str, Group]], **attributes: Attribute) -> dict[str, Group]:
    """The draws for all data sets, one's chains after the other's: those of an imputation that was picked at random.

    Parameters
    ----------
    each : sequence of mapping
        The groups of fits of one model, with as many draws.
    **attributes
        Of the posterior.

    Notes
    -----
    Zhou & Reiter (2010), A note on Bayesian inference after multiple imputation, The American Statistician 64: draws
    are mixed, and not combined by Rubin's rules.
    """
    found = {name: _after_another([groups[name] for groups in each]) for name in each[0]}
    known = [groups["posterior"].attributes for groups in each]
    worst = {name: max(float(one[name]) for one in known if name in one) for name in _WORST if name in known[0]}  # type: ignore[arg-type]
    posterior = replace(found["posterior"], attributes={**known[0], **attributes, **worst, "data_sets": len(each)})
    return {**found, "posterior": posterior}


def _after_another(groups: Sequence[Group]) -> Group:
    """Groups of the same variables along more chains."""
    first = groups[0]
    shared = [name for name in first.variables if all(name in group.variables for group in groups)]
    variables: dict[str, Variable] = {
        name: (first.variables[name][0], np.concatenate([group.variables[name][1] for group in groups]))
        for name in shared
    }
    return _counted(Group(variables, first.labels, first.attributes), sum(group.sizes["chain"] for group in groups))


def of_one(groups: Mapping[str, Group], number: int) -> dict[str, Group]:
    """Of pooled draws those for one data set, from 1."""
    many = groups["posterior"].data_sets
    found = {}
    for name, group in groups.items():
        chains = group.sizes["chain"] // many
        rows = slice((number - 1) * chains, number * chains)
        own: dict[str, Variable] = {key: (dims, values[rows]) for key, (dims, values) in group.variables.items()}
        kept = {key: value for key, value in group.attributes.items() if key != "data_sets"}
        found[name] = _counted(Group(own, group.labels, kept), chains)
    return found


def _counted(group: Group, chains: int) -> Group:
    return replace(group, labels={**group.labels, "chain": np.arange(chains)}) if "chain" in group.labels else group
