"""The text of a model in, its Formula out: lme4's and brms's ways to write, several statements, `bf(...)`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import assert_never

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.autocor import autocorrelations
from tildemc.syntax.expression import expr_of, parse_expression, place, read, unparenthesised, walk
from tildemc.syntax.family import FamilyName, family_in
from tildemc.syntax.responses import response_within
from tildemc.syntax.rewrite import number_of, summands, total
from tildemc.syntax.several import BF, called, said_of_each
from tildemc.syntax.structures import KNOWN, MEANT, STRUCTURES, UNBUILT
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Fixed,
    Formula,
    Modifier,
    Name,
    Number,
    Parens,
    Predictor,
    Tilde,
)

__all__ = ["formula_of", "parse_expression", "parse_formula", "parse_one_sided", "response_of"]

# glmmTMB and lme4 >= 2 have functions of `a | b`; before any other name `(a | b)` lacks its `+`.
_OF_BARS = UNBUILT.union(STRUCTURES, [KNOWN])


@lru_cache(maxsize=64)
def parse_formula(text: str) -> Formula:
    """The model that `text` writes.

    Parameters
    ----------
    text : str
        `response ~ terms`, then further statements `parameter ~ terms`, each on its own line or after `;`; or brms's
        `bf(response ~ terms, parameter ~ terms)`.

    Raises
    ------
    FormulaSyntaxError
        The text is no formula; the message says where, and what would be one.
    UnsupportedError
        brms would take it, and it is not built here.
    """
    return formula_of(map(expr_of, read("formula", text)), text)


def parse_one_sided(text: str) -> Expr:
    """The terms of `~ terms`."""
    match parse_expression(text):
        case Tilde(None, right):
            return right
        case Tilde() as whole:
            raise FormulaSyntaxError("nothing can stand on the left of `~` here", whole.span)
        case other:
            raise FormulaSyntaxError("`~` is missing; write `~` before the terms", other.span)


def formula_of(
    statements: Iterable[Expr],
    text: str,
    family: Callable[[Expr], FamilyName] = family_in,
    *,
    alone: bool = False,
) -> Formula:
    """The formula that the trees of its statements make, for any front end that has read them from `text`.

    Parameters
    ----------
    statements : iterable of Expr
    text : str
    family : callable
        What the family of one response says.
    alone : bool
        Whether that may stand in the formula where there is one response.
    """
    statements = tuple(statements)
    each, whole = said_of_each(statements)
    formulas: list[Formula] = []
    for said in each:
        if said.family is not None and len(each) == 1 and not alone:
            raise _family_apart(unparenthesised(statements[0]), said.family)
        own = None if said.family is None else str(family(unparenthesised(said.family)))
        formulas.append(replace(_formula(said.statements, text), family=own))
    mecor = whole.mecor is not False
    return replace(formulas[0], others=tuple(formulas[1:]), rescor=whole.rescor, correlated_measured=mecor)


def _family_apart(statement: Expr, family: Expr) -> UnsupportedError:
    """What to say of a family that stands in the formula of the only response."""
    within = [a for a in (statement.arguments if isinstance(statement, Call) else ()) if a.name == "family"]
    if within:
        return UnsupportedError("the family is named apart from the formula; leave `family` out here", within[0].span)
    message = "only `lf(...)`, `nlf(...)`, `set_nl()` and `set_mecor()` can be added to `bf(...)`; write what belongs "
    message += "to the formula inside it, as in `bf(y ~ x, sigma ~ z)`, and name the family apart from the formula"
    return UnsupportedError(message, family.span)


def _formula(statements: Sequence[Expr], text: str) -> Formula:
    """The formula of one response."""
    said = [part for statement in statements for part in _unwrapped(statement)]
    main, *others = said
    first = main.statement
    curve = main.curve or any(called(statement, ("set_nl",)) for statement in statements)
    match first:
        case Tilde(None, _):
            message = "a response is needed on the left of `~`, as in `y ~ x`"
            raise FormulaSyntaxError(message, first.span)
        case Tilde(Tilde()):
            message = "a statement has one `~`; put a second statement on a line of its own or after `;`"
            raise FormulaSyntaxError(message, first.span)
        case Tilde(left, right) if left is not None:
            response, modifiers = response_of(left)
        case _:
            message = "a formula needs `~` between its response and its predictors, as in `y ~ x`"
            raise FormulaSyntaxError(message, first.span)
    predictors = {"mu": Predictor("mu", right, first.span, curve, main.cell_means)}
    for other in others:
        for predictor in _predictors(other.statement, predictors):
            own = replace(predictor, curve=other.curve, cell_means=other.cell_means)
            predictors[predictor.parameter] = own
    for side in (left, *(predictor.right for predictor in predictors.values())):
        _check_side(side)
    fixed = _fixed(statements)
    for given in fixed:
        if given.parameter in predictors:
            raise FormulaSyntaxError(f"`{given.parameter}` is modelled already, and cannot be a number", given.span)
    return Formula(response, tuple(predictors.values()), modifiers, fixed, text)


def _fixed(statements: Iterable[Expr]) -> tuple[Fixed, ...]:
    """The numbers that `bf(…, quantile = 0.9)` has."""
    given = (s.arguments for s in statements if isinstance(s, Call) and called(s, BF))
    found: dict[str, Fixed] = {}
    for argument in (a for arguments in given for a in arguments if a.name is not None):
        value = number_of(argument.value)
        if value is None or argument.name is None:
            continue
        if argument.name in found:
            raise FormulaSyntaxError(f"`{argument.name}` is given twice", argument.span)
        found[argument.name] = Fixed(argument.name, value, argument.span)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Said:
    """A statement, whether its right side is arithmetic, and whether factors in it may have a mean for each cell."""

    statement: Expr
    curve: bool = False
    cell_means: bool = True


def _unwrapped(statement: Expr) -> list[_Said]:
    """The statements inside `bf(...)`, `nlf(...)` or `lf(...)`, or `statement` itself."""
    match statement:
        case Call(_, arguments) if called(statement, BF):
            said = {a.name: a for a in arguments if a.name in _BESIDE}
            kept = [a for a in arguments if a.name not in said and (a.name is None or number_of(a.value) is None)]
            found = [one for argument in kept for one in _unwrapped(_argument(argument))]
            if not found:
                raise FormulaSyntaxError("`bf()` needs a formula, as in `bf(y ~ x)`", statement.span)
            main, *others = found
            together = autocorrelations(said["autocor"].value) if "autocor" in said else []
            curve = main.curve or ("nl" in said and _is_true(said["nl"]))
            # brms takes it for the first formula alone.
            cells = "cmc" not in said or _is_true(said["cmc"])
            return [replace(main, statement=_with(main.statement, together), curve=curve, cell_means=cells), *others]
        case Call(_, arguments) if called(statement, ("nlf", "lf")):
            said = {a.name: a for a in arguments if a.name in _BESIDE}
            cells, curve = "cmc" not in said or _is_true(said["cmc"]), called(statement, ("nlf",))
            return [_Said(_argument(a), curve, cells) for a in arguments if a.name not in said]
        case Call() if called(statement, ("set_nl",)):
            return []
        case _:
            return [_Said(statement)]


_BESIDE = ("nl", "autocor", "loop", "cmc")
"""What `bf()` is told beside formulas; `loop` says how Stan computes."""


def _with(statement: Expr, terms: list[Expr]) -> Expr:
    """A formula with terms added to its right side."""
    if not terms or not isinstance(statement, Tilde):
        return statement
    return replace(statement, right=total([statement.right, *terms]))


def _is_true(argument: Argument) -> bool:
    match argument.value:
        case Constant(bool(value)):
            return value
        case _:
            raise FormulaSyntaxError(f"`{argument.name}` is TRUE or FALSE", argument.span)


def _argument(argument: Argument) -> Expr:
    match argument:
        case Argument(value, None):
            return value
        case Argument(value, "formula"):
            return value
        case Argument(_, name):
            message = (
                f"`{name}` is not supported in `bf(...)`; leave it out, and write predictors as `parameter ~ terms`"
            )
        case never:
            assert_never(never)
    raise UnsupportedError(message, argument.span)


def response_of(left: Expr) -> tuple[Expr, tuple[Modifier, ...]]:
    """`y` and `weights(w)`, `trials(n)` of `y | weights(w) + trials(n)`."""
    match left:
        case Binary("||"):
            raise FormulaSyntaxError("write one `|` between the response and what is known about it", left.span)
        case Binary("|", Binary("|" | "||"), right):
            message = "join what is known about the response with `+`, as in `y | trials(n) + weights(w)`"
            raise FormulaSyntaxError(message, right.span)
        case Binary("|", response, right):
            inner, within = response_within(response)
            return inner, (*within, *(_modifier(part) for part in summands(right)))
        case _:
            return response_within(left)


def _modifier(part: Expr) -> Modifier:
    match part:
        case Call(function, arguments, span):
            return Modifier(function, arguments, span)
        case _:
            message = "after `|` on the left of `~` stand functions, as in `y | trials(n) + weights(w)`"
            raise FormulaSyntaxError(message, part.span)


def _predictors(statement: Expr, earlier: Collection[str]) -> list[Predictor]:
    """`sigma ~ x`; `a + b ~ x` says the same of each."""
    match statement:
        case Tilde(Name() | Binary("+") as left, right) if all(isinstance(part, Name) for part in summands(left)):
            names = [part for part in summands(left) if isinstance(part, Name)]
            for number, name in enumerate(names):
                _check_new(name.text, name.span, {*earlier, *(other.text for other in names[:number])})
            return [Predictor(name.text, right, statement.span) for name in names]
        case Tilde(None, _):
            message = "after the first statement, a parameter is needed on the left of `~`, as in `sigma ~ x`"
        case Tilde():
            message = "after the first statement, a parameter's name alone stands on the left of `~`, as in `sigma ~ x`"
        case _:
            message = "every statement needs `~`; write `parameter ~ terms`, as in `sigma ~ x`"
    place_of = statement.left if isinstance(statement, Tilde) and statement.left is not None else statement
    raise FormulaSyntaxError(message, place_of.span)


def _check_new(parameter: str, span: Span | None, earlier: Collection[str]) -> None:
    if parameter == "mu":
        message = "the first statement has the predictors of `mu` already; write them there"
        raise FormulaSyntaxError(message, span)
    if parameter in earlier:
        message = f"`{parameter}` has two statements; join their terms with `+` in one"
        raise FormulaSyntaxError(message, span)


def _check_side(side: Expr) -> None:
    """No second `~`, and no `x (1 | g)`, which reads as a call of `x`."""
    for node in walk(side):
        match node:
            case Call(function, (Argument(Binary("|" | "||")), *_), span) if _structure_meant(function) is not None:
                meant = f"write `{_structure_meant(function)}(…)`; there are {', '.join(STRUCTURES)}"
                raise FormulaSyntaxError(f"there is no covariance structure `{function}`: {meant}", span)
            case Call(function, (Argument(Binary("|" | "||") as bar, None),), span) if function not in _OF_BARS:
                if _looks_like_group(node, bar):
                    group = str(bar.span)
                    message = f"`+` is missing between `{function}` and `({group})`; write `{function} + ({group})`"
                    raise FormulaSyntaxError(message, span)
            case Parens(Tilde(span=span)):
                raise FormulaSyntaxError("a statement has one `~`, and none in parentheses", span)
            case _:
                pass


def _structure_meant(function: str) -> str | None:
    """The structure that a function's name stands for elsewhere."""
    return MEANT.get(function) or MEANT.get(function.lower())


def _looks_like_group(call: Call, bar: Binary) -> bool:
    """Whether `name(left | right)` is a group term that lost its `+`: a space before it, or an intercept in it."""
    span = place("", call)
    spaced = span.text[span.start + len(call.function)].isspace()
    first = summands(bar.left)[0]
    return spaced or (isinstance(first, Number) and first.value in (0, 1))
