"""The group terms of formulas -> group effects: blocks, the several groups of a row, effects shared by an ID."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import DataError, SemanticError, Unvarying
from tildemc.resolve.algebra import Terms
from tildemc.resolve.coding import code_terms
from tildemc.resolve.expanded import Bar, Expanded
from tildemc.resolve.given import Given, known_between
from tildemc.resolve.grouped import Members
from tildemc.resolve.meaning import arithmetic, as_given, meaning
from tildemc.resolve.places import places_of, refuse_alone
from tildemc.resolve.schema import Schema
from tildemc.resolve.twice import numbered, refuse_twice, told_apart
from tildemc.resolve.values import Category
from tildemc.spec.covariance import COVARIANCES, Shape
from tildemc.spec.expr import Const, Expr
from tildemc.spec.families import Family, FamilyParameter
from tildemc.spec.priors import GROUP_SD, MODELLED_GROUP_SD, MODELLED_LOADING, Prior
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.known import Between
from tildemc.spec.terms.levels_apart import TAILS, LevelWeights, Tails
from tildemc.spec.terms.product import ONE, Coding, Column, Product, columns_of
from tildemc.spec.terms.shared import SharedEffects
from tildemc.syntax import tree
from tildemc.syntax.tree import Argument, Name

__all__ = ["GroupTerms", "factor_of"]

_Key = tuple[str, tuple[str, ...]]
"""An ID, and the columns of the grouping factor that it is of."""


def factor_of(names: tuple[Name, ...], columns: Schema) -> Factor:
    """What rows are grouped by.

    Raises
    ------
    Unvarying
        If all are in one group.
    """
    return _varying(columns.factor(names), names)


def _varying(factor: Factor, names: tuple[Name, ...]) -> Factor:
    if len(factor.levels) < 2:
        raise Unvarying(f"`{factor.label}` has only one level", names[0].span, "nothing can vary by it")
    return factor


@dataclass(frozen=True, slots=True)
class _Sharer:
    """The group terms of one parameter that have an ID."""

    parameter: FamilyParameter
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class GroupTerms:
    """The group terms of a model; `sharers`: for each ID in order, the parameters in whose formulas it stands.

    `doubled`: whether an effect by one factor may stand in several terms.
    """

    columns: Schema
    notes: list[str]
    given: Given
    sharers: Mapping[_Key, tuple[_Sharer, ...]]
    doubled: bool

    @classmethod
    def of(cls, formula: Expanded, family: Family, columns: Schema, notes: list[str], given: Given) -> GroupTerms:
        """Those of all predictors."""
        found: dict[_Key, tuple[_Sharer, ...]] = {}
        for predictor in formula.predictors:
            parameter = family.parameter(predictor.parameter)
            by_key: dict[_Key, tuple[Bar, ...]] = {}
            for bar in predictor.bars:
                if bar.shared is not None:
                    key = bar.shared.text, _group_of(bar)
                    by_key[key] = (*by_key.get(key, ()), bar)
            for key, bars in by_key.items():
                if parameter is not None:
                    found[key] = (*found.get(key, ()), _Sharer(parameter, bars))
        return cls(columns, notes, given, found, formula.doubled)

    def terms(self, parameter: FamilyParameter, bars: Sequence[Bar]) -> tuple[GroupEffects | SharedEffects, ...]:
        """The terms of one predictor, by factor in order of appearance."""
        by_factor: dict[tuple[str, ...], dict[object, tuple[Bar, ...]]] = {}
        for number, bar in enumerate(self._once(bars)):
            one = by_factor.setdefault(_group_of(bar), {})
            # Terms with one ID have one covariance, as if they were one.
            key: object = number if bar.shared is None else bar.shared.text
            one[key] = (*one.get(key, ()), bar)
        found: list[GroupEffects | SharedEffects] = []
        for units in by_factor.values():
            found += self._of_factor(parameter, [*units.values()])
        return tuple(found)

    def _once(self, bars: Sequence[Bar]) -> Iterator[Bar]:
        """The terms without those that stand twice, as `(1 | a)` does in `(1 | a/b) + (1 | a/c)`.

        Of the variances of two such effects data know the sum alone, which is that of one.
        """
        seen: list[Bar] = []
        for bar in bars:
            if bar.shared is None and bar in seen:
                group = ":".join(name.text for name in bar.factor)
                self.notes.append(
                    f"a group term by `{group}` stands twice and is read once: of the variances that lme4 and glmmTMB "
                    "estimate for each the data know the sum alone, and brms refuses them"
                )
                continue
            seen.append(bar)
            yield bar

    def _of_factor(
        self, parameter: FamilyParameter, units: list[tuple[Bar, ...]]
    ) -> Iterator[GroupEffects | SharedEffects]:
        factors = self._factors(units[0][0])
        own = [unit for unit in units if self._owner(unit[0], parameter) == parameter]
        if own:
            found = [block for unit in own for block in self._blocks(parameter, factors, unit)]
            blocks = told_apart(found)
            if self.doubled:
                blocks = numbered(blocks, factors[0], self.notes)
            else:
                refuse_twice(blocks, factors[0], own[-1][-1].span)
            factor, between = self._known(own, factors[0])
            tails, weights = _tails(own, factor), self._weights(own, factor)
            effects = GroupEffects(parameter.name, factor, blocks, between, tails, weights)
            yield effects
            for number, factor in enumerate(factors[1:], start=1):
                products = tuple(
                    product
                    for unit in own
                    for part in self._each(factors[0], unit[0], self._products(unit, number), number)
                    for product in part
                )
                yield SharedEffects(parameter.name, effects.path, factor, products)
        for unit in units:
            owner = self._owner(unit[0], parameter)
            if owner != parameter:
                yield self._elsewhere(parameter, owner, factors, unit)

    def _factors(self, bar: Bar) -> tuple[Factor, ...]:
        """The grouping factor, or one for each of a row's groups."""
        if bar.members is None:
            return (factor_of(bar.factor, self.columns),)
        factors = self.columns.members(bar.members.columns)
        return (_varying(factors[0], bar.members.columns), *factors[1:])

    def _known(self, units: list[tuple[Bar, ...]], factor: Factor) -> tuple[Factor, Between | None]:
        """The levels that have effects, and the covariance between them: that of all terms by one factor."""
        name = _said_alike(units, factor, lambda bar: bar.known, "covariance between levels")
        return (factor, None) if name is None else known_between(name, factor, self.given)

    def _weights(self, units: list[tuple[Bar, ...]], factor: Factor) -> LevelWeights | None:
        """How much each level counts: the same in all terms by one factor."""
        name = _said_alike(units, factor, lambda bar: bar.weights, "set of weights")
        if name is None:
            return None
        both = self.columns.factor((*units[0][0].factor, name))
        own = {key[:-1]: key[-1] for key in both.keys}
        if len(both.keys) > len(own):
            raise DataError(f"some levels of `{factor.label}` have several values of `{name.text}`", name.span)
        values = tuple(own.get(key) for key in factor.keys)
        numbers = tuple(float(value) for value in values if isinstance(value, int | float) and value > 0)
        if len(numbers) < len(values):
            raise DataError(f"`{name.text}` has a number above zero for each level of `{factor.label}`", name.span)
        return LevelWeights(name.text, numbers)

    def _owner(self, bar: Bar, parameter: FamilyParameter) -> FamilyParameter:
        """Whose term has the effects: of those with one ID, the first."""
        return parameter if bar.shared is None else self._sharers(bar)[0].parameter

    def _sharers(self, bar: Bar) -> tuple[_Sharer, ...]:
        assert bar.shared is not None
        return self.sharers[bar.shared.text, _group_of(bar)]

    def _elsewhere(
        self, parameter: FamilyParameter, owner: FamilyParameter, factors: tuple[Factor, ...], unit: tuple[Bar, ...]
    ) -> SharedEffects:
        """Effects that belong to a term of another parameter."""
        if len(factors) > 1:
            raise SemanticError("effects by `mm()` cannot be shared by several parameters", unit[0].span)
        first = 0
        for sharer in self._sharers(unit[0]):
            if sharer.parameter == parameter:
                break
            first += len(columns_of(self._products(sharer.bars, 0)))
        path = (owner.name, "group", factors[0].label)
        return SharedEffects(parameter.name, path, factors[0], self._products(unit, 0), first)

    # Blocks

    def _blocks(
        self, parameter: FamilyParameter, factors: tuple[Factor, ...], unit: tuple[Bar, ...]
    ) -> Iterator[Block]:
        """The blocks of terms that are one, those of `by` apart."""
        products, bar = self._products(unit, 0), unit[0]
        whose = [parameter] * len(columns_of(products))
        for sharer in self._sharers(bar)[1:] if bar.shared is not None else ():
            other = tuple(_elsewhere(product, sharer.parameter) for product in self._products(sharer.bars, 0))
            products, whose = (*products, *other), [*whose, *[sharer.parameter] * len(columns_of(other))]
        for own in self._each(factors[0], bar, products, 0):
            yield self._block(own, whose, factors[0], bar)

    def _each(
        self, factor: Factor, bar: Bar, products: tuple[Product, ...], member: int
    ) -> Iterator[tuple[Product, ...]]:
        """The products of each covariance: one, or that of each level of `by`."""
        members = bar.members
        if members is not None and members.by:
            self._check_nested(factor, members)
            yield from self._by_level(products, members.by[member], members.by[0].text)
        elif bar.by is not None:
            if len(self.columns.factor((*bar.factor, bar.by)).levels) > len(factor.levels):
                raise _not_nested(factor, bar.by)
            self._tell_by(factor, bar.by)
            yield from self._by_level(products, bar.by, bar.by.text)
        else:
            yield products

    def _check_nested(self, factor: Factor, members: Members) -> None:
        """Refuse a group with several levels of `by`, whichever column it is in, and columns of unlike levels."""
        each = [self.columns.factor(pair).keys for pair in zip(members.columns, members.by, strict=True)]
        keys = {key for own in each for key in own}
        if len(keys) > len({group for group, _ in keys}):
            raise _not_nested(factor, members.by[0])
        levels = [{level for _, level in own} for own in each]
        for own, by in zip(levels, members.by, strict=True):
            if own != levels[0]:
                raise SemanticError(f"`{by.text}` has other levels than `{members.by[0].text}`", by.span)
        self._tell_by(factor, members.by[0])

    def _tell_by(self, factor: Factor, by: Name) -> None:
        note = (
            f"each level of {factor.label} is listed with the effects of all levels of {by.text}; no row informs those "
            f"of another {by.text} than its own, which are draws from their distribution"
        )
        if note not in self.notes:
            self.notes.append(note)

    def _products(self, unit: Sequence[Bar], member: int) -> tuple[Product, ...]:
        """What effects are multiplied by, for one of a row's groups."""
        found: list[Product] = []
        for bar in unit:
            terms = bar.terms if bar.members is None else _of_member(bar.terms, bar.members, member)
            products = code_terms(terms, self.columns)
            products = (ONE, *products) if terms.intercept else products
            if bar.members is not None:
                weight = _weight(bar.members, member, self.columns)
                products = tuple(_weighted(product, weight) for product in products)
            found += products
        return tuple(found)

    def _by_level(self, products: tuple[Product, ...], by: Name, called: str) -> Iterator[tuple[Product, ...]]:
        """The effects of those that have each level of `by`, brms's `gr(g, by = arm)`: `Intercept:armb`.

        Those of a group that has another level are zero in all rows.
        """
        value = as_given(by, self.columns)
        if not isinstance(value, Category):
            value = meaning(tree.Call("factor", (Argument(by),), by.span), self.columns)
        assert isinstance(value, Category)
        for level in value.levels:
            own = Column(f"{called}{level.label}", level.indicator, by.span)
            coding = Coding((own,), factors=value.known(by.text))
            yield tuple(Product(f"{product.label}:{own.label}", (*product.codings, coding)) for product in products)

    def _block(
        self, products: tuple[Product, ...], whose: Sequence[FamilyParameter], factor: Factor, bar: Bar
    ) -> Block:
        """Effects with one covariance; `whose` is the parameter that each is on."""
        n = len(columns_of(products))
        covariance = COVARIANCES[bar.structure]
        if bar.rank is not None:
            if bar.rank > n:
                message = f"`d` is {bar.rank}, and there are {n} effects: they are sums of as many factors at most"
                raise SemanticError(message, bar.span)
            covariance = covariance.of_rank(bar.rank)
        if n == 1:
            refuse_alone(covariance, products, bar)
            covariance = COVARIANCES["diag"]
        if bar.doubled and any(len(product.columns) > 1 for product in products):
            self.notes.append(
                f"`||` makes every column's effect by {factor.label} independent, factor levels too "
                "(as in glmmTMB and brms; lme4 would keep a factor's levels correlated)"
            )
        places = places_of(products, bar) if covariance.located else ()
        sds = tuple(_default(parameter) for parameter in whose[: len(set(covariance.sds(n)))])
        names = tuple(parameter.name for parameter in whose)
        block = Block(products, covariance, sds, places=places, parameters=names if len(set(names)) > 1 else ())
        priors = tuple(_of_shape(shape, whose[0 if shape.entry is None else shape.entry[0]]) for shape in block.shapes)
        return replace(block, shape_priors=priors)


