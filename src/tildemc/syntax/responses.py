"""What Bambi writes around a response, `p(s, n) ~ x`, as what stands beside it here: `s | trials(n) ~ x`."""

from __future__ import annotations

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.matching import Signature
from tildemc.syntax.tree import Argument, Call, Expr, Modifier

__all__ = ["response_within"]

_TRIALS = ("trials", ("successes", "n"), ("n",))
_LIMITS = ("trunc", ("x", "lb", "ub"), ("lb", "ub"))
_AROUND: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "p": _TRIALS,
    "prop": _TRIALS,
    "proportion": _TRIALS,
    "weighted": ("weights", ("x", "weights"), ("weights",)),
    "truncated": _LIMITS,
    "constrained": _LIMITS,
}
"""What each is here, what it calls its arguments, the response first, and those that stand beside it."""


def response_within(left: Expr) -> tuple[Expr, tuple[Modifier, ...]]:
    """The response, and what a function around it says of it.

    Raises
    ------
    FormulaSyntaxError
        If the function lacks an argument.
    """
    match left:
        case Call("censored", arguments, span):
            names = ("lower", "upper", "status") if len(arguments) > 2 else ("x", "status")
            found = Signature("censored", names, names, error=FormulaSyntaxError).match(arguments, span)
            others = [found["status"].value, *([found["upper"].value] if "upper" in found else [])]
            return found[names[0]].value, (Modifier("cens", tuple(Argument(o, None, o.span) for o in others), span),)
        case Call(function, arguments, span) if function in _AROUND:
            name, known, beside = _AROUND[function]
            needed = known[:1] if len(beside) > 1 else known
            found = Signature(function, known, needed, error=FormulaSyntaxError).match(arguments, span)
            response = found.pop(known[0]).value
            if not found:
                raise FormulaSyntaxError(f"`{function}()` needs {' or '.join(f'`{b}`' for b in beside)}", span)
            return response, (Modifier(name, tuple(_beside(found[b], b, beside) for b in beside if b in found), span),)
        case _:
            return left, ()


def _beside(argument: Argument, name: str, beside: tuple[str, ...]) -> Argument:
    """The argument as the modifier has it: by name where there are several."""
    return Argument(argument.value, name if len(beside) > 1 else None, argument.value.span)
