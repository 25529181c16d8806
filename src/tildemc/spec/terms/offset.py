"""Offsets: what is known to be part of a predictor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.expr import Expr, Var
from tildemc.spec.moments import Moments
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Given, Path, Reader, Rows
from tildemc.spec.terms.view import TermView

__all__ = ["Offset", "OffsetDesign", "OffsetNames", "OffsetSummary"]


@dataclass(frozen=True, slots=True)
class OffsetNames:
    """Of the sum of a predictor's offsets."""

    offset: str


@dataclass(frozen=True, eq=False)
class OffsetDesign:
    """`values` (n,): the sum of the columns."""

    values: Floats

    def summary(self) -> OffsetSummary:
        """What they come to."""
        return OffsetSummary(Moments.of(self.values[:, None]))

    def take(self, rows: Rows) -> OffsetDesign:
        """Those of some rows."""
        return OffsetDesign(self.values[rows])

    def followed_by(self, other: OffsetDesign) -> OffsetDesign:
        """Those of the rows of both."""
        return OffsetDesign(np.concatenate([self.values, other.values]))

    def alike(self, rows: Rows) -> Iterator[Floats]:
        """The sum."""
        yield self.values[rows]


@dataclass(frozen=True, eq=False)
class OffsetSummary:
    """Of an offset."""

    moments: Moments

    def merge(self, other: OffsetSummary) -> OffsetSummary:
        """Of all rows."""
        return OffsetSummary(self.moments.merge(other.moments))


@dataclass(frozen=True, slots=True)
class Offset(Given[OffsetDesign, OffsetSummary, OffsetNames]):
    """The offsets of one predictor.

    Attributes
    ----------
    parameter : str
        Whose predictor it belongs to.
    offsets : tuple of Column
        Whose sum it is.
    """

    parameter: str
    offsets: tuple[Column, ...]

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return self.offsets

    @property
    @override
    def path(self) -> Path:
        return (self.parameter, "offset")

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {"offset": "offset" if self.parameter == "mu" else f"{self.parameter}_offset"}

    @override
    def named(self, given: Mapping[str, str]) -> OffsetNames:
        return OffsetNames(**given)

    @override
    def read(self, rows: Reader) -> OffsetDesign:
        return OffsetDesign(rows.numbers(self.columns).sum(axis=1))

    @override
    def outline(self, summary: OffsetSummary) -> OffsetDesign:
        return OffsetDesign(np.zeros(1))

    @override
    def value(self, names: OffsetNames) -> Expr:
        return Var(names.offset)

    @override
    def views(self, numbers: OffsetDesign) -> Iterator[TermView]:
        labels = tuple(column.label for column in self.offsets)
        yield TermView(" + ".join(labels), "offset", self.parameter, ("offset",), numbers.values[:, None])
