"""Draws -> tables: what was estimated, scalar by scalar and part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Values
from tildemc.results.checks import Check, of_parameters
from tildemc.results.datatree import Group
from tildemc.results.diagnose import COLUMNS, diagnose
from tildemc.results.tables import columns_of_interval
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import Parameter, names, parameters
from tildemc.spec.terms.term import COEFFICIENTS

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["PARTS", "Scalar", "Summary", "cells", "summarise"]

PARTS = {
    "population": "Population effects",
    "monotonic share": "Shares of monotonic steps",
    "measured": "True values: means, standard deviations, correlations",
    "smooth parameter": "Smooths",
    "area parameter": "Areas and their neighbours",
    "group sd": "Group standard deviations",
    "group correlation": "Group correlations",
    "group shape": "What group correlations follow from",
    "group tails": "Degrees of freedom of group effects",
    "residual": "Residual",
    "residual correlation": "Residual correlation",
    "hyperparameter": "Hyperparameters",
    "smooth coefficient": "Coefficients of smooths, effects of areas",
    "group effect": "Group effects",
    "true value": "True values",
}
"""The parts of a summary: what a parameter is to the model, and the part's title."""
VARIANCE_PARTS = PARTS | {"group sd": "Group variances", "group correlation": "Group covariances"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """One number that a model reports.

    Attributes
    ----------
    name : str
        Of the array that it is an element of.
    role : str
        What it is to the model.
    at : tuple of str
        Its labels along the array's dims; of a correlation the earlier term's first.
    group : str or None
        The grouping factor's dim.
    """

    name: str
    role: str
    at: tuple[str, ...]
    group: str | None

    @property
    def label(self) -> str:
        """As ArviZ writes it: `r_county[AITKIN, floor]`."""
        return f"{self.name}[{', '.join(self.at)}]" if self.at else self.name

    @property
    def level(self) -> str | None:
        """Of the grouping factor, for a group effect."""
        return self.at[0] if self.role == "group effect" else None

    @property
    def term(self) -> str | None:
        """The term, the two terms of a correlation, or the level of `by`."""
        return ", ".join(self.at[1:] if self.role == "group effect" else self.at) or None


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What was estimated.

    Attributes
    ----------
    scalars : sequence of Scalar
        In the order of the model's parameters.
    numbers : (scalars, 7)
        The columns of `diagnose`.
    interval : float
        The probability of the intervals.
    titles : dict
        Of each part, by role.
    interchangeable : bool
        Whether the components of a mixture are told apart by nothing.
    """

    scalars: Sequence[Scalar]
    numbers: Floats
    interval: float
    titles: dict[str, str]
    interchangeable: bool = False

    def parts(self, *, group_effects: bool) -> Iterator[tuple[str, list[str], Floats]]:
        """The role, the labels and the numbers of each part that the model has."""
        for role in self.titles:
            at = [i for i, scalar in enumerate(self.scalars) if scalar.role == role]
            if at and (group_effects or role not in COEFFICIENTS):
                yield role, [self.scalars[i].label for i in at], self.numbers[at]

    def checks(self, chains: int) -> tuple[Check, ...]:
        """What is to be looked at before the draws are trusted."""
        labels = [scalar.label for scalar in self.scalars]
        return of_parameters(labels, self.numbers, chains, interchangeable=self.interchangeable)

    def frame(self, *, group_effects: bool, called: Mapping[str, str] = MappingProxyType({})) -> DataFrame:
        """A table indexed by (part, parameter), with ArviZ's columns; some are called otherwise than here."""
        import pandas as pd

        from tildemc.table import Table

        found = [*self.parts(group_effects=group_effects)]
        index = [(self.titles[role], called.get(label, label)) for role, labels, _ in found for label in labels]
        named = dict(zip(("lower", "upper"), columns_of_interval(self.interval), strict=True))
        return Table(
            np.concatenate([np.empty((0, len(COLUMNS))), *(numbers for *_, numbers in found)]),
            pd.MultiIndex.from_tuples(index, names=["part", "parameter"]),
            [named.get(column, column) for column in COLUMNS],
        )


def summarise(
    spec: ModelSpec,
    posterior: Group,
    *,
    interval: float = 0.95,
    exponentiate: bool = False,
    variances: bool = False,
) -> Summary:
    """Mean, sd, interval, effective sample sizes and R-hat of every scalar that a model reports.

    Parameters
    ----------
    spec : ModelSpec
    posterior : Group
        The draws of what the model reports.
    interval : float
        The probability of the equal-tailed interval.
    exponentiate : bool
        Whether population effects are shown as exp of each draw.
    variances : bool
        Whether variances and covariances are shown in place of sds and correlations: of each draw too.
    """
    groups = _groups(spec)
    drawn, replaced = posterior.draws, _variances(spec, posterior) if variances else {}
    scalars: list[Scalar] = []
    tables: list[Floats] = []
    for p in (p for p in parameters(spec) if p.role != "working"):
        name, values = replaced.get(p.name, (p.name, drawn[p.name]))
        labels = [[str(label) for label in posterior.labels[dim].tolist()] for dim in p.dims]
        chosen = cells(p, values)
        scalars += [
            Scalar(name, p.role, tuple(along[i] for along, i in zip(labels, cell, strict=True)), groups.get(p.name))
            for cell in chosen
        ]
        draws = _draws(values, chosen)
        draws = np.exp(draws) if exponentiate and p.role == "population" else draws
        tables.append(diagnose(draws, interval, posterior.data_sets))
    titles, mixture = VARIANCE_PARTS if variances else PARTS, spec.family.mixture
    return Summary(scalars, np.concatenate(tables), interval, titles, mixture is not None and not mixture.ordered)


def cells(parameter: Parameter, values: Values) -> list[tuple[int, ...]]:
    """Where the scalars of an array are: all its elements, but of correlations each pair once.

    Effects of different blocks are independent: their correlation is zero in all draws, and there is nothing to tell.
    Of correlations that follow from others, or from quantities of their own, nothing is told either.
    """
    if not parameter.support.matrix:
        return [*np.ndindex(values.shape[2:])]
    pairs = parameter.pairs
    if pairs is None:
        pairs = tuple((i, j) for i, j in np.ndindex(values.shape[2:]) if i < j)
    return [(i, j) for i, j in pairs if values[:, :, i, j].any()]


def _draws(values: Floats, cells: Sequence[tuple[int, ...]]) -> Floats:
    """The draws of elements, (elements, chains, draws)."""
    shape = values.shape[2:]
    flat = np.moveaxis(values.reshape(*values.shape[:2], -1), 2, 0)
    if len(cells) == len(flat):
        return flat
    return flat[[int(np.ravel_multi_index(cell, shape)) for cell in cells]]


def _groups(spec: ModelSpec) -> dict[str, str]:
    """The grouping factor's dim, by the name of each quantity that belongs to one."""
    known = names(spec)
    return {known.free(free): known.of(group).dim for group in spec.groups() for free in group.free()}


def _variances(spec: ModelSpec, posterior: Group) -> dict[str, tuple[str, Floats]]:
    """By the name of an sd or of correlations: the name of the variance or covariances, and their draws."""
    known = names(spec)
    drawn = posterior.draws
    found: dict[str, tuple[str, Floats]] = {}
    for group in spec.groups():
        named = known.of(group)
        sd = drawn[named.sd]
        found[named.sd] = named.var, sd**2
        if group.correlated:
            found[named.cor] = named.cov, drawn[named.cor] * sd[..., :, None] * sd[..., None, :]
    sigma = spec.residual_sd
    if sigma is not None:
        named_ = known.of(sigma)
        found[named_.name] = named_.var, drawn[named_.name] ** 2
    return found
