"""Products of Stata's variables in, terms of a formula out that span the columns Stata would.

Stata codes each product by itself, by the rule of the module `cells`. R's rule goes by the order of the terms, by
whether an intercept is there, and takes `b:x` to contain `b`. Where both agree a factor is written `factor(g)`.
Elsewhere it is `indicators(g)`, with the base left out, `indicators(g, base = NULL)`, with all levels, or
`indicators(a, b)`, which has a column for each cell but the first, or but those that `without = "a:b"` lists: where all
of some factors are at their base.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import assert_never

from tildemc.errors import UnsupportedError
from tildemc.span import Span
from tildemc.syntax.rcoding import full_factors
from tildemc.syntax.stata.cells import Key, key_of, left_out, no_base
from tildemc.syntax.stata.varlist import Categorical, Continuous, Indicator, Product, Variable
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Name, Number, Text, deparse

__all__ = ["Coded", "Part", "code"]


@dataclass(frozen=True, slots=True)
class Part:
    """One factor of a term as it is written, and the variables whose columns it has."""

    expr: Expr
    variables: tuple[Variable, ...]


class Coded:
    """The terms of one sum, and how each variable came to be written.

    Attributes
    ----------
    products : list of Product
    terms : list of Expr
        A term for each, perhaps in another order.
    notes : list of str
    """

    def __init__(self, found: Sequence[Product], *, intercept: bool) -> None:
        self.intercept = intercept
        self.products = list(found)
        self.notes = [_DROPPED.format(v.name) for (v, *more) in found if intercept and not more and no_base(v)]
        self._left_out = left_out(found, intercept=intercept)
        self._explicit: set[Key] = set()
        self._agree_with_r()
        self.terms = [_joined(self.written(product), _around(product)) for product in self.products]

    def written(self, product: Product) -> list[Part]:
        """The parts of a product as they stand in the formula, in the order of its variables."""
        return self._parts(product, explicit=key_of(product) in self._explicit)

    # What R would make of it

    def _agree_with_r(self) -> None:
        """Find an order in which R's coding is Stata's, or the products that must be coded by hand."""
        self._explicit = {key for key, sets in self._left_out.items() if any(len(places) > 1 for places in sets)}
        numbers_last = sorted(self.products, key=lambda p: any(isinstance(v, Continuous) for v in p))
        for order in (self.products, numbers_last):
            if not any(self._differing(order)):
                self.products = order
                return
        mains = {key for key, sets in self._left_out.items() if sets and len(key) == 1}
        while any(found := self._differing(self.products)):
            more, fewer = found
            # Without an intercept R's first factor has all its columns, and when it is coded by hand the next one.
            self._explicit |= more | (mains if more & mains else set()) or fewer

    def _differing(self, products: Sequence[Product]) -> tuple[set[Key], set[Key]]:
        """The products in which R has more columns of some factor than Stata, and those in which it has fewer."""
        written = [self.written(product) for product in products]
        free = [key_of(product) not in self._explicit for product in products]
        texts = [
            [(deparse(part.expr), by_r and isinstance(part.variables[0], Categorical)) for part in parts]
            for parts, by_r in zip(written, free, strict=True)
        ]
        more: set[Key] = set()
        fewer: set[Key] = set()
        for product, parts, by_r, full in zip(
            products, written, free, full_factors(texts, intercept=self.intercept), strict=True
        ):
            bases = {place for places in self._left_out[key_of(product)] for place in places}
            for position, part in enumerate(parts):
                if not by_r or not isinstance(part.variables[0], Categorical):
                    continue
                if (position in full) == (product.index(part.variables[0]) in bases):
                    (more if position in full else fewer).add(key_of(product))
        return more, fewer

    # How it is written

    def _parts(self, product: Product, *, explicit: bool) -> list[Part]:
        sets = self._left_out[key_of(product)]
        blocks = {place: places for places in sets for place in places}
        overlapping = explicit and len(blocks) < sum(map(len, sets))
        if overlapping:
            blocks = dict.fromkeys(blocks, _together(product, blocks))
        parts: list[Part] = []
        for place, variable in enumerate(product):
            if any(variable in part.variables for part in parts):
                continue
            together = tuple(product[other] for other in sorted(blocks.get(place, {place})))
            match variable:
                case Continuous():
                    parts.append(_power(variable, product))
                case Indicator(name, level, span):
                    parts.append(Part(_call("dummy", span, Name(name, span), Number(level, span)), (variable,)))
                case Categorical() if not explicit:
                    parts.append(Part(_factor(variable, alone=self.intercept and len(product) == 1), (variable,)))
                case Categorical() if place not in blocks:
                    parts.append(Part(_all_levels(variable), (variable,)))
                case Categorical():
                    without = [[product[place].name for place in sorted(places)] for places in sets if overlapping]
                    parts.append(Part(_indicators(together, without), together))
                case never:
                    assert_never(never)
        return parts


_DROPPED = "`ibn.{}` beside a constant: Stata drops the last level, which is the base here"


def code(found: Sequence[Product], *, intercept: bool) -> Coded:
    """Write products as terms of a formula with or without an intercept."""
    return Coded(found, intercept=intercept)


def _joined(parts: Sequence[Part], span: Span) -> Expr:
    term = parts[0].expr
    for part in parts[1:]:
        term = Binary(":", term, part.expr, span)
    return term


def _power(variable: Continuous, product: Product) -> Part:
    """`x`, or `I(x^2)` for `c.x#c.x`."""
    same = tuple(v for v in product if isinstance(v, Continuous) and v.name == variable.name)
    name, span = Name(variable.name, variable.span), variable.span
    if len(same) == 1:
        return Part(name, same)
    return Part(_call("I", span, Binary("^", name, Number(len(same), span), span)), same)


def _factor(variable: Categorical, *, alone: bool) -> Expr:
    """A factor that R codes as Stata does; `alone` beside a constant, `ibn.` has the last level for its base."""
    name, span = Name(variable.name, variable.span), variable.span
    match variable.base.kind:
        case "value":
            reference = Argument(Number(variable.base.number), "ref", span)
            return _call("relevel", span, _call("factor", span, name), reference)
        case "rank":
            contrast = _call("contr.treatment", span, Argument(Number(variable.base.number), "base", span))
            return _call("C", span, name, contrast)
        case "last":
            return _call("C", span, name, Name("SAS", span))
        case "none" if alone:
            return _call("C", span, name, Name("SAS", span))
        case "none" | "first":
            return _call("factor", span, name)
        case never:
            assert_never(never)


def _all_levels(variable: Categorical) -> Expr:
    span = variable.span
    return _call("indicators", span, Name(variable.name, span), Argument(Constant(None), "base", span))


def _together(product: Product, places: Collection[int]) -> frozenset[int]:
    """The factors of cells that several terms make redundant, each by other factors."""
    if len(places) > _MOST_TOGETHER:
        names = "##".join(v.name for v in product if isinstance(v, Categorical))
        message = f"this interaction leaves some of its own parts out; write `{names}`, which has them all"
        raise UnsupportedError(message, _around(product))
    return frozenset(places)


_MOST_TOGETHER = 3
"""Factors that `indicators()` takes."""


def _indicators(together: tuple[Variable, ...], without: Sequence[Sequence[str]] = ()) -> Expr:
    """All cells of some factors but that of their bases, or but those where all factors of `without` are at theirs."""
    span = _around(together)
    given: list[Expr | Argument] = []
    for variable in together:
        assert isinstance(variable, Categorical), "what has a base is a factor"
        name = Name(variable.name, variable.span)
        match variable.base.kind:
            case "first" | "none":
                given.append(name)
            case "value" if len(together) == 1:
                given += [name, Argument(Number(variable.base.number), "base", variable.span)]
            case "value":
                given.append(_factor(variable, alone=False))
            case _:
                message = "this base is not built here; name its value, as in `ib3.group`, or write `ibn.`"
                raise UnsupportedError(message, variable.span)
    if without:
        sets = tuple(Argument(Text(":".join(names), span)) for names in without)
        given.append(Argument(Call("c", sets, span), "without", span))
    return _call("indicators", span, *given)


def _call(function: str, span: Span | None, *arguments: Expr | Argument) -> Call:
    given = tuple(a if isinstance(a, Argument) else Argument(a, None, a.span) for a in arguments)
    return Call(function, given, span)


def _around(product: Product) -> Span:
    span = product[0].span
    for variable in product[1:]:
        span = span.join(variable.span)
    return span
