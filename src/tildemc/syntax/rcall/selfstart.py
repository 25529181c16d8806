"""R's self-starting models (`SSlogis` and kin) as the arithmetic that they are.

Each is written as R's help has it (R Core Team, package stats, `?selfStart` and the pages of the models).
"""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.errors import FormulaSyntaxError
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression
from tildemc.syntax.matching import Signature
from tildemc.syntax.rewrite import moved, rewritten
from tildemc.syntax.tree import Argument, Call, Expr, Name, Parens

__all__ = ["SELF_STARTING", "own_parameters", "written_out"]

SELF_STARTING = {
    "SSasymp": ("input, Asym, R0, lrc", "Asym + (R0 - Asym) * exp(-exp(lrc) * input)"),
    "SSasympOff": ("input, Asym, lrc, c0", "Asym * (1 - exp(-exp(lrc) * (input - c0)))"),
    "SSasympOrig": ("input, Asym, lrc", "Asym * (1 - exp(-exp(lrc) * input))"),
    "SSbiexp": ("input, A1, lrc1, A2, lrc2", "A1 * exp(-exp(lrc1) * input) + A2 * exp(-exp(lrc2) * input)"),
    "SSfol": (
        "Dose, input, lKe, lKa, lCl",
        "Dose * exp(lKe + lKa - lCl) * (exp(-exp(lKe) * input) - exp(-exp(lKa) * input)) / (exp(lKa) - exp(lKe))",
    ),
    "SSfpl": ("input, A, B, xmid, scal", "A + (B - A) / (1 + exp((xmid - input) / scal))"),
    "SSgompertz": ("x, Asym, b2, b3", "Asym * exp(-b2 * b3^x)"),
    "SSlogis": ("input, Asym, xmid, scal", "Asym / (1 + exp((xmid - input) / scal))"),
    "SSmicmen": ("input, Vm, K", "Vm * input / (K + input)"),
    "SSweibull": ("x, Asym, Drop, lrc, pwr", "Asym - Drop * exp(-exp(lrc) * x^pwr)"),
}
"""For each its arguments, and what it comes to."""


def written_out(expr: Expr) -> Expr:
    """An expression with self-starting models written out.

    Raises
    ------
    FormulaSyntaxError
        If the arguments of one are not its own.
    """
    return rewritten(expr, _arithmetic)


def own_parameters(expr: Expr) -> list[Name] | None:
    """The names that a self-starting model's parameters have in a formula that is one; None for any other."""
    match expr:
        case Call(function, arguments, span) if function in SELF_STARTING:
            given = _arguments(function, arguments, span)
            own = (argument.value for name, argument in given.items() if name not in _INPUTS)
            return [value for value in own if isinstance(value, Name)]
        case _:
            return None


_INPUTS = {"input", "x", "Dose"}


def _arguments(function: str, arguments: Sequence[Argument], span: Span | None) -> dict[str, Argument]:
    listed, _ = SELF_STARTING[function]
    names = tuple(listed.split(", "))
    given = Signature(function, names, error=FormulaSyntaxError).match(arguments, span)
    missing = [name for name in names if name not in given]
    if missing:
        raise FormulaSyntaxError(f"`{function}({listed})` lacks `{missing[0]}` here", span)
    return given


def _arithmetic(expr: Expr) -> Expr | None:
    match expr:
        case Call(function, arguments, span) if function in SELF_STARTING:
            _, text = SELF_STARTING[function]
            values = {name: argument.value for name, argument in _arguments(function, arguments, span).items()}
            return rewritten(moved(parse_expression(text), span), lambda part: _given(part, values))
        case _:
            return None


def _given(part: Expr, values: dict[str, Expr]) -> Expr | None:
    """What stands for an argument, in parentheses unless it is a name."""
    if not isinstance(part, Name):
        return None
    value = values[part.text]
    return value if isinstance(value, Name) else Parens(value, value.span)
