"""Smooths and Gaussian processes in equations: functions of their inputs, and how these are distributed."""

from __future__ import annotations

from collections.abc import Iterator

from tildemc.spec.priors import Prior
from tildemc.spec.terms.process import KERNELS, GaussianProcess
from tildemc.spec.terms.smooth import Smooth
from tildemc.targets.latex.expression import expression, listed, word
from tildemc.targets.latex.symbols import Equation, Symbol

__all__ = ["ProcessNotation", "SmoothNotation"]


class _Notation:
    r"""The symbols of functions that are added up: f of the inputs."""

    def __init__(self, functions: Smooth | GaussianProcess, above: str) -> None:
        self.functions = functions
        self.name = word(functions.called)
        self.function = Symbol("f", above, (self.name,))

    def term(self) -> str:
        """What it adds to the predictor of row i."""
        inputs = listed([expression(column.value) for column in self.functions.inputs])
        value, by = f"{self.function}({inputs})", self.functions.by
        return value if by is None else rf"{expression(by.value)}\,{value}"


class SmoothNotation(_Notation):
    r"""The symbols of one penalised part: f of the inputs, its coefficients s, and their sd \sigma.

    Attributes
    ----------
    sd : Symbol
    """

    def __init__(self, smooth: Smooth, above: str) -> None:
        super().__init__(smooth, above)
        self.coefficient = Symbol("s", above, (self.name,))
        self.sd = Symbol(r"\sigma", above, (self.name,))

    def equations(self) -> Iterator[Equation]:
        """The function, and its coefficients."""
        at = self.coefficient.at("k")
        terms = rf"\sum_{{k=1}}^{{{self.functions.width}}} {at}\,b_k(x)"
        yield Equation(f"{self.function}(x)", "=", terms)
        yield Equation(str(at), r"\sim", rf"\mathrm{{N}}(0, {self.sd}^2)")


class ProcessNotation(_Notation):
    r"""The symbols of a Gaussian process: its sd \sigma and its length scales \ell."""

    def __init__(self, process: GaussianProcess, above: str) -> None:
        super().__init__(process, above)
        self.process = process
        self.sd, self.scale = Symbol(r"\sigma", above, (self.name,)), Symbol(r"\ell", above, (self.name,))

    def equations(self) -> Iterator[Equation]:
        """How the function is distributed."""
        title = KERNELS[self.process.kernel].title
        covariance = rf"{self.sd}^2\,\rho(\lVert x - x' \rVert / {self.scale})"
        yield Equation(f"{self.function}", r"\sim", rf"\mathrm{{GP}}(0, {covariance})\ \text{{({title})}}")

    def priors(self) -> Iterator[tuple[str, Prior]]:
        """What each prior is of."""
        yield str(self.sd), self.process.sd
        for column, prior in zip(self.process.inputs, self.process.scales, strict=False):
            yield str(self.scale.at(word(column.label)) if self.process.several else self.scale), prior
