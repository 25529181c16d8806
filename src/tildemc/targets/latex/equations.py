"""ModelSpec -> equations, aligned: what the response is, each predictor, the groups' effects, and the priors.

The notation is that of Gelman & Hill (2007), Data Analysis Using Regression and Multilevel/Hierarchical Models: row i
belongs to group j[i]. Where one grouping factor varies a coefficient of the population, that coefficient has an index
and a distribution, and the population's is its mean; other effects are deviations from zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from tildemc.spec.companions import companion_of
from tildemc.spec.expr import Expr, Var, substitute, walk
from tildemc.spec.families import Family
from tildemc.spec.families.mixtures import shares_of
from tildemc.spec.likelihood import fixed
from tildemc.spec.model import ModelSpec, Response, chains
from tildemc.spec.priors import Prior
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.residual import Residual
from tildemc.spec.terms.term import Path
from tildemc.targets.latex.expression import density, expression, listed, of_row, symbol, word
from tildemc.targets.latex.measured import MeasuredNotation
from tildemc.targets.latex.predictor import GroupNotation, PredictorNotation
from tildemc.targets.latex.responses import CORRELATIONS, Letters, together
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
    return (*writer.response(), *writer.residual(), *writer.effects(), *writer.priors())


@dataclass
class _Writer:
    """What the equations of one model share."""

    spec: ModelSpec
    indices: Indices = field(default_factory=Indices)

    def __post_init__(self) -> None:
        letters, self.letters = deviations(), Letters.of_family(self.spec.family)
        known: dict[Path, GroupNotation] = {}
        self.predictors = [PredictorNotation(p, self.indices, letters, known) for p in self.spec.predictors]
        self.measured = [MeasuredNotation(measured, self.indices) for measured in self.spec.measured]
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
        shares = shares_of(spec.family)
        read = {part.name for curve in spec.curves for part in walk(curve.value) if isinstance(part, Var)}
        for written in self.predictors:
            name = written.predictor.parameter
            alone = Var(name) in spec.family.component(name).written and written.predictor.link.name == "identity"
            alone = alone and name not in read
            if name in shares:
                apart.append(written)
            elif alone and len(written.parts) <= _INLINE and not written.wide and spec.rescor is None:
                symbols[name] = written.sum()
            else:
                symbols[name] = self.letters.of_row(name)
                apart.append(written)
        curved = {curve.parameter: f"{symbol(curve.parameter)}_{{i}}" for curve in spec.curves}
        yield from self._distributions(symbols | curved)
        columns: dict[Expr, Expr] = {Var(name): c.value for name, c in spec.response.companions.items()}
        for curve in spec.curves:
            right = expression(substitute(curve.value, columns), symbols)
            yield Equation(curve.link.latex.format(curved[curve.parameter]), "=", right)
        reference = next((of_row(name) for name in shares if spec.family.parameter(name) is None), "")
        for written in apart:
            name = written.predictor.parameter
            left = written.predictor.link.latex.format(self.letters.of_row(name))
            yield from written.equations(rf"\log({of_row(name)} / {reference})" if name in shares else left)
        if self.thresholds is not None:
            yield from self.thresholds.equations()

    def _distributions(self, symbols: dict[str, str]) -> Iterator[Equation]:
        """What the response is distributed as, or each of several."""
        spec, known = self.spec, self.spec.family.multivariate
        if known is None:
            left, residual = _of_response(spec.response), spec.residual
            if residual is not None and residual.correlation.mean is not None:
                left = residual.correlation.latex.format(response=word(spec.response.label))
            yield Equation(left, r"\sim", self._distribution(spec.family, spec.response, symbols))
        elif not known.correlated:
            for family, response in zip(known.parts, spec.responses, strict=True):
                yield Equation(_of_response(response), r"\sim", self._distribution(family, response, symbols))
        else:
            yield from together(spec, known, symbols, [_of_response(response) for response in spec.responses])

    def _distribution(self, family: Family, response: Response, symbols: dict[str, str]) -> str:
        """A response's distribution, with what its companions make of it."""
        mixture = family.mixture
        if mixture is None:
            found = _written(family, response, symbols)
        else:
            modelled = any(self.spec.predictor(name) is not None for name in shares_of(family))
            shares = (
                of_row(name) if modelled else expression(part, symbols) for name, part in shares_of(family).items()
            )
            each = zip(shares, mixture.components, strict=True)
            found = " + ".join(rf"{part}\,{_written(component, response, symbols)}" for part, component in each)
        for name, column in response.companions.items():
            found = companion_of(name).latex.format(density=found, value=expression(column.value))
        return found

    def residual(self) -> Iterator[Equation]:
        """What the residuals of two rows of a group have in common."""
        residual = self.spec.residual
        if residual is None or residual.correlation.mean is not None:
            return
        response, index = word(self.spec.response.label), "" if residual.group is None else self.indices(residual.group)
        same = f",\\quad {index}[i] = {index}[i']" if index else ""
        word_of = r"\mathrm{Cov}" if residual.correlation.innovations else r"\mathrm{Cor}"
        over = r" / \sigma^2" if residual.correlation.innovations else ""
        left = f"{word_of}({response}_{{i}}, {response}_{{i'}}){over}"
        yield Equation(left, "=", f"{residual.correlation.latex}{same}")

    def _auxiliary(self, auxiliary: Auxiliary) -> str:
        own = Symbol(self.letters.of(auxiliary.parameter))
        return str(own if auxiliary.by is None else own.at(f"{self.indices(auxiliary.by)}[i]"))

    # Everything else

    def effects(self) -> Iterator[Equation]:
        """The distributions of the effects of groups."""
        for written in self.predictors:
            yield from written.effects()
        for measured in self.measured:
            yield from measured.equations()

    def priors(self) -> Iterator[Equation]:
        """All priors."""
        if self.thresholds is not None:
            yield from _shortened([*_densities(self.thresholds.priors())])
            yield from _shortened([*_densities(self.thresholds.of_effects())])
        known = {written.predictor.parameter: written for written in self.predictors}
        for chain in (names for names in chains(self.spec) if len(names) > 1):
            yield Equation(known[chain[0]].intercept(), "<", " < ".join(known[name].intercept() for name in chain[1:]))
        for written in self.predictors:
            for priors in written.priors():
                yield from _shortened([*_densities(priors)])
        for measured in self.measured:
            yield from _shortened([*_densities(measured.priors())])
        for auxiliary in self.spec.auxiliaries:
            own, each = Symbol(self.letters.of(auxiliary.parameter)), ""
            if auxiliary.by is not None:
                own, each = own.at(self.indices(auxiliary.by)), self.indices.range(auxiliary.by)
            for found in _densities([(str(own), auxiliary.prior)]):
                yield replace(found, right=found.right + each)
        if self.spec.residual is not None:
            yield from _densities(_coefficients(self.spec.residual))
        if self.spec.rescor is not None:
            yield Equation(CORRELATIONS, r"\sim", density(self.spec.rescor.prior))
        for quantity in self.spec.hyperparameters:
            yield from _densities([(symbol(quantity.name) + ("_{k}" if quantity.along else ""), quantity.prior)])
        for shares in self.spec.shares:
            yield Equation(f"({listed([*map(symbol, shares.parameters)])})", r"\sim", density(shares.prior))


