"""The text of one prior in, its PriorStatement out: `sd(county) ~ exponential(1)`."""

from __future__ import annotations

from lark import Token, Tree

from tildemc.errors import FormulaSyntaxError
from tildemc.span import Span
from tildemc.syntax.expression import Piece, place, read
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, PriorStatement, Text, deparse

__all__ = ["parse_prior"]

# The only distribution that has no arguments may also be named alone.
_BARE = {"flat", "Flat"}

# What a label may consist of without parentheses around it: `recipeB:temp`, `ordered(temp)^4`.
_IN_LABELS = (":", "^")


def parse_prior(text: str) -> PriorStatement:
    """The prior that `text` writes.

    Parameters
    ----------
    text : str
        `target ~ distribution(arguments)`. The target is a parameter, which may say which terms it is about, as in
        `b(floor)`; or a coefficient's label, `floor`; or a quantity as summaries name it, `sd_county[floor]`.

    Raises
    ------
    FormulaSyntaxError
        The text is no prior; the message says where, and what would be one.
    """
    target, _tilde, distribution, *rest = read("prior", text)
    assert isinstance(target, Tree) and isinstance(distribution, Tree), "rules of the grammar"
    name, about, target_span = _target(text, target)
    family, arguments = _taken_apart(distribution)
    distribution_span = _whole(text, distribution)
    if arguments is None and family not in _BARE:
        message = f"the arguments of `{family}` are missing; write them in parentheses, as in `normal(0, 1)`"
        raise FormulaSyntaxError(message, distribution_span)
    where = next((place(text, token) for token in rest if isinstance(token, Token) and token.type == "PLACE"), None)
    return PriorStatement(
        target=name,
        target_arguments=about,
        distribution=family,
        arguments=arguments or (),
        span=target_span.join(distribution_span if where is None else where),
        target_span=target_span,
        distribution_span=distribution_span,
        at_means=where is not None,
    )


def _target(text: str, part: Tree[Piece]) -> tuple[str, tuple[Expr, ...] | None, Span]:
    """The name, and what stands in its parentheses; a label as it is written."""
    (written,) = part.children
    assert not isinstance(written, Tree | Argument), "a name or an expression"
    span = place(text, written)
    match written:
        case Token():
            return str(written), None, span
        case Name(label) | Text(label):
            return label, None, span
        case Call(function, arguments) if all(argument.name is None for argument in arguments):
            return function, _about(arguments, span), span
        case Call():
            return deparse(written), None, span
        case Binary(operator) if operator in _IN_LABELS:
            return deparse(written), None, span
        case Binary():
            message = "name one parameter per prior; what a prior is about stands in parentheses, as in `b(x)`"
            raise FormulaSyntaxError(message, span)
        case _:
            pass
    message = f"a prior begins with the name of a parameter, as in `b ~ normal(0, 1)`, not with `{span}`"
    raise FormulaSyntaxError(message, span)


def _about(arguments: tuple[Argument, ...], span: Span) -> tuple[Expr, ...]:
    if not arguments:
        message = "the parentheses are empty; name a term there, as in `b(x)`, or leave them out"
        raise FormulaSyntaxError(message, span)
    return tuple(argument.value for argument in arguments)


def _taken_apart(part: Tree[Piece]) -> tuple[str, tuple[Argument, ...] | None]:
    """`name` and what stands in its parentheses, None without them."""
    name, *rest = part.children
    return str(name), tuple(piece for piece in rest if isinstance(piece, Argument)) if rest else None


def _whole(text: str, part: Tree[Piece]) -> Span:
    first, last = part.children[0], part.children[-1]
    assert isinstance(first, Token) and isinstance(last, Token), "a name, or a name and its parentheses"
    return place(text, first).join(place(text, last))
