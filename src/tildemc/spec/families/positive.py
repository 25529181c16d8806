"""Families of numbers greater than 0: amounts, times."""

from __future__ import annotations

from math import log, pi

from tildemc.spec.chance import Draw, Step, one
from tildemc.spec.expr import Const, Var
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Family
from tildemc.spec.families.symbols import (
    NDT,
    SHAPE_OF_MEAN,
    SIGMA,
    exact,
    log_mu,
    mu,
    normal,
    nu,
    positive,
    shape,
    sigma,
    y,
)
from tildemc.spec.families.values import POSITIVES, Values
from tildemc.spec.links import POSITIVE_LINKS
from tildemc.spec.priors import default, m_y, s_y
from tildemc.spec.support import POSITIVE, REAL, Support
from tildemc.spec.vocabulary import apply

__all__ = ["POSITIVE_NUMBERS"]

_log_cv = apply("log1p", (s_y / m_y) ** 2)
_log_z = (apply("log", y) - mu) / sigma
_lognormal_mean = apply("exp", mu + 0.5 * sigma**2)
_lognormal_square = apply("exp", 2 * (mu + sigma**2))
_variance_of_log = apply("log1p", (sigma / mu) ** 2)
_sd_of_log, _mean_of_log = apply("sqrt", _variance_of_log), log_mu - 0.5 * _variance_of_log
_from_mean = (apply("log", y) - _mean_of_log) / _sd_of_log
_gamma_arguments = (shape, shape * y / mu)
_log_gamma_arguments = (shape, apply("log", shape) + apply("log", y) - log_mu)
_log_scaled = apply("log", y) - log_mu + apply("log_gamma", 1 + 1 / shape)
_weibull_scale = mu / apply("gamma", 1 + 1 / shape)
_weibull_square = mu**2 * apply("gamma", 1 + 2 / shape) / apply("gamma", 1 + 1 / shape) ** 2
_weibull_hazard = apply("exp", shape * _log_scaled)

ndt = Var("ndt")
_log_shifted_z = (apply("log", y - ndt) - mu) / sigma
_wald = (y, mu, shape)
_root = apply("sqrt", shape / y)
_log_sooner, _log_not_yet = (apply("log_invprobit", sign * _root * (y / mu - 1)) for sign in (1, -1))
_log_again = 2 * shape / mu + apply("log_invprobit", -_root * (y / mu + 1))
_log_through = apply("log_add_exp", _log_sooner, _log_again)
# Where a Fréchet time is in units of its scale, and the rate that it comes to.
_log_frechet = apply("log", y) - log_mu + apply("log_gamma", (nu - 1) / nu)
_frechet_rate = apply("exp", -nu * _log_frechet)
_frechet_scale = mu / apply("gamma", (nu - 1) / nu)

phi, power = Var("phi"), Var("power")
# A Tweedie response is a Poisson number of gamma amounts, each of which has the shape `_few` / `_much`.
_few, _much = 2 - power, power - 1
_some = apply("where", y, y, Const(1.0))
_log_scale = apply("log", phi) + apply("log", _few)
_tweedie_ratio = apply("log", _some) - log_mu
_tweedie_deviance = (
    apply("expm1", _much * _tweedie_ratio) / _much + apply("expm1", -_few * _tweedie_ratio) / _few
)  # fmt: skip
_tweedie = (y, mu, phi, power)

