"""One record per family: what a response may be, its parameters, its density, and how PyMC spells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, log, pi

import numpy as np
from numpy.typing import NDArray

from tildemc.model.expr import Const, Expr, Var
from tildemc.model.priors import LOG_RESIDUAL_SD, RESIDUAL_SD, Prior, default, m_y, s_y
from tildemc.model.support import POSITIVE, REAL, Support
from tildemc.model.vocabulary import apply

__all__ = ["FAMILIES", "Family", "FamilyParameter", "Values"]


@dataclass(frozen=True, slots=True)
class Values:
    """What a response may be.

    Attributes
    ----------
    told : str
        As in "a gamma response is a number greater than 0".
    lower, upper : float
        Its ends.
    whole : bool
        Only whole numbers, the ends among them; else any number between the ends.
    successes : bool
        Successes of trials.
    """

    told: str
    lower: float = -inf
    upper: float = inf
    whole: bool = False
    successes: bool = False

    @property
    def binary(self) -> bool:
        """Whether there are two values only."""
        return self.whole and self.upper - self.lower == 1

    @property
    def unbounded(self) -> bool:
        """Whether any number will do."""
        return not self.whole and self.lower == -inf and self.upper == inf

    def refused(self, y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which numbers it may not be."""
        if self.whole:
            return np.asarray((y < self.lower) | (y > self.upper) | (y != np.floor(y)))
        return np.asarray((y <= self.lower) | (y >= self.upper))


