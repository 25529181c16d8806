"""ModelSpec -> equations, aligned: what the response is, each predictor, the groups' effects, and the priors.

The notation is that of Gelman & Hill (2007), Data Analysis Using Regression and Multilevel/Hierarchical Models: row i
belongs to group j[i]. Where one grouping factor varies a coefficient of the population, that coefficient has an index
and a distribution, and the population's is its mean; other effects are deviations from zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from tildemc.spec.companions import COMPANIONS
from tildemc.spec.expr import Expr, Var, substitute
from tildemc.spec.likelihood import fixed
from tildemc.spec.model import ModelSpec
from tildemc.spec.priors import Prior
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.targets.latex.expression import density, expression, listed, symbol, word
from tildemc.targets.latex.predictor import PredictorNotation
from tildemc.targets.latex.symbols import Equation, Indices, Symbol, deviations
from tildemc.targets.latex.thresholds import ThresholdNotation

__all__ = ["latex", "lines"]

_INLINE = 3
"""A predictor of so few terms stands in the distribution itself."""
_MANY = 8
"""Of more lines of one kind those in the middle are left out."""


def latex(spec: ModelSpec) -> str:
    r"""The model as an `aligned` environment, for `$$ … $$`.

    Parameters
    ----------
    spec : ModelSpec
        With numbers for all priors.
    """
    rows = " \\\\\n".join(f"{e.left} &{e.relation} {e.right}" for e in lines(spec))
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"


def lines(spec: ModelSpec) -> tuple[Equation, ...]:
    """The equations from top to bottom."""
    writer = _Writer(spec)
    return (*writer.response(), *writer.effects(), *writer.priors())


@dataclass
class _Writer:
    """What the equations of one model share."""

    spec: ModelSpec
    indices: Indices = field(default_factory=Indices)

    def __post_init__(self) -> None:
        letters = deviations()
        self.predictors = [PredictorNotation(p, self.indices, letters) for p in self.spec.predictors]
        self.thresholds = None
        if self.spec.thresholds is not None:
            self.thresholds = ThresholdNotation(
                self.spec.thresholds, self.spec.specific, self.indices, [*self.predictors[0].at_means()]
            )

    # The response

    def response(self) -> Iterator[Equation]:
        """Its distribution, and the predictors that do not stand in it."""
        spec = self.spec
        symbols = {auxiliary.parameter: self._auxiliary(auxiliary) for auxiliary in spec.auxiliaries}
        symbols |= {part.name: expression(value) for part, value in fixed(spec).items() if isinstance(part, Var)}
        if spec.thresholds is not None and self.thresholds is not None:
            symbols[spec.thresholds.parameter] = self.thresholds.of_row
        apart: list[PredictorNotation] = []
        for written in self.predictors:
            name = written.predictor.parameter
            alone = Var(name) in spec.family.written and written.predictor.link.name == "identity"
            if alone and len(written.parts) <= _INLINE and not written.wide:
                symbols[name] = written.sum()
            else:
                symbols[name] = f"{symbol(name)}_{{i}}"
                apart.append(written)
        response = f"{word(spec.response.label)}_{{i}}"
        if spec.response.success not in (None, "1", "TRUE"):
            # Iverson's brackets: 1 for a success.
            response = f"[{response} = {word(spec.response.success)}]"
        yield Equation(response, r"\sim", self._distribution(symbols))
        for written in apart:
            yield from written.equations()
        if self.thresholds is not None:
            yield from self.thresholds.equations()

    def _distribution(self, symbols: dict[str, str]) -> str:
        """The response's distribution, with what its companions make of it."""
        spec = self.spec
        parts = spec.family.written
        for name, column in spec.response.companions.items():
            values: dict[Expr, Expr] = {Var(name): column.value}
            parts = tuple(substitute(substitute(part, spec.response.density(name)), values) for part in parts)
        found = f"{spec.family.latex}({', '.join(expression(part, symbols) for part in parts)})"
        for name, column in spec.response.companions.items():
            found = COMPANIONS[name].latex.format(density=found, value=expression(column.value))
        return found

    def _auxiliary(self, auxiliary: Auxiliary) -> str:
        own = Symbol(symbol(auxiliary.parameter))
        return str(own if auxiliary.by is None else own.at(f"{self.indices(auxiliary.by)}[i]"))

    # Everything else

    def effects(self) -> Iterator[Equation]:
        """The distributions of the effects of groups."""
        for written in self.predictors:
            yield from written.effects()

    def priors(self) -> Iterator[Equation]:
        """All priors."""
        if self.thresholds is not None:
            yield from _shortened([*_densities(self.thresholds.priors())])
            yield from _shortened([*_densities(self.thresholds.of_effects())])
        for written in self.predictors:
            for priors in written.priors():
                yield from _shortened([*_densities(priors)])
        for auxiliary in self.spec.auxiliaries:
            own, each = Symbol(symbol(auxiliary.parameter)), ""
            if auxiliary.by is not None:
                own, each = own.at(self.indices(auxiliary.by)), self.indices.range(auxiliary.by)
            for found in _densities([(str(own), auxiliary.prior)]):
                yield replace(found, right=found.right + each)


def _densities(priors: list[tuple[str, Prior]]) -> Iterator[Equation]:
    """What has each prior; neighbours with one density on one line."""
    for (right, squared), group in groupby(priors, key=lambda pair: (density(pair[1]), pair[1].on_variance)):
        yield Equation(listed([f"{name}^2" if squared else name for name, _ in group]), r"\sim", right)


def _shortened(equations: list[Equation]) -> list[Equation]:
    """The first and the last where there are many."""
    if len(equations) <= _MANY:
        return equations
    return [*equations[: _MANY // 2], Equation(r"\vdots", "", ""), equations[-1]]
