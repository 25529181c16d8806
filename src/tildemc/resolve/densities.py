"""The density that a prior statement names, its arguments and bounds -> the Prior of a target."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tildemc.errors import PriorError, nearest
from tildemc.spec.densities import DISTRIBUTIONS, SPELLINGS, Distribution
from tildemc.spec.expr import Const
from tildemc.spec.priors import AT_MEANS, Prior, restricted
from tildemc.spec.support import POSITIVE, Support, number
from tildemc.spec.terms.address import Target
from tildemc.spec.vocabulary import NUMPY
from tildemc.syntax import tree
from tildemc.syntax.matching import Signature
from tildemc.syntax.tree import Argument, PriorStatement, deparse, spine

__all__ = ["read_prior"]


def read_prior(statement: PriorStatement, target: Target, *, on_variance: bool = False) -> Prior:
    """The density that a statement names, on a target.

    Raises
    ------
    PriorError
        If there is no such density, its arguments or bounds do not fit, or it reaches outside of the support.
    """
    density = _named(statement)
    distribution, arguments = DISTRIBUTIONS[density.name], density.values
    given = distribution.arguments * len(arguments) if distribution.several else distribution.arguments
    for argument, value in zip(given, arguments, strict=True):
        if argument in distribution.positive and not value > 0:
            raise PriorError(f"`{argument}` of {density.name} must be greater than 0, not {value:g}", statement.span)
    if distribution.ends is not None:
        first, last = (arguments[distribution.arguments.index(end)] for end in distribution.ends)
        if not first < last:
            raise PriorError(f"a {density.name} prior's lower end must be below its upper end", statement.span)
    if statement.at_means and target.kind != "Intercept":
        raise PriorError(f"only an intercept has a prior {AT_MEANS}", statement.span)
    if distribution.several and target.support.shares:
        arguments = _for_each(arguments, target, statement)
    prior = Prior(
        distribution,
        tuple(Const(v) for v in arguments),
        on_variance=on_variance,
        # Without predictors there are no means: the default says whether there are.
        at_means=statement.at_means and target.prior.at_means,
        stated=str(statement.span) if statement.span else None,
    )
    return _fitted(prior, target, statement, density)


def _fitted(prior: Prior, target: Target, statement: PriorStatement, density: _Density) -> Prior:
    """`prior` cut to its target's support and to its own bounds, if it can be."""
    distribution, bounds, support = prior.distribution, density.bounds, target.support
    if distribution.support.shares != support.shares:
        hint = (
            f"`{target.address}` takes dirichlet, as in `{target.address} ~ dirichlet({', '.join('2' * target.size)})`"
        )
        hint = hint if support.shares else "dirichlet is for the shares of a mixture, `theta`"
        raise PriorError(f"{distribution.name} is a density on {distribution.support}: {hint}", statement.span)
    if distribution.support.matrix != support.matrix:
        hint = "correlations take lkj, as in `cor ~ lkj(2)`" if support.matrix else "lkj is for correlations, `cor`"
        if target.kind == "cor" and not support.matrix:
            hint = f"this is one correlation, a number in {support}, and takes a density of one, as uniform(0, 1)"
        raise PriorError(f"{distribution.name} is a density on {distribution.support}: {hint}", statement.span)
    if bounds != Support() and support.joint:
        what = "correlations" if support.matrix else "shares"
        raise PriorError(f"{what} take no bounds", statement.span)
    stated = bounds if distribution.ends is None else prior.support
    # A correlation is between -1 and 1, although those of many effects cannot all be near -1.
    widest = Support(-1.0, 1.0) if target.kind == "cor" else support
    if (stated.lower > -math.inf and stated.lower < widest.lower) or (
        stated.upper < math.inf and stated.upper > widest.upper
    ):
        raise PriorError(
            f"this prior reaches from {number(stated.lower)} to {number(stated.upper)}, "
            f"but `{statement.target_span}` takes {support}",
            statement.span,
        )
    for part in (support, bounds, *([POSITIVE] if density.half else [])):
        prior = restricted(prior, part)
    if not prior.support.lower < prior.support.upper:
        message = f"nothing is left of {distribution.name} between {number(bounds.lower)} and {number(bounds.upper)}"
        raise PriorError(message, statement.span)
    if not distribution.proper and prior.truncated:
        raise PriorError(f"a {distribution.name} prior takes two bounds, or `lower = 0`", statement.span)
    return prior


@dataclass(frozen=True, slots=True)
class _Density:
    """A density by Stan's name, with its arguments in Stan's order, and where it is cut off."""

    name: str
    values: tuple[float, ...]
    bounds: Support
    half: bool = False


def _named(statement: PriorStatement) -> _Density:
    """The density that a statement names."""
    name = statement.distribution
    record = SPELLINGS[name].distribution if name in SPELLINGS else name
    if record in DISTRIBUTIONS and DISTRIBUTIONS[record].several:
        own, bounds = _apart(statement, ())
        return _Density(record, _listed(statement, own), bounds)
    if name in DISTRIBUTIONS:
        own, bounds = _apart(statement, DISTRIBUTIONS[name].arguments)
        return _Density(name, _bound(statement, own, DISTRIBUTIONS[name].arguments, {}), bounds)
    whole = DISTRIBUTIONS.get(name.removeprefix("half_"))
    if whole is not None and whole.half is not None:
        return _half(statement, whole)
    if name in SPELLINGS:
        spelling = SPELLINGS[name]
        own, bounds = _apart(statement, spelling.arguments)
        values = _bound(statement, own, spelling.arguments, spelling.defaults)
        return _Density(spelling.distribution, _with_location(spelling.distribution, values), bounds, spelling.half)
    known = [*DISTRIBUTIONS, *SPELLINGS]
    raise PriorError(
        f"there is no density `{name}`; there are {', '.join(known)}{nearest(name, known)}",
        statement.distribution_span,
    )


