"""What to say of a name in an R call that stands for something which the text does not hold."""

from __future__ import annotations

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.tree import Call, Expr, Name, deparse

__all__ = ["unbound"]


def unbound(expr: Expr, example: str) -> FormulaSyntaxError | None:
    """That a name is to be bound in the text, as in `pr <- prior(normal(0, 1), class = b)`; None for what is no name.

    Parameters
    ----------
    expr : Expr
        A name, or an element of one, as `links[i]`.
    example : str
        What it could be.
    """
    match expr:
        case Name(name):
            message = f"`{name}` is not bound in the text: bind it there, as in `{name} <- {example}`"
        case Call("[" | "[[" | "$"):
            message = f"`{deparse(expr)}` is not known here: write what it holds, as in `{example}`"
        case _:
            return None
    return FormulaSyntaxError(message, expr.span)
