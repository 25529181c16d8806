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
from tildemc.spec.expr import Const, Expr, Var
from tildemc.spec.families.multivariate import beside
from tildemc.spec.support import REAL
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Dim, Free, Given, Path, Reader, Rows
from tildemc.spec.vocabulary import apply

__all__ = ["LATENT", "Latent", "LatentDesign", "LatentNames", "LatentSummary"]

LATENT = "latent"
"""What stands first in their paths: they belong to no predictor alone."""

LatentNames = Mapping[str, str]
"""`true 0` along `dim`; of the rows `index`, `seen` and `value`, and `filled`, the value of every row.

Where there is an error, its sd `noise`, and what was `measured`.
"""


@dataclass(frozen=True, slots=True)
class LatentSummary:
    """Nothing."""

    def merge(self, other: LatentSummary) -> LatentSummary:
        """Of all rows."""
        return self


@dataclass(frozen=True, eq=False)
class LatentDesign:
    """The rows' values.

    Attributes
    ----------
    value : (n,)
        Any number where there is none.
    index : (n,)
        The place among those that are drawn, -1 for what is known.
    seen : (n,)
        1 where there is a value, known or measured with error, else 0.
    noise : (n,)
        The sd of that error; 0 without one.
    """

    value: Floats
    index: Integers
    seen: Floats
    noise: Floats

    @property
    def known(self) -> LatentDesign:
        """The same as it stands, with nothing to be drawn."""
        return LatentDesign(self.value, np.full_like(self.index, -1), np.ones_like(self.seen), self.noise)

    def summary(self) -> LatentSummary:
        """Nothing."""
        return LatentSummary()

    def take(self, rows: Rows) -> LatentDesign:
        """Those of some rows."""
        return LatentDesign(self.value[rows], self.index[rows], self.seen[rows], self.noise[rows])

    def alike(self, rows: Rows) -> Iterator[Floats | Integers]:
        """The values."""
        yield self.value[rows]
        yield self.index[rows]
        yield self.noise[rows]

    @property
    def measured(self) -> Integers:
        """The rows that are measured with error."""
        return np.flatnonzero((self.noise > 0) & (self.seen > 0))

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
    noise : Column or None
        The sd with which they are measured; then the true values of all rows are drawn.
    """

    response: str
    observed: Column
    seen: Column
    rows: tuple[Label, ...]
    centre: float
    noise: Column | None = None

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
        own = (self.observed, self.seen)
        return own if self.noise is None else (*own, self.noise)

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
        if self.noise is not None:
            return Var(self.drawn_in_rows)
        return apply("where", Var(self.seen_in_rows), Var(self.called), Var(self.drawn_in_rows))

    @property
    def error(self) -> str:
        """What the density of a row calls the sd of an error, which is 0 for the true value."""
        return beside("se", self.response)

    @property
    def noise_in_rows(self) -> str:
        """What it calls the same sd where it is of what was measured."""
        return f"{self.response} noise"

    @property
    def of_measured(self) -> Expr:
        """The log density of what was measured, given the true value; nothing where nothing was."""
        error = (Var(self.called) - Var(self.drawn_in_rows)) / Var(self.noise_in_rows)
        return apply("where", Var(self.seen_in_rows), -0.5 * error**2, Const(0.0))

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
        drawn = f"{'Ymi' if self.noise is None else 'Yl'}_{name}"
        return {
            "true 0": drawn, "dim": f"{drawn}_row", "index": f"{drawn}_idx", "seen": f"{name}_seen",
            "value": f"{name}_given", "filled": f"{name}_filled", "noise": f"{name}_sd",
            "measured": f"{name}_measured",
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
        value, seen = numbers[:, 0], numbers[:, 1]
        if self.noise is None:
            missing = seen == 0
            return LatentDesign(value, np.where(missing, np.cumsum(missing) - 1, -1), seen, np.zeros(len(numbers)))
        return LatentDesign(value, np.arange(len(numbers)), seen, numbers[:, 2])

    @override
    def outline(self, summary: LatentSummary) -> LatentDesign:
        return LatentDesign(np.zeros(1), np.full(1, -1), np.ones(1), np.zeros(1))

    @override
    def value(self, names: LatentNames) -> Expr:
        return Var(names["filled"])
