"""Latent: values of a response that rows lack and another response is predicted by, brms's `mi(x)`.

They are drawn with all else: the density of the response is of them as it is of those that are there, and the predictor
of the other response reads them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import override

import numpy as np

from tildemc.arrays import Floats, Integers, Label
from tildemc.spec.expr import Expr, Var
from tildemc.spec.families.multivariate import beside
from tildemc.spec.support import REAL
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Dim, Free, Given, Path, Reader, Rows
from tildemc.spec.vocabulary import apply

__all__ = ["LATENT", "Latent", "LatentDesign", "LatentNames", "LatentSummary"]

LATENT = "latent"
"""What stands first in their paths: they belong to no predictor alone."""

LatentNames = Mapping[str, str]
"""`true 0` along `dim`; of the rows `index`, `seen` and `value`, and `filled`, the value of every row."""


@dataclass(frozen=True, slots=True)
class LatentSummary:
    """Nothing."""

    def merge(self, other: LatentSummary) -> LatentSummary:
        """Of all rows."""
        return self


@dataclass(frozen=True, eq=False)
class LatentDesign:
    """`value` (n,), any number where there is none, and `index` (n,), the place among the missing ones, or -1."""

    value: Floats
    index: Integers

    def summary(self) -> LatentSummary:
        """Nothing."""
        return LatentSummary()

    def take(self, rows: Rows) -> LatentDesign:
        """Those of some rows."""
        return LatentDesign(self.value[rows], self.index[rows])

    def alike(self, rows: Rows) -> Iterator[Floats | Integers]:
        """The values."""
        yield self.value[rows]
        yield self.index[rows]

    @property
    def seen(self) -> Floats:
        """1 where a row has a value, else 0, (n,)."""
        return (self.index < 0).astype(np.float64)

    def filled(self, drawn: Floats) -> Floats:
        """The value of each row under each draw (draws, missing) of those that are not there: (n, draws)."""
        own = np.broadcast_to(self.value[:, None], (len(self.value), len(drawn)))
        if not drawn.shape[1]:
            return own
        return np.where(self.index[:, None] < 0, own, np.take(drawn.T, self.place, axis=0))

    @property
    def place(self) -> Integers:
        """The place among the missing ones, any where there is a value, (n,)."""
        return np.maximum(self.index, 0)


@dataclass(frozen=True, slots=True)
class Latent(Given[LatentDesign, LatentSummary, LatentNames]):
    """The missing values of one response.

    Attributes
    ----------
    response : str
        What its parameters are called after.
    observed : Column
        The response, any number where it is missing.
    seen : Column
        1 where it is there, else 0.
    rows : tuple of Label
        What the rows are called that lack it.
    centre : float
        Where those that are there lie.
    """

    response: str
    observed: Column
    seen: Column
    rows: tuple[Label, ...]
    centre: float

    @property
    @override
    def path(self) -> Path:
        return (LATENT, self.response)

    @property
    def size(self) -> int:
        """How many values are missing."""
        return len(self.rows)

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return self.observed, self.seen

    @property
    def called(self) -> str:
        """What the density of a row calls the response."""
        return beside("value", self.response)

    @property
    def drawn_in_rows(self) -> str:
        """What it calls a value that is missing."""
        return f"{self.response} missing"

    @property
    def seen_in_rows(self) -> str:
        """What it calls whether there is one."""
        return f"{self.response} there"

    @property
    def in_rows(self) -> Expr:
        """The value of a row, whether it is there or drawn."""
        if not self.size:
            return Var(self.called)
        return apply("where", Var(self.seen_in_rows), Var(self.called), Var(self.drawn_in_rows))

    @override
    def free(self) -> Iterator[Free]:
        yield Free((*self.path, "true 0"), tuple(self.dims()), REAL, "true value")

    @override
    def dims(self) -> Iterator[Dim]:
        yield Dim("dim", self.rows)

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {}

    @override
    def labelled_names(self) -> Mapping[str, str]:
        name = self.response
        return {
            "true 0": f"Ymi_{name}", "dim": f"Ymi_{name}_row", "index": f"Ymi_{name}_idx", "seen": f"{name}_seen",
            "value": f"{name}_given", "filled": f"{name}_filled",
        }  # fmt: skip

    @override
    def named(self, given: Mapping[str, str]) -> LatentNames:
        return given

    @override
    def spoken_for(self, names: LatentNames) -> Collection[str]:
        return (names["true 0"],)

    @override
    def read(self, rows: Reader) -> LatentDesign:
        numbers = rows.numbers(self.columns)
        missing = numbers[:, 1] == 0
        return LatentDesign(numbers[:, 0], np.where(missing, np.cumsum(missing) - 1, -1))

    @override
    def outline(self, summary: LatentSummary) -> LatentDesign:
        return LatentDesign(np.zeros(1), np.full(1, -1))

    @override
    def value(self, names: LatentNames) -> Expr:
        return Var(names["filled"])
