"""R's self-starting models (`SSlogis` and kin) as the arithmetic that they are.

Each is written as R's help has it (R Core Team, package stats, `?selfStart` and the pages of the models).
"""

from __future__ import annotations

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.expression import parse_expression
from tildemc.syntax.matching import Signature
from tildemc.syntax.rewrite import moved, rewritten
from tildemc.syntax.tree import Call, Expr, Name, Parens

__all__ = ["SELF_STARTING", "written_out"]

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


def _arithmetic(expr: Expr) -> Expr | None:
    match expr:
        case Call(function, arguments, span) if function in SELF_STARTING:
            listed, text = SELF_STARTING[function]
            names = tuple(listed.split(", "))
            given = Signature(function, names, error=FormulaSyntaxError).match(arguments, span)
            missing = [name for name in names if name not in given]
            if missing:
                raise FormulaSyntaxError(f"`{function}({listed})` lacks `{missing[0]}` here", span)
            values = {name: argument.value for name, argument in given.items()}
            return rewritten(moved(parse_expression(text), span), lambda part: _given(part, values))
        case _:
            return None


def _given(part: Expr, values: dict[str, Expr]) -> Expr | None:
    """What stands for an argument, in parentheses unless it is a name."""
    if not isinstance(part, Name):
        return None
    value = values[part.text]
    return value if isinstance(value, Name) else Parens(value, value.span)