def _group_of(bar: Bar) -> tuple[str, ...]:
    names = bar.factor if bar.members is None else bar.members.columns
    return (*(name.text for name in names), *(("mm",) if bar.members is not None else ()))


def _said_alike(
    units: list[tuple[Bar, ...]], factor: Factor, said: Callable[[Bar], Name | None], what: str
) -> Name | None:
    """What all terms by one factor say of its levels."""
    named = list(dict.fromkeys(said(bar) for unit in units for bar in unit))
    if len(named) > 1:
        name = next(name for name in named if name is not None)
        message = f"the effects by `{factor.label}` have one {what}: write the same in all terms"
        raise SemanticError(message, name.span)
    return named[0]


def _tails(units: list[tuple[Bar, ...]], factor: Factor) -> Tails | None:
    """Whether effects are Student-t: all of a level's together, as brms has those of one term."""
    student = [bar for unit in units for bar in unit if bar.student]
    if student and (len(units) > 1 or len(student) < len(units[0])):
        raise SemanticError(
            f"Student-t effects by `{factor.label}` have one distribution together: write them as one term",
            student[-1].span,
        )
    return TAILS if student else None


def _of_shape(shape: Shape, parameter: FamilyParameter) -> Prior:
    """The default prior of what a covariance follows from."""
    if shape.entry is None or parameter.intercept is None:
        return shape.prior
    return replace(MODELLED_LOADING, lower=shape.support.lower)


