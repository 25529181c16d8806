"""What R's packages call families: `binomial(link = "probit")` in, `FamilyName` out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.family import (
    MIXTURE,
    FamilyName,
    link_argument,
    mixture_of,
    option_argument,
    reference_argument,
)
from tildemc.syntax.tree import Argument, Call, Constant, Expr, Fixed, Name, Number, Text, Unary

__all__ = [
    "BRMS",
    "DISPERSION",
    "GLMMTMB",
    "LME4",
    "NAMES",
    "OWN",
    "REFUSED",
    "STATS_LINKS",
    "family_of",
    "fixed_in",
    "of_trials",
    "with_zeros",
    "without_usual",
    "without_zeros",
]

LME4 = {"bernoulli": "binomial", "binomial": "binomial", "poisson": "poisson", "gamma": "Gamma",
        "inverse_gaussian": "inverse.gaussian"}  # fmt: skip
"""What R's own families, which lme4 takes, are called; for each language the name here comes first."""

GLMMTMB = {
    "gaussian": "gaussian", "bernoulli": "binomial", "binomial": "binomial", "poisson": "poisson", "gamma": "Gamma",
    "negbinomial": "nbinom2", "nbinom1": "nbinom1", "student": "t_family", "beta": "beta_family",
    "beta_binomial": "betabinomial", "tweedie": "tweedie", "ordbeta": "ordbeta", "genpois": "genpois",
    "skew_normal": "skewnormal", "truncated_poisson": "truncated_poisson", "truncated_nbinom1": "truncated_nbinom1",
    "truncated_negbinomial": "truncated_nbinom2", "truncated_genpois": "truncated_genpois", "compois": "compois",
    "truncated_compois": "truncated_compois", "nbinom12": "nbinom12", "lognormal_mean": "lognormal",
}  # fmt: skip
BRMS = {"gamma": "Gamma", "beta": "Beta", "inverse_gaussian": "inverse.gaussian", "nbinom1": "", "ordbeta": "",
        "genpois": "", "tweedie": "", "compois": "", "nbinom12": "", "lognormal_mean": ""}  # fmt: skip
"""What brms calls families by another name, for R has functions of theirs; nothing for those it has not."""

DISPERSION = {
    "gaussian": "sigma", "student": "sigma", "skew_normal": "sigma", "negbinomial": "shape", "nbinom1": "phi",
    "genpois": "phi", "gamma": "shape", "beta": "phi", "beta_binomial": "phi", "ordbeta": "phi", "tweedie": "phi",
    "compois": "phi", "nbinom12": "phi", "lognormal_mean": "sigma",
}  # fmt: skip
"""The parameter that glmmTMB's `dispformula` models."""

_ELSEWHERE = {
    "neg_binomial_2": "negbinomial", "neg_binomial2": "negbinomial", "Beta": "beta", "normal": "gaussian",
    "ziGamma": "gamma", "nb": "negbinomial", "tw": "tweedie", "betar": "beta", "scat": "student", "ocat": "cumulative",
}  # fmt: skip
OWN = {("glmmTMB", "lognormal"): "lognormal_mean"}
"""What one package calls otherwise than brms, whose family of that name is another."""
NAMES = {
    name: ours for table in (LME4, GLMMTMB) for ours, name in table.items() if ours not in ("bernoulli", *OWN.values())
} | _ELSEWHERE
"""What R's packages call families, and what these are here."""

STATS_LINKS = {"Gamma": "inverse", "inverse.gaussian": "1/mu^2", "ziGamma": "inverse"}
"""The links of R's own families where none is named, if they are not those of brms's family of that kind."""

