"""A smooth in equations: a sum of functions of its inputs, and how their coefficients are distributed."""

from __future__ import annotations

from collections.abc import Iterator

from tildemc.spec.terms.smooth import Smooth
from tildemc.targets.latex.expression import expression, listed, word
from tildemc.targets.latex.symbols import Equation, Symbol

__all__ = ["SmoothNotation"]


class SmoothNotation:
    r"""The symbols of one penalised part: f of the inputs, its coefficients s, and their sd \sigma.

    Attributes
    ----------
    sd : Symbol
    """

    def __init__(self, smooth: Smooth, above: str) -> None:
        self.smooth = smooth
        name = word(smooth.called)
        self.function, self.coefficient = Symbol("f", above, (name,)), Symbol("s", above, (name,))
        self.sd = Symbol(r"\sigma", above, (name,))

    def term(self) -> str:
        """What it adds to the predictor of row i."""
        inputs = listed([expression(column.value) for column in self.smooth.inputs])
        value = f"{self.function}({inputs})"
        by = self.smooth.by
        return value if by is None else rf"{expression(by.value)}\,{value}"

    def equations(self) -> Iterator[Equation]:
        """The function, and its coefficients."""
        at = self.coefficient.at("k")
        terms = rf"\sum_{{k=1}}^{{{self.smooth.width}}} {at}\,b_k(x)"
        yield Equation(f"{self.function}(x)", "=", terms)
        yield Equation(str(at), r"\sim", rf"\mathrm{{N}}(0, {self.sd}^2)")
