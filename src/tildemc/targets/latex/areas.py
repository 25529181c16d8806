"""Effects of areas in equations: of the row's area, and how they are distributed together."""

from __future__ import annotations

from collections.abc import Iterator

from tildemc.spec.priors import Prior
from tildemc.spec.terms.areal import Areal
from tildemc.targets.latex.expression import word
from tildemc.targets.latex.symbols import Equation, Indices, Symbol

__all__ = ["AreaNotation"]


class AreaNotation:
    r"""The symbols of effects of areas: \phi, their sd \sigma, and the share \rho."""

    def __init__(self, areas: Areal, indices: Indices, above: str) -> None:
        self.areas, self.indices = areas, indices
        self.effect = Symbol(r"\phi", above)
        self.sd, self.share = (self.effect.of(letter) for letter in (r"\sigma", r"\rho"))

    def term(self) -> str:
        """What it adds to the predictor of row i."""
        return str(self.effect.at(f"{self.indices(self.areas.factor)}[i]"))

    def equations(self) -> Iterator[Equation]:
        """How the effects are distributed together; D counts neighbours."""
        covariance = rf"{self.sd}^2\,{self.areas.kind.latex.format(share=self.share)}"
        yield Equation(str(self.effect), r"\sim", rf"\mathrm{{N}}(0, {covariance}),\quad W = {word(self.areas.matrix)}")

    def priors(self) -> list[tuple[str, Prior]]:
        """What each prior is of."""
        return [(str(self.sd), self.areas.sd), *((str(self.share), prior) for prior in self.areas.shares)]
