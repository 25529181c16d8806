"""Expanded formula × Schema -> ModelSpec: say which model a formula means for columns like these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from tildemc.errors import SemanticError
from tildemc.resolve.areas import areas_of
from tildemc.resolve.coding import code_terms
from tildemc.resolve.curves import check_stated
from tildemc.resolve.expanded import Expanded, ExpandedPredictor
from tildemc.resolve.families import Read
from tildemc.resolve.given import NOTHING, Given
from tildemc.resolve.groupterms import GroupTerms, factor_of
from tildemc.resolve.meaning import arithmetic, meaning
from tildemc.resolve.measured import MeasuredTerms, without_measured
from tildemc.resolve.missing import read_by_others
from tildemc.resolve.mixtures import increasing, shares_of
from tildemc.resolve.monotonic import monotonic_effects, without_monotonic
from tildemc.resolve.priors import state
from tildemc.resolve.residuals import residual_of, spread_by
from tildemc.resolve.responses import read_one, rescor_of, together
from tildemc.resolve.schema import Schema
from tildemc.resolve.smooths.lower import SmoothParts
from tildemc.resolve.smooths.terms import lower_functions
from tildemc.resolve.thresholds import sizes_of, stated_thresholds
from tildemc.resolve.values import Quantity
from tildemc.spec.expr import Var
from tildemc.spec.families import Family, FamilyParameter
from tildemc.spec.links import LINKS, Link
from tildemc.spec.model import ModelSpec, Predictor, Response
from tildemc.spec.priors import (
    COEFFICIENT,
    GROUP_SD,
    INTERCEPT,
    MODELLED_COEFFICIENT,
    MODELLED_GROUP_SD,
    default,
)
from tildemc.spec.support import SPACINGS, Spacing
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.offset import Offset
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.product import Column, columns_of
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.term import Path
from tildemc.spec.terms.thresholds import Cuts, Thresholds
from tildemc.syntax import tree
from tildemc.syntax.tree import Name, PriorStatement, deparse

__all__ = ["lower"]


def lower(
    formula: Expanded,
    columns: Schema,
    families: Sequence[Read],
    statements: Sequence[PriorStatement] = (),
    given: Given = NOTHING,
) -> tuple[ModelSpec, tuple[str, ...]]:
    """Say which model `formula` means for columns like these.

    Parameters
    ----------
    formula : Expanded
    columns : Schema
    families : sequence of (Family, mapping of str to Link)
        Of each response, and the link of each parameter that a formula may model.
    statements : sequence of PriorStatement
    given : mapping
        Matrices beside the data.

    Returns
    -------
    ModelSpec
        With default priors still in terms of the data's scales.
    tuple of str
        What a reader should know of how the text was read.

    Raises
    ------
    SemanticError, UnsupportedError, PriorError
        With the place in the text.
    """
    notes: list[str] = []
    spacing = next((p.spacing for family, _ in families for p in family.parameters if p.size is not None), SPACINGS[0])
    each = [
        read_one(own, family, links, columns, notes)
        for own, (family, links) in zip(formula.each, families, strict=True)
    ]
    read_by_others(formula)
    read = each[0] if len(each) == 1 else together(each, formula, columns, notes)
    formula, response, family, links = read.formula, read.response, read.family, read.links
    grouped = GroupTerms.of(formula, family, columns, notes, given)
    lowering = _Lowering(columns, family, notes, grouped, MeasuredTerms.of(formula, columns, read.latents))
    modelled = [p for p in formula.predictors if not p.by]
    by = {p.parameter: p.by for p in formula.predictors if p.by}
    residual = None
    if formula.residuals is not None:
        bars = [bar.factor for predictor in formula.predictors for bar in predictor.bars]
        residual = residual_of(formula.residuals, columns, family, response, bars, given)
        by |= spread_by(formula.residuals, formula, columns, family)
    names = {p.parameter for p in modelled} | read.known
    predictors = increasing(family, tuple(lowering.predictor(p, links) for p in modelled), modelled)
    others = [p for p in family.parameters if p.name not in names and p.fixed is None]
    thresholds = lowering.thresholds(formula, response, predictors[0], spacing)
    spec = ModelSpec(
        response,
        family,
        predictors,
        tuple(lowering.auxiliary(p, by.get(p.name, ())) for p in others if p.prior is not None and p.size is None),
        formula.text,
        thresholds,
        shares_of(family),
        residual,
        lowering.specific(formula, thresholds, predictors[0].population),
        measured=lowering.measured.sets,
        latents=read.latents,
        responses=read.responses,
        rescor=rescor_of(family),
    )
    spec, cut = state(spec, statements)
    check_stated(spec)
    if not formula.fixed and next(spec.free(), None) is None:
        (first, *_) = formula.predictors
        raise SemanticError("nothing is left of the formula to estimate: `1` is the least that works", first.span)
    notes += [remark.text for remark in formula.remarks if remark.number is None or _is_number(remark.number, columns)]
    return spec, tuple(dict.fromkeys((*notes, *cut)))


def _is_number(expr: tree.Expr, columns: Schema) -> bool:
    """Whether a term is one column of numbers, with which one may reckon."""
    value = meaning(expr, columns)
    return isinstance(value, Quantity) and len(value.columns) == 1


@dataclass
class _Lowering:
    """What the parts of one lowering share."""

    columns: Schema
    family: Family
    notes: list[str]
    grouped: GroupTerms
    measured: MeasuredTerms

    def predictor(self, expanded: ExpandedPredictor, links: Mapping[str, Link]) -> Predictor:
        parameter = self.family.parameter(expanded.parameter)
        assert parameter is not None
        link = links.get(parameter.name)
        if link is None or (self.family.links and parameter == self.family.parameters[0]):
            # Of categories the link is the family's, and no predictor's.
            link = LINKS[parameter.links[0]]
        default = COEFFICIENT if parameter.intercept is None else MODELLED_COEFFICIENT
        measured = tuple(self.measured.effects(expanded.terms, parameter.name, default))
        monotonic = monotonic_effects(without_measured(expanded.terms), self.columns, parameter.name, default)
        effects: tuple[Monotonic | MeasuredEffect, ...] = (*monotonic, *measured)
        smooths = self._smooths(parameter, expanded)
        population = self._population(parameter, link, expanded, smooths)
        groups = self.grouped.terms(parameter, expanded.bars)
        areas = self._areas(parameter, expanded)
        columns = tuple(self._offset(offset) for offset in expanded.terms.offsets)
        offsets = (Offset(parameter.name, columns),) if columns else ()
        penalised = tuple(term for smooth in smooths for term in smooth.terms)
        return Predictor(parameter.name, link, (population, *offsets, *effects, *penalised, *areas, *groups))

    def _smooths(self, parameter: FamilyParameter, expanded: ExpandedPredictor) -> tuple[SmoothParts, ...]:
        default = GROUP_SD if parameter.intercept is None else MODELLED_GROUP_SD
        found = tuple(lower_functions(call, self.columns, parameter.name, default) for call in expanded.smooths)
        seen: set[Path] = set()
        for call, smooth in zip(expanded.smooths, found, strict=True):
            self.notes += smooth.notes
            if seen & {term.path for term in smooth.terms}:
                raise SemanticError("two smooths of the same variables could not be told apart", call.span)
            seen |= {term.path for term in smooth.terms}
        return found

    def _areas(self, parameter: FamilyParameter, expanded: ExpandedPredictor) -> tuple[Areal, ...]:
        if len(expanded.areas) > 1:
            raise SemanticError("a predictor has one term of areas: leave one `car()` out", expanded.areas[1].span)
        default = GROUP_SD if parameter.intercept is None else MODELLED_GROUP_SD
        found: list[Areal] = []
        for call in expanded.areas:
            areas, notes = areas_of(call, self.columns, self.grouped.given, parameter.name, default)
            found.append(areas)
            self.notes += notes
        return tuple(found)

    def _population(
        self, parameter: FamilyParameter, link: Link, expanded: ExpandedPredictor, smooths: Sequence[SmoothParts]
    ) -> Population:
        unpenalised = (smooth.product for smooth in smooths if smooth.product is not None)
        products = (*code_terms(without_monotonic(without_measured(expanded.terms)), self.columns), *unpenalised)
        intercept = INTERCEPT if parameter.intercept is None else parameter.intercept
        if parameter.prior is not None and link.inverse == Var("eta"):
            # What is modelled as it is has the scale of the parameter itself.
            intercept = parameter.prior
        coefficient = COEFFICIENT if parameter.intercept is None else MODELLED_COEFFICIENT
        cut, own = self._cut(parameter), expanded.terms.intercept
        return Population(
            parameter.name,
            replace(intercept, at_means=bool(products) and not parameter.nonlinear) if own and not cut else None,
            products,
            (coefficient,) * len(columns_of(products)),
            about_means=own and cut and bool(products),
            counted=own and parameter.nonlinear,
        )

    def _cut(self, parameter: FamilyParameter) -> bool:
        """Whether thresholds stand in the place of a parameter's intercept."""
        return parameter == self.family.parameters[0] and any(p.size is not None for p in self.family.parameters)

    def thresholds(
        self, formula: Expanded, response: Response, first: Predictor, spacing: Spacing
    ) -> Thresholds | None:
        """The family's thresholds, if it has any."""
        parameter = next((p for p in self.family.parameters if p.size is not None), None)
        if parameter is None:
            return None
        assert parameter.prior is not None and parameter.size is not None
        stated = stated_thresholds(formula.modifiers, self.family)
        by, sizes = sizes_of(stated, formula.response, response.value, parameter.size, self.columns)
        prior = replace(parameter.prior, at_means=first.population.about_means)
        equidistant = spacing == "equidistant"
        # brms's, which says nothing of a distance but that increasing thresholds have one above zero.
        delta = default("flat", lower=0.0 if parameter.support.ordered else -inf) if equidistant else None
        cuts = tuple(Cuts(size, (prior,) * (1 if equidistant else size), delta) for size in sizes)
        return Thresholds(parameter.name, cuts, parameter.support, spacing, by)

    def specific(self, formula: Expanded, thresholds: Thresholds | None, population: Population) -> Specific | None:
        """What `cs()` has, which moves thresholds."""
        stated = {p.parameter: p.specific for p in formula.predictors if p.specific is not None}
        if not stated:
            return None
        (parameter, found), *_ = reversed(stated.items())
        if thresholds is None or parameter != self.family.parameters[0].name:
            where = f"family {self.family.name} has none" if thresholds is None else f"{parameter} has none"
            raise SemanticError(f"`cs()` has an effect on each threshold, and {where}", found.span)
        if thresholds.support.ordered:
            raise SemanticError(
                f"with effects of their own the thresholds of a {self.family.name} response may cross, and then it has "
                "no probabilities: families sratio, cratio and acat take `cs()`",
                found.span,
            )
        products = code_terms(found.terms, self.columns)
        columns = columns_of(products)
        both = {column.label for column in columns} & {column.label for column in population.columns}
        if both:
            raise SemanticError(
                f"`{min(both)}` stands within `cs()` and outside: one effect on all thresholds is among those on each",
                found.span,
            )
        return Specific(thresholds.parameter, thresholds.size, products, (COEFFICIENT,) * len(columns))

    def auxiliary(self, parameter: FamilyParameter, by: tuple[Name, ...]) -> Auxiliary:
        assert parameter.prior is not None
        factor = factor_of(by, self.columns) if by else None
        return Auxiliary(parameter.name, parameter.prior, parameter.support, factor)

    def _offset(self, offset: tree.Expr) -> Column:
        assert isinstance(offset, tree.Call)
        if len(offset.arguments) != 1:
            raise SemanticError("`offset()` takes one column or expression", offset.span)
        return Column(deparse(offset), arithmetic(offset.arguments[0].value, self.columns), offset.span)
