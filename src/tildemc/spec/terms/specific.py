"""Category-specific effects, `cs(x)`: each moves every threshold by an amount of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.expr import Apply, Expr, Op, Var
from tildemc.spec.moments import Moments
from tildemc.spec.priors import Prior
from tildemc.spec.support import REAL
from tildemc.spec.terms.address import Sense, Target, argument
from tildemc.spec.terms.product import Column, Product, columns_of
from tildemc.spec.terms.term import Dim, Free, Path, Reader, Rows, Term

__all__ = ["Specific", "SpecificDesign", "SpecificNames", "SpecificSummary"]


@dataclass(frozen=True, slots=True)
class SpecificNames:
    """`b` has a row for each column of `X`, and a column for each threshold."""

    b: str
    term_dim: str
    threshold_dim: str
    X: str


@dataclass(frozen=True, eq=False)
class SpecificSummary:
    """Of the columns."""

    X: Moments

    def merge(self, other: SpecificSummary) -> SpecificSummary:
        """Of all rows."""
        return SpecificSummary(self.X.merge(other.X))


@dataclass(frozen=True, eq=False)
class SpecificDesign:
    """`X` (n, p)."""

    X: Floats

    def summary(self) -> SpecificSummary:
        """What the columns come to."""
        return SpecificSummary(Moments.of(self.X))

    def take(self, rows: Rows) -> SpecificDesign:
        """Those of some rows."""
        return SpecificDesign(self.X[rows])

    def followed_by(self, other: SpecificDesign) -> SpecificDesign:
        """Those of the rows of both."""
        return SpecificDesign(np.concatenate([self.X, other.X]))

    def alike(self, rows: Rows) -> Iterator[Floats]:
        """The columns."""
        yield self.X[rows]


@dataclass(frozen=True, slots=True)
class Specific(Term[SpecificDesign, SpecificSummary, SpecificNames]):
    """The category-specific effects of a model: what they come to for a row is taken from its thresholds.

    Attributes
    ----------
    parameter : str
        The thresholds'.
    size : int
        How many of these a row has at most.
    products : tuple of Product
    coefficients : tuple of Prior
        One prior for each column, of its effects on all thresholds.
    """

    parameter: str
    size: int
    products: tuple[Product, ...]
    coefficients: tuple[Prior, ...]

    @property
    @override
    def path(self) -> Path:
        return (self.parameter, "specific")

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return columns_of(self.products)

    def quantity(self, k: int) -> str:
        """What the density of a row calls the sum of its effects on threshold k, counted from 0."""
        return f"{self.parameter} specific {k}"

    def reported(self, names: SpecificNames, effects: Floats) -> dict[str, Floats]:
        """What the model reports of effects (…, thresholds times p), those on one threshold after those on another."""
        return {names.b: np.swapaxes(effects.reshape(*effects.shape[:-1], self.size, -1), -1, -2)}

    def by_row(self, b: Floats, design: SpecificDesign) -> Floats:
        """What is taken from each row's thresholds under effects (draws, p, thresholds): (thresholds, draws, n)."""
        return np.asarray(np.einsum("dpk,np->kdn", b, design.X))

    @override
    def free(self) -> Iterator[Free]:
        priors = tuple(prior for prior in self.coefficients for _ in range(self.size))
        yield Free((*self.path, "b"), tuple(self.dims()), REAL, "population", priors)

    @override
    def dims(self) -> Iterator[Dim]:
        yield Dim("term_dim", tuple(column.label for column in self.columns))
        yield Dim("threshold_dim", tuple(range(1, self.size + 1)))

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {"b": "bcs", "term_dim": "bcs_term", "threshold_dim": "bcs_threshold", "X": "X_cs"}

    @override
    def named(self, given: Mapping[str, str]) -> SpecificNames:
        return SpecificNames(**given)

    @override
    def spoken_for(self, names: SpecificNames) -> Collection[str]:
        return (names.b,)

    @override
    def targets(self, names: SpecificNames, taken: Collection[str]) -> Iterator[Target]:
        for column, prior in zip(self.columns, self.coefficients, strict=True):
            own = [(word, name) for word in ("b", names.b) for name in column.names]
            known = (("b",), Sense.ALL), ((names.b,), Sense.PART), *((words, Sense.ONE) for words in own)
            yield Target("mu", "b", (column.label,), REAL, prior, ("b", column.label), known, made=False)

    def address(self, product: Product) -> str:
        """How a person addresses all effects of a product."""
        return f"b({argument(product.label)})"

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return self.coefficients

    @override
    def with_priors(self, priors: Sequence[Prior]) -> Specific:
        return replace(self, coefficients=tuple(priors))

    @override
    def spreads(self, summary: SpecificSummary) -> Sequence[tuple[str, float]]:
        return [(column.label, float(sd)) for column, sd in zip(self.columns, summary.X.spread, strict=True)]

    @override
    def read(self, rows: Reader) -> SpecificDesign:
        return SpecificDesign(rows.numbers(self.columns))

    @override
    def outline(self, summary: SpecificSummary) -> SpecificDesign:
        return SpecificDesign(np.zeros((1, len(summary.X.mean))))

    @override
    def value(self, names: SpecificNames) -> Expr:
        return Apply("transpose", (Op("@", Var(names.X), Var(names.b)),))