_QUASI = "a quasi-likelihood has no distribution to draw from; {} has an overdispersion of its own"
REFUSED = {
    ("", "quasipoisson"): _QUASI.format("`negbinomial`"),
    ("", "quasibinomial"): _QUASI.format("`beta_binomial`"),
    ("", "quasi"): _QUASI.format("`negbinomial`, say,"),
    ("", "ziP"): "mgcv's `ziP` lets the share of zeros follow the mean: write `brm(bf(y ~ s(x), zi ~ s(x)), data = d, "
    "family = zero_inflated_poisson())`, where it has a predictor of its own",
    (
        "",
        "ziplss",
    ): "mgcv's `ziplss` is a hurdle with a formula of its own: write `brm(bf(y ~ s(x), hu ~ s(z)), data = d, "
    "family = hurdle_poisson())`, whose `hu` has the other sign",
    (
        "",
        "cox.ph",
    ): "mgcv's `cox.ph` leaves the baseline hazard open, by a partial likelihood, which draws no posterior; "
    "by splines it is `brm(t | cens(1 - d) ~ s(x), data = d, family = cox())`, where d is 1 for an event",
    ("mgcv", "mvn"): "mgcv's `mvn` is of several responses, a formula each: write `brm(bf(mvbind(y, z) ~ s(x)) + "
    "set_rescor(TRUE), data = d)`",
    ("mgcv", "multinom"): "mgcv's `multinom` has a formula for each category: write `brm(y ~ s(x), data = d, family = "
    "categorical())`",
    (
        "mgcv",
        "gaulss",
    ): "mgcv's `gaulss` has a formula for the spread too: write `brm(bf(y ~ s(x), sigma ~ s(z)), data = "
    "d)`, where sigma has a log link",
    (
        "mgcv",
        "gammals",
    ): "mgcv's `gammals` has a formula for the scale too: write `brm(bf(y ~ s(x), shape ~ s(z)), data = "
    'd, family = Gamma(link = "log"))`, where the scale is one over shape',
    ("mgcv", "gevlss"): "mgcv's `gevlss` has formulas for scale and shape too: write `brm(bf(y ~ s(x), sigma ~ s(z), "
    "xi ~ 1), data = d, family = gen_extreme_value())`",
    (
        "mgcv",
        "twlss",
    ): "mgcv's `twlss` has formulas for power and scale too: write `brm(bf(y ~ s(x), phi ~ s(z)), data = "
    "d, family = tweedie)`",
}
"""Families that mean something else here, or nothing, by package; of any package if that is empty."""

_TRUNCATED, _HURDLE, _INFLATED = "truncated_", "hurdle_", "zero_inflated_"
_NO_ZEROS = ("gamma", "lognormal", "lognormal_mean")
_MAKERS = ("brmsfamily", "list")


@dataclass(frozen=True, slots=True)
class _WithNumber:
    """A family with a number among its arguments.

    Attributes
    ----------
    family : str
        What it is here.
    own, ours : str
        What the number is called there, and what here.
    needed : bool
        Whether it must be there; else the parameter is estimated without it.
    """

    family: str
    own: str
    ours: str
    needed: bool = True


_WITH_NUMBER = {
    "negative.binomial": _WithNumber("negbinomial", "theta", "shape"),
    "negbin": _WithNumber("negbinomial", "theta", "shape"),
    "Tweedie": _WithNumber("tweedie", "p", "power"),
    "nb": _WithNumber("negbinomial", "theta", "shape", needed=False),
    "tw": _WithNumber("tweedie", "theta", "power", needed=False),
    "betar": _WithNumber("beta", "theta", "phi", needed=False),
}
_TOLD_BY_DATA = {("ocat", "R"), ("ocat", "link"), ("betar", "eps")}
"""Arguments of mgcv's families that say what the response says, or how R computes."""
_USUAL = {"threshold": "flexible"}
"""Arguments of brms's families that may be given as they are anyway."""


def family_of(expr: Expr, package: str) -> FamilyName:
    """A family as R writes it: `poisson`, `"poisson"`, `stats::poisson()`, `brmsfamily("poisson")`, `list(family = …)`.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        If this is no family, or one that means something else here.
    """
    arguments: tuple[Argument, ...] = ()
    match expr:
        case Name(called) | Text(called):
            pass
        case Call(maker, (Argument(Name(called) | Text(called), None | "family"), *others)) if _last(maker) in _MAKERS:
            arguments = tuple(others)
        case Call(called) if _last(called) == MIXTURE:
            if package != "brms":
                raise UnsupportedError(f"`{MIXTURE}()` is brms's", expr.span)
            return mixture_of(expr, lambda inner: family_of(unparenthesised(inner), package))
        case Call(called) if _last(called) == "custom_family":
            return _custom(expr)
        case Call(called, arguments):
            pass
        case _:
            message = 'a family is written `binomial`, or `binomial(link = "probit")`'
            raise FormulaSyntaxError(message, expr.span)
    name = _last(called)
    for owner in (package, ""):
        if (owner, name) in REFUSED:
            raise UnsupportedError(REFUSED[owner, name], expr.span)
    arguments = tuple(argument for argument in arguments if (name, argument.name) not in _TOLD_BY_DATA)
    reference, others = reference_argument(arguments)
    plain = tuple(argument for argument in others if argument is not _number_in(name, arguments))
    links, options = _links(plain)
    # brms takes a name in quotes for its own family, all others for R's function.
    own = isinstance(expr, Text) and package == "brms"
    link = links.pop("mu", None) or (None if own else STATS_LINKS.get(name))
    fixed = _WITH_NUMBER[name].family if name in _WITH_NUMBER else None
    return FamilyName(
        OWN.get((package, name)) or fixed or NAMES.get(name, name), link, links, options, reference=reference
    )


