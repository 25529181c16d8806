"""Several responses in equations: what their parameters are called, and how correlated ones are distributed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tildemc.spec.families import Family
from tildemc.spec.families.records import Multivariate
from tildemc.spec.model import ModelSpec
from tildemc.targets.latex.expression import expression, listed, of_row, symbol, word
from tildemc.targets.latex.symbols import Equation

__all__ = ["CORRELATIONS", "Letters", "together"]

CORRELATIONS = "R"
"""The correlations between the residuals of responses."""


@dataclass(frozen=True)
class Letters:
    """The letters of a family's parameters; `own` has those of several responses, each with its response below it."""

    own: Mapping[str, tuple[str, str]]

    @classmethod
    def of_family(cls, family: Family) -> Letters:
        """Those of a family."""
        known = family.multivariate
        if known is None:
            return cls({})
        each = zip(known.names, known.families, known.parts, strict=True)
        pairs = (
            (own.name, plain.name, name)
            for name, base, part in each
            for plain, own in zip(base.parameters, part.parameters, strict=True)
        )
        return cls({own: (symbol(plain), word(name)) for own, plain, name in pairs if own != plain})

    def of(self, parameter: str) -> str:
        """A parameter."""
        if parameter not in self.own:
            return symbol(parameter)
        letter, below = self.own[parameter]
        return f"{letter}_{{{below}}}"

    def of_row(self, parameter: str) -> str:
        """A parameter in row i."""
        if parameter not in self.own:
            return of_row(parameter)
        letter, below = self.own[parameter]
        return f"{letter}_{{{below}, i}}"


def together(
    spec: ModelSpec, known: Multivariate, symbols: Mapping[str, str], responses: Sequence[str]
) -> Iterator[Equation]:
    """Correlated responses: one distribution of all, and what its covariance is made of."""
    base, [first, *_] = known.families[0], known.parts
    assert base.elliptical is not None
    places = {parameter.name: k for k, parameter in enumerate(base.parameters)}
    spread = next(k for k, parameter in enumerate(base.parameters) if parameter.residual)
    means = listed([symbols[part.parameters[0].name] for part in known.parts])
    sds = [
        _sd(spec, symbols, part.parameters[spread].name, response.name)
        for part, response in zip(known.parts, spec.responses, strict=True)
    ]
    shared = [symbols[first.parameters[places[name]].name] for name in places if name in base.elliptical.shared]
    row = "_{i}" if any("i}" in sd or "[i]" in sd for sd in sds) else ""
    inside = ", ".join([*shared, rf"({means})^{{\top}}", rf"\Sigma{row}"])
    yield Equation(rf"({listed(responses)})^{{\top}}", r"\sim", f"{base.latex}({inside})")
    diagonal = rf"\mathrm{{diag}}({listed(sds)})"
    yield Equation(rf"\Sigma{row}", "=", rf"{diagonal}\,{CORRELATIONS}\,{diagonal}")


def _sd(spec: ModelSpec, symbols: Mapping[str, str], parameter: str, name: str) -> str:
    """The sd of one response; where that is known, the column itself."""
    response = next(response for response in spec.responses if response.name == name)
    if parameter in symbols:
        return symbols[parameter]
    known = next(column for column in response.companions.values())
    return expression(known.value)
