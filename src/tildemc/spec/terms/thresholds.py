"""Thresholds: the numbers that cut the line on which a predictor lies into ordered categories."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import override

from tildemc.arrays import Floats, Integers
from tildemc.spec.expr import Expr, Var
from tildemc.spec.priors import Prior
from tildemc.spec.support import REAL, Support
from tildemc.spec.terms.address import Sense, Target
from tildemc.spec.terms.product import INTERCEPT_LABEL, Column
from tildemc.spec.terms.term import Dim, Free, Path, Reader, Rows, Term

__all__ = ["Thresholds", "ThresholdsDesign", "ThresholdsNames", "ThresholdsSummary"]


@dataclass(frozen=True, slots=True)
class ThresholdsNames:
    """`cutpoints` are the thresholds at the predictors' means."""

    name: str
    dim: str
    cutpoints: str


@dataclass(frozen=True, slots=True)
class ThresholdsSummary:
    """Nothing: thresholds are the same in all rows."""

    def merge(self, other: ThresholdsSummary) -> ThresholdsSummary:
        """Of all rows."""
        return self


@dataclass(frozen=True, slots=True)
class ThresholdsDesign:
    """No numbers: thresholds are the same in all rows."""

    def summary(self) -> ThresholdsSummary:
        """What they come to."""
        return ThresholdsSummary()

    def take(self, rows: Rows) -> ThresholdsDesign:
        """Those of some rows."""
        return self

    def alike(self, rows: Rows) -> Iterator[Floats | Integers]:
        """Nothing by which rows differ."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Thresholds(Term[ThresholdsDesign, ThresholdsSummary, ThresholdsNames]):
    """Thresholds, which stand in the place of the first predictor's intercept.

    Attributes
    ----------
    parameter : str
        The family's.
    prior_of : tuple of Prior
        One for each threshold; where predictors are centred, of the thresholds at their means.
    support : Support
        Of all together.
    """

    parameter: str
    prior_of: tuple[Prior, ...]
    support: Support

    @property
    @override
    def path(self) -> Path:
        return (self.parameter,)

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.prior_of)

    @property
    def centred(self) -> bool:
        """Whether their priors are of thresholds at the predictors' means."""
        return self.prior_of[0].at_means

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return ()

    @override
    def free(self) -> Iterator[Free]:
        yield Free((*self.path, "name"), tuple(self.dims()), self.support, "population", self.prior_of)

    @override
    def dims(self) -> Iterator[Dim]:
        yield Dim("dim", tuple(range(1, self.size + 1)))

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {"name": INTERCEPT_LABEL, "dim": "threshold", "cutpoints": "cutpoints"}

    @override
    def named(self, given: Mapping[str, str]) -> ThresholdsNames:
        return ThresholdsNames(**given)

    @override
    def spoken_for(self, names: ThresholdsNames) -> Collection[str]:
        return names.name, names.cutpoints

    @override
    def targets(self, names: ThresholdsNames, taken: Collection[str]) -> Iterator[Target]:
        for number, prior in enumerate(self.prior_of, start=1):
            own = f"{names.name}[{number}]"
            known = (
                ((INTERCEPT_LABEL,), Sense.ALL), ((names.name,), Sense.ALL),
                ((INTERCEPT_LABEL, str(number)), Sense.ONE), ((own,), Sense.ONE),
            )  # fmt: skip
            yield Target("mu", "Intercept", (str(number),), REAL, prior, (own,), known)

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return self.prior_of

    @override
    def with_priors(self, priors: Sequence[Prior]) -> Thresholds:
        return replace(self, prior_of=tuple(priors))

    @override
    def spreads(self, summary: ThresholdsSummary) -> Sequence[tuple[str, float]]:
        return [("", 1.0)] * self.size

    @override
    def read(self, rows: Reader) -> ThresholdsDesign:
        return ThresholdsDesign()

    @override
    def outline(self, summary: ThresholdsSummary) -> ThresholdsDesign:
        return ThresholdsDesign()

    @override
    def value(self, names: ThresholdsNames) -> Expr:
        return Var(names.name)
