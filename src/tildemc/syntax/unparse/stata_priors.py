"""Prior statements in, Stata's `prior({y:x}, normal(0, 100))` out: variances for sds, scales for rates."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from tildemc.syntax.tree import Binary, Call, Expr, Number, PriorStatement, Unary, deparse
from tildemc.syntax.unparse.stata_levels import Equation
from tildemc.syntax.unparse.text import unquoted

__all__ = ["stata_prior"]

_DENSITIES: dict[str, Callable[..., tuple[str, tuple[float, ...]]]] = {
    "normal": lambda m, s: ("normal", (m, s * s)),
    "student_t": lambda df, m, s: ("t", (m, s * s, df)),
    "lognormal": lambda m, s: ("lognormal", (m, s * s)),
    "gamma": lambda a, b: ("gamma", (a, 1 / b)),
    "inv_gamma": lambda a, b: ("igamma", (a, b)),
    "exponential": lambda b: ("exponential", (1 / b,)),
    "uniform": lambda a, b: ("uniform", (a, b)),
    "beta": lambda a, b: ("beta", (a, b)),
    "cauchy": lambda m, s: ("cauchy", (m, s)),
}


def stata_prior(
    prior: PriorStatement, response: str, terms: Collection[str], equations: Sequence[Equation]
) -> str | None:
    """A prior as `bayes:` writes it; None where the command, with these terms, has no such parameter or density."""
    labels = [unquoted(argument) for argument in prior.target_arguments or ()]
    parameter: str | None = None
    match prior.target, labels:
        case "b", [label] if label in terms:
            parameter = f"{response}:{label}"
        case "b", [label] if (found := re.fullmatch(r"factor\((\w+)\)(\d+)", label)) and f"i.{found[1]}" in terms:
            parameter = f"{response}:{found[2]}.{found[1]}"
        case "Intercept", [] if "_cons" in terms:
            parameter = f"{response}:_cons"
        case "var", ["sigma"]:
            parameter = f"e.{response}:sigma2"
        case "var", [group, *effect]:
            parameter = _variance(group, effect, equations)
        case _:
            pass
    # An argument that has a name is a bound, or out of its place.
    if parameter is None or prior.distribution not in _DENSITIES or any(a.name for a in prior.arguments):
        return None
    values = [_number(argument.value) for argument in prior.arguments]
    if None in values:
        return None
    try:
        name, numbers = _DENSITIES[prior.distribution](*values)
    except (TypeError, ArithmeticError):
        return None
    return f"prior({{{parameter}}}, {name}({', '.join(deparse(Number(number)) for number in numbers)}))"


def _variance(group: str, effect: list[str], equations: Sequence[Equation]) -> str | None:
    same = [e for e in equations if ":".join(e.factor) == group]
    alone = [e for e in equations if len(e.factor) == len(group.split(":"))]
    if len(same) != 1 or len(alone) != 1:
        return None
    equation = same[0]
    depth = "U" * len(equation.factor)
    if (not effect and equation.effects == 1 and "noconstant" not in equation.options) or effect == ["Intercept"]:
        return f"{depth}0:sigma2"
    wanted = effect[0] if effect else ""
    if wanted in equation.terms:
        return f"{depth}{equation.terms.index(wanted) + 1}:sigma2"
    return f"{depth}1:sigma2" if not effect and equation.effects == 1 else None


def _number(expr: Expr) -> float | None:
    match expr:
        case Number(value):
            return value
        case Unary("-", Number(value)):
            return -value
        case Call("sqrt", (argument,)) if isinstance(argument.value, Number):
            return float(argument.value.value**0.5)
        case Binary("/", Number(over), Number(under)) if under:
            return over / under
        case _:
            return None
