"""One record per link: the function from a parameter to its linear predictor, and back."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

from tildemc.spec.derivative import differentiate
from tildemc.spec.expr import Expr, Var, substitute
from tildemc.spec.support import CIRCLE, POSITIVE, REAL, UNIT, Support
from tildemc.spec.vocabulary import apply

__all__ = ["LINKS", "MEAN_LINKS", "POSITIVE_LINKS", "PROBABILITY_LINKS", "RATE_LINKS", "Link"]

_mu, _eta = Var("mu"), Var("eta")


@dataclass(frozen=True, slots=True)
class Link:
    """A link.

    Attributes
    ----------
    name : str
    forward, inverse : Expr
        From the parameter `mu` to the predictor `eta`, and back.
    latex : str
        How its predictor is written, with `{}` for the parameter.
    domain : Support
        The values of `mu` that have a predictor.
    log, log_complement : Expr or None
        The logs of `inverse` and of 1 - `inverse` in terms of `eta`, where to take the log of these would lose digits.
    latent : float or None
        The variance of the distribution whose cumulative distribution function `inverse` is: that of what a success
        is the sign of. None where there is no such variance.
    spread : Expr or None
        The variance, on the predictor's scale, of what has the mean `mu` and the variance `variance`; None for what
        the delta method gives.
    """

    name: str
    forward: Expr
    inverse: Expr
    latex: str
    domain: Support = REAL
    log: Expr | None = None
    log_complement: Expr | None = None
    latent: float | None = None
    spread: Expr | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def scaled(self) -> Expr:
        """`spread`, or what the delta method says, in terms of `eta` too, the mean on the predictor's scale."""
        return Var("variance") / differentiate(self.inverse, "eta") ** 2 if self.spread is None else self.spread

    def of(self, parameter: Expr, predictor: Expr) -> dict[Expr, Expr]:
        """What stands for a parameter, for its log and for the log of its complement, given its predictor."""
        found = {parameter: self.inverse}
        if self.log is not None:
            found[apply("log", parameter)] = self.log
        if self.log_complement is not None:
            found[apply("log1p", -parameter)] = self.log_complement
        return {part: substitute(value, {_eta: predictor}) for part, value in found.items()}


_rate = apply("exp", _eta)

LINKS = {
    link.name: link
    for link in (
        Link("identity", _mu, _eta, r"{}"),
        Link(
            "log", apply("log", _mu), _rate, r"\log({})", POSITIVE, log=_eta, log_complement=apply("log1mexp", _eta),
            spread=apply("log1p", Var("variance") / _mu**2),
        ),
        Link(
            "logit", apply("logit", _mu), apply("sigmoid", _eta), r"\mathrm{{logit}}({})", UNIT,
            log=apply("log_sigmoid", _eta), log_complement=apply("log_sigmoid", -_eta),
            latent=pi**2 / 3,
        ),
        Link(
            "probit", apply("probit", _mu), apply("invprobit", _eta), r"\Phi^{{-1}}({})", UNIT,
            log=apply("log_invprobit", _eta), log_complement=apply("log_invprobit", -_eta),
            latent=1.0,
        ),
        Link(
            "cloglog", apply("log", -apply("log1p", -_mu)), -apply("expm1", -_rate), r"\mathrm{{cloglog}}({})",
            UNIT, log=apply("log_cloglog", _eta), log_complement=-_rate, latent=pi**2 / 6,
        ),
        Link("inverse", 1 / _mu, 1 / _eta, r"{}^{{-1}}"),
        Link("sqrt", apply("sqrt", _mu), _eta**2, r"\sqrt{{{}}}", POSITIVE),
        Link(
            "cauchit", apply("tan", pi * (_mu - 0.5)), 0.5 + apply("atan", _eta) / pi, r"\mathrm{{cauchit}}({})",
            UNIT,
        ),
        Link(
            "loglog", -apply("log", -apply("log", _mu)), apply("exp", -apply("exp", -_eta)),
            r"\mathrm{{loglog}}({})", UNIT, log=-apply("exp", -_eta), log_complement=apply("log_cloglog", -_eta),
            latent=pi**2 / 6,
        ),
        Link(
            "softplus", _mu + apply("log", -apply("expm1", -_mu)), apply("softplus", _eta),
            r"\mathrm{{softplus}}^{{-1}}({})", POSITIVE,
        ),
        Link("1/mu^2", 1 / _mu**2, 1 / apply("sqrt", _eta), r"{}^{{-2}}", POSITIVE),
        Link(
            "tan_half", apply("tan", 0.5 * _mu), 2 * apply("atan", _eta), r"\tan({} / 2)", CIRCLE,
        ),
        Link("log1p", apply("log1p", _mu), apply("expm1", _eta), r"\log(1 + {})", Support(-1.0)),
        Link("logm1", apply("log", _mu - 1), 1 + _rate, r"\log({} - 1)", Support(1.0)),
        Link(
            "logitm1", apply("logit", _mu - 1), 1 + apply("sigmoid", _eta), r"\mathrm{{logit}}({} - 1)",
            Support(1.0, 2.0),
        ),
    )
}  # fmt: skip

PROBABILITY_LINKS = ("logit", "probit", "cloglog", "cauchit", "loglog", "identity", "log")
RATE_LINKS = ("log", "identity", "sqrt", "softplus", "log1p")
MEAN_LINKS = ("identity", "log", "inverse", "softplus")
POSITIVE_LINKS = ("log", "identity", "inverse", "softplus", "log1p")
"""What a chance, a mean count, a mean and a positive mean may have, the default first."""
