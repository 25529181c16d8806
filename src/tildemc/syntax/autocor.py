"""brms's `autocor = ~ ar(t, g)`, of `brm()` or `bf()`, in; out, the terms of the mean that say the same."""

from __future__ import annotations

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.residuals import is_residuals
from tildemc.syntax.rewrite import summands
from tildemc.syntax.tree import Constant, Expr, Tilde

__all__ = ["autocorrelations"]


def autocorrelations(value: Expr) -> list[Expr]:
    """The terms that say how residuals go together.

    Raises
    ------
    FormulaSyntaxError
        With the place in the text.
    """
    match unparenthesised(value):
        case Constant(None):
            return []
        case Tilde(None, right) if all(map(is_residuals, summands(right))):
            return summands(right)
        case other:
            message = "`autocor` is a formula of terms like `ar()`, as in `autocor = ~ ar(t, g)`"
            raise FormulaSyntaxError(message, other.span)
