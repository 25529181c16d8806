"""A model with one factor's group effects -> the same model with these pooled completely, or not at all.

Complete pooling leaves the group effects out. Without pooling each level has population effects of its own in place of
all that its rows alone can tell: Gelman & Hill (2007), Data Analysis Using Regression and Multilevel/Hierarchical
Models, section 12.2.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tildemc.arrays import Floats, Integers, Mask
from tildemc.errors import FitError, SemanticError
from tildemc.passes.identify import NOTHING
from tildemc.passes.rank import rank, spanned
from tildemc.passes.scale import scale_priors
from tildemc.passes.written import written
from tildemc.spec.design import Design
from tildemc.spec.expr import Col, Const, Expr, Op
from tildemc.spec.model import AnyTerm, ModelSpec
from tildemc.spec.priors import COEFFICIENT, MODELLED_COEFFICIENT, Prior
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.group import GroupDesign, GroupEffects
from tildemc.spec.terms.population import Population, PopulationDesign
from tildemc.spec.terms.product import INTERCEPT_LABEL, Coding, Column, Product
from tildemc.spec.terms.term import Path

__all__ = ["Own", "Unpooled", "determined", "foreseen", "level_rows", "pool", "unpool"]


LARGEST = 2**26
"""How many numbers, rows × columns, the design without pooling may have: 512 MB."""


@dataclass(frozen=True, eq=False)
class Around:
    """Effects by a factor of which each level here has one, `(1 | school)` of classes: they shift all that a level has.

    Attributes
    ----------
    effects : GroupEffects
    level : (levels,) of int
        Of that factor, for each level here; -1 for none.
    shares : (levels, effects, columns of `effects`)
        What one unit of its effects adds to each effect of each level here.
    """

    effects: GroupEffects
    level: Integers
    shares: Floats


@dataclass(frozen=True, eq=False)
class Own:
    """What the levels of a factor have of their own in one predictor when nothing is pooled.

    Attributes
    ----------
    parameter : str
        Whose predictor.
    factor : Factor
    effects : tuple of str
    place : (levels, effects) of int
        Which of the levels' columns is that effect of that level, all levels' first effects first; -1 where the level's
        rows have no use for it. The levels' columns are the last of the predictor's.
    known : (levels, effects) of bool
        Whether the level's own rows determine that effect: they tell it from the others, and some finite value fits
        them best.
    spanned : tuple of str
        The columns of the pooled model, the intercept among them, that the levels' own effects make up.
    shares : (levels, effects, columns of `spanned`)
        How: what one unit of such a column's coefficient adds to each effect of each level.
    around : tuple of Around
        The other factors whose effects the levels' own make up.
    """

    parameter: str
    factor: Factor
    effects: tuple[str, ...]
    place: Integers
    known: Mask
    spanned: tuple[str, ...]
    shares: Floats
    around: tuple[Around, ...] = ()

    @property
    def absorbed(self) -> tuple[str, ...]:
        """The columns of the pooled model that vary between levels only: what they do is in the levels' own effects."""
        varies = np.ptp(self.shares, axis=0).max(axis=0) > NOTHING * np.abs(self.shares).max(axis=(0, 1), initial=0.0)
        columns = tuple(label for label, between in zip(self.spanned, varies, strict=True) if between)
        return (*columns, *(f"the effect by {one.effects.factor.label}" for one in self.around))


@dataclass(frozen=True, eq=False)
class Unpooled:
    """The model without pooling, its numbers, and what levels have of their own in each predictor with the factor."""

    spec: ModelSpec
    design: Design
    own: tuple[Own, ...]


def pool(spec: ModelSpec, design: Design, group: str) -> tuple[ModelSpec, Design]:
    """The model without effects by that factor: complete pooling.

    Raises
    ------
    SemanticError
        If nothing else is in a formula.
    """
    pooled, numbers = _without(spec, design, group)
    for predictor in pooled.predictors:
        population = predictor.population
        if population.intercept is None and not population.products and not predictor.groups:
            raise SemanticError(
                f"without the effects by `{group}` nothing is left of the formula for {predictor.parameter}: "
                "there is no complete pooling to compare with"
            )
    return replace(pooled, formula=written(pooled)), numbers


