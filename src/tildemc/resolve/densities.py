"""The density that a prior statement names, its arguments and bounds -> the Prior of a target."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from tildemc.errors import PriorError, nearest
from tildemc.resolve.priorvalues import flag, for_one, value_of
from tildemc.spec.densities import DISTRIBUTIONS, SPELLINGS, Distribution
from tildemc.spec.expr import Const, Expr, Var, walk
from tildemc.spec.priors import AT_MEANS, Prior, restricted, s_x, s_y
from tildemc.spec.support import POSITIVE, Support, number
from tildemc.spec.terms.address import Target
from tildemc.syntax import tree
from tildemc.syntax.matching import Signature
from tildemc.syntax.tree import Argument, PriorStatement

__all__ = ["read_prior"]

_MOST = 8
"""Densities that a message lists."""

ONE = (0, 1)
"""The only one."""


def read_prior(
    statement: PriorStatement,
    target: Target,
    *,
    on_variance: bool = False,
    place: tuple[int, int] = ONE,
    quantities: Collection[str] = (),
) -> Prior:
    """The density that a statement names, on a target.

    Parameters
    ----------
    statement : PriorStatement
    target : Target
    on_variance : bool
    place : (int, int)
        Which of the parameters that the statement names the target is, and how many these are.
    quantities : collection of str
        What arguments may be arithmetic of.

    Raises
    ------
    PriorError
        If there is no such density, its arguments or bounds do not fit, or it reaches outside of the support.
    """
    statement, autoscale = _autoscaled(for_one(statement, place))
    density = _named(statement, quantities)
    distribution, arguments = DISTRIBUTIONS[density.name], density.values
    given = distribution.arguments * len(arguments) if distribution.several else distribution.arguments
    for argument, value in zip(given, arguments, strict=True):
        if isinstance(value, Const) and argument in distribution.positive and not float(value.value) > 0:
            raise PriorError(
                f"`{argument}` of {density.name} must be greater than 0, not {float(value.value):g}", statement.span
            )
    _check_made(density, target, statement, on_variance=on_variance)
    if distribution.ends is not None:
        first, last = (density.number(end) for end in distribution.ends)
        if not first < last:
            raise PriorError(f"a {density.name} prior's lower end must be below its upper end", statement.span)
    if distribution.point and on_variance:
        arguments, on_variance = (Const(math.sqrt(density.number("value"))),), False
    if autoscale:
        arguments = _scaled(density, target, statement)
    if statement.at_means and target.kind != "Intercept":
        raise PriorError(f"only an intercept has a prior {AT_MEANS}", statement.span)
    if distribution.several and target.support.shares:
        arguments = _for_each(arguments, target, statement)
    prior = Prior(
        distribution,
        arguments,
        on_variance=on_variance,
        # Without predictors there are no means: the default says whether there are.
        at_means=statement.at_means and target.prior.at_means,
        stated=str(statement.span) if statement.span else None,
    )
    return _pointed(prior, target, statement) if distribution.point else _fitted(prior, target, statement, density)


def _autoscaled(statement: PriorStatement) -> tuple[PriorStatement, bool]:
    """The statement without `autoscale = TRUE`, and whether that stood there."""
    own = tuple(argument for argument in statement.arguments if argument.name != "autoscale")
    said = [argument for argument in statement.arguments if argument.name == "autoscale"]
    if len(said) > 1:
        raise PriorError("`autoscale` stands twice", said[1].span or statement.span)
    return replace(statement, arguments=own), any(flag(argument) for argument in said)


def _scaled(density: _Density, target: Target, statement: PriorStatement) -> tuple[Expr, ...]:
    """The arguments in units of the data, as rstanarm has them: of the response's sd over the column's.

    The response counts where the default's does: for what is on its scale.
    """
    record = DISTRIBUTIONS[density.name]
    if not record.unit:
        raise PriorError(f"{density.name} has no scale that the data's could multiply", statement.span)
    of_response = any(part == s_y for argument in target.prior.arguments for part in walk(argument))
    factor = (s_y if of_response else Const(1.0)) / s_x
    arguments = dict(zip(record.arguments, density.values, strict=True))
    own = arguments[record.unit]
    arguments[record.unit] = own / factor if record.rate else own * factor
    return tuple(arguments.values())


def _check_made(density: _Density, target: Target, statement: PriorStatement, *, on_variance: bool) -> None:
    """Whether what the arguments are arithmetic of may be estimated."""
    record = DISTRIBUTIONS[density.name]
    moving = [name for name, value in zip(record.arguments, density.values, strict=False) if not _is_number(value)]
    if not moving and not record.point:
        return
    if not target.made:
        raise PriorError(f"the prior of `{target.address}` is a density with numbers for arguments", statement.span)
    if record.point:
        return
    fixed = [name for name in moving if name not in (record.location, record.unit)]
    if fixed:
        able = ", ".join(f"`{name}`" for name in (record.location, record.unit) if name)
        what = f"only {able} may be estimated" if able else "which has to be a number"
        raise PriorError(f"`{fixed[0]}` of {density.name} follows another quantity: {what}", statement.span)
    if on_variance:
        raise PriorError("a prior whose arguments are estimated is of an sd, not of a variance", statement.span)


def _pointed(prior: Prior, target: Target, statement: PriorStatement) -> Prior:
    """A number, or what others come to, in the place of a parameter."""
    (value,) = prior.arguments
    support = target.support
    if isinstance(value, Const) and not support.lower < float(value.value) < support.upper:
        raise PriorError(f"`{target.address}` is one of {support}, not {number(float(value.value))}", statement.span)
    return prior


def _is_number(value: Expr) -> bool:
    return not any(isinstance(part, Var) for part in walk(value))


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
    if prior.follows and prior.truncated:
        message = f"a density whose arguments are estimated is cut off nowhere but at 0, and centred there: {prior}"
        raise PriorError(message, statement.span)
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
    values: tuple[Expr, ...]
    bounds: Support
    half: bool = False

    def number(self, argument: str) -> float:
        """An argument that is one."""
        value = self.values[DISTRIBUTIONS[self.name].arguments.index(argument)]
        assert isinstance(value, Const), value
        return float(value.value)


def _named(statement: PriorStatement, quantities: Collection[str]) -> _Density:
    """The density that a statement names."""
    name = statement.distribution
    record = SPELLINGS[name].distribution if name in SPELLINGS else name
    if record in DISTRIBUTIONS and DISTRIBUTIONS[record].several:
        own, bounds = _apart(statement, ())
        return _Density(record, _listed(statement, own), bounds)
    if name in DISTRIBUTIONS:
        own, bounds = _apart(statement, DISTRIBUTIONS[name].arguments)
        return _Density(name, _bound(statement, own, DISTRIBUTIONS[name].arguments, {}, quantities), bounds)
    whole = DISTRIBUTIONS.get(name.removeprefix("half_"))
    if whole is not None and whole.half is not None:
        return _half(statement, whole, quantities)
    if name in SPELLINGS:
        spelling = SPELLINGS[name]
        own, bounds = _apart(statement, spelling.arguments)
        values = _bound(statement, own, spelling.arguments, spelling.defaults, quantities)
        return _Density(spelling.distribution, _with_location(spelling.distribution, values), bounds, spelling.half)
    # A close name says enough; all names are more than a screen shows in one sentence.
    known = ", ".join([*DISTRIBUTIONS][:_MOST])
    close = nearest(name, [*DISTRIBUTIONS, *SPELLINGS]) or f"; there are {known} …, docs/priors.md has all"
    raise PriorError(f"there is no density `{name}`{close}", statement.distribution_span)


def _listed(statement: PriorStatement, arguments: tuple[Argument, ...]) -> tuple[Expr, ...]:
    """The numbers of `dirichlet(2, 3)`, or of `dirichlet(c(2, 3))`."""
    if len(arguments) == 1 and isinstance(inner := arguments[0].value, tree.Call) and inner.function == "c":
        arguments = inner.arguments
    for argument in arguments:
        if argument.name is not None and len(arguments) > 1:
            raise PriorError(f"`{statement.distribution}()` takes numbers, without names", argument.span)
    if not arguments:
        raise PriorError(f"`{statement.distribution}()` takes a number, or one for each share", statement.span)
    return tuple(value_of(argument.value) for argument in arguments)


def _for_each(values: tuple[Expr, ...], target: Target, statement: PriorStatement) -> tuple[Expr, ...]:
    """One number for each of several, the same one if there is but one."""
    if len(values) not in (1, target.size):
        message = f"`{target.address}` are {target.size} shares, and {statement.distribution} has {len(values)} numbers"
        raise PriorError(message, statement.span)
    return values if len(values) == target.size else values * target.size


def _half(statement: PriorStatement, whole: Distribution, quantities: Collection[str]) -> _Density:
    """`half_normal(2)`, or `half_normal(0, 2)` as it is printed."""
    own, bounds = _apart(statement, whole.arguments)
    if len(own) == len(whole.arguments):
        values = _bound(statement, own, whole.arguments, {}, quantities)
        if whole.location is not None and values[whole.arguments.index(whole.location)] != Const(0.0):
            message = f"a half density is at 0: write `{whole.name}(…, lower = 0)` for one that is cut off elsewhere"
            raise PriorError(message, statement.span)
        return _Density(whole.name, values, bounds, half=True)
    names = tuple(a for a in whole.arguments if a != whole.location)
    values = _with_location(whole.name, _bound(statement, own, names, {}, quantities))
    return _Density(whole.name, values, bounds, half=True)


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
            bound = value_of(argument.value)
            assert isinstance(bound, Const), bound
            given[argument.name] = float(bound.value)
    found = Support(given.get("lower", -math.inf), given.get("upper", math.inf))
    if not found.lower < found.upper:
        raise PriorError("the lower bound must be below the upper bound", statement.span)
    return own, found


def _with_location(name: str, values: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """`values` with the location 0 put in, if a half density left it out."""
    record = DISTRIBUTIONS[name]
    if len(values) == len(record.arguments) or record.location is None:
        return values
    where = record.arguments.index(record.location)
    return (*values[:where], Const(0.0), *values[where:])


def _bound(
    statement: PriorStatement,
    arguments: tuple[Argument, ...],
    names: tuple[str, ...],
    defaults: Mapping[str, float],
    quantities: Collection[str],
) -> tuple[Expr, ...]:
    """Arguments of a statement as numbers, or arithmetic of quantities, in the order of `names`."""
    needed = tuple(name for name in names if name not in defaults)
    signature = Signature(statement.distribution, names, needed, error=PriorError)
    matched = signature.match(arguments, statement.span)
    given = {name: value_of(argument.value, quantities) for name, argument in matched.items()}
    return tuple(given[name] if name in given else Const(float(defaults[name])) for name in names)
