"""Smooth: the penalised functions of a smooth whose coefficients are independent and normal with one sd."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.covariance import Shape
from tildemc.spec.expr import Expr
from tildemc.spec.priors import Prior
from tildemc.spec.support import POSITIVE, REAL
from tildemc.spec.terms.address import Sense, Target, Words, of_parameter
from tildemc.spec.terms.functions import Coefficients, Functions
from tildemc.spec.terms.group import GroupDesign, GroupSummary
from tildemc.spec.terms.term import Free, Path
from tildemc.spec.terms.view import TermView

__all__ = ["Penalty", "Smooth", "SmoothNames"]


@dataclass(frozen=True, slots=True)
class SmoothNames:
    """The sd `sds`, the coefficients `s` along `dim`, `z` these over their sd, and the functions' values `Z`."""

    sds: str
    s: str
    dim: str
    z: str
    Z: str


@dataclass(frozen=True, slots=True)
class Penalty(Coefficients):
    """The coefficients of a smooth as engines know effects: independent, with one sd."""

    size: int
    sd_priors: tuple[Prior, ...]
    shape_priors: tuple[Prior, ...] = ()

    @property
    @override
    def width(self) -> int:
        return self.size

    @property
    def standard(self) -> int:
        """As many as functions."""
        return self.size

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """None."""
        return ()

    @property
    def spectrum(self) -> tuple[Expr, ...]:
        """Nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Smooth(Functions[SmoothNames]):
    """One penalised part of a smooth; its unpenalised functions are columns of the population.

    Attributes
    ----------
    number : int
        Which of the smooth's penalties it is of, from 1.
    prior : Prior
        Of the sd.
    """

    number: int
    prior: Prior

    @property
    @override
    def path(self) -> Path:
        return (self.parameter, "smooth", self.label, str(self.number))

    @property
    @override
    def called(self) -> str:
        """As brms has it in names: `sx_1`."""
        return f"{self.label}_{self.number}"

    # As effects of one level

    @property
    def size(self) -> int:
        """One level: every row has the same coefficients."""
        return 1

    @property
    def blocks(self) -> tuple[Penalty, ...]:
        """One."""
        return (Penalty(self.width, (self.prior,)),)

    @property
    def correlated(self) -> bool:
        """Never."""
        return False

    def reported(
        self, names: SmoothNames, sd: Floats, r: Floats, cor: Floats, shape: Floats | None
    ) -> Mapping[str, Floats]:
        """The sd that all have, and the coefficients."""
        return {names.sds: sd[..., 0], names.s: r[..., 0, :]}

    # As a term

    @override
    def free(self) -> Iterator[Free]:
        yield Free((*self.path, "sds"), (), POSITIVE, "smooth parameter", (self.prior,))
        yield Free((*self.path, "s"), tuple(self.dims()), REAL, "smooth coefficient")

    @override
    def labelled_names(self) -> Mapping[str, str]:
        prefix = "" if self.parameter == "mu" else f"{self.parameter}_"
        kinds = ("sds", "s", "z", "Z")
        return {"dim": f"{prefix}{self.called}", **{kind: f"{prefix}{kind}_{self.called}" for kind in kinds}}

    @override
    def named(self, given: Mapping[str, str]) -> SmoothNames:
        return SmoothNames(**given)

    @override
    def spoken_for(self, names: SmoothNames) -> Collection[str]:
        return (names.sds,)

    @override
    def targets(self, names: SmoothNames, taken: Collection[str]) -> Iterator[Target]:
        sds = of_parameter(self.parameter, "sds")
        shown: Words = (sds, self.called)
        whole = ((sds, self.text), (sds, self.text.replace(" ", "")), (sds, self.label))
        known = ((shown, Sense.ONE), ((names.sds,), Sense.ONE), ((sds,), Sense.ALL), *((w, Sense.PART) for w in whole))
        yield Target(self.parameter, "sds", (self.called,), POSITIVE, self.prior, shown, known)

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return (self.prior,)

    @override
    def with_priors(self, priors: Sequence[Prior]) -> Smooth:
        [prior] = priors
        return replace(self, prior=prior)

    @override
    def spreads(self, summary: GroupSummary) -> Sequence[tuple[str, float]]:
        return (("", 1.0),)

    @override
    def views(self, numbers: GroupDesign) -> Iterator[TermView]:
        labels = tuple(f"s_{self.called}[{j}]" for j in range(1, self.width + 1))
        yield TermView(
            self.text, "smooth", self.parameter, labels, numbers.Z,
            unpenalised=np.empty((len(numbers.Z), 0)), bases=(numbers.Z,), learned=self.learned(),
        )  # fmt: skip
