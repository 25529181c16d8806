"""The text of one prior in, its PriorStatement out: `sd(county) ~ exponential(1)`."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from tildemc.errors import FormulaSyntaxError
from tildemc.span import Span
from tildemc.syntax.expression import place, read
from tildemc.syntax.tree import PriorStatement

__all__ = ["parse_prior"]

# The only distribution that has no arguments may also be named alone.
_BARE = {"flat", "Flat"}


def parse_prior(text: str) -> PriorStatement:
    """The prior that `text` writes.

    Parameters
    ----------
    text : str
        `target ~ distribution(arguments)`; the target may say which terms it is about, as in `b(floor)`.

    Raises
    ------
    FormulaSyntaxError
        The text is no prior; the message says where, and what would be one.
    """
    target, _tilde, distribution = read("prior", text)
    name, about = _taken_apart(target)
    family, arguments = _taken_apart(distribution)
    target_span, distribution_span = _whole(text, target), _whole(text, distribution)
    if arguments is None and family not in _BARE:
        message = f"the arguments of `{family}` are missing; write them in parentheses, as in `normal(0, 1)`"
        raise FormulaSyntaxError(message, distribution_span)
    return PriorStatement(
        target=name,
        target_arguments=about,
        distribution=family,
        arguments=arguments or (),
        span=target_span.join(distribution_span),
        target_span=target_span,
        distribution_span=distribution_span,
    )


def _taken_apart(part: Tree[Any]) -> tuple[str, tuple[Any, ...] | None]:
    """`name` and what stands in its parentheses, None without them."""
    name, *rest = part.children
    return str(name), tuple(rest[1:-1]) if rest else None


def _whole(text: str, part: Tree[Any]) -> Span:
    first, last = part.children[0], part.children[-1]
    assert isinstance(first, Token) and isinstance(last, Token), "a name, or a name and its parentheses"
    return place(text, first).join(place(text, last))
