"""The estimate of a non-linear mixed model: a linear one of the curve's plane, again and again, as nlme has it.

Where coefficients and effects are c and r, the curve is about f(c, r) + J (c' - c) + J Z (r' - r). What maximises the
likelihood of that linear mixed model are the next ones; where they stay, its likelihood is what nlme and nlmer call
that of the curve (Lindstrom and Bates, 1990, Biometrics 46, 673-687).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import FitError
from tildemc.results.estimate import Estimate
from tildemc.spec.design import Design
from tildemc.spec.expr import Col, Var, walk
from tildemc.spec.families.curves import Curved
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.priors import Prior
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.group import GroupDesign, GroupEffects
from tildemc.spec.terms.population import Population, PopulationDesign
from tildemc.spec.terms.product import Coding, Column, Product
from tildemc.spec.terms.shared import SharedEffects
from tildemc.targets.direct.curves import CurveSearch
from tildemc.targets.direct.pilot import seen_together

__all__ = ["optimize_curve"]

Linear = Callable[[ModelSpec, Design, str], Estimate]
STEPS, CLOSE = 200, 1e-7
"""Linear models at most; how little -2 log likelihood, and coefficients of their size, change at the end."""


def optimize_curve(spec: ModelSpec, design: Design, criterion: str, linear: Linear) -> Estimate:
    """The estimate of a model with a non-linear formula of the mean; `linear` gives those of linear ones.

    Raises
    ------
    FitError
        If the model is of another kind, or the estimates do not settle.
    """
    planes = _Planes.of(spec, design)
    c, r = planes.begin
    before = np.inf
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            made, numbers = planes.at(c, r)
            if numbers.y is None or not np.isfinite(numbers.y).all():
                break
            found = linear(made, numbers, criterion)
            old, (c, r) = c, planes.of_estimate(found)
            steady = np.abs(c - old).max(initial=0.0) <= CLOSE * np.abs(c).max(initial=1.0)
            if steady and abs(found.criterion - before) <= CLOSE * (1 + abs(before)):
                return replace(found, formula=spec.formula, linearised=True)
            before = found.criterion
    raise FitError(
        "the estimates of this curve do not settle: state priors nearer to where they are, by which it begins, or "
        "draw from the posterior, `fit()`"
    )


@dataclass(frozen=True, eq=False)
class _Planes:
    """A model as it is linear at some coefficients and effects.

    Attributes
    ----------
    spec, design
    predictors : tuple of Predictor
        Of the curve's parameters.
    groups : tuple of GroupEffects
        One for each factor, with the effects on all parameters.
    search : CurveSearch
        What bends the curve.
    """

    spec: ModelSpec
    design: Design
    predictors: tuple[Predictor, ...]
    groups: tuple[tuple[GroupEffects, ...], ...]
    search: CurveSearch

    @classmethod
    def of(cls, spec: ModelSpec, design: Design) -> _Planes:
        """Where a model has them."""
        recipe, predictors = spec.family.recipe, seen_together(spec)
        assert isinstance(recipe, Curved)
        other = [curve.parameter for curve in recipe.curves if not curve.first]
        if other or not predictors:
            message = "estimates are of arithmetic of the mean alone, not of a sigma that is arithmetic, too"
            raise FitError(f"{message}: draw from the posterior, `fit()`")
        for term in (term for predictor in predictors for term in predictor.terms):
            if not isinstance(term, Population | GroupEffects | SharedEffects):
                raise FitError(
                    f"there is no estimate of a curve with {term.path[-1]}; draw from the posterior, `fit()`"
                )
        by_factor: dict[str, list[GroupEffects]] = {}
        for predictor in predictors:
            for group in predictor.groups:
                by_factor.setdefault(group.factor.label, []).append(group)
        X = [_columns(predictor.population, design)[1] for predictor in predictors]
        search = CurveSearch(spec, design, predictors, X, [_priors(p.population) for p in predictors])
        return cls(spec, design, predictors, tuple(map(tuple, by_factor.values())), search)

    @property
    def begin(self) -> tuple[Floats, Floats]:
        """Coefficients and effects, (all,), near where they will be."""
        with np.errstate(all="ignore"):
            return self.search.arrive()

    @property
    def labels(self) -> list[str]:
        """The coefficients', by the names of summaries."""
        return [
            f"{predictor.parameter}_{label}"
            for predictor in self.predictors
            for label in _columns(predictor.population, self.design)[0]
        ]

    def at(self, c: Floats, r: Floats) -> tuple[ModelSpec, Design]:
        """The linear mixed model there."""
        eta, slopes = self.search.plane(c, r)
        y = self.design.y
        assert y is not None
        priors = [prior for predictor in self.predictors for prior in _priors(predictor.population)]
        population = Population("mu", None, tuple(map(_product, self.labels)), tuple(priors))
        terms: list[Population | GroupEffects] = [population]
        numbers: dict[tuple[str, ...], object] = {population.path: PopulationDesign(self.search.X)}
        for groups in self.groups:
            whole = replace(groups[0], parameter="mu", blocks=tuple(_block(b, g) for g in groups for b in g.blocks))
            terms.append(whole)
            Z = np.hstack([self._effects(group, slopes) for group in groups])
            numbers[whole.path] = GroupDesign(Z, self.design.of(groups[0]).index)
        curve = self.search.curve
        others = tuple(p for p in self.spec.predictors if p not in self.predictors)
        named = {part.name for part in walk(curve.value) if isinstance(part, Var)}
        companions = {name: v for name, v in self.spec.response.companions.items() if name not in named}
        made = replace(
            self.spec,
            response=replace(self.spec.response, companions=companions),
            family=self.search.family,
            predictors=(Predictor("mu", curve.link, tuple(terms)), *others),
        )
        kept = {name: value for name, value in self.design.companions.items() if name not in named}
        own = {path: value for path, value in self.design.terms.items() if path[0] not in slopes}
        working = y - eta + self.search.X @ c + self.search.Z @ r
        return made, replace(self.design, y=working, terms={**own, **numbers}, companions=kept)

    def _effects(self, group: GroupEffects, slopes: dict[str, Floats]) -> Floats:
        """A group's columns of the plane, (n, q)."""
        Z = slopes[group.parameter][:, None] * self.design.of(group).Z
        for predictor in self.predictors:
            for shared in (shared for shared in predictor.shared if shared.owner == group.path):
                added = slopes[predictor.parameter][:, None] * self.design.of(shared).Z
                Z[:, shared.first : shared.first + added.shape[1]] += added
        return Z

    def of_estimate(self, found: Estimate) -> tuple[Floats, Floats]:
        """Coefficients and effects, in the order of the search."""
        effects: dict[tuple[str, ...], Floats] = {}
        for groups in self.groups:
            modes, first = found.groups[groups[0].factor.label].effects, 0
            for group in groups:
                width = sum(block.width for block in group.blocks)
                effects[group.path] = modes[:, first : (first := first + width)].ravel()
        r = [effects[path] for path in self.search.paths]
        return np.array([*found.fixef.values()]), np.concatenate([*r, np.zeros(0)])


def _columns(population: Population, design: Design) -> tuple[list[str], Floats]:
    """All columns of a parameter's coefficients, the intercept's first."""
    X = design.of(population).X
    labels = [column.label for column in population.columns]
    if population.intercept is None:
        return labels, X
    return ["Intercept", *labels], np.column_stack([np.ones(len(X)), X])


def _priors(population: Population) -> Sequence[Prior]:
    return population.coefficients if population.intercept is None else population.priors


def _product(label: str) -> Product:
    return Product(label, (Coding((Column(label, Col(label)),)),))


def _block(block: Block, group: GroupEffects) -> Block:
    """The same with columns that say which parameter they are on."""
    named = block.parameters or (group.parameter,) * block.width
    labels = (
        f"{parameter}_{column.label.removeprefix(f'{parameter}_')}"
        for parameter, column in zip(named, block.columns, strict=True)
    )
    return replace(block, products=tuple(map(_product, labels)), parameters=())
