"""Prior statements -> the Prior of each parameter: overrides addressed by path, the most specific first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tildemc.errors import PriorError, nearest
from tildemc.model.expr import Const
from tildemc.model.priors import (
    DISTRIBUTIONS,
    POSITIVE,
    PYMC_SPELLINGS,
    Prior,
    Support,
    restricted,
)
from tildemc.syntax import tree
from tildemc.syntax.tree import PriorStatement, deparse, spine

__all__ = ["Overrides", "read_prior"]

Path = tuple[str, ...]
"""`(parameter, class, label, …)`: `("mu", "sd", "county", "floor")`; the parameter's own prior is `("sigma",)`."""


@dataclass
class Overrides:
    """What a person said of the priors, asked parameter by parameter while a model is lowered.

    Parameters
    ----------
    statements : sequence of PriorStatement
    parameters : sequence of str
        The parameters of the family: `mu`, `sigma`, …
    """

    statements: Sequence[PriorStatement]
    parameters: Sequence[str]
    known: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_path: dict[Path, tuple[PriorStatement, bool]] = {}
        self._used: set[Path] = set()
        for statement in self.statements:
            path, on_variance = self._path(statement)
            if path in self._by_path:
                raise PriorError("this parameter's prior is stated twice", statement.span)
            self._by_path[path] = (statement, on_variance)

    def prior(self, paths: Sequence[Path], default: Prior, support: Support, shown: str) -> tuple[Prior, bool]:
        """The first of `paths` that was stated, else `default`; and whether it was stated.

        Parameters
        ----------
        paths : sequence of Path
            From the most specific to the most general.
        default : Prior
        support : Support
            The values the parameter may take.
        shown : str
            How a person addresses the parameter.
        """
        self.known.setdefault(shown)
        found = [path for path in paths if path in self._by_path]
        self._used.update(found)
        if not found:
            return default, False
        statement, on_variance = self._by_path[found[0]]
        return read_prior(statement, support, on_variance=on_variance), True

    def finish(self) -> None:
        """Refuse statements that no parameter took.

        Raises
        ------
        PriorError
        """
        for path, (statement, _) in self._by_path.items():
            if path not in self._used:
                shown = str(statement.target_span) if statement.target_span else statement.target
                targets = list(self.known)
                listed = ", ".join(targets[:12]) + (" …" if len(targets) > 12 else "")
                raise PriorError(
                    f"the model has no parameter `{shown}`; it has {listed}{nearest(shown, targets)}",
                    statement.target_span,
                )

    def _path(self, statement: PriorStatement) -> tuple[Path, bool]:
        labels = tuple(_label(argument) for argument in statement.target_arguments or ())
        owner, dot, kind = statement.target.rpartition(".")
        if not dot or owner not in self.parameters:
            owner, kind = "mu", statement.target
        if kind == "var":
            if len(labels) == 1 and labels[0] in self.parameters and labels[0] != "mu":
                return (labels[0],), True
            return (owner, "sd", *labels), True
        if kind in self.parameters and owner == "mu":
            if labels:
                raise PriorError(f"`{kind}` takes nothing in parentheses", statement.target_span)
            return (kind,), False
        if kind in ("Intercept", "b", "sd", "cor"):
            return (owner, kind, *labels), False
        known = ["Intercept", "b", "sd", "var", "cor", *(p for p in self.parameters if p != "mu")]
        raise PriorError(
            f"priors of this family are stated of {', '.join(known)}; "
            f"there is no `{statement.target}`{nearest(kind, known)}",
            statement.target_span,
        )


def _label(argument: tree.Expr) -> str:
    match argument:
        case tree.Text(value):
            return value
        case tree.Name(text):
            return text
    return deparse(argument)


def read_prior(statement: PriorStatement, support: Support, *, on_variance: bool = False) -> Prior:
    """The density that a statement names, on a parameter with this support.

    Raises
    ------
    PriorError
        If there is no such density, its arguments do not fit, or it reaches outside of the support.
    """
    name, arguments, half = _named(statement)
    distribution = DISTRIBUTIONS[name]
    for argument, value in zip(distribution.arguments, arguments, strict=True):
        if argument in distribution.positive and not value > 0:
            raise PriorError(f"`{argument}` of {name} must be greater than 0, not {value:g}", statement.span)
    if name == "uniform" and not arguments[0] < arguments[1]:
        raise PriorError("a uniform prior's lower end must be below its upper end", statement.span)
    text = str(statement.span) if statement.span else None
    prior = Prior(distribution, tuple(Const(v) for v in arguments), on_variance=on_variance, stated=text)
    return _fitted(prior, support, statement, half)


