"""Expanded formula × Schema -> ModelSpec: say which model a formula means for columns like these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import SemanticError, UnsupportedError, Unvarying, nearest
from tildemc.resolve.coding import code_terms
from tildemc.resolve.curves import check_stated, curved
from tildemc.resolve.expand import Bar, Expanded, ExpandedPredictor
from tildemc.resolve.meaning import arithmetic, as_given, meaning
from tildemc.resolve.mixtures import increasing, shares_of, with_shares
from tildemc.resolve.places import places_of, refuse_alone
from tildemc.resolve.priors import state
from tildemc.resolve.response import read_response
from tildemc.resolve.schema import Schema
from tildemc.resolve.smooths.lower import SmoothParts, lower_smooth
from tildemc.resolve.values import Category, Quantity
from tildemc.spec.covariance import COVARIANCES
from tildemc.spec.expr import Var
from tildemc.spec.families import Family, FamilyParameter
from tildemc.spec.links import LINKS, Link
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.priors import (
    COEFFICIENT,
    GROUP_SD,
    INTERCEPT,
    MODELLED_COEFFICIENT,
    MODELLED_GROUP_SD,
)
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.group import Block, GroupEffects
from tildemc.spec.terms.offset import Offset
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.product import ONE, Coding, Column, Product, columns_of
from tildemc.spec.terms.term import Path
from tildemc.spec.terms.thresholds import Thresholds
from tildemc.syntax import tree
from tildemc.syntax.tree import Argument, Name, PriorStatement, deparse

__all__ = ["lower"]


def lower(
    formula: Expanded,
    columns: Schema,
    family: Family,
    links: Mapping[str, Link],
    statements: Sequence[PriorStatement] = (),
) -> tuple[ModelSpec, tuple[str, ...]]:
    """Say which model `formula` means for columns like these.

    Parameters
    ----------
    formula : Expanded
    columns : Schema
    family : Family
    links : mapping of str to Link
        Of each parameter that a formula may model.
    statements : sequence of PriorStatement

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
    notes = list(formula.notes)
    response, family = read_response(formula, family, links[family.parameters[0].name], columns, notes)
    family, formula = with_shares(family, formula)
    response, family = curved(formula, response, family, links, columns)
    formula = _for_each_main(formula, family, notes)
    family = _with_fixed(family, formula.fixed)
    lowering = _Lowering(columns, family, notes)
    modelled = [p for p in formula.predictors if p.by is None]
    by = {p.parameter: p.by for p in formula.predictors if p.by is not None}
    for predictor in formula.predictors:
        lowering.check_parameter(predictor)
    fixed_sd = "se" in response.companions and not response.se_adds
    if fixed_sd:
        _refuse_sigma(formula)
    names = {p.parameter for p in modelled} | ({"sigma"} if fixed_sd else set())
    predictors = increasing(family, tuple(lowering.predictor(p, links) for p in modelled), modelled)
    others = [p for p in family.parameters if p.name not in names and p.fixed is None]
    spec = ModelSpec(
        response,
        family,
        predictors,
        tuple(lowering.auxiliary(p, by.get(p.name)) for p in others if p.size is None and not p.share),
        formula.text,
        next((lowering.thresholds(p, predictors[0]) for p in others if p.size is not None), None),
        shares_of(family),
    )
    spec, cut = state(spec, statements)
    check_stated(spec)
    notes += [remark.text for remark in formula.remarks if remark.number is None or _is_number(remark.number, columns)]
    return spec, tuple(dict.fromkeys((*notes, *cut)))


def _with_fixed(family: Family, given: Sequence[tree.Fixed]) -> Family:
    """The family with the parameters that the formula gives as numbers."""
    for fixed in given:
        parameter = family.parameter(fixed.parameter)
        names = [p.name for p in family.parameters if p.prior is not None and p.size is None]
        if parameter is None or parameter.name not in names:
            message = f"{family} model has no parameter `{fixed.parameter}` that can be a number; "
            message += f"there {'is' if len(names) == 1 else 'are'} {', '.join(names) or 'none'}"
            raise SemanticError(message + nearest(fixed.parameter, names), fixed.span)
        if not parameter.support.lower < fixed.value < parameter.support.upper:
            raise SemanticError(f"`{fixed.parameter}` is one of {parameter.support}, not {fixed.value:g}", fixed.span)
        known = replace(parameter, fixed=fixed.value)
        family = replace(family, parameters=tuple(known if p is parameter else p for p in family.parameters))
    return family


