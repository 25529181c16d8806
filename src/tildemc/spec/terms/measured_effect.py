"""MeasuredEffect: what a true value that is measured with error, or a product of such, adds to a predictor."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import mul
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.expr import Expr, Index, Var
from tildemc.spec.moments import Moments
from tildemc.spec.priors import Prior
from tildemc.spec.support import REAL
from tildemc.spec.terms.address import Sense, Target, Words, of_parameter
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Dim, Free, Path, Reader, Rows, Term
from tildemc.spec.terms.view import TermView

__all__ = ["MeasuredEffect", "MeasuredEffectDesign", "MeasuredEffectNames", "MeasuredEffectSummary"]

MeasuredEffectNames = Mapping[str, str]
"""`b`, `times`; of the true value at place i of the product `true i` and `index i`."""


@dataclass(frozen=True, eq=False)
class MeasuredEffectDesign:
    """`observed` (n,): the product of what was measured and `times` (n,), by which the true values are multiplied."""

    observed: Floats
    times: Floats

    def summary(self) -> MeasuredEffectSummary:
        """What they come to."""
        return MeasuredEffectSummary(Moments.of(self.observed[:, None]))

    def take(self, rows: Rows) -> MeasuredEffectDesign:
        """Those of some rows."""
        return MeasuredEffectDesign(self.observed[rows], self.times[rows])

    def alike(self, rows: Rows) -> Iterator[Floats]:
        """What multiplies."""
        yield self.times[rows]


@dataclass(frozen=True, eq=False)
class MeasuredEffectSummary:
    """Of what was measured, multiplied."""

    moments: Moments

    def merge(self, other: MeasuredEffectSummary) -> MeasuredEffectSummary:
        """Of all rows."""
        return MeasuredEffectSummary(self.moments.merge(other.moments))


@dataclass(frozen=True, slots=True)
class MeasuredEffect(Term[MeasuredEffectDesign, MeasuredEffectSummary, MeasuredEffectNames]):
    """One coefficient.

    Attributes
    ----------
    parameter : str
        Whose predictor it belongs to.
    text : str
        As written: `me(x, s):z`.
    label : str
        As brms has it in names: `mexs:z`.
    of : tuple of (Path, int)
        The true values that are multiplied: where they stand, and which of the variables there.
    measured : tuple of Column
        What was measured of each.
    times : Column or None
        What the product is multiplied by.
    prior : Prior
    """

    parameter: str
    text: str
    label: str
    of: tuple[tuple[Path, int], ...]
    measured: tuple[Column, ...]
    times: Column | None
    prior: Prior

    @property
    @override
    def path(self) -> Path:
        return (self.parameter, "measured", self.label)

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return self.measured if self.times is None else (*self.measured, self.times)

    @property
    def in_rows(self) -> str:
        """What the density of a row calls the coefficient; `times` stands behind it."""
        return f"{self.parameter} {self.label}"

    def row(self, true: Mapping[tuple[Path, int], Expr]) -> Expr:
        """What it adds to a row, given the row's true values."""
        product = reduce(mul, (true[one] for one in self.of))
        found = Var(self.in_rows) * product
        return found if self.times is None else found * Var(f"{self.in_rows} times")

    @override
    def free(self) -> Iterator[Free]:
        yield Free((*self.path, "b"), (), REAL, "population", (self.prior,))

    @override
    def dims(self) -> Iterator[Dim]:
        return iter(())

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {}

    @override
    def labelled_names(self) -> Mapping[str, str]:
        called = self.label if self.parameter == "mu" else f"{self.parameter}_{self.label}"
        return {"b": called, "times": f"{called}_times"}

    @override
    def borrowed_names(self) -> Mapping[str, tuple[Path, str]]:
        found = {f"true {i}": (path, f"true {k}") for i, (path, k) in enumerate(self.of)}
        return found | {f"index {i}": (path, "index") for i, (path, _) in enumerate(self.of)}

    @override
    def named(self, given: Mapping[str, str]) -> MeasuredEffectNames:
        return given

    @override
    def spoken_for(self, names: MeasuredEffectNames) -> Collection[str]:
        return (names["b"],)

    @override
    def targets(self, names: MeasuredEffectNames, taken: Collection[str]) -> Iterator[Target]:
        b = of_parameter(self.parameter, "b")
        shown: Words = (b, self.label)
        known = (((b,), Sense.ALL), (shown, Sense.ONE), ((b, self.text), Sense.ONE), ((names["b"],), Sense.ONE))
        yield Target(self.parameter, "b", (self.label,), REAL, self.prior, shown, known)

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return (self.prior,)

    @override
    def with_priors(self, priors: Sequence[Prior]) -> MeasuredEffect:
        [prior] = priors
        return replace(self, prior=prior)

    @override
    def spreads(self, summary: MeasuredEffectSummary) -> Sequence[tuple[str, float]]:
        return ((":".join(column.label for column in self.columns), float(summary.moments.spread[0])),)

    @override
    def read(self, rows: Reader) -> MeasuredEffectDesign:
        numbers = rows.numbers(self.columns)
        times = np.ones(len(numbers)) if self.times is None else numbers[:, -1]
        return MeasuredEffectDesign(numbers.prod(axis=1), times)

    @override
    def outline(self, summary: MeasuredEffectSummary) -> MeasuredEffectDesign:
        return MeasuredEffectDesign(np.zeros(1), np.zeros(1))

    @override
    def value(self, names: MeasuredEffectNames) -> Expr:
        each = [Index(Var(names[f"true {i}"]), (Var(names[f"index {i}"]),)) for i in range(len(self.of))]
        found = Var(names["b"]) * reduce(mul, each)
        return found if self.times is None else found * Var(names["times"])

    @override
    def views(self, numbers: MeasuredEffectDesign) -> Iterator[TermView]:
        yield TermView(self.text, "measured", self.parameter, (self.label,), numbers.observed[:, None])
