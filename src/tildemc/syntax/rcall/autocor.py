"""brms's older `autocor = cor_ar(~ t | g, p = 1)` in, the terms of today's formulas out: `ar(t, g, p = 1)`."""

from __future__ import annotations

from collections.abc import Mapping

from tildemc.errors import FormulaSyntaxError, nearest
from tildemc.syntax.autocor import autocorrelations
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.matching import Signature
from tildemc.syntax.rcall.unbound import unbound
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Number, Text, Tilde, deparse

__all__ = ["autocorrelation"]

_SERIES = ("formula", "p", "cov"), ("formula", "q", "cov"), ("formula", "p", "q", "r", "cov")
_FUNCTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "cor_ar": ("ar", _SERIES[0]),
    "cor_ma": ("ma", _SERIES[1]),
    "cor_arma": ("arma", _SERIES[2]),
    "cor_cosy": ("cosy", ("formula",)),
    "cor_car": ("car", ("W", "formula", "type")),
    "cor_icar": ("car", ("W", "formula")),
    "cor_sar": ("sar", ("W", "type")),
    "cor_lagsar": ("sar", ("W",)),
    "cor_errorsar": ("sar", ("W",)),
    "cor_fixed": ("fcor", ("V",)),
}
"""What each is called today, and its arguments in order."""
_TYPES = {"cor_icar": "icar", "cor_lagsar": "lag", "cor_errorsar": "error"}
_MATRIX = ("W", "V")


def autocorrelation(value: Expr) -> list[Expr]:
    """The terms that `autocor =` stands for.

    Raises
    ------
    FormulaSyntaxError
        With the place in the text.
    """
    match unparenthesised(value):
        case Constant(None) | Tilde():
            return autocorrelations(value)
        case Call(function) as call if function.rpartition("::")[2] in _FUNCTIONS:
            return [_today(call, function.rpartition("::")[2])]
        case Call(function, span=span):
            hint = nearest(function, _FUNCTIONS) or f"; there are {', '.join(_FUNCTIONS)}"
            raise FormulaSyntaxError(f"there is no `{function}()` among brms's correlations{hint}", span)
        case other:
            message = "`autocor` is of older versions of brms; write `ar(time, g)` in the formula"
            raise unbound(other, "autocor", "cor_ar(~ t | g)") or FormulaSyntaxError(message, other.span)


def _today(call: Call, function: str) -> Call:
    name, arguments = _FUNCTIONS[function]
    signature = Signature(function, arguments, shortened=True, error=FormulaSyntaxError)
    given = {argument: found.value for argument, found in signature.match(call.arguments, call.span).items()}
    found = [Argument(given[matrix], None, given[matrix].span) for matrix in _MATRIX if matrix in given]
    found += _places(given.get("formula"), timed=name != "car")
    # Both orders of `cor_arma()` are 0 where they are left out.
    orders = [order for order in ("p", "q") if given.get(order, Number(0.0)) != Number(0.0)]
    if len(orders) == 1:
        name = {"p": "ar", "q": "ma"}[orders[0]]
    found += [Argument(given[own], own, given[own].span) for own in (*orders, "cov", "type") if own in given]
    if function in _TYPES:
        found.append(Argument(Text(_TYPES[function], call.span), "type", call.span))
    return Call(name, tuple(found), call.span)


def _places(formula: Expr | None, *, timed: bool) -> list[Argument]:
    """`~ t | g` as `time = t, gr = g`; 1 is the order of the rows."""
    match None if formula is None else unparenthesised(formula):
        case None | Constant(None):
            return []
        case Tilde(None, Binary("|", time, group)):
            found = {"time": time, "gr": group}
        case Tilde(None, time):
            found = {"time": time}
        case other:
            message = f"the times and groups are a formula, as in `~ t | g`, and not `{deparse(other)}`"
            raise FormulaSyntaxError(message, other.span)
    said = {name: value for name, value in found.items() if name == "gr" or (timed and value != Number(1.0))}
    return [Argument(value, name, value.span) for name, value in said.items()]
