"""Products of Stata's variables in, the cells that Stata leaves out of each: what other terms make redundant.

A cell of a product's factors goes if some of them stand at their base and the product without these is in the model,
or comes to a sum of columns that are; the constant counts as being there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from tildemc.syntax.stata.varlist import Categorical, Indicator, Product, Variable

__all__ = ["Key", "key_of", "left_out", "no_base"]

Key = frozenset[tuple[str, str]]


def left_out(products: Sequence[Product], *, intercept: bool) -> dict[Key, list[frozenset[int]]]:
    """For each product, by its key, the least sets of factors whose bases at once make a redundant cell; by place."""
    return _Cells(products, intercept=intercept).left_out


def key_of(product: Product) -> Key:
    """What tells a product from others: its variables, in any order."""
    parts: list[tuple[str, str]] = []
    for variable in product:
        kind = "factor" if isinstance(variable, Categorical) else "number"
        name = f"{variable.level}.{variable.name}" if isinstance(variable, Indicator) else variable.name
        count = sum(1 for part in parts if part[0] == name and part[1].startswith(kind))
        parts.append((name, f"{kind}{count}"))
    return frozenset(parts)


def no_base(variable: Variable) -> bool:
    """Whether it is `ibn.g`."""
    return isinstance(variable, Categorical) and variable.base.kind == "none"


class _Cells:
    def __init__(self, products: Sequence[Product], *, intercept: bool) -> None:
        self.intercept = intercept
        # Stata leaves the base of `i.g` out whether or not there is a constant.
        self._present: set[Key] = {key_of(product) for product in products} | {frozenset()}
        self.left_out: dict[Key, list[frozenset[int]]] = {}
        self._sums: set[Key] = set()
        for product in sorted(products, key=len):
            self.left_out[key_of(product)] = self._bases(product)
            self._sums |= self._summed(product)

    def _bases(self, product: Product) -> list[frozenset[int]]:
        found: list[frozenset[int]] = []
        for places in _sets_of_factors(product):
            if not any(smaller <= places for smaller in found) and self._redundant(product, places):
                found.append(places)
        return found

    def _redundant(self, product: Product, places: frozenset[int]) -> bool:
        rest = _without(product, places)
        numbers = bool(rest) and not any(isinstance(v, Categorical) for v in rest)
        if key_of(rest) not in self._present:
            return key_of(rest) in self._sums and (self.intercept or numbers)
        # With `ibn.` no level is a base, so that what is there must span the whole of what it would make redundant.
        return self.intercept or numbers or not any(no_base(product[place]) for place in places)

    def _summed(self, product: Product) -> set[Key]:
        """The products whose columns are sums of this one's; of two terms with one sum Stata drops a column."""
        if not self.intercept and self.left_out[key_of(product)]:
            return set()
        return {key_of(_without(product, places)) for places in _sets_of_factors(product)}


def _sets_of_factors(product: Product) -> Iterator[frozenset[int]]:
    """The places of some of a product's factors, the fewest first."""
    factors = [place for place, variable in enumerate(product) if isinstance(variable, Categorical)]
    for size in range(1, len(factors) + 1):
        yield from map(frozenset, combinations(factors, size))


def _without(product: Product, places: frozenset[int]) -> Product:
    return tuple(variable for place, variable in enumerate(product) if place not in places)
