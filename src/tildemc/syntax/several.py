"""Several responses: `bf(…) + bf(…) + set_rescor(TRUE)`, `mvbf(…)`, `mvbind(a, b) ~ x`: what is said of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rewrite import summands
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Formula, Name, Parens, Text, Tilde, deparse

__all__ = [
    "ADDED", "BF", "Said", "Together", "called", "named", "of_response", "owned", "response_names", "said_of_each",
]  # fmt: skip

BF = ("bf", "brmsformula")
ADDED = ("nlf", "lf", "set_nl")
"""What brms adds to `bf(…)`: statements, that the first is arithmetic, and what is correlated."""
_TOGETHER = ("mvbf", "mvbrmsformula")
_BOUND = "mvbind"
_RESCOR, _MECOR = "set_rescor", "set_mecor"


@dataclass(frozen=True)
class Said:
    """What a text says of one response: its statements, and its family where that stands among them."""

    statements: tuple[Expr, ...]
    family: Expr | None = None


def called(expr: Expr, functions: Sequence[str]) -> bool:
    """Whether it is a call of one of these, with or without the package before it."""
    return isinstance(expr, Call) and expr.function.rpartition("::")[2] in functions


@dataclass(frozen=True)
class Together:
    """What is said of all responses, each None where nothing is.

    Attributes
    ----------
    rescor : bool or None
        Whether their residuals are correlated.
    mecor : bool or None
        Whether the true values of several variables that are measured with error are.
    """

    rescor: bool | None = None
    mecor: bool | None = None


def said_of_each(statements: Sequence[Expr]) -> tuple[tuple[Said, ...], Together]:
    """What is said of each response, and of all.

    Parameters
    ----------
    statements : sequence of Expr
        Those of a formula, the first that of the response.

    Raises
    ------
    FormulaSyntaxError
        With the place in the text.
    """
    first, *others = map(unparenthesised, statements)
    parts = [*_parts(first)]
    found: list[Said] = []
    whole = Together()
    for part in parts:
        if called(part, BF) or (part is first and not isinstance(part, Call)):
            found += _bound(Said((_without_family(part),), _family_in(part)))
        elif called(part, (_RESCOR,)):
            whole = replace(whole, rescor=_truth(part, _RESCOR))
        elif called(part, (_MECOR,)):
            whole = replace(whole, mecor=_truth(part, _MECOR))
        elif called(part, ADDED):
            found = _added(part, found)
        elif part is first:
            found += _bound(Said((part,)))
        elif not isinstance(part, Call):
            raise UnsupportedError("write what belongs to the formula inside `bf(...)`", part.span)
        else:
            # brms gives a family that is added to all responses before it.
            found = [replace(said, family=part) for said in found]
    if len(found) > 1 and others:
        raise FormulaSyntaxError("what is said of one of several responses stands within its `bf()`", others[0].span)
    if len(found) == 1:
        if whole.rescor is not None:
            raise FormulaSyntaxError("`set_rescor()` is of the residuals of several responses", first.span)
        found = [replace(found[0], statements=(*found[0].statements, *others))]
    return tuple(found), whole


def _parts(first: Expr) -> Iterator[Expr]:
    """The responses' formulas, and what is added to them."""
    parts = summands(first) if isinstance(first, Binary) and first.operator == "+" else [first]
    if len(parts) > 1 and not any(called(part, (*BF, *_TOGETHER)) for part in map(unparenthesised, parts)):
        yield first
        return
    for part in parts:
        inner = unparenthesised(part)
        if called(inner, _TOGETHER):
            assert isinstance(inner, Call)
            yield from _together(inner)
        elif isinstance(part, Parens) and isinstance(inner, Binary):
            yield from _parts(inner)
        else:
            yield inner


def _together(call: Call) -> Iterator[Expr]:
    """What `mvbf()` puts together."""
    for argument in call.arguments:
        match argument:
            case Argument(value, None):
                yield unparenthesised(value)
            case Argument(Call("list", listed), "flist"):
                yield from (unparenthesised(one.value) for one in listed)
            case Argument(value, "rescor"):
                yield Call(_RESCOR, (Argument(value),), argument.span)
            case _:
                message = f"`{call.function}()` takes formulas and `rescor`, and no `{argument.name}`"
                raise FormulaSyntaxError(message, argument.span)


def _family_in(part: Expr) -> Expr | None:
    """The family among the arguments of `bf()`."""
    given = part.arguments if isinstance(part, Call) else ()
    return next((a.value for a in given if a.name == "family" and a.value != Constant(None)), None)


