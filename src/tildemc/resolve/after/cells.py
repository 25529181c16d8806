"""Cells of factors -> combinations of coefficients: means, differences, differences of differences.

As Stata's `contrast` has them: all other factors are averaged over their levels, each counted alike, and numbers are at
zero (Stata Base Reference Manual, contrast).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise, product

from tildemc.arrays import Label
from tildemc.errors import SemanticError
from tildemc.resolve.after.names import Coefficient, StataNames
from tildemc.resolve.hypothesis import Hypothesis
from tildemc.span import Span
from tildemc.spec.expr import Const, Expr, Var
from tildemc.syntax.stata.contrasted import Crossed, Operator

__all__ = ["CellMeans"]

Cell = Mapping[str, Label]
Weights = dict[str, float]
"""By the label of a coefficient."""


class CellMeans:
    """What a model says of combinations of levels.

    Attributes
    ----------
    names : StataNames
    """

    def __init__(self, names: StataNames) -> None:
        self.names = names

    def pairs(self, term: Crossed) -> dict[str, Hypothesis]:
        """The difference of each two cells, the later minus the earlier."""
        found: dict[str, Hypothesis] = {}
        cells = [dict(zip(term.names, levels, strict=True)) for levels in product(*self._levels(term))]
        for one, other in combinations(cells, 2):
            label = f"{_joined(term)} ({self._called(other)} vs {self._called(one)})"
            found[label] = self._hypothesis(label, _less(self._mean(other), self._mean(one)))
        return found

    def contrasts(self, term: Crossed) -> dict[str, Hypothesis]:
        """What operators ask for; of several factors the differences of their differences."""
        found: dict[str, Hypothesis] = {}
        for pairs in product(*(self._compared(name, operator, term.span) for name, operator in term.factors)):
            told = " ".join(
                f"({self.names.code(name, one)} vs {self.names.code(name, other)})"
                for name, (one, other) in zip(term.names, pairs, strict=True)
            )
            label = f"{_joined(term)} {told}"
            found[label] = self._hypothesis(label, self._difference(term.names, pairs))
        return found

    def joint(self, term: Crossed) -> Iterator[Hypothesis]:
        """What is zero where a main effect, or an interaction, is none."""
        found = [*self.contrasts(term).values()]
        yield from (one for one in found if one.quantities)
        if not any(one.quantities for one in found):
            raise SemanticError(f"the model has no effect of `{_joined(term)}`", term.span)

    def _difference(self, factors: Sequence[str], pairs: Sequence[tuple[Label, Label]]) -> Weights:
        total: Weights = {}
        for chosen in product((0, 1), repeat=len(pairs)):
            cell = {name: pair[which] for name, pair, which in zip(factors, pairs, chosen, strict=True)}
            sign = (-1.0) ** sum(chosen)
            for label, weight in self._mean(cell).items():
                total[label] = total.get(label, 0.0) + sign * weight
        return total

    def _compared(self, name: str, operator: Operator | None, span: Span) -> list[tuple[Label, Label]]:
        """Which level is compared with which; with the base if it is not said how."""
        levels = self._of(name, span)
        kind = "r" if operator is None else operator.kind
        if kind == "ar":
            return [(later, before) for before, later in pairwise(levels)]
        if kind == "a":
            return [*pairwise(levels)]
        base = self._base(name, levels)
        if operator is not None and operator.base is not None:
            base = self.names.level(name, str(operator.base), span)
        return [(level, base) for level in levels if level != base]

    def _base(self, name: str, levels: Sequence[Label]) -> Label:
        """The level that has no coefficient of its own; the first where all or several have none."""
        own = {level for one in self.names.first if one.atoms and len(one.atoms) == 1 for _, level in one.atoms
               if one.atoms[0][0] == name}  # fmt: skip
        left = [level for level in levels if level not in own]
        return left[0] if len(left) == 1 else levels[0]

    def _levels(self, term: Crossed) -> list[tuple[Label, ...]]:
        return [self._of(name, term.span) for name in term.names]

    def _of(self, name: str, span: Span) -> tuple[Label, ...]:
        known = self.names.levels
        if name not in known:
            there = f"its factors are {', '.join(known)}" if known else "it has none"
            raise SemanticError(f"`{name}` is no factor of the model: {there}", span)
        # In the order of their values, whichever is the base.
        return tuple(sorted(known[name], key=lambda level: (isinstance(level, str), level)))

    def _mean(self, cell: Cell) -> Weights:
        """The weight of each coefficient in a cell's mean."""
        found = {own.label: self._weight(own, cell) for own in self.names.first}
        return {label: weight for label, weight in found.items() if weight}

    def _weight(self, own: Coefficient, cell: Cell) -> float:
        weight = 1.0 if own.atoms is not None else 0.0
        for name, level in own.atoms or ():
            if level is None:
                return 0.0
            weight *= float(cell[name] == level) if name in cell else 1 / len(self.names.levels[name])
        return weight

    def _called(self, cell: Cell) -> str:
        codes = [self.names.code(name, level) for name, level in cell.items()]
        return codes[0] if len(codes) == 1 else f"({' '.join(codes)})"

    def _hypothesis(self, label: str, weights: Weights) -> Hypothesis:
        value: Expr = Const(0.0)
        for name, weight in weights.items():
            value = value + weight * Var(name) if weight else value
        return self.names.stated(label, value)


def _joined(term: Crossed) -> str:
    return "#".join(term.names)


def _less(one: Weights, other: Weights) -> Weights:
    return {label: one.get(label, 0.0) - other.get(label, 0.0) for label in {**one, **other}}
