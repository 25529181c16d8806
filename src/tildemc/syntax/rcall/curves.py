"""nlme's non-linear calls, `nlme()` and `gnls()`: a formula for the mean, and sums of terms for its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rcall.bars import random_terms
from tildemc.syntax.rcall.selfstart import written_out
from tildemc.syntax.rewrite import rewritten, summands, total
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Name,
    Number,
    Parens,
    PriorStatement,
    Tilde,
    Unary,
)

__all__ = ["curve_statements", "start_priors"]

_WIDE = 2.5
"""How many times its own size a starting value's prior is wide."""


def curve_statements(given: Mapping[str, Expr], fixed: str, call: Call) -> list[Expr]:
    """The statements of brms's `bf(…, nl = TRUE)` that say the same.

    Parameters
    ----------
    given : mapping
        The arguments by name: `model`, `fixed` or `params`, `random`.
    fixed : str
        What the function calls the argument with the parameters' own formulas.
    call : Call

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    model = unparenthesised(given["model"])
    if not isinstance(model, Tilde) or model.left is None:
        raise FormulaSyntaxError(f"`{call.function}()` needs its formula here, as in `y ~ a * exp(-b * x)`", model.span)
    if fixed not in given:
        message = f"`{fixed}` is missing, which says what the formula's parameters are: `{fixed} = a + b ~ 1`"
        raise FormulaSyntaxError(message, call.span)
    sums = {name.text: (name, right) for name, right in _sums(given[fixed], fixed)}
    effects: dict[str, list[Expr]] = {}
    for name, term in _effects(given, call.span):
        if name.text not in sums:
            raise FormulaSyntaxError(f"`{name.text}` has no formula in `{fixed}`", name.span)
        effects.setdefault(name.text, []).append(term)
    curve = Argument(Tilde(model.left, written_out(model.right), model.span))
    own = (
        Argument(Tilde(name, total([right, *effects.get(name.text, [])]), right.span)) for name, right in sums.values()
    )
    return [Call("bf", (curve, *own, Argument(Constant(True), "nl")), model.span)]


def _sums(value: Expr, argument: str) -> Iterator[tuple[Name, Expr]]:
    """Each parameter with the sum of terms that it has."""
    match unparenthesised(value):
        case Call("list" | "c", arguments):
            for one in arguments:
                yield from _sums(one.value, argument)
        case Tilde(Name() | Binary("+") as left, right) if all(isinstance(part, Name) for part in summands(left)):
            yield from ((part, right) for part in summands(left) if isinstance(part, Name))
        case other:
            message = f"`{argument}` is a formula for each parameter: `a + b ~ 1`, or `list(a ~ x, b ~ 1)`"
            raise FormulaSyntaxError(message, other.span)


def _effects(given: Mapping[str, Expr], span: Span | None) -> Iterator[tuple[Name, Expr]]:
    """Each parameter that varies, with a group term."""
    random = given.get("random")
    if random is None or random == Constant(None):
        return
    sides: list[Sequence[Name]] = []

    def plain(expr: Expr) -> Expr | None:
        """`~ 1 | g` of `a + b ~ 1 | g`, with the left side kept."""
        match expr:
            case Tilde(left, right, place) if left is not None:
                sides.append([part for part in summands(left) if isinstance(part, Name)])
                return Tilde(None, right, place)
            case _:
                return None

    value = unparenthesised(random)
    groups = given.get("groups")
    if isinstance(groups, Tilde) and isinstance(groups.right, Name) and groups.left is None:
        value = Call("list", (Argument(value, groups.right.text, value.span),), value.span)
    terms = random_terms(rewritten(value, plain))
    if len(sides) != len(terms) or not all(sides):
        message = "`random` says which parameters vary, as in `random = a + b ~ 1 | g`"
        raise FormulaSyntaxError(message, value.span)
    for number, (names, term) in enumerate(zip(sides, terms, strict=True), start=1):
        for name in names:
            yield name, term if len(names) == 1 else _shared(term, f"random{number}", span)


def _shared(term: Expr, identity: str, span: Span | None) -> Expr:
    """A group term whose effects are correlated with those of other parameters: `(1 | ID | g)`."""
    match term:
        case Parens(Binary("|" as bar, left, factor, place)):
            return Parens(Binary(bar, Binary(bar, left, Name(identity, place), place), factor, place), place)
        case Parens(Binary("||", left, factor, place)):
            return Parens(Binary("|", left, factor, place), place)
        case _:
            message = "this covariance of several parameters' effects is not built; `pdDiag()` and none are"
            raise UnsupportedError(message, term.span or span)


def start_priors(given: Mapping[str, Expr], fixed: str, notes: list[str]) -> list[PriorStatement]:
    """A wide prior about each starting value, where one number for each parameter is given: there is no default."""
    if fixed not in given or "start" not in given:
        return []
    sums = [*_sums(given[fixed], fixed)]
    start = unparenthesised(given["start"])
    values = [*_numbers(start)]
    if len(values) != len(sums) or any(right != Number(1.0) for _, right in sums):
        return []
    by_name = {name: value for name, value in values if name is not None}
    statements: list[PriorStatement] = []
    for (parameter, _), (_, value) in zip(sums, values, strict=True):
        own = by_name.get(parameter.text, value)
        arguments = Argument(_number(own)), Argument(_number(_WIDE * (abs(own) or 1.0)))
        target = f"{parameter.text}.b"
        statements.append(PriorStatement(target, None, "normal", arguments, start.span, start.span, start.span))
    told = ", ".join(f"`{parameter.text}`" for parameter, _ in sums)
    notes.append(f"{told} have priors about their starting values; state others if you know more")
    return statements


def _number(value: float) -> Expr:
    return Unary("-", Number(-value)) if value < 0 else Number(value)


def _numbers(start: Expr) -> Iterator[tuple[str | None, float]]:
    """The numbers of `c(a = 1, b = -2)`, `list(…)`, or of `list(fixed = c(…))`."""
    match start:
        case Call("list", (Argument(Call("c") as inner, "fixed"), *_)):
            yield from _numbers(inner)
        case Call("c" | "list", arguments):
            for argument in arguments:
                match argument.value:
                    case Number(value):
                        yield argument.name, value
                    case Unary("-", Number(value)):
                        yield argument.name, -value
                    case _:
                        pass
        case _:
            pass
