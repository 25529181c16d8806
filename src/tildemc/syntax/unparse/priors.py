"""Prior statements as tildemc and brms write them."""

from __future__ import annotations

import re
from collections.abc import Collection

from tildemc.syntax.several import of_response
from tildemc.syntax.tree import Argument, Call, Expr, PriorStatement, Text, deparse
from tildemc.syntax.unparse.text import unquoted

__all__ = ["brms_lacks", "brms_prior", "density_text", "prior_text"]

_PLAIN = re.compile(r"[^\W\d_][\w.]*(?::[^\W\d_][\w.]*)*")


def prior_text(prior: PriorStatement) -> str:
    """`b(x) ~ normal(0, 1)`."""
    about = "" if prior.target_arguments is None else f"({', '.join(_label(a) for a in prior.target_arguments)})"
    return f"{prior.target}{about} ~ {density_text(prior)}{" at the predictors' means" if prior.at_means else ''}"


def density_text(prior: PriorStatement, without: Collection[str] = ()) -> str:
    """`normal(0, 1)`, without arguments of these names."""
    given = (Argument(a.value, a.name) for a in prior.arguments if a.name not in without)
    return deparse(Call(prior.distribution, tuple(given)))


def _label(argument: Expr) -> str:
    if isinstance(argument, Text):
        return argument.value if _PLAIN.fullmatch(argument.value) else deparse(argument)
    return deparse(argument)


_BOUNDS = {"lower": "lb", "upper": "ub"}
"""brms's names of bounds, for ours."""


def brms_lacks(prior: PriorStatement, *, predictors: bool) -> str | None:
    """Why brms has no such prior, if it has none; `predictors`: an intercept at zero is not the one at their means."""
    kind = prior.target.rpartition(".")[2]
    positional = sum(argument.name is None for argument in prior.arguments)
    bounded = any(argument.name in _BOUNDS for argument in prior.arguments)
    if kind == "var":
        return "brms has no variances, only sds"
    if prior.distribution[:1].isupper() or prior.distribution.startswith("half_"):
        return f"brms has no density `{prior.distribution}`"
    if any(argument.name not in (None, *_BOUNDS) for argument in prior.arguments) or (
        prior.distribution == "uniform" and positional < 2
    ):
        return "in brms the arguments of a density have no names"
    if bounded and (kind != "b" or prior.target_arguments):
        return "brms takes bounds for all coefficients together, `class = b`"
    if kind == "Intercept" and predictors and not prior.at_means:
        return "brms's holds at the predictors' means, this one where they are 0"
    return None


def brms_prior(
    prior: PriorStatement, *, grouped: bool = False, nonlinear: bool = False, responses: Collection[str] = ()
) -> str:
    """`prior(normal(0, 1), class = b, coef = x)`, of what brms does not lack.

    Thresholds may be `grouped`, and the parameter be one of a `nonlinear` formula.
    """
    owner, _, kind = prior.target.rpartition(".")
    owner, response = of_response(owner, responses)
    if not response:
        kind, response = of_response(kind, responses)
    labels = [unquoted(argument) for argument in prior.target_arguments or ()]
    names = {"b": ("coef",), "sd": ("group", "coef"), "cor": ("group",), "delta": ("group",)}.get(kind, ())
    if kind == "Intercept":
        names = ("group", "coef") if grouped else ("coef",)
    fields = {"class": kind, **dict(zip(names, labels, strict=False))}
    if kind == "cor":
        # Correlations of effects belong to no response.
        response = ""
    fields |= {"resp": response} if response else {}
    fields |= {"nlpar" if nonlinear else "dpar": owner} if owner else {}
    shown = [f"{name} = {_word(value)}" for name, value in fields.items()]
    shown += [f"{_BOUNDS[a.name]} = {deparse(a.value)}" for a in prior.arguments if a.name in _BOUNDS]
    return f"prior({density_text(prior, _BOUNDS)}, {', '.join(shown)})"


def _word(value: str) -> str:
    return value if re.fullmatch(r"[^\W\d_]\w*", value) else deparse(Text(value))