def unpool(spec: ModelSpec, design: Design, group: str) -> Unpooled:
    """The model in which each level of that factor has effects of its own: no pooling.

    What a level's rows have no use for it does not get. Population columns that the levels' own effects make up are
    left out.

    Raises
    ------
    FitError
        If that would be too large a design.
    """
    if spec.family.mixture is not None:
        raise FitError(
            "no pooling is built for mixtures: by itself a level hardly tells its components apart; `fit()` has them"
        )
    rest, numbers = _without(spec, design, group)
    terms: dict[Path, AnyTerm] = {}
    designs: dict[Path, PopulationDesign] = {}
    own: list[Own] = []
    for predictor in spec.predictors:
        for effects in (one for one in predictor.groups if one.factor.label == group):
            population, members = predictor.population, design.of(effects)
            told = _own(effects, members, population, design.of(population).X)
            others = (one for one in predictor.groups if one.path != effects.path)
            found = (_around(one, design.of(one), members, len(effects.factor.levels)) for one in others)
            told = replace(told, around=tuple(one for one in found if one is not None))
            if predictor is spec.predictors[0]:
                told = replace(told, known=told.known & ~_at_an_end(spec, design, members, told)[:, None])
            record = spec.family.parameter(predictor.parameter)
            assert record is not None
            default = COEFFICIENT if record.intercept is None else MODELLED_COEFFICIENT
            terms[population.path], designs[population.path] = _separate(
                population, design.of(population).X, effects, members, told, default
            )
            own.append(told)
    changed = rest.with_terms(terms)
    whole = replace(numbers, terms={**numbers.terms, **designs})
    changed, whole = _dropped(changed, whole, {around.effects.path for one in own for around in one.around})
    return Unpooled(scale_priors(replace(changed, formula=written(changed)), whole), whole, tuple(own))


def _without(spec: ModelSpec, design: Design, group: str) -> tuple[ModelSpec, Design]:
    """Leave the factor's effects out."""
    return _dropped(spec, design, {effects.path for effects in spec.groups() if effects.factor.label == group})


def _dropped(spec: ModelSpec, design: Design, gone: Collection[Path]) -> tuple[ModelSpec, Design]:
    """Leave the terms at these paths out."""
    predictors = tuple(
        replace(predictor, terms=tuple(term for term in predictor.terms if term.path not in gone))
        for predictor in spec.predictors
    )
    kept = {path: numbers for path, numbers in design.terms.items() if path not in gone}
    return replace(spec, predictors=predictors), replace(design, terms=kept)


# What levels have of their own


def level_rows(group: GroupDesign, levels: int) -> list[Integers]:
    """The rows of each level."""
    order = np.argsort(group.index, kind="stable")
    ends = np.searchsorted(group.index[order], np.arange(levels + 1))
    return [order[start:end] for start, end in pairwise(ends)]


def determined(Z: Floats) -> tuple[list[int], Mask]:
    """Which effects some rows have a use for, one after the other, and which of them they determine.

    Rows of the same value of a column cannot tell its effect from an intercept's, and determine neither.

    Parameters
    ----------
    Z : (rows, effects)
    """
    kept = spanned(Z).kept
    others = ([j for j in kept if j != k] + [j for j in range(Z.shape[1]) if j not in kept] for k in range(Z.shape[1]))
    known = [k in kept and rank(Z[:, rest]) < len(kept) for k, rest in enumerate(others)]
    return kept, np.array(known, dtype=bool)


def foreseen(group: GroupDesign, levels: int, kept: Integers, others: Integers) -> Mask:
    """Of which rows among `others` the rows that are kept say enough, where no level learns from another.

    Those whose columns are a sum of the columns of kept rows of their own level, or that have no level.
    """
    found = group.index[others] < 0
    mine, theirs = (level_rows(GroupDesign(group.Z[rows], group.index[rows]), levels) for rows in (kept, others))
    for own, new in zip(mine, theirs, strict=True):
        if len(own) and len(new):
            Z, z = group.Z[kept[own]], group.Z[others[new]]
            left = z - z @ np.linalg.pinv(Z) @ Z
            found[new] = (left**2).sum(axis=1) <= NOTHING * (z**2).sum(axis=1)
    return found


def _own(effects: GroupEffects, group: GroupDesign, population: Population, X: Floats) -> Own:
    """What the levels' rows determine, and which of the population's columns their effects make up."""
    levels = len(effects.factor.levels)
    names = tuple(column.label for column in population.columns)
    if population.intercept is not None:
        names, X = (INTERCEPT_LABEL, *names), np.column_stack([np.ones(len(X)), X])
    place = np.full((levels, len(effects.columns)), -1)
    known = np.zeros(place.shape, dtype=bool)
    shares = np.zeros((*place.shape, len(names)))
    left = np.zeros(len(names))
    for level, rows in enumerate(level_rows(group, levels)):
        Z = group.Z[rows]
        kept, known[level] = determined(Z)
        place[level, kept] = 0
        shares[level] = np.linalg.lstsq(Z, X[rows], rcond=None)[0]
        left += ((X[rows] - Z @ shares[level]) ** 2).sum(axis=0)
    used = place.T == 0
    place.T[used] = np.arange(used.sum())
    has = group.index >= 0
    # Rows without a level, of which no effect is asked, know such a column too.
    left += (X[~has] ** 2).sum(axis=0)
    square = (X**2).sum(axis=0)
    spanned = np.flatnonzero(left <= NOTHING * square)
    # A column that is the same sum of effects in every level is so in levels whose own rows would leave it open.
    everywhere = np.linalg.lstsq(group.Z[has], X[has], rcond=None)[0]
    same = ((X[has] - group.Z[has] @ everywhere) ** 2).sum(axis=0) <= NOTHING * square
    shares = np.where(same, everywhere, shares)[:, :, spanned]
    labels = tuple(names[j] for j in spanned)
    return Own(effects.parameter, effects.factor, effects.labels, place, known, labels, shares)


