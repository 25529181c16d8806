"""Families of numbers."""

from __future__ import annotations

from math import inf, log, nextafter, pi, sqrt
from typing import TypedDict

from tildemc.spec.chance import Draw, Step, one
from tildemc.spec.expr import Const, Expr, Var
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Elliptical, Family
from tildemc.spec.families.symbols import NU, SIGMA, exact, mu, normal, nu, positive, sigma, y
from tildemc.spec.families.values import NUMBERS, Values
from tildemc.spec.links import MEAN_LINKS, PROBABILITY_LINKS
from tildemc.spec.priors import default
from tildemc.spec.support import CIRCLE, REAL, UNIT
from tildemc.spec.vocabulary import apply

__all__ = ["REALS"]

ANGLES = Values("an angle between -π and π", nextafter(-pi, -inf), nextafter(pi, inf))

_MU = FamilyParameter("mu", REAL, MEAN_LINKS)
_z = (y - mu) / sigma
_radius, _size = Var("radius"), Var("size")

alpha, beta, quantile, kappa, xi = (Var(name) for name in ("alpha", "beta", "quantile", "kappa", "xi"))
# The skewed normal distribution that has the mean mu and the sd sigma: its location and its scale.
_delta = alpha / apply("sqrt", 1 + alpha**2)
_omega = sigma / apply("sqrt", 1 - 2 / pi * _delta**2)
_skewed_z = (y - mu) / _omega + sqrt(2 / pi) * _delta
# An exponential number of mean beta on top of a normal one; both together have the mean mu.
_early_z, _rate = (y - mu + beta) / sigma, sigma / beta
_log_early, _log_late = apply("log_invprobit", _early_z), apply("log_tilted", _early_z, _rate)
_log_later = apply("log_add_exp", apply("log_invprobit", -_early_z), _log_late)
_log_time = apply("log_inv_boxcox", _z, xi)
_below = apply("exp", -_log_time)
_skew = (1 - 2 * quantile) / (quantile * (1 - quantile))


class _Logs(TypedDict):
    """Fields of a record."""

    log_cdf: Expr
    log_tail: Expr


def _log_asym_laplace(z: Expr, quantile: Expr) -> _Logs:
    """The logs of the distribution functions, `z` sds from the quantile: exponential on both of its sides."""
    negative, fall = apply("less", z, Const(0.0)), -apply("check", z, quantile)
    below, above = apply("log", quantile) + fall, apply("log1p", -quantile) + fall
    return {
        "log_cdf": apply("where", negative, below, apply("log1mexp", above)),
        "log_tail": apply("where", negative, apply("log1mexp", below), above),
    }