def _listed(statement: PriorStatement, arguments: tuple[Argument, ...]) -> tuple[float, ...]:
    """The numbers of `dirichlet(2, 3)`, or of `dirichlet(c(2, 3))`."""
    if len(arguments) == 1 and isinstance(inner := arguments[0].value, tree.Call) and inner.function == "c":
        arguments = inner.arguments
    for argument in arguments:
        if argument.name is not None and len(arguments) > 1:
            raise PriorError(f"`{statement.distribution}()` takes numbers, without names", argument.span)
    if not arguments:
        raise PriorError(f"`{statement.distribution}()` takes a number, or one for each share", statement.span)
    return tuple(_number(argument.value) for argument in arguments)


def _for_each(values: tuple[float, ...], target: Target, statement: PriorStatement) -> tuple[float, ...]:
    """One number for each of several, the same one if there is but one."""
    if len(values) not in (1, target.size):
        message = f"`{target.address}` are {target.size} shares, and {statement.distribution} has {len(values)} numbers"
        raise PriorError(message, statement.span)
    return values if len(values) == target.size else values * target.size


def _half(statement: PriorStatement, whole: Distribution) -> _Density:
    """`half_normal(2)`, or `half_normal(0, 2)` as it is printed."""
    own, bounds = _apart(statement, whole.arguments)
    if len(own) == len(whole.arguments):
        values = _bound(statement, own, whole.arguments, {})
        if whole.location is not None and values[whole.arguments.index(whole.location)] != 0:
            message = f"a half density is at 0: write `{whole.name}(…, lower = 0)` for one that is cut off elsewhere"
            raise PriorError(message, statement.span)
        return _Density(whole.name, values, bounds, half=True)
    names = tuple(a for a in whole.arguments if a != whole.location)
    return _Density(whole.name, _with_location(whole.name, _bound(statement, own, names, {})), bounds, half=True)


def _apart(statement: PriorStatement, names: tuple[str, ...]) -> tuple[tuple[Argument, ...], Support]:
    """A density's own arguments, and the bounds; `lower` is a uniform's own, unless that has both by position."""
    positional = sum(argument.name is None for argument in statement.arguments)
    bounds = {"lower", "upper"} - (set(names) if positional < len(names) else set())
    own = tuple(argument for argument in statement.arguments if argument.name not in bounds)
    given: dict[str, float] = {}
    for argument in statement.arguments:
        if argument.name in bounds:
            if argument.name in given:
                raise PriorError(f"`{argument.name}` stands twice", argument.span or statement.span)
            given[argument.name] = _number(argument.value)
    found = Support(given.get("lower", -math.inf), given.get("upper", math.inf))
    if not found.lower < found.upper:
        raise PriorError("the lower bound must be below the upper bound", statement.span)
    return own, found


def _with_location(name: str, values: tuple[float, ...]) -> tuple[float, ...]:
    """`values` with the location 0 put in, if a half density left it out."""
    record = DISTRIBUTIONS[name]
    if len(values) == len(record.arguments) or record.location is None:
        return values
    where = record.arguments.index(record.location)
    return (*values[:where], 0.0, *values[where:])


def _bound(
    statement: PriorStatement, arguments: tuple[Argument, ...], names: tuple[str, ...], defaults: Mapping[str, float]
) -> tuple[float, ...]:
    """Arguments of a statement as numbers in the order of `names`."""
    needed = tuple(name for name in names if name not in defaults)
    signature = Signature(statement.distribution, names, needed, error=PriorError)
    matched = signature.match(arguments, statement.span)
    given = {name: _number(argument.value) for name, argument in matched.items()}
    return tuple(given[name] if name in given else defaults[name] for name in names)


_FUNCTIONS = ("sqrt", "log", "exp")
_BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
}


def _number(expr: tree.Expr) -> float:
    """A prior's argument: a number, or arithmetic on numbers."""
    first, nodes = spine(expr, _BINARY)
    found = _operand(first)
    for node in nodes:
        found = _calculated(node, _BINARY[node.operator], found, _number(node.right))
    return found


def _operand(expr: tree.Expr) -> float:
    match expr:
        case tree.Number(value):
            return float(value)
        case tree.Parens(inner) | tree.Unary("+", inner):
            return _number(inner)
        case tree.Unary("-", inner):
            return -_number(inner)
        case tree.Call(function, (tree.Argument(inner, None),)) if function in _FUNCTIONS:
            return _calculated(expr, NUMPY[function], _number(inner))
        case _:
            raise PriorError(f"a prior's arguments are numbers, not `{deparse(expr)}`", expr.span)


def _calculated(expr: tree.Expr, function: Callable[..., float], *values: float) -> float:
    try:
        with np.errstate(all="raise", under="ignore"):
            return float(function(*values))
    except OverflowError:
        reason = "it is too large"
    except (ArithmeticError, ValueError) as error:
        reason = str(error)
    except TypeError:
        reason = "it is complex"
    raise PriorError(f"`{deparse(expr)}` is not a number: {reason}", expr.span)
