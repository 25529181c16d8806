"""Auxiliary: a parameter of the response's distribution that no formula models."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import override

import numpy as np

from tildemc.spec.expr import Expr, Index, Var
from tildemc.spec.priors import Prior
from tildemc.spec.support import Support
from tildemc.spec.terms.address import Sense, Target
from tildemc.spec.terms.alone import OnePrior
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.levels import LevelsDesign, LevelsSummary
from tildemc.spec.terms.term import Dim, Free, Path, Reader

__all__ = ["Auxiliary", "AuxiliaryNames"]


@dataclass(frozen=True, slots=True)
class AuxiliaryNames:
    """`dim` and `index` are those of its `by` factor, if it has one; `var` is its square's."""

    name: str
    var: str
    dim: str = ""
    index: str = ""


@dataclass(frozen=True, slots=True)
class Auxiliary(OnePrior[LevelsDesign, LevelsSummary, AuxiliaryNames]):
    """A parameter of the response's distribution that no formula models: one number, or one per level of `by`.

    Attributes
    ----------
    parameter : str
    prior : Prior
    support : Support
        The values that the family lets it take.
    by : Factor or None
    """

    parameter: str
    prior: Prior
    support: Support
    by: Factor | None = None

    @property
    @override
    def path(self) -> Path:
        return (self.parameter,)

    @property
    @override
    def grouped_by(self) -> Factor | None:
        return self.by

    @property
    def size(self) -> int:
        """How many numbers it is."""
        return 1 if self.by is None else len(self.by.levels)

    @override
    def free(self) -> Iterator[Free]:
        dims, priors = tuple(self.dims()), (self.prior,) * self.size
        yield Free((*self.path, "name"), dims, self.support, "residual", priors, squared="var")

    @override
    def dims(self) -> Iterator[Dim]:
        if self.by is not None:
            yield Dim("dim", self.by.values)

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {"name": self.parameter, "var": f"var_{self.parameter}"}

    @override
    def named(self, given: Mapping[str, str]) -> AuxiliaryNames:
        return AuxiliaryNames(**given)

    @override
    def spoken_for(self, names: AuxiliaryNames) -> Collection[str]:
        return names.name, names.var

    @override
    def targets(self, names: AuxiliaryNames, taken: Collection[str]) -> Iterator[Target]:
        shown = (self.parameter,)
        known = (shown, Sense.ONE), ((names.name,), Sense.ONE)
        yield Target(self.parameter, "parameter", (), self.support, self.prior, shown, known)

    @override
    def read(self, rows: Reader) -> LevelsDesign:
        return LevelsDesign(None if self.by is None else rows.levels(self.by, needed=True))

    @override
    def outline(self, summary: LevelsSummary) -> LevelsDesign:
        return LevelsDesign(None if self.by is None else np.zeros(1, np.int64))

    @override
    def value(self, names: AuxiliaryNames) -> Expr:
        return Var(names.name) if self.by is None else Index(Var(names.name), (Var(names.index),))