def _not_nested(factor: Factor, by: Name) -> SemanticError:
    return SemanticError(
        f"some levels of `{factor.label}` have several levels of `{by.text}`: each has one covariance", by.span
    )


def _default(parameter: FamilyParameter) -> Prior:
    return GROUP_SD if parameter.intercept is None else MODELLED_GROUP_SD


def _elsewhere(product: Product, parameter: FamilyParameter) -> Product:
    """Effects on another parameter, as the term has them that they belong to: they add nothing here."""
    columns = (Column(f"{parameter.name}_{column.label}", Const(0.0), column.span) for column in product.columns)
    return Product(f"{parameter.name}_{product.label}", (Coding(tuple(columns)),))


# Several groups of a row


def _of_member(terms: Terms, members: Members, member: int) -> Terms:
    """The terms for one of a row's groups: `mmc(a, b)` is `a` for the first and `b` for the second."""

    def own(variable: tree.Expr) -> tree.Expr:
        match variable:
            case tree.Call("mmc", arguments, span):
                if len(arguments) != len(members.columns):
                    message = f"`mmc()` takes a column for each of the {len(members.columns)} groups of `mm()`"
                    raise SemanticError(message, span)
                return arguments[member].value
            case _:
                return variable

    each = tuple(replace(i, variables=tuple(map(own, i.variables))) for i in terms.interactions)
    return replace(terms, interactions=each)


def _weight(members: Members, member: int, columns: Schema) -> Expr:
    if not members.weights:
        return Const(1.0 / len(members.columns))
    weights = [arithmetic(weight, columns) for weight in members.weights]
    if not members.scaled:
        return weights[member]
    total = weights[0]
    for weight in weights[1:]:
        total = total + weight
    return weights[member] / total


def _weighted(product: Product, weight: Expr) -> Product:
    columns = tuple(replace(column, value=weight * column.value) for column in product.columns)
    factors = tuple(levels for coding in product.codings for levels in coding.factors)
    return Product(product.label, (Coding(columns, factors=factors),))