REALS = (
    Family(
        name="gaussian", title="Gaussian", values=NUMBERS, pymc="Normal", joint="MvNormal", latex=r"\mathrm{N}",
        use="Measurements that scatter alike on both sides of their mean.",
        aliases=("normal", "Gaussian"), modifiers=frozenset({"se"}),
        notation=(mu, sigma**2),
        parameters=(FamilyParameter("mu", REAL, (*MEAN_LINKS, "logit")), SIGMA),
        elliptical=Elliptical(-0.5 * _radius - 0.5 * log(2 * pi) * _size, _z, apply("log", sigma)),
        log_density=normal(y), mean=mu, variance=sigma**2,
        log_cdf=apply("log_invprobit", _z), log_tail=apply("log_invprobit", -_z),
        partial=mu * apply("invprobit", _z) - sigma * apply("exp", -0.5 * _z**2) / sqrt(2 * pi),
        square=mu**2 + sigma**2,
        partial_square=(
            (mu**2 + sigma**2) * apply("invprobit", _z)
            - sigma * (y + mu) * apply("exp", -0.5 * _z**2) / sqrt(2 * pi)
        ),
        cdf=apply("invprobit", _z), tail=apply("invprobit", -_z), draw=one("normal", mu, sigma),
        native={"mu": mu, "sigma": sigma},
    ),
    Family(
        name="student", title="Student-t", values=NUMBERS, pymc="StudentT", latex=r"\mathrm{t}",
        use="Measurements with outliers: tails as heavy as the data ask for.",
        modifiers=frozenset({"se"}),
        notation=(nu, mu, sigma**2),
        parameters=(_MU, SIGMA, NU),
        elliptical=Elliptical(
            apply("log_rising", 0.5 * nu, 0.5 * _size) - 0.5 * log(2 * pi) * _size
            - 0.5 * (nu + _size) * apply("log1p", _radius / nu),
            _z, apply("log", sigma),
        ),
        log_density=(
            apply("log_rising", 0.5 * nu, Const(0.5)) - 0.5 * log(2 * pi) - apply("log", sigma)
            - 0.5 * (nu + 1) * apply("log1p", ((y - mu) / sigma) ** 2 / nu)
        ),
        mean=mu, variance=sigma**2 * nu / (nu - 2),
        cdf=apply("student_cdf", nu, _z), tail=apply("student_cdf", nu, -_z),
        log_cdf=apply("log_student_cdf", nu, _z), log_tail=apply("log_student_cdf", nu, -_z),
        draw=Draw(mu + sigma * Var("t"), {"t": Step("standard_t", (nu,))}),
        native={"nu": nu, "mu": mu, "sigma": sigma},
    ),
    Family(
        name="skew_normal", title="Skew normal", values=NUMBERS, latex=r"\mathrm{SkewNormal}",
        use="Measurements that scatter further to one side; mu and sigma are their mean and sd.",
        parameters=(
            _MU, SIGMA,
            FamilyParameter("alpha", REAL, ("identity",), default("normal", 0.0, 4.0), default("normal", 0.0, 4.0)),
        ),
        log_density=(
            log(2) - 0.5 * log(2 * pi) - apply("log", _omega) - 0.5 * _skewed_z**2
            + apply("log_invprobit", alpha * _skewed_z)
        ),
        mean=mu, variance=sigma**2,
        cdf=apply("skew_normal_cdf", _skewed_z, alpha), tail=apply("skew_normal_cdf", -_skewed_z, -alpha),
        # Half of a normal plane, seen from the side.
        draw=Draw(
            mu + _omega * (_delta * (apply("abs", Var("u")) - sqrt(2 / pi)) + apply("sqrt", 1 - _delta**2) * Var("v")),
            {"u": Step("standard_normal", ()), "v": Step("standard_normal", ())},
        ),
    ),
    Family(
        name="laplace", title="Laplace", values=NUMBERS, pymc="Laplace", latex=r"\mathrm{Laplace}",
        use="Measurements about their median, with tails heavier than a normal distribution's.",
        aliases=("double_exponential",),
        parameters=(_MU, SIGMA),
        log_density=-2 * apply("check", _z, Const(0.5)) - apply("log", sigma) - log(2),
        mean=mu, variance=2 * sigma**2,
        cdf=apply("asym_laplace_cdf", 2 * _z, Const(0.5)), tail=apply("asym_laplace_cdf", -2 * _z, Const(0.5)),
        **_log_asym_laplace(2 * _z, Const(0.5)),
        draw=one("laplace", mu, sigma), native={"mu": mu, "b": sigma},
    ),
    Family(
        name="asym_laplace", title="Asymmetric Laplace", values=NUMBERS, pymc="AsymmetricLaplace",
        use="Regression of a quantile: mu is the quantile that `quantile` names.",
        latex=r"\mathrm{AsymLaplace}", aliases=("asymmetriclaplace",),
        parameters=(
            _MU, SIGMA,
            FamilyParameter(
                "quantile", UNIT, PROBABILITY_LINKS, default("beta", 1.0, 1.0), default("logistic", 0.0, 1.0), 0.5
            ),
        ),
        log_density=(
            apply("log", quantile) + apply("log1p", -quantile) - apply("log", sigma) - apply("check", _z, quantile)
        ),
        mean=mu + sigma * _skew, middle=mu + sigma * _skew,
        variance=sigma**2 * (1 / quantile**2 + 1 / (1 - quantile) ** 2),
        cdf=apply("asym_laplace_cdf", _z, quantile), tail=apply("asym_laplace_cdf", -_z, 1 - quantile),
        **_log_asym_laplace(_z, quantile),
        draw=Draw(
            mu + sigma * (Var("up") / quantile - Var("down") / (1 - quantile)),
            {"up": Step("standard_exponential", ()), "down": Step("standard_exponential", ())},
        ),
        native={"b": apply("sqrt", quantile * (1 - quantile)) / sigma, "q": quantile, "mu": mu},
    ),
    Family(
        name="logistic", title="Logistic", values=NUMBERS, pymc="Logistic", latex=r"\mathrm{Logistic}",
        use="Measurements with tails somewhat heavier than a normal distribution's.",
        parameters=(_MU, SIGMA),
        log_density=-_z - apply("log", sigma) - 2 * apply("softplus", -_z),
        mean=mu, variance=sigma**2 * (pi**2 / 3),
        cdf=apply("sigmoid", _z), tail=apply("sigmoid", -_z), draw=one("logistic", mu, sigma),
        log_cdf=apply("log_sigmoid", _z), log_tail=apply("log_sigmoid", -_z),
        native={"mu": mu, "s": sigma},
    ),
    Family(
        name="exgaussian", title="Exponentially modified Gaussian", values=NUMBERS, latex=r"\mathrm{ExGaussian}",
        use="Reaction times: a normal and an exponential part, of mean beta; mu is the mean of both together.",
        parameters=(_MU, SIGMA, positive("beta", default("gamma", 1.0, 0.1), default("normal", 1.7, 1.3))),
        log_density=apply("log_tilted", _early_z, _rate) - apply("log", beta),
        mean=mu, variance=sigma**2 + beta**2,
        cdf=apply("exgaussian_cdf", _early_z, _rate), tail=apply("exgaussian_tail", _early_z, _rate),
        log_cdf=exact(_log_early + apply("log1mexp", _log_late - _log_early), _log_later), log_tail=_log_later,
        draw=Draw(
            Var("early") + Var("late"),
            {"early": Step("normal", (mu - beta, sigma)), "late": Step("exponential", (beta,))},
        ),
    ),
    Family(
        name="gen_extreme_value", title="Generalised extreme value", values=NUMBERS, latex=r"\mathrm{GEV}",
        use="The largest of many: a year's highest flood.",
        parameters=(
            _MU, SIGMA,
            FamilyParameter(
                "xi", REAL, ("log1p", "identity"), default("normal", 0.0, 2.5), default("normal", 0.0, 4.0), 0.1
            ),
        ),
        log_density=-apply("log", sigma) - (1 + xi) * _log_time - _below,
        mean=mu + sigma * apply("extreme_mean", xi), middle=mu + sigma * apply("extreme_mean", xi),
        variance=sigma**2 * apply("extreme_variance", xi),
        cdf=apply("exp", -_below), tail=-apply("expm1", -_below),
        log_cdf=-_below, log_tail=apply("log1mexp", -_below),
        # The log of an exponential number is a standard one's negative, where xi is 0.
        draw=Draw(
            mu + sigma * apply("boxcox", -apply("log", Var("late")), xi), {"late": Step("standard_exponential", ())}
        ),
    ),
    Family(
        name="von_mises", title="Von Mises", values=ANGLES, latex=r"\mathrm{VonMises}", aliases=("vonmises",),
        use="Directions and times of day, as angles between -π and π.",
        parameters=(
            FamilyParameter("mu", CIRCLE, ("tan_half", "identity")),
            positive("kappa", default("gamma", 2.0, 0.01), default("normal", 5.0, 0.8), 2.0),
        ),
        log_density=kappa * (apply("cos", y - mu) - 1) - log(2 * pi) - apply("log_i0e", kappa),
        mean=mu, variance=apply("von_mises_variance", kappa),
        cdf=apply("von_mises_cdf", y, mu, kappa), tail=apply("von_mises_cdf", -y, -mu, kappa),
        draw=one("vonmises", mu, kappa),
    ),
)  # fmt: skip