def _custom(call: Call) -> FamilyName:
    """The name and the links of brms's `custom_family("gompertz", dpars = c("mu", "a"), links = c("log", "log"))`.

    What it is beside is said by the `tildemc.Family` of that name.
    """
    given = {argument.name: unparenthesised(argument.value) for argument in call.arguments}
    match given.get("name", given.get(None)):
        case Text(name):
            pass
        case _:
            raise FormulaSyntaxError('`custom_family()` has a name, as in `custom_family("gompertz")`', call.span)
    parameters, links = (_texts(given.get(argument)) for argument in ("dpars", "links"))
    chosen = dict(zip(parameters or ["mu"], links, strict=False))
    return FamilyName(name, chosen.pop("mu", None), chosen)


def _texts(expr: Expr | None) -> list[str]:
    """The texts of `"log"` or `c("log", "logit")`."""
    match expr:
        case Text(value):
            return [value]
        case Call("c", arguments):
            return [argument.value.value for argument in arguments if isinstance(argument.value, Text)]
        case _:
            return []


def fixed_in(expr: Expr) -> tuple[Fixed, ...]:
    """The parameters that a family as R writes it gives as numbers: `negative.binomial(2)`.

    Raises
    ------
    FormulaSyntaxError
        If it does not.
    """
    match expr:
        case Name(called) | Text(called) | Call(called) if _last(called) in _WITH_NUMBER:
            record = _WITH_NUMBER[_last(called)]
        case _:
            return ()
    argument = _number_in(_last(called), expr.arguments if isinstance(expr, Call) else ())
    match None if argument is None else argument.value:
        case Number(value):
            return (Fixed(record.ours, value, None if argument is None else argument.span),)
        case None | Constant(None) | Unary("-", Number()) if not record.needed:
            # mgcv takes a negative number for where to start.
            return ()
        case _:
            own = record.own
            finds = "; `glm.nb()` finds it" if record.family == "negbinomial" else ""
            message = f"`{called}()` has its `{own}` as a number, as in `{called}({own} = 2)`{finds}"
            raise FormulaSyntaxError(message, expr.span)


def _number_in(name: str, arguments: tuple[Argument, ...]) -> Argument | None:
    """The argument that is a number and no link."""
    if name not in _WITH_NUMBER:
        return None
    own = _WITH_NUMBER[name].own
    named = next((argument for argument in arguments if argument.name == own), None)
    return named or next((argument for argument in arguments if argument.name is None), None)


def _last(function: str) -> str:
    return function.rpartition("::")[2]


def _links(arguments: Sequence[Argument]) -> tuple[dict[str, str], dict[str, str]]:
    """The links that a family's arguments name, by parameter; and what else they say."""
    links: dict[str, str] = {}
    options: dict[str, str] = {}
    for argument in arguments:
        if argument.value == Constant(None):
            continue
        option, found = option_argument(argument), link_argument(argument)
        if option is not None:
            options |= without_usual([option])
            continue
        if found is None:
            what = f"`{argument.name}`" if argument.name else "this"
            raise FormulaSyntaxError(f"a family takes its link, as in `probit`, and not {what}", argument.span)
        links.update([found])
    return links, options


def without_usual(options: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What is said of a family beside links, but for what it is anyway."""
    return {option: value for option, value in options if _USUAL.get(option) != value}


def with_zeros(family: FamilyName) -> tuple[FamilyName, str]:
    """What glmmTMB's `ziformula` makes of a family, and the parameter that it models.

    With a family that has no zeros they are a matter apart, a hurdle; with others there are more of them.
    """
    name = family.name.removeprefix(_TRUNCATED)
    if name != family.name or name in _NO_ZEROS:
        return replace(family, name=f"{_HURDLE}{name}"), "hu"
    return replace(family, name=f"{_INFLATED}{name}"), "zi"


def without_zeros(family: FamilyName) -> tuple[FamilyName, str | None]:
    """The family that `with_zeros` made one of, and the parameter that is its `ziformula`; None if there is none."""
    for prefix, zero in ((_INFLATED, "zi"), (_HURDLE, "hu")):
        if family.name.startswith(prefix):
            name = family.name.removeprefix(prefix)
            counts = prefix == _HURDLE and name not in _NO_ZEROS
            return replace(family, name=f"{_TRUNCATED}{name}" if counts else name), zero
    return family, None


def of_trials(family: FamilyName) -> bool:
    """Whether a response of this family is successes of trials."""
    return family.name.removeprefix(_INFLATED) in ("binomial", "beta_binomial")
