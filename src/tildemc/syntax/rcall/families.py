"""`binomial(link = "probit")` in, the family's text out."""

from __future__ import annotations

from typing import assert_never

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.tree import Argument, Call, Expr, Name, Text

__all__ = ["NAMES", "family_of"]

NAMES = {
    "nbinom2": "negbinomial",
    "negative.binomial": "negbinomial",
    "neg_binomial_2": "negbinomial",
    "neg_binomial2": "negbinomial",
    "Gamma": "gamma",
    "t_family": "student",
    "beta_family": "beta",
    "Beta": "beta",
    "betabinomial": "beta_binomial",
    "normal": "gaussian",
    "truncated_nbinom2": "truncated_negbinomial",
    "ziGamma": "gamma",
}
"""What R's packages call families."""
# What stats::Gamma and its like take where no link is named.
_STATS_LINKS = {"Gamma": "inverse", "inverse.gaussian": "1/mu^2"}


def family_of(expr: Expr, package: str) -> str:
    """A family as R writes it, as `resolve.families.read_family` reads it.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        If this is no family, or one that means something else here.
    """
    match expr:
        case Name(name) | Text(name):
            link = None
        case Call("brmsfamily" | "brms::brmsfamily", (Argument(Name(name) | Text(name), None | "family"), *others)):
            link = _link(tuple(others), expr)
        case Call(function, arguments):
            name, link = function.rpartition("::")[2], _link(arguments, expr)
        case _:
            message = 'a family is written `binomial`, or `binomial(link = "probit")`'
            raise FormulaSyntaxError(message, expr.span)
    if package == "glmmTMB" and name == "lognormal":
        message = "glmmTMB's `lognormal()` models the mean, which is not built yet; `lognormal` models that of the log"
        raise UnsupportedError(message, expr.span)
    if link is None and not isinstance(expr, Text):
        link = _STATS_LINKS.get(name)
    shown = NAMES.get(name, name)
    if link is None:
        return shown
    # `1/mu^2` is a link's name and no arithmetic.
    return f"{shown}({link})" if link.isidentifier() else f'{shown}("{link}")'


def _link(arguments: tuple[Argument, ...], expr: Expr) -> str | None:
    link: str | None = None
    for argument in arguments:
        match argument:
            case Argument(Name(text) | Text(text), None | "link"):
                link = text
            case Argument(_, name):
                what = f"`{name}`" if name else "this"
                raise FormulaSyntaxError(f"a family takes its link, as in `probit`, and not {what}", argument.span)
            case never:
                assert_never(never)
    return link