def _of_response(response: Response) -> str:
    """The response of row i."""
    found = f"{word(response.label)}_{{i}}"
    # Iverson's brackets: 1 for a success.
    return found if response.success in (None, "1", "TRUE") else f"[{found} = {word(response.success)}]"


def _written(family: Family, response: Response, symbols: dict[str, str]) -> str:
    """A family's letter with what stands in its parentheses."""
    parts = family.written
    for name, column in response.companions.items():
        values: dict[Expr, Expr] = {Var(name): column.value}
        parts = tuple(substitute(substitute(part, response.density(name)), values) for part in parts)
    return f"{family.latex}({', '.join(expression(part, symbols) for part in parts)})"


def _densities(priors: list[tuple[str, Prior]]) -> Iterator[Equation]:
    """What has each prior; neighbours with one density on one line."""
    for (right, squared), group in groupby(priors, key=lambda pair: (density(pair[1]), pair[1].on_variance)):
        alike = [*group]
        if alike[0][1].distribution.point:
            right, relation = expression(alike[0][1].shift), "="
        else:
            relation = r"\sim"
        yield Equation(listed([f"{name}^2" if squared else name for name, _ in alike]), relation, right)


def _coefficients(residual: Residual) -> list[tuple[str, Prior]]:
    """The coefficients of the residuals' correlations, each with its prior."""
    if residual.free_matrix:
        return [(r"\mathrm{R}", prior) for prior in residual.prior_of]
    named = zip(residual.coefficients, residual.prior_of, strict=False)
    several = ((c, prior, range(1, c.size(residual.order) + 1)) for c, prior in named)
    return [(f"{c.latex}_{{{k}}}" if c.several else c.latex, prior) for c, prior, numbers in several for k in numbers]


def _shortened(equations: list[Equation]) -> list[Equation]:
    """The first and the last where there are many."""
    if len(equations) <= _MANY:
        return equations
    return [*equations[: _MANY // 2], Equation(r"\vdots", "", ""), equations[-1]]