def _around(effects: GroupEffects, other: GroupDesign, group: GroupDesign, levels: int) -> Around | None:
    """How the levels' own effects make up those by another factor; None if they do not."""
    if (group.index < 0).any():
        return None
    level = np.full(levels, -1)
    shares = np.zeros((levels, group.Z.shape[1], other.Z.shape[1]))
    for j, rows in enumerate(level_rows(group, levels)):
        own, theirs = group.Z[rows], other.Z[rows]
        shares[j] = np.linalg.lstsq(own, theirs, rcond=None)[0]
        left = ((theirs - own @ shares[j]) ** 2).sum()
        if np.ptp(other.index[rows]) or left > NOTHING * (theirs**2).sum():
            return None
        level[j] = other.index[rows[0]]
    return Around(effects, level, shares)


def _at_an_end(spec: ModelSpec, design: Design, group: GroupDesign, own: Own) -> Mask:
    """Which levels have but the least or the greatest response there is: no finite coefficient fits them best."""
    assert design.y is not None
    values, rows = spec.family.values, level_rows(group, len(own.factor.levels))
    greatest = design.trials if design.trials is not None else values.upper
    ends = [design.y == end for end in (values.lower, greatest) if values.whole]
    return np.array([any(end[here].all() for end in ends) for here in rows], dtype=bool)


def _separate(
    population: Population, X: Floats, effects: GroupEffects, group: GroupDesign, own: Own, default: Prior
) -> tuple[Population, PopulationDesign]:
    """The population with the levels' own columns, which have that prior, and its numbers."""
    size = int((own.place >= 0).sum())
    n = len(X)
    if n * (size + X.shape[1]) > LARGEST:
        raise FitError(
            f"without pooling, {len(own.factor.levels):,} levels of `{own.factor.label}` take {size:,} columns of "
            f"{n:,} rows, more than can be held: compare some of the levels, in data of their rows"
        )
    kept = [column.label not in own.spanned for column in population.columns]
    left = [product for whole in population.products for product in _left_of(whole, own)]
    priors = [prior for prior, stays in zip(population.coefficients, kept, strict=True) if stays]
    changed = replace(
        population,
        intercept=None if INTERCEPT_LABEL in own.spanned else population.intercept,
        products=(*left, *_level_products(own, effects)),
        coefficients=(*priors, *[default] * size),
    )
    return changed, PopulationDesign(np.column_stack([X[:, kept], _level_columns(own, group)]))


def _left_of(product: Product, own: Own) -> list[Product]:
    """What is left of a product: the columns that levels do not make up."""
    kept = [column for column in product.columns if column.label not in own.spanned]
    if len(kept) == len(product.columns):
        return [product]
    return [Product(column.label, (Coding((column,)),)) for column in kept]


def _level_products(own: Own, effects: GroupEffects) -> Iterator[Product]:
    """Of each effect the levels' columns: `countyAITKIN`, …; `countyAITKIN:floor`, …."""
    factor = own.factor
    for effect, column in enumerate(effects.columns):
        found = []
        suffix = "" if column.label == INTERCEPT_LABEL else f":{column.label}"
        for level in np.flatnonzero(own.place[:, effect] >= 0).tolist():
            value = _indicator(factor, level)
            value = value * column.value if suffix else value
            found.append(Column(f"{factor.label}{factor.levels[level]}{suffix}", value, column.span))
        if found:
            yield Product(f"{factor.label}{suffix}", (Coding(tuple(found)),))


def _indicator(factor: Factor, level: int) -> Expr:
    first, *others = (
        Op("==", Col(name), Const(value)) for name, value in zip(factor.columns, factor.keys[level], strict=True)
    )
    found: Expr = first
    for test in others:
        found = found * test
    return found


def _level_columns(own: Own, group: GroupDesign) -> Floats:
    """The levels' columns, (n, columns), as `own.place` numbers them."""
    index = np.maximum(group.index, 0)
    found = np.zeros((len(index), int((own.place >= 0).sum())))
    for effect in range(len(own.effects)):
        at = own.place[index, effect]
        rows = np.flatnonzero((at >= 0) & (group.index >= 0))
        found[rows, at[rows]] = group.Z[rows, effect]
    return found