def _without_family(part: Expr) -> Expr:
    if not isinstance(part, Call):
        return part
    return replace(part, arguments=tuple(a for a in part.arguments if a.name != "family"))


def _added(part: Expr, found: list[Said]) -> list[Said]:
    """The same with `lf()`, `nlf()` or `set_nl()` added to one response: that of `resp`, or the only one."""
    assert isinstance(part, Call)
    resp = next((a for a in part.arguments if a.name == "resp"), None)
    own = replace(part, arguments=tuple(a for a in part.arguments if a is not resp))
    names = [_name_of(said) for said in found]
    place = 0
    if resp is not None:
        match resp.value:
            case Text(name) | Name(name) if name in names:
                place = names.index(name)
            case other:
                message = f"`resp` is one of the responses before it, {', '.join(names)}"
                raise FormulaSyntaxError(message, other.span or resp.span)
    elif len(found) != 1:
        message = f"`{part.function}()` says which of several responses it is of: `resp = {names[-1]}`"
        raise FormulaSyntaxError(message, part.span)
    return [replace(said, statements=(*said.statements, own)) if k == place else said for k, said in enumerate(found)]


def _name_of(said: Said) -> str:
    """What brms calls a response."""
    first = said.statements[0]
    inner = unparenthesised(first.arguments[0].value) if isinstance(first, Call) and first.arguments else first
    left = inner.left if isinstance(inner, Tilde) else None
    while isinstance(left, Binary) and left.operator == "|":
        left = left.left
    return named(left) if left is not None else ""


def named(response: Expr) -> str:
    """What brms calls a response: its text without all that names in Stan may not have."""
    text = response.text if isinstance(response, Name) else deparse(response)
    return "".join(character for character in text if character.isalnum())


_KINDS = ("b", "Intercept", "sd", "sds", "sdgp", "lscale", "simo", "bs")
"""What is said of a parameter's predictor, and is no parameter itself."""


def owned(kind: str, parameter: str, response: str) -> str:
    """How a prior is addressed: of a parameter's predictor, of one of several responses; or of a parameter."""
    parameter = "" if parameter == "mu" else parameter
    if response:
        response = named(Name(response))
        if kind not in _KINDS:
            return f"{kind}_{response}"
        parameter = f"{parameter}_{response}" if parameter else response
    return f"{parameter}.{kind}" if parameter else kind


def of_response(parameter: str, responses: Collection[str]) -> tuple[str, str]:
    """The parameter of one response that `sigma_y1`, or `y1`, is; and the response, empty where it is none's."""
    if parameter in responses:
        return "", parameter
    before, _, response = parameter.rpartition("_")
    return (before, response) if response in responses else (parameter, "")


def response_names(formula: Formula) -> tuple[str, ...]:
    """What several responses are called; empty where there is one."""
    return tuple(named(own.response) for own in formula.each) if formula.others else ()


def _bound(said: Said) -> list[Said]:
    """One for each response that `mvbind()` binds together."""
    first, *others = said.statements
    match first:
        case Call(arguments=(Argument(Tilde(left, right, place), name, span), *more)) if called(first, BF):
            assert isinstance(first, Call)
            sides = _responses(left)
            return [
                Said((replace(first, arguments=(Argument(Tilde(side, right, place), name, span), *more)), *others),
                     said.family)
                for side in sides
            ]  # fmt: skip
        case Tilde(left, right, place) if left is not None and called(_response_in(left), (_BOUND,)):
            return [replace(said, statements=(Tilde(side, right, place), *others)) for side in _responses(left)]
        case _:
            return [said]


def _response_in(left: Expr) -> Expr:
    """The response of `y | weights(w)`."""
    return left.left if isinstance(left, Binary) and left.operator == "|" else left


def _responses(left: Expr | None) -> list[Expr | None]:
    """The responses of a left side, each with what is known beside all of them."""
    inner = None if left is None else _response_in(left)
    if not isinstance(inner, Call) or not called(inner, (_BOUND,)):
        return [left]
    if len(inner.arguments) < 2:
        raise FormulaSyntaxError(f"`{_BOUND}()` binds two responses or more", inner.span)
    each = [argument.value for argument in inner.arguments]
    return [replace(left, left=one) if isinstance(left, Binary) else one for one in each]


def _truth(part: Expr, function: str) -> bool:
    match part:
        case Call(arguments=()):
            return True
        case Call(arguments=(Argument(Constant(bool(value)), None | "rescor" | "mecor"),)):
            return value
        case _:
            raise FormulaSyntaxError(f"`{function}()` takes TRUE or FALSE", part.span)
