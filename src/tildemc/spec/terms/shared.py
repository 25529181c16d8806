"""Shared effects: what the effects of another term add, at a row's further levels or to another parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import override

import numpy as np

from tildemc.spec.expr import Apply, Expr, Index, Var
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.group import GroupDesign, GroupSummary
from tildemc.spec.terms.product import Column, Product, columns_of
from tildemc.spec.terms.term import Dim, Given, Path, Reader

__all__ = ["SharedEffects", "SharedNames"]


@dataclass(frozen=True, slots=True)
class SharedNames:
    """The rows' `index`, the columns' `Z` along `term_dim`, and the owner's effects `r`; `dim` is nothing's axis."""

    dim: str
    index: str
    term_dim: str
    Z: str
    r: str


@dataclass(frozen=True, slots=True)
class SharedEffects(Given[GroupDesign, GroupSummary, SharedNames]):
    """Effects that another term has, where they come in once more.

    A row that belongs to several groups has the effects of each, `mm(g1, g2)`; effects that are correlated across
    parameters belong to one term, `(1 | p | g)` of `mu` and of `sigma`.

    Attributes
    ----------
    parameter : str
        Whose predictor they add to.
    owner : Path
        The group effects.
    factor : Factor
        By which a row has its level here; the levels are the owner's.
    products : tuple of Product
        What the effects are multiplied by here.
    first : int
        Which of the owner's effects is the first that these columns have; the others follow.
    """

    parameter: str
    owner: Path
    factor: Factor
    products: tuple[Product, ...]
    first: int = 0

    @property
    @override
    def path(self) -> Path:
        return (self.parameter, "shared", self.factor.label)

    @property
    @override
    def grouped_by(self) -> Factor | None:
        return self.factor

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return columns_of(self.products)

    def only(self, levels: Sequence[int]) -> SharedEffects:
        """The same for these levels."""
        return replace(self, factor=self.factor.only(levels))

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns'."""
        return tuple(column.label for column in self.columns)

    @override
    def dims(self) -> Iterator[Dim]:
        yield Dim("term_dim", self.labels)

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {}

    @override
    def labelled_names(self) -> Mapping[str, str]:
        prefix = "" if self.parameter == "mu" else f"{self.parameter}_"
        return {"term_dim": f"{prefix}{self.factor.label}_term", "Z": f"{prefix}Z_{self.factor.label}"}

    @override
    def borrowed_names(self) -> Mapping[str, tuple[Path, str]]:
        return {"r": (self.owner, "r")}

    @override
    def named(self, given: Mapping[str, str]) -> SharedNames:
        return SharedNames(**given)

    @override
    def read(self, rows: Reader) -> GroupDesign:
        return GroupDesign(rows.numbers(self.columns), rows.levels(self.factor))

    @override
    def outline(self, summary: GroupSummary) -> GroupDesign:
        return GroupDesign(np.zeros((1, len(summary.Z.mean))), np.array([-1 if summary.lacking else 0]))

    @override
    def value(self, names: SharedNames) -> Expr:
        r, Z, index = Var(names.r), Var(names.Z), Var(names.index)
        return Apply("row_sum", (Z * Index(r, (index, slice(self.first, self.first + len(self.columns)))),))
