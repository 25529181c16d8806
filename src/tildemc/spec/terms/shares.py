"""Shares: positive numbers whose sum is 1, one for each component of a mixture."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import override

from tildemc.arrays import Floats, Integers
from tildemc.spec.expr import Expr, Var
from tildemc.spec.priors import Prior
from tildemc.spec.support import SHARES, UNIT
from tildemc.spec.terms.address import Sense, Target
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Dim, Free, Path, Reader, Rows, Term

__all__ = ["Shares", "SharesDesign", "SharesNames", "SharesSummary"]


SharesNames = Mapping[str, str]
"""`together` is what all shares are called in one array, and each is by what the family calls it."""


@dataclass(frozen=True, slots=True)
class SharesSummary:
    """Nothing: shares are the same in all rows."""

    def merge(self, other: SharesSummary) -> SharesSummary:
        """Of all rows."""
        return self


@dataclass(frozen=True, slots=True)
class SharesDesign:
    """No numbers: shares are the same in all rows."""

    def summary(self) -> SharesSummary:
        """What they come to."""
        return SharesSummary()

    def take(self, rows: Rows) -> SharesDesign:
        """Those of some rows."""
        return self

    def alike(self, rows: Rows) -> Iterator[Floats | Integers]:
        """Nothing by which rows differ."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Shares(Term[SharesDesign, SharesSummary, SharesNames]):
    """The shares of a mixture's components.

    Attributes
    ----------
    parameter : str
        What they are called together.
    parameters : tuple of str
        What the family calls each of them.
    prior : Prior
        Of all together.
    """

    parameter: str
    parameters: tuple[str, ...]
    prior: Prior

    @property
    @override
    def path(self) -> Path:
        return (self.parameter,)

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.parameters)

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return ()

    @override
    def free(self) -> Iterator[Free]:
        # Their density is of all together.
        yield from (Free((*self.path, name), (), UNIT, "residual") for name in self.parameters)

    @override
    def dims(self) -> Iterator[Dim]:
        return iter(())

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {"together": self.parameter, **{name: name for name in self.parameters}}

    @override
    def named(self, given: Mapping[str, str]) -> SharesNames:
        return given

    @override
    def spoken_for(self, names: SharesNames) -> Collection[str]:
        return names.values()

    @override
    def targets(self, names: SharesNames, taken: Collection[str]) -> Iterator[Target]:
        shown = (self.parameter,)
        known = (shown, Sense.ONE), ((names["together"],), Sense.ONE)
        yield Target(self.parameter, "shares", (), SHARES, self.prior, shown, known, size=self.size)

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return (self.prior,)

    @override
    def with_priors(self, priors: Sequence[Prior]) -> Shares:
        [prior] = priors
        return replace(self, prior=prior)

    @override
    def spreads(self, summary: SharesSummary) -> Sequence[tuple[str, float]]:
        return (("", 1.0),)

    @override
    def read(self, rows: Reader) -> SharesDesign:
        return SharesDesign()

    @override
    def outline(self, summary: SharesSummary) -> SharesDesign:
        return SharesDesign()

    @override
    def value(self, names: SharesNames) -> Expr:
        return Var(names["together"])
