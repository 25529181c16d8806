"""brms's `autocor =`: a formula of `ar()` and its kin, or what older versions call these -> terms of the mean."""

from __future__ import annotations

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.residuals import is_residuals
from tildemc.syntax.rewrite import summands
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Number, Text, Tilde, deparse

__all__ = ["autocorrelations"]

_SERIES = {"cor_ar": "ar", "cor_ma": "ma", "cor_arma": "arma", "cor_cosy": "cosy"}
"""What was said of times and groups by a formula, and what says it now."""
_MATRICES = {
    "cor_fixed": ("fcor", None),
    "cor_errorsar": ("sar", "error"),
    "cor_lagsar": ("sar", "lag"),
    "cor_sar": ("sar", None),
}
"""What was said by a matrix, and the `type` that its name is of."""


def autocorrelations(value: Expr) -> list[Expr]:
    """The terms that say how residuals go together.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    match unparenthesised(value):
        case Constant(None):
            return []
        case Tilde(None, right) if all(map(is_residuals, summands(right))):
            return summands(right)
        case Call(name) as call if name.rpartition("::")[2] in _SERIES:
            return [_series(call, _SERIES[name.rpartition("::")[2]])]
        case Call(name, arguments, span) if name.rpartition("::")[2] in _MATRICES:
            called, kind = _MATRICES[name.rpartition("::")[2]]
            said = () if kind is None else (Argument(Text(kind, span), "type", span),)
            return [Call(called, (*arguments, *said), span)]
        case Call(name, span=span):
            known = ", ".join(f"`{known}`" for known in (*_SERIES, *_MATRICES))
            raise UnsupportedError(f"`{name}` is no autocorrelation here; there are {known}, and `~ ar(t, g)`", span)
        case other:
            message = "`autocor` is a formula of terms like `ar()`, as in `autocor = ~ ar(t, g)`"
            raise FormulaSyntaxError(f"{message}, and `{deparse(other)}` is none", other.span)


def _series(call: Call, name: str) -> Call:
    """`cor_ar(~ t | g, p = 1)` is `ar(t, g, p = 1)`."""
    formula: Expr | None = None
    others: list[Argument] = []
    for argument in call.arguments:
        if argument.name in ("formula", "form") or (argument.name is None and isinstance(argument.value, Tilde)):
            formula = argument.value
        else:
            others.append(argument)
    left: Expr = formula.right if isinstance(formula, Tilde) else Number(1.0)
    group: Expr | None = None
    match left:
        case Binary("|", time, group):
            left = time
        case _:
            pass
    given = () if left == Number(1.0) else (Argument(left, "time", left.span),)
    by = () if group is None else (Argument(group, "gr", group.span),)
    return Call(name, (*given, *by, *others), call.span)
