"""Monotonic effects: of an ordered predictor whose steps, however large each is, all go one way.

Bürkner & Charpentier (2020), Modelling monotonic effects of ordinal predictors in Bayesian regression models, British
Journal of Mathematical and Statistical Psychology 73: b times the number of steps times the share of all steps so far.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.expr import Const, Expr, Var, substitute
from tildemc.spec.moments import Moments
from tildemc.spec.priors import Prior
from tildemc.spec.support import REAL, SHARES
from tildemc.spec.terms.address import Sense, Target, Words, of_parameter
from tildemc.spec.terms.product import Column, Levels
from tildemc.spec.terms.term import Dim, Free, Path, Reader, Rows, Term
from tildemc.spec.terms.view import TermView
from tildemc.spec.vocabulary import apply

__all__ = ["Monotonic", "MonotonicDesign", "MonotonicNames", "MonotonicSummary"]


@dataclass(frozen=True, slots=True)
class MonotonicNames:
    """`code` is the number of steps of each row, `times` what the effect is multiplied by."""

    b: str
    simo: str
    dim: str
    code: str
    times: str


@dataclass(frozen=True, eq=False)
class MonotonicDesign:
    """`values` (n, 1 or 2): the number of steps, and what the effect is multiplied by if it is."""

    values: Floats

    def summary(self) -> MonotonicSummary:
        """What they come to."""
        return MonotonicSummary(Moments.of(self.values))

    def take(self, rows: Rows) -> MonotonicDesign:
        """Those of some rows."""
        return MonotonicDesign(self.values[rows])

    def followed_by(self, other: MonotonicDesign) -> MonotonicDesign:
        """Those of the rows of both."""
        return MonotonicDesign(np.concatenate([self.values, other.values]))

    def alike(self, rows: Rows) -> Iterator[Floats]:
        """The numbers."""
        yield self.values[rows]


@dataclass(frozen=True, eq=False)
class MonotonicSummary:
    """Of such numbers."""

    moments: Moments

    def merge(self, other: MonotonicSummary) -> MonotonicSummary:
        """Of all rows."""
        return MonotonicSummary(self.moments.merge(other.moments))


@dataclass(frozen=True, slots=True)
class Monotonic(Term[MonotonicDesign, MonotonicSummary, MonotonicNames]):
    """One monotonic effect.

    Attributes
    ----------
    parameter : str
        Whose predictor it belongs to.
    text : str
        As written: `mo(income):z`.
    label : str
        As brms has it in names: `moincome:z`.
    code : Column
        How many steps a row is above the lowest value.
    steps : int
        How many there are.
    times : Column or None
        What the effect is multiplied by.
    prior : Prior
        Of the mean effect of a step.
    shares : Prior
        Of the shares of the steps.
    known : tuple of Levels
        The factors among what it is made of.
    owner : Path or None
        The effect whose shares it has, if not its own.
    id : str
        By which effects have one set of shares, brms's `mo(x, id = "a")`; empty if it has none.
    """

    parameter: str
    text: str
    label: str
    code: Column
    steps: int
    times: Column | None
    prior: Prior
    shares: Prior
    known: tuple[Levels, ...] = ()
    owner: Path | None = None
    id: str = ""

    @property
    @override
    def path(self) -> Path:
        return (self.parameter, "monotonic", self.label)

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return (self.code,) if self.times is None else (self.code, self.times)

    @property
    def in_rows(self) -> MonotonicNames:
        """What the density of a row calls them."""
        own, shares = f"{self.parameter} {self.label}", self.owner or self.path
        return MonotonicNames(own, f"{shares[0]} {shares[-1]} share", "", f"{own} code", f"{own} times")

    def given(self, numbers: MonotonicDesign) -> dict[str, Floats]:
        """What the density of a row names of the data, (n,) each."""
        called = (self.in_rows.code, self.in_rows.times)
        return dict(zip(called, numbers.values.T, strict=False))

    @override
    def free(self) -> Iterator[Free]:
        yield Free((*self.path, "b"), (), REAL, "population", (self.prior,))
        if self.owner is None:
            yield Free((*self.path, "simo"), tuple(self.dims()), SHARES, "monotonic share", (self.shares,))

    @override
    def dims(self) -> Iterator[Dim]:
        if self.owner is None:
            yield Dim("dim", tuple(range(1, self.steps + 1)))

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {}

    @override
    def labelled_names(self) -> Mapping[str, str]:
        called = self.label if self.parameter == "mu" else f"{self.parameter}_{self.label}"
        shares = {"simo": f"simo_{called}", "dim": f"{called}_step"} if self.owner is None else {}
        return {"b": called, **shares, "code": f"{called}_code", "times": f"{called}_times"}

    @override
    def borrowed_names(self) -> Mapping[str, tuple[Path, str]]:
        return {} if self.owner is None else {name: (self.owner, name) for name in ("simo", "dim")}

    @override
    def named(self, given: Mapping[str, str]) -> MonotonicNames:
        return MonotonicNames(**given)

    @override
    def spoken_for(self, names: MonotonicNames) -> Collection[str]:
        return (names.b, names.simo) if self.owner is None else (names.b,)

    @override
    def targets(self, names: MonotonicNames, taken: Collection[str]) -> Iterator[Target]:
        b, simo = (of_parameter(self.parameter, kind) for kind in ("b", "simo"))
        shown: Words = (b, self.label)
        own, colon, rest = self.label.partition(":")
        brms = f"{own}idEQ{self.id}{colon}{rest}" if self.id else self.text
        called = ((b, self.text), (b, brms), (names.b,))
        known = (((b,), Sense.ALL), (shown, Sense.ONE), *((words, Sense.ONE) for words in called))
        yield Target(self.parameter, "b", (self.label,), REAL, self.prior, shown, known)
        if self.owner is not None:
            return
        # brms numbers the variables of a term: `moincome1`.
        shown = (simo, self.label)
        each: tuple[Words, ...] = (shown, (simo, f"{self.label}1"), (simo, self.text), (names.simo,))
        each = (*each, (simo, self.id)) if self.id else each
        named = (((simo,), Sense.ALL), *((words, Sense.ONE) for words in each))
        yield Target(self.parameter, "shares", (self.label,), SHARES, self.shares, shown, named, size=self.steps)

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return (self.prior, self.shares) if self.owner is None else (self.prior,)

    @override
    def with_priors(self, priors: Sequence[Prior]) -> Monotonic:
        prior, *shares = priors
        return replace(self, prior=prior, shares=shares[0] if shares else self.shares)

    @override
    def spreads(self, summary: MonotonicSummary) -> Sequence[tuple[str, float]]:
        # Of one step, or of one step and the sd of what multiplies it.
        step = ("", 1.0)
        b = step if self.times is None else (self.times.label, float(summary.moments.spread[1]))
        return (b, step) if self.owner is None else (b,)

    @override
    def read(self, rows: Reader) -> MonotonicDesign:
        return MonotonicDesign(rows.numbers(self.columns))

    @override
    def outline(self, summary: MonotonicSummary) -> MonotonicDesign:
        return MonotonicDesign(np.zeros((1, len(self.columns))))

    @override
    def value(self, names: MonotonicNames) -> Expr:
        so_far = apply("share_so_far", Var(names.simo), Var(names.code))
        found = self.steps * Var(names.b) * so_far
        return found if self.times is None else found * Var(names.times)

    def row(self, shares: Sequence[Expr]) -> Expr:
        """What it adds to a row, given each step's share: those of the steps that the row has taken."""
        own = self.in_rows
        taken = [share * apply("less", Const(float(k)), Var(own.code)) for k, share in enumerate(shares)]
        so_far = apply("share_so_far", Var(own.simo), Var(own.code))
        return substitute(self.value(own), {so_far: reduce(add, taken)})

    @override
    def views(self, numbers: MonotonicDesign) -> Iterator[TermView]:
        yield TermView(self.text, "monotonic", self.parameter, (self.label,), numbers.values[:, :1])
