"""What terms have in common that stand alone: no numbers of the data, or one prior that nothing of the data scales."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, override

from tildemc.arrays import Floats, Integers
from tildemc.spec.priors import Prior
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Rows, Term, TermDesign, TermSummary

__all__ = ["NoNumbers", "NoSummary", "OnePrior"]


@dataclass(frozen=True, slots=True)
class NoSummary:
    """Nothing: the term is the same in all rows."""

    def merge(self, other: NoSummary) -> NoSummary:
        """Of all rows."""
        return self


@dataclass(frozen=True, slots=True)
class NoNumbers:
    """No numbers: the term is the same in all rows."""

    def summary(self) -> NoSummary:
        """What they come to."""
        return NoSummary()

    def take(self, rows: Rows) -> NoNumbers:
        """Those of some rows."""
        return self

    def followed_by(self, other: NoNumbers) -> NoNumbers:
        """Those of the rows of both."""
        return self

    def alike(self, rows: Rows) -> Iterator[Floats | Integers]:
        """Nothing by which rows differ."""
        return iter(())


class OnePrior[D: TermDesign[Any], S: TermSummary, N](Term[D, S, N]):
    """A term with one prior, its dataclass's `prior`, of what no column of the data is multiplied by."""

    prior: Prior

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return ()

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return (self.prior,)

    @override
    def with_priors(self, priors: Sequence[Prior]) -> Self:
        [prior] = priors
        own: Any = self
        found: Self = replace(own, prior=prior)
        return found

    @override
    def spreads(self, summary: S) -> Sequence[tuple[str, float]]:
        return (("", 1.0),)
