"""Families of counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

from tildemc.spec.chance import Draw, Step, one
from tildemc.spec.expr import Const, Expr, Var
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Family
from tildemc.spec.families.symbols import SHAPE, SHAPE_OF_MEAN, log_mu, mu, phi, positive, shape, sigma, y
from tildemc.spec.families.values import WHOLE
from tildemc.spec.links import PROBABILITY_LINKS, RATE_LINKS
from tildemc.spec.priors import default, m_y
from tildemc.spec.support import POSITIVE, UNIT
from tildemc.spec.vocabulary import apply

__all__ = ["COUNTS"]


# The log of a geometric count's chance to be more than y
_log_more = -(y + 1) * apply("softplus", -log_mu)
_root = apply("sqrt", phi)
_generalised_rate = mu + (_root - 1) * y
_before, _up_to = apply("power", y, shape), apply("power", y + 1, shape)
_powers = log_mu, shape
_log_rate = apply("com_poisson_log_rate", log_mu, 1 / phi)
_overdispersion = phi + mu / Var("psi")
_shape_of_both = mu / _overdispersion
_MU = FamilyParameter("mu", POSITIVE, RATE_LINKS)


_one_less = apply("where", y, y - 1, Const(0.0))


class _Parts(TypedDict):
    """Fields of a record."""

    log_cdf: Expr
    log_tail: Expr
    partial: Expr
    square: Expr
    partial_square: Expr


def _negative_binomial(shape: Expr, log_ratio: Expr) -> Expr:
    """The log probability where the mean is mu, and `log_ratio` the log of mu over the shape.

    Differences of log Γ and log(mu + shape) would lose their digits where the shape is large.
    """
    return (
        apply("log_rising", shape, y) + apply("times", y, log_mu) - apply("log_gamma", y + 1)
        - (y + shape) * apply("softplus", log_ratio)
    )  # fmt: skip


def _parts_of_negative_binomial(shape: Expr, log_ratio: Expr) -> _Parts:
    """The logs of its distribution functions, and its moments in part, of the same arguments."""
    share, pairs = apply("sigmoid", -log_ratio), mu**2 * (1 + 1 / shape)
    partial = mu * apply("beta_cdf", shape + 1, y, share)
    return {
        "partial": partial,
        "square": mu + pairs,
        "partial_square": partial + pairs * apply("beta_cdf", shape + 2, _one_less, share),
        "log_cdf": apply("log_beta_cdf", shape, y + 1, -log_ratio),
        "log_tail": apply("log_beta_cdf", y + 1, shape, log_ratio),
    }


def _by_rates(shape: Expr) -> Draw:
    """A Poisson count of a rate that is gamma distributed about mu."""
    rate = Step("gamma", (shape, mu / shape))
    return Draw(Var("count"), {"rate": rate, "count": Step("poisson", (Var("rate"),))})


COUNTS = (
    Family(
        name="poisson", title="Poisson", values=WHOLE, pymc="Poisson", latex=r"\mathrm{Poisson}",
        use="Counts of what happens independently.",
        adds="exposure", modifiers=frozenset({"rate"}), exposed=("mu",), partial=mu * apply("gamma_tail", y, mu),
        square=mu + mu**2,
        partial_square=mu * apply("gamma_tail", y, mu) + mu**2 * apply("gamma_tail", _one_less, mu),
        parameters=(_MU,),
        log_density=apply("times", y, log_mu) - mu - apply("log_gamma", y + 1),
        mean=mu, variance=mu,
        cdf=apply("gamma_tail", y + 1, mu), tail=apply("gamma_cdf", y + 1, mu), draw=one("poisson", mu),
        log_cdf=apply("log_gamma_tail", y + 1, log_mu), log_tail=apply("log_gamma_cdf", y + 1, log_mu),
        native={"mu": mu},
    ),
    Family(
        name="negbinomial", title="Negative binomial", values=WHOLE, pymc="NegativeBinomial",
        use="Counts that scatter more than Poisson's: the variance is mu + mu² / shape.",
        latex=r"\mathrm{NegBinomial}", aliases=("negative_binomial", "nbinom2"),
        modifiers=frozenset({"rate"}), exposed=("mu", "shape"),
        parameters=(_MU, SHAPE),
        log_density=_negative_binomial(shape, log_mu - apply("log", shape)),
        mean=mu, variance=mu + mu**2 / shape,
        cdf=apply("beta_cdf", shape, y + 1, shape / (shape + mu)),
        tail=apply("beta_cdf", y + 1, shape, mu / (shape + mu)),
        **_parts_of_negative_binomial(shape, log_mu - apply("log", shape)),
        draw=_by_rates(shape),
        native={"mu": mu, "alpha": shape},
    ),
    Family(
        name="negbinomial2", title="Negative binomial", values=WHOLE, pymc="NegativeBinomial",
        use="The negative binomial by the reciprocal of its shape: the variance is mu + sigma mu².",
        latex=r"\mathrm{NegBinomial2}",
        parameters=(
            _MU, positive("sigma", default("student_t", 3.0, 0.0, 2.5, lower=0.0), default("student_t", 3.0, 0.0, 2.5)),
        ),
        log_density=_negative_binomial(1 / sigma, log_mu + apply("log", sigma)),
        mean=mu, variance=mu + sigma * mu**2,
        cdf=apply("beta_cdf", 1 / sigma, y + 1, 1 / (1 + sigma * mu)),
        tail=apply("beta_cdf", y + 1, 1 / sigma, sigma * mu / (1 + sigma * mu)),
        **_parts_of_negative_binomial(1 / sigma, log_mu + apply("log", sigma)),
        draw=_by_rates(1 / sigma),
        native={"mu": mu, "alpha": 1 / sigma},
    ),
    Family(
        name="nbinom1", title="Negative binomial with variance in proportion to the mean", values=WHOLE,
        use="Counts whose variance is in proportion to their mean, mu (1 + phi).",
        pymc="NegativeBinomial", latex=r"\mathrm{NegBinomial1}", aliases=("negbinomial1",),
        parameters=(_MU, positive("phi", default("exponential", 1.0), default("student_t", 3.0, 0.0, 2.5))),
        log_density=_negative_binomial(mu / phi, apply("log", phi)),
        mean=mu, variance=mu * (1 + phi),
        cdf=apply("beta_cdf", mu / phi, y + 1, 1 / (1 + phi)), tail=apply("beta_cdf", y + 1, mu / phi, phi / (1 + phi)),
        **_parts_of_negative_binomial(mu / phi, apply("log", phi)),
        draw=_by_rates(mu / phi),
        native={"mu": mu, "alpha": mu / phi},
    ),
    Family(
        name="nbinom12", title="Negative binomial with both kinds of variance", values=WHOLE,
        use="Counts of the variance mu (1 + phi + mu / psi).",
        pymc="NegativeBinomial", latex=r"\mathrm{NegBinomial12}",
        parameters=(
            _MU, positive("phi", default("exponential", 1.0), default("student_t", 3.0, 0.0, 2.5)),
            replace(SHAPE, name="psi"),
        ),
        log_density=_negative_binomial(_shape_of_both, apply("log", _overdispersion)),
        mean=mu, variance=mu * (1 + _overdispersion),
        cdf=apply("beta_cdf", _shape_of_both, y + 1, 1 / (1 + _overdispersion)),
        tail=apply("beta_cdf", y + 1, _shape_of_both, _overdispersion / (1 + _overdispersion)),
        **_parts_of_negative_binomial(_shape_of_both, apply("log", _overdispersion)),
        draw=_by_rates(_shape_of_both),
        native={"mu": mu, "alpha": _shape_of_both},
    ),
    Family(
        name="geometric", title="Geometric", values=WHOLE, pymc="NegativeBinomial", latex=r"\mathrm{Geometric}",
        use="Counts of failures before a success; negbinomial with shape 1.",
        parameters=(_MU,),
        log_density=apply("times", y, log_mu) - (y + 1) * apply("softplus", log_mu),
        mean=mu, variance=mu + mu**2,
        cdf=-apply("expm1", _log_more), tail=apply("exp", _log_more),
        log_cdf=apply("log1mexp", _log_more), log_tail=_log_more,
        draw=_by_rates(Const(1.0)),
        native={"mu": mu, "alpha": Const(1.0)},
    ),
    Family(
        name="genpois", title="Generalised Poisson", values=WHOLE, latex=r"\mathrm{GenPoisson}",
        use="Counts whose variance, mu phi, is above Poisson's or below it.",
        parameters=(_MU, positive("phi", default("exponential", 1.0), default("student_t", 3.0, 0.0, 2.5))),
        log_density=(
            log_mu - apply("log", _generalised_rate) + apply("times", y, apply("log", _generalised_rate / _root))
            - _generalised_rate / _root - apply("log_gamma", y + 1)
        ),
        mean=mu, variance=mu * phi,
        cdf=apply("genpois_cdf", y, mu, phi), tail=apply("genpois_tail", y, mu, phi),
        draw=Draw(apply("genpois_quantile", Var("u"), mu, phi), {"u": Step("random", ())}),
    ),
    Family(
        name="com_poisson", title="Conway-Maxwell-Poisson", values=WHOLE, latex=r"\mathrm{ComPoisson}",
        use="Counts that scatter more than Poisson's (shape < 1) or less (shape > 1); mu is near their mode.",
        parameters=(_MU, SHAPE_OF_MEAN),
        log_density=(
            shape * (apply("times", y, log_mu) - apply("log_gamma", y + 1)) - apply("com_poisson_log_norm", *_powers)
        ),
        mean=apply("com_poisson_mean", *_powers), middle=apply("com_poisson_mean", *_powers),
        variance=apply("com_poisson_variance", *_powers),
        cdf=apply("com_poisson_cdf", y, *_powers), tail=apply("com_poisson_tail", y, *_powers),
        draw=Draw(apply("com_poisson_quantile", Var("u"), *_powers), {"u": Step("random", ())}),
    ),
    Family(
        name="compois", title="Conway-Maxwell-Poisson of a mean", values=WHOLE, latex=r"\mathrm{ComPoisson}",
        use="Counts that scatter more than Poisson's (phi > 1) or less (phi < 1) about their mean mu.",
        parameters=(_MU, positive("phi", default("exponential", 1.0), default("student_t", 3.0, 0.0, 2.5))),
        log_density=(
            (apply("times", y, _log_rate) - apply("log_gamma", y + 1)) / phi
            - apply("com_poisson_log_norm", _log_rate, 1 / phi)
        ),
        mean=mu, variance=apply("com_poisson_variance", _log_rate, 1 / phi),
        cdf=apply("com_poisson_cdf", y, _log_rate, 1 / phi), tail=apply("com_poisson_tail", y, _log_rate, 1 / phi),
        draw=Draw(apply("com_poisson_quantile", Var("u"), _log_rate, 1 / phi), {"u": Step("random", ())}),
    ),
    Family(
        name="discrete_weibull", title="Discrete Weibull", values=WHOLE, latex=r"\mathrm{DiscreteWeibull}",
        use="Counts, or times in whole units; mu is the chance of more than none.",
        parameters=(FamilyParameter("mu", UNIT, PROBABILITY_LINKS), SHAPE_OF_MEAN),
        log_density=apply("times", _before, log_mu) + apply("log1mexp", (_up_to - _before) * log_mu),
        # Of a geometric count, the chance of more than none.
        rough=(y + 0.5) / (y + 1), location=(m_y + 0.5) / (m_y + 1),
        mean=apply("discrete_weibull_mean", *_powers), middle=apply("discrete_weibull_mean", *_powers),
        variance=apply("discrete_weibull_variance", *_powers),
        cdf=-apply("expm1", _up_to * log_mu), tail=apply("exp", _up_to * log_mu),
        log_cdf=apply("log1mexp", _up_to * log_mu), log_tail=_up_to * log_mu,
        draw=Draw(
            apply("floor", (Var("late") / -log_mu) ** (1 / shape)), {"late": Step("standard_exponential", ())}
        ),
    ),
)  # fmt: skip
