"""glmmTMB's `map = list(theta = factor(NA))` and `start` in, what they hold fixed out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rcall.unbound import unbound
from tildemc.syntax.residuals import bar_of
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Fixed,
    Name,
    Number,
    PriorStatement,
    Text,
    Unary,
    deparse,
)

__all__ = ["Held", "held"]


@dataclass(frozen=True, slots=True)
class Held:
    """What `map` holds at its starting values: parameters of the response, and sds of effects."""

    fixed: tuple[Fixed, ...] = ()
    priors: tuple[PriorStatement, ...] = ()


_SCALES: Mapping[str, Mapping[str, tuple[str, Callable[[float], float]]]] = {
    "betadisp": {
        "gaussian": ("sigma", exp),
        "negbinomial": ("shape", exp),
        "nbinom1": ("phi", exp),
        "beta": ("phi", exp),
    },
    "psi": {"tweedie": ("power", lambda value: 1 + 1 / (1 + exp(-value)))},
}
"""By glmmTMB's vector and the family, the parameter that it is of here, and its value."""
_OLDER = {"betad": "up to glmmTMB 1.1.8 of the log variance: write `betadisp`, of the log sd"}


def held(given: Mapping[str, Expr], family: str, groups: Sequence[Expr]) -> Held:
    """What `map` holds fixed.

    Parameters
    ----------
    given : mapping of str to Expr
        The call's arguments.
    family : str
        Without what is said of zeros.
    groups : sequence of Expr
        The summands of the mean's predictor, in glmmTMB's order.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    fixed: list[Fixed] = []
    priors: list[PriorStatement] = []
    starts = _listed(given.get("start"), "start")
    for name, value in _listed(given.get("map"), "map").items():
        places = _places(value)
        start = _numbers(starts[name]) if name in starts else [0.0] * len(places)
        if name == "theta":
            priors += _sds(groups, places, start, value)
        elif name in _SCALES and family in _SCALES[name] and places == [True]:
            parameter, scale = _SCALES[name][family]
            fixed.append(Fixed(parameter, _shortened(scale(start[0])), value.span))
        else:
            reason = _OLDER.get(name) or f"of a {family} model: hold a parameter by a prior, as in `x ~ constant(0)`"
            raise UnsupportedError(f"`{name}` is not read in `map`, {reason}", value.span)
    return Held(tuple(fixed), tuple(priors))


def _listed(value: Expr | None, what: str) -> dict[str, Expr]:
    match None if value is None else unparenthesised(value):
        case None | Constant(None):
            return {}
        case Call("list", arguments) if all(argument.name for argument in arguments):
            return {argument.name or "": unparenthesised(argument.value) for argument in arguments}
        case other:
            example = "list(theta = factor(NA))" if what == "map" else "list(theta = log(2))"
            message = f"`{what}` is a list, as in `{what} = {example}`"
            raise unbound(other, "map", example) or FormulaSyntaxError(message, other.span)


def _places(value: Expr) -> list[bool]:
    """Which elements `factor(c(NA, 1))` holds."""
    match value:
        case Call("factor" | "as.factor", (Argument(inner),)):
            parts = _elements(inner)
        case _:
            message = "`map` has factors, as in `theta = factor(c(NA, 1))`"
            raise unbound(value, "map", "factor(NA)") or FormulaSyntaxError(message, value.span)
    labels = [deparse(part) for part in parts if part != Name("NA")]
    if len(set(labels)) < len(labels) or any(isinstance(part, Call) for part in parts):
        message = f"`{deparse(value)}` makes parameters equal, which is not built: NA holds one at its starting value"
        raise UnsupportedError(message, value.span)
    return [part == Name("NA") for part in parts]


def _elements(expr: Expr) -> list[Expr]:
    """Those of `c(a, b)`, or the one."""
    match expr:
        case Call("c", arguments):
            return [argument.value for argument in arguments]
        case _:
            return [expr]


def _sds(groups: Sequence[Expr], places: Sequence[bool], start: Sequence[float], value: Expr) -> list[PriorStatement]:
    """The constant sds of group terms that are intercepts alone: `theta` has the log sd of each."""
    factors = [found[1] for part in groups if (found := bar_of(part)) is not None]
    if len(places) != len(factors) or not all(_is_intercept(bar) for bar in factors) or len(start) != len(places):
        message = "`theta` is read where each group term is an intercept, `(1 | g)`, and has an element for each: "
        raise UnsupportedError(f"{message}hold an sd by a prior, as in `sd(g, x) ~ constant(2)`", value.span)
    return [
        _constant(deparse(bar.right), _shortened(exp(number)), value.span)
        for bar, here, number in zip(factors, places, start, strict=True)
        if here
    ]


def _constant(factor: str, sd: float, span: Span | None) -> PriorStatement:
    number = Argument(Number(sd, span), None, span)
    return PriorStatement("sd", (Text(factor, span),), "constant", (number,), span, span, span)


def _shortened(value: float) -> float:
    """The number without the rounding of `exp(log(10))`."""
    return float(f"{value:.12g}")


def _is_intercept(bar: Binary) -> bool:
    return bar.left == Number(1.0) and not (isinstance(bar.right, Binary) and bar.right.operator != ":")


def _numbers(expr: Expr) -> list[float]:
    """The starting values of `c(log(2), 0)`."""
    return [_number(part) for part in _elements(expr)]


_FUNCTIONS: Mapping[str, Callable[[float], float]] = {"log": log, "exp": exp, "sqrt": sqrt}


def _number(expr: Expr) -> float:
    match unparenthesised(expr):
        case Number(value):
            return float(value)
        case Unary("-", operand):
            return -_number(operand)
        case Binary("*", left, right):
            return _number(left) * _number(right)
        case Binary("/", left, right) if (below := _number(right)) != 0:
            return _number(left) / below
        case Call(function, (Argument(inner),)) if function in _FUNCTIONS and (value := _number(inner)) > 0:
            return _FUNCTIONS[function](value)
        case other:
            hint = nearest(deparse(other), _FUNCTIONS)
            raise FormulaSyntaxError(f"a starting value is a number, as in `log(2)`{hint}", other.span)
