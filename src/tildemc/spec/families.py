"""One record per family: what a response may be, its parameters, its density, and how PyMC spells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, log, pi
from typing import Literal

import numpy as np

from tildemc.arrays import Floats, Mask
from tildemc.spec.chance import Draw, Step, one
from tildemc.spec.expr import Const, Expr, Var
from tildemc.spec.links import MEAN_LINKS, POSITIVE_LINKS, PROBABILITY_LINKS, RATE_LINKS
from tildemc.spec.priors import LOG_RESIDUAL_SD, RESIDUAL_SD, Prior, default, m_y, s_y
from tildemc.spec.support import POSITIVE, REAL, Support
from tildemc.spec.vocabulary import apply

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

    def refused(self, y: Floats) -> Mask:
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
    residual : bool
        Whether it is the residual sd.
    """

    name: str
    support: Support
    links: tuple[str, ...]
    prior: Prior | None = None
    intercept: Prior | None = None
    typical: float = 1.0
    residual: bool = False


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
    cdf, tail : Expr
        The probabilities of a response up to `y`, and above `y`, each to its own last digits.
    draw : Draw
        Of a response, in the parameters and `trials`.
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
    single : str
        The family that it is of one trial a row; empty if trials must be given.
    chances : Expr or None
        Of successes of trials: the variance of a row's chance of success about `mu`. None for other responses.
    adds : {"trials", "exposure", ""}
        What rows with one predictor add up to: successes of all their trials, or, under a log link, a count over the
        sum of their exposures; empty if no sums say what the rows do.
    """

    name: str
    title: str
    values: Values
    parameters: tuple[FamilyParameter, ...]
    log_density: Expr
    mean: Expr
    variance: Expr
    cdf: Expr
    tail: Expr
    draw: Draw
    pymc: str
    native: Mapping[str, Expr]
    latex: str
    native_by_link: Mapping[str, Mapping[str, Expr]] = field(default_factory=dict)
    modifiers: frozenset[str] = frozenset()
    centre: Expr = Var("y")  # noqa: RUF009 (it is frozen)
    location: Expr = m_y
    spread: Expr = s_y
    aliases: tuple[str, ...] = ()
    single: str = ""
    chances: Expr | None = None
    adds: Literal["trials", "exposure", ""] = ""

    def __str__(self) -> str:
        return f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.name}"

    def parameter(self, name: str) -> FamilyParameter | None:
        """The parameter of that name, or None."""
        return next((p for p in self.parameters if p.name == name), None)


UNIT = Support(0.0, 1.0)
_y, _trials, _eta = (Var(name) for name in ("y", "trials", "eta"))
_mu, _sigma, _nu, _shape = (Var(name) for name in ("mu", "sigma", "nu", "shape"))
_log_mu, _log_miss = apply("log", _mu), apply("log1p", -_mu)
_log_2pi = log(2 * pi)

_SIGMA = FamilyParameter("sigma", POSITIVE, ("log", "identity"), RESIDUAL_SD, LOG_RESIDUAL_SD, residual=True)
_NU = FamilyParameter(
    "nu", POSITIVE, ("logm1", "log", "identity"), default("gamma", 2.0, 0.1), default("normal", 2.7, 0.8), 10.0
)
_SHAPE = FamilyParameter(
    "shape", POSITIVE, ("log", "identity"), default("inv_gamma", 0.4, 0.3), default("student_t", 3.0, 0.0, 2.5), 2.0
)
# brms's defaults
_SHAPE_OF_MEAN = FamilyParameter(
    "shape", POSITIVE, ("log", "identity"), default("gamma", 0.01, 0.01), default("student_t", 3.0, 0.0, 2.5), 2.0
)
_PHI = FamilyParameter(
    "phi", POSITIVE, ("log", "identity"), default("gamma", 0.01, 0.01), default("student_t", 3.0, 0.0, 2.5), 10.0
)
_phi = Var("phi")
_log_cv = apply("log1p", (s_y / m_y) ** 2)
_log_scaled = apply("log", _y) - _log_mu + apply("log_gamma", 1 + 1 / _shape)


def _normal(y: Expr) -> Expr:
    return -0.5 * ((y - _mu) / _sigma) ** 2 - apply("log", _sigma) - 0.5 * _log_2pi


def _binomial(trials: Expr) -> Expr:
    return apply("times", _y, _log_mu) + apply("times", trials - _y, _log_miss)


_z = (_y - _mu) / _sigma
_whole_trials = apply("integer", _trials)
_log_z = (apply("log", _y) - _mu) / _sigma
_hits, _misses = _mu * _phi, (1 - _mu) * _phi
_weibull_scale = _mu / apply("gamma", 1 + 1 / _shape)
_weibull_hazard = (_y / _weibull_scale) ** _shape
_gamma_arguments = (_shape, _shape * _y / _mu)


FAMILIES = {
    family.name: family
    for family in (
        Family(
            name="gaussian", title="Gaussian", values=NUMBERS, pymc="Normal", latex=r"\mathrm{Normal}",
            aliases=("normal", "Gaussian"), modifiers=frozenset({"se"}),
            parameters=(FamilyParameter("mu", REAL, MEAN_LINKS), _SIGMA),
            log_density=_normal(_y), mean=_mu, variance=_sigma**2,
            cdf=apply("invprobit", _z), tail=apply("invprobit", -_z), draw=one("normal", _mu, _sigma),
            native={"mu": _mu, "sigma": _sigma},
        ),
        Family(
            name="student", title="Student-t", values=NUMBERS, pymc="StudentT", latex=r"\mathrm{StudentT}",
            modifiers=frozenset({"se"}),
            parameters=(FamilyParameter("mu", REAL, MEAN_LINKS), _SIGMA, _NU),
            log_density=(
                apply("log_rising", 0.5 * _nu, Const(0.5)) - 0.5 * log(2 * pi) - apply("log", _sigma)
                - 0.5 * (_nu + 1) * apply("log1p", ((_y - _mu) / _sigma) ** 2 / _nu)
            ),
            mean=_mu, variance=_sigma**2 * _nu / (_nu - 2),
            cdf=apply("student_cdf", _nu, _z), tail=apply("student_cdf", _nu, -_z),
            draw=Draw(_mu + _sigma * Var("t"), {"t": Step("standard_t", (_nu,))}),
            native={"nu": _nu, "mu": _mu, "sigma": _sigma},
        ),
        Family(
            name="bernoulli", title="Bernoulli", values=BINARY, pymc="Bernoulli", latex=r"\mathrm{Bernoulli}",
            adds="trials",
            parameters=(FamilyParameter("mu", UNIT, PROBABILITY_LINKS),),
            chances=Const(0.0),
            log_density=_binomial(Const(1.0)), mean=_mu, variance=_mu * (1 - _mu),
            cdf=apply("beta_cdf", 1 - _y, _y + 1, 1 - _mu), tail=apply("beta_cdf", _y + 1, 1 - _y, _mu),
            draw=one("binomial", Const(1), _mu),
            native={"p": _mu}, native_by_link={"logit": {"logit_p": _eta}},
        ),
        Family(
            name="binomial", title="Binomial", values=SUCCESSES, pymc="Binomial", latex=r"\mathrm{Binomial}",
            modifiers=frozenset({"trials"}), single="bernoulli", adds="trials",
            parameters=(FamilyParameter("mu", UNIT, PROBABILITY_LINKS),),
            chances=Const(0.0),
            log_density=apply("log_choose", _trials, _y) + _binomial(_trials),
            centre=_y / _trials, mean=_trials * _mu, variance=_mu * (1 - _mu) / _trials,
            cdf=apply("beta_cdf", _trials - _y, _y + 1, 1 - _mu), tail=apply("beta_cdf", _y + 1, _trials - _y, _mu),
            draw=one("binomial", _whole_trials, _mu),
            native={"n": _trials, "p": _mu}, native_by_link={"logit": {"n": _trials, "logit_p": _eta}},
        ),
        Family(
            name="poisson", title="Poisson", values=COUNTS, pymc="Poisson", latex=r"\mathrm{Poisson}",
            adds="exposure",
            parameters=(FamilyParameter("mu", POSITIVE, RATE_LINKS),),
            log_density=apply("times", _y, _log_mu) - _mu - apply("log_gamma", _y + 1),
            mean=_mu, variance=_mu,
            cdf=apply("gamma_tail", _y + 1, _mu), tail=apply("gamma_cdf", _y + 1, _mu), draw=one("poisson", _mu),
            native={"mu": _mu},
        ),
        Family(
            name="negbinomial", title="Negative binomial", values=COUNTS, pymc="NegativeBinomial",
            latex=r"\mathrm{NegBinomial}", aliases=("negative_binomial", "nbinom2"),
            parameters=(FamilyParameter("mu", POSITIVE, RATE_LINKS), _SHAPE),
            # Differences of log Γ and log(mu + shape) would lose their digits where shape is large.
            log_density=(
                apply("log_rising", _shape, _y) + apply("times", _y, _log_mu) - apply("log_gamma", _y + 1)
                - (_y + _shape) * apply("softplus", _log_mu - apply("log", _shape))
            ),
            mean=_mu, variance=_mu + _mu**2 / _shape,
            cdf=apply("beta_cdf", _shape, _y + 1, _shape / (_shape + _mu)),
            tail=apply("beta_cdf", _y + 1, _shape, _mu / (_shape + _mu)),
            draw=Draw(
                Var("count"),
                {"rate": Step("gamma", (_shape, _mu / _shape)), "count": Step("poisson", (Var("rate"),))},
            ),
            native={"mu": _mu, "alpha": _shape},
        ),
        Family(
            name="gamma", title="Gamma", values=POSITIVES, pymc="Gamma", latex=r"\mathrm{Gamma}", aliases=("Gamma",),
            parameters=(FamilyParameter("mu", POSITIVE, POSITIVE_LINKS), _SHAPE_OF_MEAN),
            log_density=(
                _shape * (apply("log", _shape) - _log_mu) - apply("log_gamma", _shape)
                + (_shape - 1) * apply("log", _y) - _shape * _y / _mu
            ),
            mean=_mu, variance=_mu**2 / _shape,
            cdf=apply("gamma_cdf", *_gamma_arguments), tail=apply("gamma_tail", *_gamma_arguments),
            draw=one("gamma", _shape, _mu / _shape),
            native={"alpha": _shape, "beta": _shape / _mu},
        ),
        Family(
            name="beta", title="Beta", values=SHARES, pymc="Beta", latex=r"\mathrm{Beta}", aliases=("Beta",),
            parameters=(FamilyParameter("mu", UNIT, PROBABILITY_LINKS), _PHI),
            log_density=(
                apply("log_gamma", _phi) - apply("log_gamma", _mu * _phi) - apply("log_gamma", (1 - _mu) * _phi)
                + (_mu * _phi - 1) * apply("log", _y) + ((1 - _mu) * _phi - 1) * apply("log1p", -_y)
            ),
            mean=_mu, variance=_mu * (1 - _mu) / (1 + _phi),
            cdf=apply("beta_cdf", _hits, _misses, _y), tail=apply("beta_cdf", _misses, _hits, 1 - _y),
            draw=one("beta", _hits, _misses),
            native={"mu": _mu, "nu": _phi},
        ),
        Family(
            name="lognormal", title="Lognormal", values=POSITIVES, pymc="LogNormal", latex=r"\mathrm{LogNormal}",
            parameters=(FamilyParameter("mu", REAL, ("identity", "inverse")), _SIGMA),
            log_density=_normal(apply("log", _y)) - apply("log", _y),
            centre=apply("log", _y), location=apply("log", m_y) - 0.5 * _log_cv, spread=apply("sqrt", _log_cv),
            mean=apply("exp", _mu + 0.5 * _sigma**2), variance=_sigma**2,
            cdf=apply("invprobit", _log_z), tail=apply("invprobit", -_log_z), draw=one("lognormal", _mu, _sigma),
            native={"mu": _mu, "sigma": _sigma},
        ),
        Family(
            name="weibull", title="Weibull", values=POSITIVES, pymc="Weibull", latex=r"\mathrm{Weibull}",
            parameters=(FamilyParameter("mu", POSITIVE, POSITIVE_LINKS), _SHAPE_OF_MEAN),
            log_density=(
                apply("log", _shape) - apply("log", _y) + _shape * _log_scaled - apply("exp", _shape * _log_scaled)
            ),
            mean=_mu,
            variance=_mu**2 * (apply("gamma", 1 + 2 / _shape) / apply("gamma", 1 + 1 / _shape) ** 2 - 1),
            cdf=-apply("expm1", -_weibull_hazard), tail=apply("exp", -_weibull_hazard),
            draw=Draw(_weibull_scale * Var("unit"), {"unit": Step("weibull", (_shape,))}),
            native={"alpha": _shape, "beta": _mu / apply("gamma", 1 + 1 / _shape)},
        ),
        Family(
            name="exponential", title="Exponential", values=POSITIVES, pymc="Exponential", latex=r"\mathrm{Exp}",
            parameters=(FamilyParameter("mu", POSITIVE, POSITIVE_LINKS),),
            log_density=-_log_mu - _y / _mu, mean=_mu, variance=_mu**2,
            cdf=-apply("expm1", -_y / _mu), tail=apply("exp", -_y / _mu), draw=one("exponential", _mu),
            native={"scale": _mu},
        ),
        Family(
            name="beta_binomial", title="Beta-binomial", values=SUCCESSES, pymc="BetaBinomial",
            latex=r"\mathrm{BetaBinomial}", aliases=("betabinomial",), modifiers=frozenset({"trials"}),
            parameters=(FamilyParameter("mu", UNIT, PROBABILITY_LINKS), _PHI),
            chances=_mu * (1 - _mu) / (1 + _phi),
            # The binomial's, and what is left of it where phi is large.
            log_density=(
                apply("log_choose", _trials, _y) + _binomial(_trials) + apply("log_rising", _mu * _phi, _y)
                + apply("log_rising", (1 - _mu) * _phi, _trials - _y) - apply("log_rising", _phi, _trials)
            ),
            centre=_y / _trials, mean=_trials * _mu,
            variance=_mu * (1 - _mu) * (1 + (_trials - 1) / (1 + _phi)) / _trials,
            cdf=apply("beta_binomial_cdf", _y, _trials, _hits, _misses),
            tail=apply("beta_binomial_cdf", _trials - _y - 1, _trials, _misses, _hits),
            draw=Draw(
                Var("count"),
                {"share": Step("beta", (_hits, _misses)), "count": Step("binomial", (_whole_trials, Var("share")))},
            ),
            native={"n": _trials, "alpha": _mu * _phi, "beta": (1 - _mu) * _phi},
        ),
    )
}  # fmt: skip