def _for_each_main(formula: Expanded, family: Family, notes: list[str]) -> Expanded:
    """The formula of the response as that of each category's or component's parameter, unless it has its own."""
    if not family.mains:
        return formula
    first, *others = formula.predictors
    names = [p.name for p in family.parameters]
    own = {p.parameter for p in others}
    copies = [replace(first, parameter=name) for name in family.mains if name not in own]
    if not copies and (first.terms.interactions or first.bars):
        notes.append(f"the formula of the response plays no part: {', '.join(family.mains)} have their own")
    ordered = sorted((*copies, *others), key=lambda p: names.index(p.parameter) if p.parameter in names else -1)
    return replace(formula, predictors=tuple(ordered))


def _is_number(expr: tree.Expr, columns: Schema) -> bool:
    """Whether a term is one column of numbers, with which one may reckon."""
    value = meaning(expr, columns)
    return isinstance(value, Quantity) and len(value.columns) == 1


def _refuse_sigma(formula: Expanded) -> None:
    for predictor in formula.predictors:
        if predictor.parameter == "sigma":
            raise SemanticError("`se()` gives the residual sds; `se(s, sigma = TRUE)` adds a sigma", predictor.span)


@dataclass
class _Lowering:
    """What the parts of one lowering share."""

    columns: Schema
    family: Family
    notes: list[str]

    def check_parameter(self, predictor: ExpandedPredictor) -> None:
        names = [p.name for p in self.family.parameters]
        if predictor.parameter not in names:
            others = ", ".join(names)
            raise SemanticError(
                f"family {self.family.name} has no parameter `{predictor.parameter}`; it has {others}"
                f"{nearest(predictor.parameter, names)}",
                predictor.span,
            )
        parameter = self.family.parameter(predictor.parameter)
        if parameter is not None and (parameter.size is not None or parameter.share):
            raise UnsupportedError(
                f"{predictor.parameter} are the same in all rows: no formula models them", predictor.span
            )

    def predictor(self, expanded: ExpandedPredictor, links: Mapping[str, Link]) -> Predictor:
        parameter = self.family.parameter(expanded.parameter)
        assert parameter is not None
        link = links.get(parameter.name)
        if link is None or (self.family.links and parameter == self.family.parameters[0]):
            # Of categories the link is the family's, and no predictor's.
            link = LINKS[parameter.links[0]]
        smooths = self._smooths(parameter, expanded)
        population = self._population(parameter, link, expanded, smooths)
        groups = self._groups(parameter, expanded.bars)
        cut = self._cut(parameter)
        if population.intercept is None and not population.products and not groups and not smooths and not cut:
            raise SemanticError(
                f"nothing is left of the formula for {parameter.name}: `1` is the least that works", expanded.span
            )
        columns = tuple(self._offset(offset) for offset in expanded.terms.offsets)
        offsets = (Offset(parameter.name, columns),) if columns else ()
        penalised = tuple(term for smooth in smooths for term in smooth.terms)
        return Predictor(parameter.name, link, (population, *offsets, *penalised, *groups))

    def _smooths(self, parameter: FamilyParameter, expanded: ExpandedPredictor) -> tuple[SmoothParts, ...]:
        default = GROUP_SD if parameter.intercept is None else MODELLED_GROUP_SD
        found = tuple(lower_smooth(call, self.columns, parameter.name, default) for call in expanded.smooths)
        seen: set[Path] = set()
        for call, smooth in zip(expanded.smooths, found, strict=True):
            self.notes += smooth.notes
            if seen & {term.path for term in smooth.terms}:
                raise SemanticError("two smooths of the same variables could not be told apart", call.span)
            seen |= {term.path for term in smooth.terms}
        return found

    def _population(
        self, parameter: FamilyParameter, link: Link, expanded: ExpandedPredictor, smooths: Sequence[SmoothParts]
    ) -> Population:
        unpenalised = (smooth.product for smooth in smooths if smooth.product is not None)
        products = (*code_terms(expanded.terms, self.columns), *unpenalised)
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

    def thresholds(self, parameter: FamilyParameter, first: Predictor) -> Thresholds:
        assert parameter.prior is not None and parameter.size is not None
        prior = replace(parameter.prior, at_means=first.population.about_means)
        return Thresholds(parameter.name, (prior,) * parameter.size, parameter.support)

    def auxiliary(self, parameter: FamilyParameter, by: Name | None) -> Auxiliary:
        assert parameter.prior is not None
        factor = None if by is None else self._factor((by,))
        return Auxiliary(parameter.name, parameter.prior, parameter.support, factor)

    def _offset(self, offset: tree.Expr) -> Column:
        assert isinstance(offset, tree.Call)
        if len(offset.arguments) != 1:
            raise SemanticError("`offset()` takes one column or expression", offset.span)
        return Column(deparse(offset), arithmetic(offset.arguments[0].value, self.columns), offset.span)

    def _factor(self, names: tuple[Name, ...]) -> Factor:
        factor = self.columns.factor(names)
        if len(factor.levels) < 2:
            raise Unvarying(f"`{factor.label}` has only one level", names[0].span, "nothing can vary by it")
        return factor

    def _groups(self, parameter: FamilyParameter, bars: Sequence[Bar]) -> tuple[GroupEffects, ...]:
        by_factor: dict[tuple[str, ...], list[Bar]] = {}
        for bar in bars:
            by_factor.setdefault(tuple(name.text for name in bar.factor), []).append(bar)
        return tuple(self._group(parameter, same) for same in by_factor.values())

    def _group(self, parameter: FamilyParameter, bars: Sequence[Bar]) -> GroupEffects:
        factor = self._factor(bars[0].factor)
        blocks: list[Block] = []
        seen: dict[str, None] = {}
        for bar in bars:
            products = code_terms(bar.terms, self.columns)
            products = (ONE, *products) if bar.terms.intercept else products
            for own in (products,) if bar.by is None else self._by_level(factor, products, bar, bar.by):
                for column in columns_of(own):
                    if column.label in seen:
                        raise SemanticError(f"the effect `{column.label}` by {factor.label} stands twice", bar.span)
                    seen[column.label] = None
                blocks.append(self._block(parameter, factor, own, bar))
        return GroupEffects(parameter.name, factor, tuple(blocks))

    def _by_level(
        self, factor: Factor, products: tuple[Product, ...], bar: Bar, by: Name
    ) -> Iterator[tuple[Product, ...]]:
        """The effects of those that have each level of `by`, brms's `gr(g, by = arm)`: `Intercept:armb`.

        Those of a group that has another level are zero in all rows.
        """
        value = as_given(by, self.columns)
        if not isinstance(value, Category):
            value = meaning(tree.Call("factor", (Argument(by),), by.span), self.columns)
        assert isinstance(value, Category)
        if len(self.columns.factor((*bar.factor, by)).levels) > len(factor.levels):
            raise SemanticError(
                f"some levels of `{factor.label}` have several levels of `{by.text}`: each has one covariance", by.span
            )
        for level in value.levels:
            own = Column(f"{by.text}{level.label}", level.indicator, by.span)
            coding = Coding((own,), factors=value.known(by.text))
            yield tuple(Product(f"{product.label}:{own.label}", (*product.codings, coding)) for product in products)

    def _block(self, parameter: FamilyParameter, factor: Factor, products: tuple[Product, ...], bar: Bar) -> Block:
        columns = columns_of(products)
        default = GROUP_SD if parameter.intercept is None else MODELLED_GROUP_SD
        n = len(columns)
        covariance = COVARIANCES[bar.structure]
        if n == 1:
            refuse_alone(covariance, products, bar)
            covariance = COVARIANCES["diag"]
        if bar.doubled and any(len(product.columns) > 1 for product in products):
            self.notes.append(
                f"`||` makes every column's effect by {factor.label} independent, factor levels too "
                "(as in glmmTMB and brms; lme4 would keep a factor's levels correlated)"
            )
        places = places_of(products, bar) if covariance.located else ()
        block = Block(products, covariance, (default,) * len(set(covariance.sds(n))), places=places)
        return replace(block, shape_priors=tuple(shape.prior for shape in block.shapes))