NUMBERS = Values("any number")
COUNTS = Values("a whole number from 0 up", lower=0.0, whole=True)
SUCCESSES = Values("a whole number from 0 up", lower=0.0, whole=True, successes=True)
BINARY = Values("0 or 1", 0.0, 1.0, whole=True)
POSITIVES = Values("a number greater than 0", lower=0.0)
SHARES = Values("a number between 0 and 1, and neither", 0.0, 1.0)


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
    typical : float
        A value to look at a posterior with before anything is known.
    """

    name: str
    support: Support
    links: tuple[str, ...]
    prior: Prior | None = None
    intercept: Prior | None = None
    typical: float = 1.0


@dataclass(frozen=True)
class Family:
    """A distribution of the response.

    Attributes
    ----------
    name : str
    title : str
        As in "Gaussian model of y".
    values : Values
        What the response may be.
    parameters : tuple of FamilyParameter
        `mu`, the one with the main formula, is first.
    log_density : Expr
        All its terms, in `y`, `trials` and the parameters. Where a link keeps digits of the log of a parameter or of
        its complement, it finds them as `log(mu)` and `log1p(-mu)`.
    centre : Expr
        Of `y` and `trials`: what has the mean `mu` and the variance `variance`.
    mean, variance : Expr
        The response's mean, and the variance of `centre`, in the parameters and `trials`.
    pymc : str
        PyMC's class.
    native : mapping of str to Expr
        PyMC's arguments, in terms of the family's parameters, `trials`, and of `eta`, the linear predictor of `mu`.
    native_by_link : mapping
        Arguments to use instead where `mu` has that link: PyMC's numerically stable forms.
    latex : str
    modifiers : frozenset of str
        The response modifiers that it takes, beside `weights`.
    location, spread : Expr
        What default priors are scaled by: mean and sd of `centre`, in terms of those of the response, `m_y` and `s_y`.
    aliases : tuple of str
        What it is called elsewhere.
    """

    name: str
    title: str
    values: Values
    parameters: tuple[FamilyParameter, ...]
    log_density: Expr
    mean: Expr
    variance: Expr
    pymc: str
    native: Mapping[str, Expr]
    latex: str
    native_by_link: Mapping[str, Mapping[str, Expr]] = field(default_factory=dict)
    modifiers: frozenset[str] = frozenset()
    centre: Expr = Var("y")  # noqa: RUF009 (it is frozen)
    location: Expr = m_y
    spread: Expr = s_y
    aliases: tuple[str, ...] = ()

    def parameter(self, name: str) -> FamilyParameter | None:
        """The parameter of that name, or None."""
        return next((p for p in self.parameters if p.name == name), None)


UNIT = Support(0.0, 1.0)
_y, _trials, _eta = (Var(name) for name in ("y", "trials", "eta"))
_mu, _sigma, _nu, _shape = (Var(name) for name in ("mu", "sigma", "nu", "shape"))
_log_mu, _log_miss = apply("log", _mu), apply("log1p", -_mu)
_misses = _trials - _y
_log_2pi = log(2 * pi)

_PROBABILITY_LINKS = ("logit", "probit", "cloglog", "identity", "log")
_RATE_LINKS = ("log", "identity", "sqrt")
_MEAN_LINKS = ("identity", "log", "inverse")

_SIGMA = FamilyParameter("sigma", POSITIVE, ("log", "identity"), RESIDUAL_SD, LOG_RESIDUAL_SD)
_NU = FamilyParameter(
    "nu", POSITIVE, ("logm1", "log", "identity"), default("gamma", 2.0, 0.1), default("normal", 2.7, 0.8), 10.0
)
_SHAPE = FamilyParameter(
    "shape", POSITIVE, ("log", "identity"), default("inv_gamma", 0.4, 0.3), default("student_t", 3.0, 0.0, 2.5), 2.0
)


def _normal(y: Expr) -> Expr:
    return -0.5 * ((y - _mu) / _sigma) ** 2 - apply("log", _sigma) - 0.5 * _log_2pi


def _binomial(trials: Expr) -> Expr:
    return apply("times", _y, _log_mu) + apply("times", trials - _y, _log_miss)


FAMILIES = {
    family.name: family
    for family in (
        Family(
            name="gaussian", title="Gaussian", values=NUMBERS, pymc="Normal", latex=r"\mathrm{Normal}",
            aliases=("normal", "Gaussian"), modifiers=frozenset({"se"}),
            parameters=(FamilyParameter("mu", REAL, _MEAN_LINKS), _SIGMA),
            log_density=_normal(_y), mean=_mu, variance=_sigma**2,
            native={"mu": _mu, "sigma": _sigma},
        ),
        Family(
            name="student", title="Student-t", values=NUMBERS, pymc="StudentT", latex=r"\mathrm{StudentT}",
            modifiers=frozenset({"se"}),
            parameters=(FamilyParameter("mu", REAL, _MEAN_LINKS), _SIGMA, _NU),
            log_density=(
                apply("log_rising", 0.5 * _nu, Const(0.5)) - 0.5 * log(2 * pi) - apply("log", _sigma)
                - 0.5 * (_nu + 1) * apply("log1p", ((_y - _mu) / _sigma) ** 2 / _nu)
            ),
            mean=_mu, variance=_sigma**2 * _nu / (_nu - 2),
            native={"nu": _nu, "mu": _mu, "sigma": _sigma},
        ),
        Family(
            name="bernoulli", title="Bernoulli", values=BINARY, pymc="Bernoulli", latex=r"\mathrm{Bernoulli}",
            parameters=(FamilyParameter("mu", UNIT, _PROBABILITY_LINKS),),
            log_density=_binomial(Const(1.0)), mean=_mu, variance=_mu * (1 - _mu),
            native={"p": _mu}, native_by_link={"logit": {"logit_p": _eta}},
        ),
        Family(
            name="binomial", title="Binomial", values=SUCCESSES, pymc="Binomial", latex=r"\mathrm{Binomial}",
            modifiers=frozenset({"trials"}),
            parameters=(FamilyParameter("mu", UNIT, _PROBABILITY_LINKS),),
            log_density=apply("log_choose", _trials, _y) + _binomial(_trials),
            centre=_y / _trials, mean=_trials * _mu, variance=_mu * (1 - _mu) / _trials,
            native={"n": _trials, "p": _mu}, native_by_link={"logit": {"n": _trials, "logit_p": _eta}},
        ),
        Family(
            name="poisson", title="Poisson", values=COUNTS, pymc="Poisson", latex=r"\mathrm{Poisson}",
            parameters=(FamilyParameter("mu", POSITIVE, _RATE_LINKS),),
            log_density=apply("times", _y, _log_mu) - _mu - apply("log_gamma", _y + 1),
            mean=_mu, variance=_mu,
            native={"mu": _mu},
        ),
        Family(
            name="negbinomial", title="Negative binomial", values=COUNTS, pymc="NegativeBinomial",
            latex=r"\mathrm{NegBinomial}", aliases=("negative_binomial", "nbinom2"),
            parameters=(FamilyParameter("mu", POSITIVE, _RATE_LINKS), _SHAPE),
            # Differences of log Γ and log(mu + shape) would lose their digits where shape is large.
            log_density=(
                apply("log_rising", _shape, _y) + apply("times", _y, _log_mu) - apply("log_gamma", _y + 1)
                - (_y + _shape) * apply("softplus", _log_mu - apply("log", _shape))
            ),
            mean=_mu, variance=_mu + _mu**2 / _shape,
            native={"mu": _mu, "alpha": _shape},
        ),
    )
}  # fmt: skip
