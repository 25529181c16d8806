"""What one of Stata's commands after a model asks for, in the model's own numbers: a closed set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tildemc.resolve.hypothesis import Hypothesis
from tildemc.resolve.margins import MarginsAsked, Over
from tildemc.span import Span

__all__ = [
    "After", "Combined", "Displayed", "Joint", "Likelihoods", "Marginal", "Named", "Pictured", "Predicted", "Replayed",
    "Said", "Statistic", "Tabulated", "Tested", "What",
]  # fmt: skip

What = Literal["icc", "recovariance", "ic", "group", "sd", "wcorrelation", "vce"]
"""What `estat` is asked for."""
Said = Literal["xb", "mu", "fitted", "reffects", "residuals", "rstandard", "stdp", "reses"]
"""What `predict` is asked for."""


@dataclass(frozen=True, slots=True)
class Marginal:
    """`margins`."""

    asked: MarginsAsked


@dataclass(frozen=True, slots=True)
class Pictured:
    """`marginsplot`: the picture of the margins before."""

    span: Span


@dataclass(frozen=True, slots=True)
class Combined:
    """`lincom`, `nlcom`, `contrast r.f`, `pwcompare f`: combinations of the model's numbers, each by its name."""

    rows: Mapping[str, Hypothesis]
    exponentiate: bool = False
    level: float | None = None


@dataclass(frozen=True, slots=True)
class Tested:
    """What are zero together, by what is told of them."""

    name: str
    rows: tuple[Hypothesis, ...]


@dataclass(frozen=True, slots=True)
class Joint:
    """`test`, `testparm`, `contrast f`: whether combinations are zero together."""

    tests: tuple[Tested, ...]


@dataclass(frozen=True, slots=True)
class Displayed:
    """`display "OR = " exp(_b[x])`: numbers of the model between texts."""

    parts: tuple[str | Hypothesis, ...]


@dataclass(frozen=True, slots=True)
class Statistic:
    """`estat icc` and its kin."""

    what: What
    correlation: bool = False
    variances: bool = False
    level: float | None = None


@dataclass(frozen=True, slots=True)
class Predicted:
    """`predict`: what new columns hold, the stubs or names of these, and further ones of `reses(…)`."""

    said: Said
    names: tuple[str, ...]
    over: Over = "all"
    outcome: str = ""
    group: str = ""
    reses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likelihoods:
    """`lrtest m1 m2`: of two fits by their names, `.` for this one."""

    names: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Tabulated:
    """`estimates table m1 m2`, `esttab`, or, of their likelihoods, `estimates stats`; no names for all."""

    names: tuple[str, ...]
    likelihoods: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Named:
    """`estimates store m1`: what this fit is called from then on."""

    name: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """`melogit, or`: the summary again, shown as these options ask."""

    display: tuple[str, ...]


After = (
    Marginal
    | Pictured
    | Combined
    | Joint
    | Displayed
    | Statistic
    | Predicted
    | Likelihoods
    | Tabulated
    | Named
    | Replayed
)
