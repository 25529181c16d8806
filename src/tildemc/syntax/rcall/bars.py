"""Group terms as R's packages read them: lme4's `||`, nlme's `random =`."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError
from tildemc.limits import allowed, too_many
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rewrite import summands, total
from tildemc.syntax.structures import STRUCTURES, group_term
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Name,
    Number,
    Parens,
    Tilde,
    Unary,
    deparse,
    spine,
)

__all__ = ["random_terms", "split_bars", "terms_of"]


def split_bars(right: Expr) -> Expr:
    """lme4's reading of `(1 + x | | g)`: `(1 | g) + (0 + x | g)`, term by term, so that a factor's levels correlate."""
    parts: list[Expr] = []
    for part in summands(right):
        inner = unparenthesised(part)
        match part, inner:
            case Parens(), Binary("||", left, factor, span) if not _is_bar(left):
                parts += _split(left, factor, span)
            case _:
                parts.append(part)
    return total(parts)


def _is_bar(expr: Expr) -> bool:
    return isinstance(expr, Binary) and expr.operator in ("|", "||")


def _split(left: Expr, factor: Expr, span: Span | None) -> list[Expr]:
    intercept, terms = terms_of(left)
    groups: list[Expr] = [Parens(Binary("|", Number(1.0, span), factor, span), span)] if intercept else []
    for term in terms:
        inner = Binary("+", Number(0.0, term.span), term, term.span)
        groups.append(Parens(Binary("|", inner, factor, span), span))
    if not groups:
        raise SemanticError("this group term has no effects: write at least `(1 | …)`", span)
    return groups


def terms_of(left: Expr) -> tuple[bool, list[Expr]]:
    """Whether there is an intercept, and the terms of a sum with `*` worked out."""
    intercept = True
    found: dict[str, Expr] = {}
    for part in _signed(left):
        match part:
            case Unary("-", Number(value)):
                intercept = value == 0
            case Number(value):
                intercept = value == 1
            case Unary("-", taken):
                found.pop(deparse(taken), None)
            case _:
                found.update({deparse(term): term for term in _crossed(part)})
    return intercept, list(found.values())


def _signed(expr: Expr) -> list[Expr]:
    """The summands, those after a minus under one."""
    parts: list[Expr] = []
    while True:
        match expr:
            case Binary("+", left, right):
                parts += reversed(_signed(right)) if isinstance(unparenthesised(right), Binary) else [right]
                expr = left
            case Binary("-", left, right, span):
                parts.append(Unary("-", right, span))
                expr = left
            case Parens(Binary("+" | "-") as inner):
                expr = inner
            case _:
                return [expr, *reversed(parts)]


def _crossed(expr: Expr) -> list[Expr]:
    """The terms that `a`, `a:b`, `a * b` and sums in parentheses add up."""
    first, nodes = spine(expr, ("*", ":", "/", "^", "%in%"))
    found: list[Expr] = [first]
    if isinstance(first, Parens):
        found = [term for part in _signed(first.inner) for term in _crossed(part)]
    for node in nodes:
        if node.operator not in "*:":
            raise UnsupportedError("write these terms out, joined by `+`", expr.span)
        right = _crossed(node.right)
        if len(found) * len(right) > allowed().terms:
            raise SemanticError(too_many("this sum", "terms"), node.span)
        both: list[Expr] = [Binary(":", one, other, node.span) for one in found for other in right]
        found = both if node.operator == ":" else [*found, *right, *both]
    return found


# nlme

_STRUCTURES = {name: structure for structure, record in STRUCTURES.items() for name in record.nlme}


def random_terms(random: Expr, doubled: bool = False, groups: Expr | None = None) -> list[Expr]:
    """The group terms of `random = ~ 1 + x | g` or `list(a = ~ 1, b = pdDiag(~ x))`, nested from left to right.

    Parameters
    ----------
    random : Expr
    doubled : bool
        Whether `~ x || g` is of uncorrelated effects; nlme knows no such bar.
    groups : Expr, optional
        What the data bring along as their groups, for a formula that names none.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    match unparenthesised(random):
        case Tilde(None, Binary("|" | "||" as bar, left, factor), span) if bar == "|" or doubled:
            return [Parens(Binary(bar, left, factor, span), span)]
        case Call("list", arguments, span) if arguments and all(argument.name for argument in arguments):
            found: list[Expr] = []
            factor_so_far: Expr | None = None
            for argument in arguments:
                name = Name(argument.name or "", argument.span)
                factor_so_far = name if factor_so_far is None else Binary(":", factor_so_far, name, argument.span)
                found += _level(argument.value, factor_so_far, argument.span)
            return found
        case Call("reStruct", (first, *_)):
            return random_terms(first.value, doubled, groups)
        case Tilde(None) | Call() as effects if groups is not None:
            return _level(effects, groups, effects.span)
        case Tilde(span=span) | Call(span=span):
            message = "the groups come from the data object, R's groupedData, which no data here have: name them, "
            raise FormulaSyntaxError(f"{message}`random = ~ 1 + x | g` or `random = list(g = ~ x)`", span)
        case other:
            raise FormulaSyntaxError("`random` is a formula, as in `random = ~ 1 + x | g`", other.span)


def _form(arguments: Sequence[Argument]) -> Tilde | None:
    """`~ x` of `pdDiag(~ x)` or `pdDiag(value = m, form = ~ x)`, whose value is where R starts."""
    return next((argument.value for argument in arguments if isinstance(argument.value, Tilde)), None)


def _level(value: Expr, factor: Expr, span: Span | None) -> list[Expr]:
    match unparenthesised(value):
        case Tilde(None, right):
            return [Parens(Binary("|", right, factor, span), span)]
        case Call(name, arguments) if name in _STRUCTURES and (form := _form(arguments)) is not None:
            return [group_term(_STRUCTURES[name], form.right, factor, span)]
        case Call("pdBlocked", (Argument(Call("list", blocks)), *_)):
            return [term for block in blocks for term in _level(block.value, factor, block.value.span)]
        case Constant(None) | Number(1.0):
            return [Parens(Binary("|", Number(1.0, span), factor, span), span)]
        case other:
            known = ", ".join((*_STRUCTURES, "pdBlocked"))
            raise FormulaSyntaxError(f"a level is a formula such as `~ x`, or one within {known}", other.span)
