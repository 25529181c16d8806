"""Prior statements as tildemc and brms write them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from tildemc.syntax.priorclasses import SPECIAL, class_of
from tildemc.syntax.several import of_response
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Parens, PriorStatement, Text, Unary, deparse
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


_OURS = ("hs_plus", "product_normal", "decov")
"""Densities of other packages than brms."""
_BOUNDS = {"lower": "lb", "upper": "ub"}
"""brms's names of bounds, for ours."""


def brms_lacks(prior: PriorStatement, *, predictors: bool) -> str | None:
    """Why brms has no such prior, if it has none; `predictors`: an intercept at zero is not the one at their means."""
    kind = prior.target.rpartition(".")[2]
    positional = sum(argument.name is None for argument in prior.arguments)
    bounded = any(argument.name in _BOUNDS for argument in prior.arguments)
    if kind == "var":
        return "brms has no variances, only sds"
    if prior.distribution in SPECIAL:
        return _special_lacks(prior, kind)
    if prior.distribution[:1].isupper() or prior.distribution.startswith("half_") or prior.distribution in _OURS:
        return f"brms has no density `{prior.distribution}`"
    named = [name for argument in prior.arguments for name in _names(argument.value)]
    if class_of(kind) is None or named:
        return f"in brms `{named[0] if named else kind}` has to be declared in Stan, `stanvar()`"
    if any(argument.name == "autoscale" for argument in prior.arguments):
        return "brms scales no prior by the data"
    if any(isinstance(argument.value, Call) and argument.value.function == "c" for argument in prior.arguments):
        return "in brms each coefficient with a prior of its own is named, `coef = x`"
    if any(argument.name not in (None, *_BOUNDS) for argument in prior.arguments) or (
        prior.distribution == "uniform" and positional < 2
    ):
        return "in brms the arguments of a density have no names"
    if bounded and (kind != "b" or prior.target_arguments):
        return "brms takes bounds for all coefficients together, `class = b`"
    if kind == "Intercept" and predictors and not prior.at_means:
        return "brms's holds at the predictors' means, this one where they are 0"
    return None


def _names(expr: Expr) -> Iterator[str]:
    """The quantities that an argument is arithmetic of."""
    match expr:
        case Name(name):
            yield name
        case Binary(_, left, right):
            yield from _names(left)
            yield from _names(right)
        case Parens(inner) | Unary(_, inner):
            yield from _names(inner)
        case Call(_, arguments):
            for argument in arguments:
                yield from _names(argument.value)
        case _:
            pass


def _special_lacks(prior: PriorStatement, kind: str) -> str | None:
    """The same of a prior of coefficients together."""
    if kind != "b" or prior.target_arguments:
        return f"brms's `{prior.distribution}()` is of all coefficients of a formula"
    names = SPECIAL[prior.distribution]
    others = [a.name for a in prior.arguments if a.name is not None and a.name not in names]
    return f"brms's `{prior.distribution}()` has no `{others[0]}`" if others else None


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
    known = class_of(kind)
    names = () if known is None else known.about
    if kind == "Intercept" and not grouped:
        names = ("coef",)
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
