"""Products of Stata's variables in, terms of a formula out that span the columns Stata would.

Stata leaves a base level out of `i.g` whatever else is in the model; R's rule asks which other terms and whether an
intercept are there. Where both agree a factor is written `factor(g)`. Where R would give a factor all its columns and
Stata leaves the base out, it is `indicators(g)`; `indicators(a, b)` has a column for each cell but the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from tildemc.errors import UnsupportedError
from tildemc.span import Span
from tildemc.syntax.stata.varlist import Categorical, Continuous, Indicator, Product
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Text

__all__ = ["Coded", "code"]

Key = frozenset[tuple[str, str]]


class Coded:
    """The terms of one sum, and how each variable came to be written."""

    def __init__(self, found: Sequence[Product], *, intercept: bool) -> None:
        self.intercept = intercept
        self.products = list(found)
        self.notes: list[str] = []
        # Stata leaves the base of `i.g` out whether or not there is a constant.
        self._present: set[Key] = {_key(product) for product in found} | {frozenset()}
        self.terms = [self._term(product) for product in found]

    def written(self, product: Product) -> list[Expr]:
        """The variables of a product, as they stand in the formula."""
        factors = [v for v in product if isinstance(v, Categorical)]
        cells = self._cells(product, factors)
        parts: list[Expr] = [cells] if cells is not None else []
        for variable in product:
            match variable:
                case Continuous():
                    pass
                case Categorical() if cells is None:
                    parts.append(self._factor(product, variable))
                case Indicator(name, level, span):
                    parts.append(_call("dummy", span, Name(name, span), Text(str(level), span)))
        powers = _powers([v for v in product if isinstance(v, Continuous)])
        # Continuous variables keep their place among the others.
        return _in_order(product, parts, powers)

    def _term(self, product: Product) -> Expr:
        parts = self.written(product)
        term = parts[0]
        for part in parts[1:]:
            term = Binary(":", term, part, _around(product))
        return term

    def _cells(self, product: Product, factors: list[Categorical]) -> Expr | None:
        """`indicators(a, b)` for `a#b` where the model has neither `a` nor `b`, but what their columns add up to."""
        if len(factors) < 2:
            return None
        whole = _key(product)
        without = [whole - _key((factor,)) for factor in factors]
        rest = whole - _key(tuple(factors))
        lower = [
            rest | _key(some)
            for size in range(len(factors) - 1)
            for some in combinations(factors, size)
            if rest | _key(some) in self._present
        ]
        uncovered = [term for term in lower if not any(term <= above and above in self._present for above in without)]
        every_cell = not self.intercept and not rest and all(factor.base.kind == "none" for factor in factors)
        if not uncovered or every_cell:
            return None
        if uncovered != [rest] or any(above in self._present for above in without):
            names = "##".join(factor.name for factor in factors)
            message = f"this interaction leaves some of its own parts out; write `{names}`, which has them all"
            raise UnsupportedError(message, _around(product))
        if any(factor.base.kind not in ("first", "none") for factor in factors):
            message = "an interaction without its main effects has the first cell as its base here; write `##`"
            raise UnsupportedError(message, _around(product))
        span = _around(product)
        return _call("indicators", span, *(Name(factor.name, factor.span) for factor in factors))

    def _factor(self, product: Product, variable: Categorical) -> Expr:
        rest = _key(tuple(v for v in product if v is not variable))
        leaves_base_out = len(product) == 1 or rest in self._present
        every_level = variable.base.kind == "none" and len(product) == 1
        if leaves_base_out and not self.intercept and not every_level:
            return _indicators(variable)
        return _factor(variable, self.notes if self.intercept and len(product) == 1 else None)


def code(found: Sequence[Product], *, intercept: bool) -> Coded:
    """Write products as terms of a formula with or without an intercept."""
    return Coded(found, intercept=intercept)


def _key(product: Product) -> Key:
    parts: list[tuple[str, str]] = []
    for variable in product:
        kind = "factor" if isinstance(variable, Categorical) else "number"
        name = f"{variable.level}.{variable.name}" if isinstance(variable, Indicator) else variable.name
        count = sum(1 for part in parts if part[0] == name and part[1].startswith(kind))
        parts.append((name, f"{kind}{count}"))
    return frozenset(parts)


def _in_order(product: Product, others: list[Expr], powers: dict[str, Expr]) -> list[Expr]:
    ordered: list[Expr] = []
    waiting = list(others)
    for variable in product:
        if isinstance(variable, Continuous):
            power = powers.pop(variable.name, None)
            ordered += [power] if power is not None else []
        elif waiting:
            ordered.append(waiting.pop(0))
    return ordered


def _powers(numbers: list[Continuous]) -> dict[str, Expr]:
    """`x`, or `I(x^2)` for `c.x#c.x`."""
    powers: dict[str, Expr] = {}
    for variable in numbers:
        name = Name(variable.name, variable.span)
        times = sum(1 for other in numbers if other.name == variable.name)
        span = variable.span
        powers[variable.name] = name if times == 1 else _call("I", span, Binary("^", name, Number(times, span), span))
    return powers


def _factor(variable: Categorical, notes: list[str] | None) -> Expr:
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
        case "none" if notes is not None:
            notes.append(f"`ibn.{variable.name}` beside a constant: Stata drops the last level, which is the base here")
            return _call("C", span, name, Name("SAS", span))
    return _call("factor", span, name)


def _indicators(variable: Categorical) -> Expr:
    name, span = Name(variable.name, variable.span), variable.span
    match variable.base.kind:
        case "first" | "none":
            return _call("indicators", span, name)
        case "value":
            return _call("indicators", span, name, Argument(Number(variable.base.number), "base", span))
    message = "without a constant this base is not built; name its value, as in `ib3.group`, or write `ibn.`"
    raise UnsupportedError(message, span)


def _call(function: str, span: Span | None, *arguments: Expr | Argument) -> Call:
    given = tuple(a if isinstance(a, Argument) else Argument(a, None, a.span) for a in arguments)
    return Call(function, given, span)


def _around(product: Product) -> Span:
    span = product[0].span
    for variable in product[1:]:
        span = span.join(variable.span)
    return span
