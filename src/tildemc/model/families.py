"""One record per family: its parameters, their links and default priors, and how PyMC spells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tildemc.model.expr import Expr, Var
from tildemc.model.priors import (
    LOG_RESIDUAL_SD,
    POSITIVE,
    REAL,
    RESIDUAL_SD,
    Prior,
    Support,
    default,
)

__all__ = ["FAMILIES", "Family", "FamilyParameter", "Outcome"]

Outcome = Literal["real", "count", "binary", "proportion"]
"""What a response may be: any number, 0 1 2 ..., one of two values, or successes out of trials."""


@dataclass(frozen=True, slots=True)
class FamilyParameter:
    """A parameter of the response's distribution.

    Attributes
    ----------
    name : str
    support : Support
        The values it may take.
    links : tuple of str
        The links it may have when a formula models it, the default first.
    prior : Prior or None
        Its default prior when no formula models it; None for `mu`, which always has a formula.
    intercept : Prior or None
        The default prior of its intercept when a formula does model it; None for `mu`, whose rule is
        `priors.INTERCEPT`.
    """

    name: str
    support: Support
    links: tuple[str, ...]
    prior: Prior | None = None
    intercept: Prior | None = None


@dataclass(frozen=True)
class Family:
    """A distribution of the response.

    Attributes
    ----------
    name : str
    title : str
        As in "Gaussian model of y".
    outcome : Outcome
        What the response may be.
    parameters : tuple of FamilyParameter
        `mu`, the one with the main formula, is first.
    pymc : str
        PyMC's class.
    native : mapping of str to Expr
        PyMC's arguments, in terms of the family's parameters, `trials`, and of `eta`, the linear predictor of `mu`.
    native_by_link : mapping
        Arguments to use instead where `mu` has that link: PyMC's numerically stable forms.
    modifiers : frozenset of str
        The response modifiers that it takes, beside `weights`.
    latex : str
    """

    name: str
    title: str
    outcome: Outcome
    parameters: tuple[FamilyParameter, ...]
    pymc: str
    native: Mapping[str, Expr]
    latex: str
    native_by_link: Mapping[str, Mapping[str, Expr]] = field(default_factory=dict)
    modifiers: frozenset[str] = frozenset()

    def parameter(self, name: str) -> FamilyParameter | None:
        """The parameter of that name, or None."""
        return next((p for p in self.parameters if p.name == name), None)


UNIT = Support(0.0, 1.0)
_mu, _sigma, _nu, _shape, _trials, _eta = (Var(n) for n in ("mu", "sigma", "nu", "shape", "trials", "eta"))

_PROBABILITY_LINKS = ("logit", "probit", "cloglog", "identity", "log")
_RATE_LINKS = ("log", "identity", "sqrt")
_MEAN_LINKS = ("identity", "log", "inverse")

_SIGMA = FamilyParameter("sigma", POSITIVE, ("log", "identity"), RESIDUAL_SD, LOG_RESIDUAL_SD)
_NU = FamilyParameter(
    "nu", POSITIVE, ("logm1", "log", "identity"), default("gamma", 2.0, 0.1), default("normal", 2.7, 0.8)
)
_SHAPE = FamilyParameter(
    "shape", POSITIVE, ("log", "identity"), default("inv_gamma", 0.4, 0.3), default("student_t", 3.0, 0.0, 2.5)
)

FAMILIES = {
    family.name: family
    for family in (
        Family(
            name="gaussian", title="Gaussian", outcome="real", pymc="Normal", latex=r"\mathrm{Normal}",
            parameters=(FamilyParameter("mu", REAL, _MEAN_LINKS), _SIGMA),
            native={"mu": _mu, "sigma": _sigma}, modifiers=frozenset({"se"}),
        ),
        Family(
            name="student", title="Student-t", outcome="real", pymc="StudentT", latex=r"\mathrm{StudentT}",
            parameters=(FamilyParameter("mu", REAL, _MEAN_LINKS), _SIGMA, _NU),
            native={"nu": _nu, "mu": _mu, "sigma": _sigma}, modifiers=frozenset({"se"}),
        ),
        Family(
            name="bernoulli", title="Bernoulli", outcome="binary", pymc="Bernoulli", latex=r"\mathrm{Bernoulli}",
            parameters=(FamilyParameter("mu", UNIT, _PROBABILITY_LINKS),),
            native={"p": _mu}, native_by_link={"logit": {"logit_p": _eta}},
        ),
        Family(
            name="binomial", title="Binomial", outcome="proportion", pymc="Binomial", latex=r"\mathrm{Binomial}",
            parameters=(FamilyParameter("mu", UNIT, _PROBABILITY_LINKS),),
            native={"n": _trials, "p": _mu}, native_by_link={"logit": {"n": _trials, "logit_p": _eta}},
            modifiers=frozenset({"trials"}),
        ),
        Family(
            name="poisson", title="Poisson", outcome="count", pymc="Poisson", latex=r"\mathrm{Poisson}",
            parameters=(FamilyParameter("mu", POSITIVE, _RATE_LINKS),),
            native={"mu": _mu},
        ),
        Family(
            name="negbinomial", title="Negative binomial", outcome="count", pymc="NegativeBinomial",
            latex=r"\mathrm{NegBinomial}",
            parameters=(FamilyParameter("mu", POSITIVE, _RATE_LINKS), _SHAPE),
            native={"mu": _mu, "alpha": _shape},
        ),
    )
}  # fmt: skip