POSITIVE_NUMBERS = (
    Family(
        name="gamma", title="Gamma", values=POSITIVES, pymc="Gamma", latex=r"\mathrm{Gamma}", aliases=("Gamma",),
        use="Amounts and durations whose sd is in proportion to their mean.",
        notation=(shape, shape / mu),
        parameters=(FamilyParameter("mu", POSITIVE, POSITIVE_LINKS), SHAPE_OF_MEAN),
        log_density=(
            shape * (apply("log", shape) - log_mu) - apply("log_gamma", shape)
            + (shape - 1) * apply("log", y) - shape * y / mu
        ),
        mean=mu, variance=mu**2 / shape,
        partial=mu * apply("gamma_cdf", shape + 1, shape * y / mu),
        square=mu**2 * (1 + 1 / shape),
        partial_square=mu**2 * (1 + 1 / shape) * apply("gamma_cdf", shape + 2, shape * y / mu),
        cdf=apply("gamma_cdf", *_gamma_arguments), tail=apply("gamma_tail", *_gamma_arguments),
        log_cdf=apply("log_gamma_cdf", *_log_gamma_arguments), log_tail=apply("log_gamma_tail", *_log_gamma_arguments),
        draw=one("gamma", shape, mu / shape),
        native={"alpha": shape, "beta": shape / mu},
    ),
    Family(
        name="lognormal", title="Lognormal", values=POSITIVES, pymc="LogNormal", latex=r"\mathrm{LogNormal}",
        use="Amounts whose logs are normal; mu and sigma are the logs' mean and sd.",
        notation=(mu, sigma**2),
        parameters=(FamilyParameter("mu", REAL, ("identity", "inverse")), SIGMA),
        log_density=normal(apply("log", y)) - apply("log", y),
        centre=apply("log", y), location=apply("log", m_y) - 0.5 * _log_cv, spread=apply("sqrt", _log_cv),
        mean=_lognormal_mean, variance=sigma**2, partial=_lognormal_mean * apply("invprobit", _log_z - sigma),
        square=_lognormal_square, partial_square=_lognormal_square * apply("invprobit", _log_z - 2 * sigma),
        log_cdf=apply("log_invprobit", _log_z), log_tail=apply("log_invprobit", -_log_z),
        cdf=apply("invprobit", _log_z), tail=apply("invprobit", -_log_z), draw=one("lognormal", mu, sigma),
        native={"mu": mu, "sigma": sigma},
    ),
    Family(
        name="lognormal_mean", title="Lognormal of a mean", values=POSITIVES, pymc="LogNormal",
        use="Amounts whose logs are normal; mu and sigma are the mean and sd of the amounts themselves.",
        latex=r"\mathrm{LogNormal}", notation=(_mean_of_log, _variance_of_log),
        parameters=(FamilyParameter("mu", POSITIVE, POSITIVE_LINKS), SIGMA),
        log_density=(
            -0.5 * (_from_mean**2 + apply("log", _variance_of_log)) - apply("log", y) - 0.5 * log(2 * pi)
        ),
        mean=mu, variance=sigma**2, partial=mu * apply("invprobit", _from_mean - _sd_of_log),
        square=mu**2 + sigma**2,
        partial_square=(mu**2 + sigma**2) * apply("invprobit", _from_mean - 2 * _sd_of_log),
        log_cdf=apply("log_invprobit", _from_mean), log_tail=apply("log_invprobit", -_from_mean),
        cdf=apply("invprobit", _from_mean), tail=apply("invprobit", -_from_mean),
        draw=one("lognormal", _mean_of_log, _sd_of_log),
        native={"mu": _mean_of_log, "sigma": _sd_of_log},
    ),
    Family(
        name="weibull", title="Weibull", values=POSITIVES, pymc="Weibull", latex=r"\mathrm{Weibull}",
        use="Times until something fails, at a rate that rises or falls.",
        notation=(shape, _weibull_scale),
        parameters=(FamilyParameter("mu", POSITIVE, POSITIVE_LINKS), SHAPE_OF_MEAN),
        log_density=(
            apply("log", shape) - apply("log", y) + shape * _log_scaled - _weibull_hazard
        ),
        mean=mu, partial=mu * apply("gamma_cdf", 1 + 1 / shape, _weibull_hazard),
        square=_weibull_square, partial_square=_weibull_square * apply("gamma_cdf", 1 + 2 / shape, _weibull_hazard),
        log_cdf=apply("log1mexp", -_weibull_hazard), log_tail=-_weibull_hazard,
        variance=mu**2 * (apply("gamma", 1 + 2 / shape) / apply("gamma", 1 + 1 / shape) ** 2 - 1),
        cdf=-apply("expm1", -_weibull_hazard), tail=apply("exp", -_weibull_hazard),
        draw=Draw(_weibull_scale * Var("unit"), {"unit": Step("weibull", (shape,))}),
        native={"alpha": shape, "beta": mu / apply("gamma", 1 + 1 / shape)},
    ),
    Family(
        name="exponential", title="Exponential", values=POSITIVES, pymc="Exponential",
        use="Times until something happens at a constant rate.",
        latex=r"\mathrm{Exponential}", notation=(1 / mu,),
        parameters=(FamilyParameter("mu", POSITIVE, POSITIVE_LINKS),),
        log_density=-log_mu - y / mu, mean=mu, variance=mu**2,
        log_cdf=apply("log1mexp", -y / mu), log_tail=-y / mu, partial=mu * apply("gamma_cdf", Const(2.0), y / mu),
        square=2 * mu**2, partial_square=2 * mu**2 * apply("gamma_cdf", Const(3.0), y / mu),
        cdf=-apply("expm1", -y / mu), tail=apply("exp", -y / mu), draw=one("exponential", mu),
        native={"scale": mu},
    ),
    Family(
        name="shifted_lognormal", title="Shifted lognormal", values=POSITIVES, latex=r"\mathrm{ShiftedLogNormal}",
        use="Reaction times: lognormal after a time ndt in which nothing can happen.",
        notation=(mu, sigma**2, ndt),
        parameters=(FamilyParameter("mu", REAL, ("identity", "inverse")), SIGMA, NDT),
        log_density=normal(apply("log", y - ndt)) - apply("log", y - ndt),
        rough=apply("log", y), location=apply("log", m_y) - 0.5 * _log_cv, spread=apply("sqrt", _log_cv),
        mean=_lognormal_mean + ndt, middle=_lognormal_mean + ndt,
        variance=apply("expm1", sigma**2) * _lognormal_mean**2,
        cdf=apply("invprobit", _log_shifted_z), tail=apply("invprobit", -_log_shifted_z),
        log_cdf=apply("log_invprobit", _log_shifted_z), log_tail=apply("log_invprobit", -_log_shifted_z),
        draw=Draw(ndt + Var("late"), {"late": Step("lognormal", (mu, sigma))}),
    ),
    Family(
        name="inverse_gaussian", title="Inverse Gaussian", values=POSITIVES, pymc="Wald", latex=r"\mathrm{Wald}",
        use="Times until a random walk with a drift is through.",
        aliases=("inverse.gaussian", "wald"),
        parameters=(FamilyParameter("mu", POSITIVE, (*POSITIVE_LINKS, "1/mu^2")), SHAPE_OF_MEAN),
        log_density=(
            0.5 * (apply("log", shape) - log(2 * pi)) - 1.5 * apply("log", y) - 0.5 * shape * (y / mu - 1) ** 2 / y
        ),
        mean=mu, variance=mu**3 / shape,
        cdf=apply("wald_cdf", *_wald), tail=apply("wald_tail", *_wald), draw=one("wald", mu, shape),
        log_cdf=_log_through, log_tail=exact(_log_not_yet + apply("log1mexp", _log_again - _log_not_yet), _log_through),
        native={"mu": mu, "lam": shape},
    ),
    Family(
        name="frechet", title="Fréchet", values=POSITIVES, latex=r"\mathrm{Frechet}",
        use="The largest of many with heavy tails.",
        parameters=(
            FamilyParameter("mu", POSITIVE, POSITIVE_LINKS),
            FamilyParameter(
                "nu", Support(1.0), ("logm1", "log", "identity"), default("gamma", 2.0, 0.1, lower=1.0),
                default("normal", 2.7, 0.8), 10.0,
            ),
        ),
        log_density=apply("log", nu) - apply("log", y) - nu * _log_frechet - _frechet_rate,
        mean=mu,
        variance=mu**2 * apply("frechet_dispersion", nu),
        cdf=apply("exp", -_frechet_rate), tail=-apply("expm1", -_frechet_rate),
        log_cdf=-_frechet_rate, log_tail=apply("log1mexp", -_frechet_rate),
        draw=Draw(
            _frechet_scale * Var("late") ** (-1 / nu), {"late": Step("standard_exponential", ())}
        ),
    ),
    Family(
        name="tweedie", title="Tweedie", latex=r"\mathrm{Tweedie}",
        use="Amounts with zeros: sums of a random number of gamma amounts, of the variance phi mu^power.",
        law=(
            r"y = \sum_{i = 1}^{n} x_i, \quad n \sim \mathrm{Poisson}\left(\frac{\mu^{2 - p}}{\phi (2 - p)}\right),"
            r" \quad x_i \sim \mathrm{Gamma}\left(\frac{2 - p}{p - 1}, \frac{\mu^{1 - p}}{\phi (p - 1)}\right), \quad"
            r" p = \mathrm{power}"
        ),
        values=Values("0 or a number greater than 0", 0.0, atoms=(0.0,)),
        parameters=(
            FamilyParameter("mu", POSITIVE, POSITIVE_LINKS),
            positive("phi", default("exponential", 1.0), default("student_t", 3.0, 0.0, 2.5)),
            FamilyParameter(
                "power", Support(1.0, 2.0), ("logitm1", "identity"), default("uniform", 1.0, 2.0),
                default("logistic", 0.0, 1.0), 1.5,
            ),
        ),
        log_density=apply(
            "where", y,
            apply("log_tweedie", _few * apply("log", _some) - _log_scale, _few / _much) - apply("log", _some)
            - apply("exp", _few * apply("log", _some) - apply("log", phi)) * _tweedie_deviance,
            -apply("exp", _few * log_mu - _log_scale),
        ),
        mean=mu, variance=phi * mu**power,
        cdf=apply("tweedie_cdf", *_tweedie), tail=apply("tweedie_tail", *_tweedie),
        draw=Draw(
            Var("sum"),
            {
                "count": Step("poisson", (mu**_few / (phi * _few),)),
                "sum": Step("gamma", (Var("count") * _few / _much, phi * _much * mu**_much)),
            },
        ),
    ),
)  # fmt: skip