def _fitted(prior: Prior, support: Support, statement: PriorStatement, half: bool) -> Prior:
    """`prior` cut to `support`, if it can be."""
    distribution = prior.distribution
    if distribution.support.matrix != support.matrix:
        hint = "correlations take lkj, as in `cor ~ lkj(2)`" if support.matrix else "lkj is for correlations, `cor`"
        raise PriorError(f"{distribution.name} is a density on {distribution.support}: {hint}", statement.span)
    if distribution.name == "uniform" and (prior.values[0] < support.lower or prior.values[1] > support.upper):
        raise PriorError(
            f"this prior reaches from {prior.values[0]:g} to {prior.values[1]:g}, "
            f"but `{statement.target_span}` takes {support}",
            statement.span,
        )
    if half:
        return restricted(prior, POSITIVE)
    if support.matrix or distribution.name == "uniform" or distribution.support.lower >= support.lower:
        return prior
    return restricted(prior, support)


def _named(statement: PriorStatement) -> tuple[str, tuple[float, ...], bool]:
    """A statement's density by Stan's name, its arguments in Stan's order, and whether it is a half density."""
    name = statement.distribution
    if name in DISTRIBUTIONS:
        record = DISTRIBUTIONS[name]
        return name, _bound(statement, record.arguments, {}), False
    whole = DISTRIBUTIONS.get(name.removeprefix("half_"))
    if whole is not None and whole.half is not None:
        record = whole
        names = tuple(a for a in record.arguments if a != record.location)
        return record.name, _with_location(record.name, _bound(statement, names, {})), True
    if name in PYMC_SPELLINGS:
        spelling = PYMC_SPELLINGS[name]
        values = _bound(statement, spelling.arguments, spelling.defaults)
        return spelling.distribution, _with_location(spelling.distribution, values), spelling.half
    known = [*DISTRIBUTIONS, *PYMC_SPELLINGS]
    raise PriorError(
        f"there is no density `{name}`; there are {', '.join(known)}{nearest(name, known)}",
        statement.distribution_span,
    )


def _with_location(name: str, values: tuple[float, ...]) -> tuple[float, ...]:
    """`values` with the location 0 put in, if a half density left it out."""
    record = DISTRIBUTIONS[name]
    if len(values) == len(record.arguments) or record.location is None:
        return values
    where = record.arguments.index(record.location)
    return (*values[:where], 0.0, *values[where:])


def _bound(statement: PriorStatement, names: tuple[str, ...], defaults: dict[str, float]) -> tuple[float, ...]:
    """A statement's arguments as numbers in the order of `names`."""
    signature = f"{statement.distribution}({', '.join(names)})"
    given: dict[str, float] = {}
    free = [name for name in names if name not in {a.name for a in statement.arguments}]
    for argument in statement.arguments:
        if argument.name is None and not free:
            raise PriorError(f"`{signature}` takes {_number_of(names)}", argument.span or statement.span)
        name = argument.name if argument.name is not None else free.pop(0)
        if name not in names:
            raise PriorError(f"`{signature}` has no argument `{name}`", argument.span or statement.span)
        given[name] = _number(argument.value)
    missing = [name for name in names if name not in given and name not in defaults]
    if missing:
        raise PriorError(f"`{signature}` needs `{missing[0]}`", statement.span)
    return tuple(given.get(name, defaults.get(name, math.nan)) for name in names)


def _number_of(names: Iterable[str]) -> str:
    count = len(tuple(names))
    return "no arguments" if count == 0 else "one argument" if count == 1 else f"{count} arguments"


_FUNCTIONS = {"sqrt": math.sqrt, "log": math.log, "exp": math.exp}
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
            return _calculated(expr, _FUNCTIONS[function], _number(inner))
    raise PriorError(f"a prior's arguments are numbers, not `{deparse(expr)}`", expr.span)


def _calculated(expr: tree.Expr, function: Callable[..., float], *values: float) -> float:
    try:
        return float(function(*values))
    except OverflowError:
        reason = "it is too large"
    except (ArithmeticError, ValueError) as error:
        reason = str(error)
    except TypeError:
        reason = "it is complex"
    raise PriorError(f"`{deparse(expr)}` is not a number: {reason}", expr.span)
