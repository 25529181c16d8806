"""What to say of a name in an R call that stands for something which the text does not hold, and what may stand in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.tree import Call, Expr, Name, deparse

__all__ = ["NOTHING_STANDS", "PRIORS_STAND", "is_unbound", "unbound"]

NOTHING_STANDS: Mapping[str, str] = MappingProxyType({})
PRIORS_STAND: Mapping[str, str] = MappingProxyType({"priors": "given"})
"""What a person gives beside the text."""


def unbound(expr: Expr, argument: str, example: str) -> FormulaSyntaxError | None:
    """That a name is to be bound in the text, as in `pr <- prior(normal(0, 1), class = b)`; None for what is no name.

    Parameters
    ----------
    expr : Expr
        A name, or an element of one, as `links[i]`.
    argument : str
        The call's argument that it is.
    example : str
        What it could be.
    """
    beside = ", or give `priors=` beside the text" if argument.startswith("prior") else ""
    match expr:
        case Name(name):
            message = (
                f"`{name}` is not bound in the text: bind what `{argument} =` is there, as in `{name} <- {example}`"
            )
        case Call("[" | "[[" | "$"):
            message = f"`{deparse(expr)}` is not known here: write what `{argument} =` is, as in `{example}`"
        case _:
            return None
    return FormulaSyntaxError(f"{message}{beside}", expr.span)


def is_unbound(expr: Expr) -> bool:
    """Whether it is a name that the text does not bind, or an element of what such a name holds."""
    return unbound(expr, "", "") is not None
