"""Population effects: an intercept, and one coefficient for each column of a design."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.expr import Const, Expr, Op, Var
from tildemc.spec.moments import Moments, stacked, triangle
from tildemc.spec.priors import Prior
from tildemc.spec.support import REAL
from tildemc.spec.terms.address import Sense, Target, Words, argument, is_plain, of_parameter
from tildemc.spec.terms.product import INTERCEPT_LABEL, Column, Product, columns_of
from tildemc.spec.terms.term import Dim, Free, Path, Reader, Rows, Term
from tildemc.spec.terms.view import TermView

__all__ = ["Population", "PopulationDesign", "PopulationNames", "PopulationSummary"]


@dataclass(frozen=True, slots=True)
class PopulationNames:
    """`alpha` is the intercept at the predictors' means, `X_mean`."""

    intercept: str
    alpha: str
    b: str
    term_dim: str
    X: str
    X_mean: str


@dataclass(frozen=True, eq=False)
class PopulationDesign:
    """`X` (n, p) without the intercept.

    `mean` (p,) is for rows that stand for several: the means of the columns before they were merged.
    """

    X: Floats
    mean: Floats | None = None

    @cached_property
    def centre(self) -> Floats:
        """What a centred predictor's columns are measured from, (p,)."""
        return np.asarray(self.X.mean(axis=0)) if self.mean is None else self.mean

    def summary(self) -> PopulationSummary:
        """What the columns come to."""
        return PopulationSummary(Moments.of(self.X), triangle(self.X, intercept=True))

    def take(self, rows: Rows) -> PopulationDesign:
        """Some rows, measured from where all were."""
        return PopulationDesign(self.X[rows], self.centre)

    def followed_by(self, other: PopulationDesign) -> PopulationDesign:
        """The rows of both, measured from where these were."""
        return PopulationDesign(np.concatenate([self.X, other.X]), self.mean)

    def alike(self, rows: Rows) -> Iterator[Floats]:
        """The columns."""
        yield self.X[rows]


@dataclass(frozen=True, eq=False)
class PopulationSummary:
    """Of a design.

    Attributes
    ----------
    X : Moments
    triangle : (·, p + 1) or None
        R of the QR decomposition of [1 X]; None if there are too many columns.
    """

    X: Moments
    triangle: Floats | None

    def merge(self, other: PopulationSummary) -> PopulationSummary:
        """Of all rows."""
        return PopulationSummary(self.X.merge(other.X), stacked(self.triangle, other.triangle))


