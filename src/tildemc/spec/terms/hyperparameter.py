"""Hyperparameter: a quantity that priors of others are arithmetic of, with a prior of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import override

from tildemc.spec.expr import Const, Expr
from tildemc.spec.priors import Prior
from tildemc.spec.support import Support
from tildemc.spec.terms.address import Sense, Target
from tildemc.spec.terms.alone import NoNumbers, NoSummary, OnePrior
from tildemc.spec.terms.term import Dim, Free, Path, Reader, Role

__all__ = ["PATH", "HyperNames", "Hyperparameter"]

PATH = "prior"
"""Where hyperparameters stand, beside the parameters of the response."""


@dataclass(frozen=True, slots=True)
class HyperNames:
    """`dim` is that of the coefficients, where it has a number for each."""

    name: str
    dim: str = ""


@dataclass(frozen=True, slots=True)
class Hyperparameter(OnePrior[NoNumbers, NoSummary, HyperNames]):
    """A quantity that priors are arithmetic of: one number, or one for each of several coefficients.

    Attributes
    ----------
    name : str
        As priors call it; nothing else of the model has this name.
    prior : Prior
        Of each number, or of all shares together.
    support : Support
    along : tuple of str
        The coefficients; empty for one number.
    """

    name: str
    prior: Prior
    support: Support
    along: tuple[str, ...] = ()

    @property
    @override
    def path(self) -> Path:
        return (PATH, self.name)

    @property
    def size(self) -> int:
        """How many numbers it is."""
        return max(len(self.along), 1)

    @override
    def free(self) -> Iterator[Free]:
        # One for each coefficient says little by itself: the coefficient does.
        role: Role = "working" if self.along else "hyperparameter"
        priors = (self.prior,) * (1 if self.support.shares else self.size)
        yield Free((*self.path, "name"), tuple(self.dims()), self.support, role, priors)

    @override
    def dims(self) -> Iterator[Dim]:
        if self.along:
            yield Dim("dim", self.along)

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {"name": self.name} | ({"dim": f"{self.name}_term"} if self.along else {})

    @override
    def named(self, given: Mapping[str, str]) -> HyperNames:
        return HyperNames(**given)

    @override
    def spoken_for(self, names: HyperNames) -> Collection[str]:
        return (names.name,)

    @override
    def targets(self, names: HyperNames, taken: Collection[str]) -> Iterator[Target]:
        shown = (names.name,)
        made = not self.support.shares
        known = ((shown, Sense.ONE),)
        yield Target(PATH, "hyperparameter", shown, self.support, self.prior, shown, known, self.size, made)

    @override
    def read(self, rows: Reader) -> NoNumbers:
        return NoNumbers()

    @override
    def outline(self, summary: NoSummary) -> NoNumbers:
        return NoNumbers()

    @override
    def value(self, names: HyperNames) -> Expr:
        return Const(0.0)
