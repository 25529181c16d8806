"""Right sides of formulas as some R functions write them in, and as lme4 does out."""

from __future__ import annotations

from tildemc.errors import UnsupportedError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rcall.bars import terms_of
from tildemc.syntax.rewrite import summands, total
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Parens, deparse, spine

__all__ = ["absorbed", "strata"]


def strata(right: Expr) -> Expr:
    """`x + Error(g)` of `aov()` as `x + (1 | g)`: `Error(g/(a*b))` has the strata g, g:a, g:b and g:a:b."""
    parts: list[Expr] = []
    for part in summands(right):
        match part:
            case Call("Error", (Argument(given, None),), span):
                groups = [group for term in summands(given) for group in _nested(term)]
                parts += [Parens(Binary("|", Number(1.0, span), group, span), span) for group in groups]
            case _:
                parts.append(part)
    return total(parts)


def _nested(term: Expr) -> list[Expr]:
    """The strata of `g`, `g:a` and `g/(a*b)`."""
    match unparenthesised(term):
        case Binary("/", outer, inner):
            outers = _nested(outer)
            _, within = terms_of(inner)
            return [*outers, *(_within(outers[-1], one) for one in within)]
        case other:
            _, found = terms_of(other)
            return found


def _within(outer: Expr, inner: Expr) -> Expr:
    first, nodes = spine(inner, ":")
    found = outer
    for part in (first, *(node.right for node in nodes)):
        found = Binary(":", found, part, inner.span)
    return found


def absorbed(right: Expr) -> Expr:
    """`x | g + h` of fixest as `x + factor(g) + factor(h)`; `g^h` is each combination.

    Raises
    ------
    UnsupportedError
        For slopes by level and instruments, with the place in the text.
    """
    match unparenthesised(right):
        case Binary("|", Binary("|"), instruments):
            message = "instruments need a second equation: `brm(bf(y ~ x) + bf(x ~ z) + set_rescor(TRUE))`"
            raise UnsupportedError(message, instruments.span)
        case Binary("|", mean, levels):
            return total([*summands(mean), *map(_levels, summands(levels))])
        case other:
            return other


def _levels(part: Expr) -> Expr:
    first, nodes = spine(unparenthesised(part), "^")
    names = [first, *(node.right for node in nodes)]
    if not all(isinstance(name, Name) for name in names):
        message = f"`{deparse(part)}` is not read: behind the bar stand columns, `g`, or combinations of them, `g^h`"
        raise UnsupportedError(message, part.span)
    function = "interaction" if nodes else "factor"
    return Call(function, tuple(Argument(name, None, name.span) for name in names), part.span)