@dataclass(frozen=True, slots=True)
class Population(Term[PopulationDesign, PopulationSummary, PopulationNames]):
    """The population effects of one predictor; it may have none.

    Attributes
    ----------
    parameter : str
        Whose predictor it belongs to.
    intercept : Prior or None
        The prior of the intercept; where there are predictors it may be on the intercept at their means.
    products : tuple of Product
        What R calls terms.
    coefficients : tuple of Prior
        One prior for each column.
    about_means : bool
        Whether predictors are measured from their means though it has no intercept: thresholds stand in its place.
    counted : bool
        Whether the intercept counts as one of the coefficients, for whose priors are stated together.
    above : str
        The parameter of another component of a mixture, whose intercept is less than this one's; empty for none.
    """

    parameter: str
    intercept: Prior | None
    products: tuple[Product, ...] = ()
    coefficients: tuple[Prior, ...] = ()
    about_means: bool = False
    counted: bool = False
    above: str = ""

    @property
    @override
    def path(self) -> Path:
        return (self.parameter, "population")

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        """The design but for the intercept."""
        return columns_of(self.products)

    @property
    def centred(self) -> bool:
        """Whether predictors are measured from their means."""
        return self.about_means or (self.intercept is not None and self.intercept.at_means)

    @override
    def free(self) -> Iterator[Free]:
        if self.intercept is not None:
            yield Free((*self.path, "intercept"), (), REAL, "population", (self.intercept,))
        if self.products:
            yield Free((*self.path, "b"), tuple(self.dims()), REAL, "population", self.coefficients)

    @override
    def dims(self) -> Iterator[Dim]:
        if self.products:
            yield Dim("term_dim", tuple(column.label for column in self.columns))

    @override
    def fixed_names(self) -> Mapping[str, str]:
        prefix = "" if self.parameter == "mu" else f"{self.parameter}_"
        own = {"intercept": INTERCEPT_LABEL, "alpha": "alpha", "b": "b", "term_dim": "term"}
        own |= {"X": "X", "X_mean": "X_mean"}
        return {field: f"{prefix}{name}" for field, name in own.items()}

    @override
    def named(self, given: Mapping[str, str]) -> PopulationNames:
        return PopulationNames(**given)

    @override
    def spoken_for(self, names: PopulationNames) -> Collection[str]:
        return names.intercept, names.b

    @override
    def targets(self, names: PopulationNames, taken: Collection[str]) -> Iterator[Target]:
        if self.intercept is not None:
            shown = (of_parameter(self.parameter, INTERCEPT_LABEL),)
            known: list[tuple[Words, Sense]] = [(shown, Sense.ONE), ((names.intercept,), Sense.ONE)]
            if self.counted:
                b = of_parameter(self.parameter, "b")
                known += [((b,), Sense.ALL), ((names.b,), Sense.ALL), ((b, INTERCEPT_LABEL), Sense.ONE)]
            yield Target(
                self.parameter, "Intercept", (), REAL, self.intercept, shown, tuple(known), made=not self.above
            )
        priors = iter(self.coefficients)
        labels = {column.label for column in self.columns}
        for product in self.products:
            # A column's label goes before a product's.
            part = () if product.label in labels else self._called(product.label, Sense.PART, taken)
            for column in product.columns:
                yield self._coefficient(column, next(priors), part, names, taken)

    def _coefficient(
        self,
        column: Column,
        prior: Prior,
        part: tuple[tuple[Words, Sense], ...],
        names: PopulationNames,
        taken: Collection[str],
    ) -> Target:
        label, b = column.label, of_parameter(self.parameter, "b")
        own = (word for name in column.names for word in self._called(name, Sense.ONE, taken))
        alone = self.parameter == "mu" and label not in taken and is_plain(label)
        known = (((b,), Sense.ALL), ((names.b,), Sense.ALL), *part, *own, ((f"{names.b}[{label}]",), Sense.ONE))
        return Target(self.parameter, "b", (label,), REAL, prior, (label,) if alone else (b, label), known)

    def _called(self, label: str, sense: Sense, taken: Collection[str]) -> tuple[tuple[Words, Sense], ...]:
        """How coefficients are called: `b(floor)`, and `floor` where that means nothing else."""
        whole = ((of_parameter(self.parameter, "b"), label), sense)
        alone = self.parameter == "mu" and label not in taken
        return (whole, ((label,), sense)) if alone else (whole,)

    def address(self, product: Product) -> str:
        """How a person addresses all coefficients of a product: `b(recipe)`."""
        return f"{of_parameter(self.parameter, 'b')}({argument(product.label)})"

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return self.coefficients if self.intercept is None else (self.intercept, *self.coefficients)

    @override
    def with_priors(self, priors: Sequence[Prior]) -> Population:
        if self.intercept is None:
            return replace(self, coefficients=tuple(priors))
        first, *others = priors
        return replace(self, intercept=first, coefficients=tuple(others))

    @override
    def spreads(self, summary: PopulationSummary) -> Sequence[tuple[str, float]]:
        own = [("", 1.0)] if self.intercept is not None else []
        return own + [(column.label, float(sd)) for column, sd in zip(self.columns, summary.X.spread, strict=True)]

    @override
    def read(self, rows: Reader) -> PopulationDesign:
        return PopulationDesign(rows.numbers(self.columns))

    @override
    def outline(self, summary: PopulationSummary) -> PopulationDesign:
        return PopulationDesign(np.zeros((1, len(summary.X.mean))), summary.X.mean)

    @override
    def value(self, names: PopulationNames) -> Expr:
        parts: list[Expr] = []
        if self.intercept is not None:
            parts.append(Var(names.alpha if self.centred else names.intercept))
        if self.products:
            X = Var(names.X)
            # The data stay as they are, so that others can take their place; their means are the model's own.
            parts.append(Op("@", X - Var(names.X_mean) if self.centred else X, Var(names.b)))
        return parts[0] if len(parts) == 1 else parts[0] + parts[1] if parts else Const(0.0)

    @override
    def views(self, numbers: PopulationDesign) -> Iterator[TermView]:
        if self.intercept is not None or self.about_means:
            ones = np.ones((len(numbers.X), 1))
            yield TermView("1", "population", self.parameter, (INTERCEPT_LABEL,), ones)
        start = 0
        for product in self.products:
            labels = tuple(column.label for column in product.columns)
            values = numbers.X[:, start : start + len(labels)]
            start += len(labels)
            unpenalised = None if product.kind == "population" else values
            yield TermView(product.label, product.kind, self.parameter, labels, values, unpenalised=unpenalised)
