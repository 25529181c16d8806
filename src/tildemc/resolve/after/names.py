"""A model's numbers by the names that Stata has for them: `2.f#c.x`, `_cons`, `var(x[g])`, `[lns1_1_1]_cons`.

A whole number names a level of that value; of a factor whose levels are text it is their number, as `encode` gives it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tildemc.arrays import Label
from tildemc.errors import SemanticError, UnsupportedError, nearest
from tildemc.resolve.after.spreads import Spreads
from tildemc.resolve.hypothesis import Hypothesis
from tildemc.resolve.quantities import Quantities, Quantity, prefix_of
from tildemc.resolve.reckoning import reckon
from tildemc.span import Span
from tildemc.spec.columns import label_of
from tildemc.spec.expr import Apply, Col, Const, Expr, Op, Recode, Var, walk
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.parameters import names
from tildemc.spec.terms.product import Column
from tildemc.syntax import tree
from tildemc.visible import listed

__all__ = ["Atom", "Coefficient", "StataNames", "levels_of"]

Atom = tuple[str, Label | None]
"""A variable, and the level of which it is the indicator; None for its number."""

CONSTANT = "_cons"
_MANY = 12
_INDEXED = re.compile(r"_(?:b|coef)\[(.*)\]")
_EQUATION = re.compile(r"\[([^\[\]]+)\](?:_b)?(?:\[([^\[\]]+)\]|(.+))")
_PART = re.compile(r"(?:(?:i?(\d+)(?:b|bn|o)?|(c|co|i))\.)?(\w+)")


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A population effect.

    Attributes
    ----------
    label : str
        As summaries have it.
    name : str
        Stata's, without that of its equation.
    atoms : tuple of Atom or None
        What its column is the product of; None where that is something else.
    """

    label: str
    name: str
    atoms: tuple[Atom, ...] | None


def levels_of(spec: ModelSpec) -> Mapping[str, tuple[Label, ...]]:
    """The levels of each factor among the population effects, in order."""
    found: dict[str, tuple[Label, ...]] = {}
    for predictor in spec.predictors:
        for product in predictor.population.products:
            for levels in (own for coding in product.codings for own in coding.factors):
                for part in walk(levels.has_one):
                    if isinstance(part, Recode) and isinstance(part.column, Col):
                        found.setdefault(part.column.name, tuple(level for level, _ in part.mapping))
    return found


class StataNames:
    """The names of a model's numbers.

    Attributes
    ----------
    spec : ModelSpec
    levels : mapping of str to tuple
        Of each factor.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.levels = levels_of(spec)
        self._known = Quantities(spec)
        self._names = names(spec)

    def quantity(self, label: str) -> Quantity:
        """The number that summaries call so."""
        return self._known.find(label)

    @cached_property
    def equations(self) -> Mapping[str, tuple[Coefficient, ...]]:
        """The population effects of each linear predictor, the constant last as in Stata; by its parameter."""
        return {predictor.parameter: tuple(self._coefficients(predictor)) for predictor in self.spec.predictors}

    @property
    def first(self) -> tuple[Coefficient, ...]:
        """Those of the response's own equation."""
        return self.equations[self.spec.predictors[0].parameter]

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Those that the coefficients are of."""
        known = (own for each in self.equations.values() for own in each)
        return tuple(dict.fromkeys(name for own in known for name, _ in own.atoms or ()))

    def _coefficients(self, predictor: Predictor) -> Iterator[Coefficient]:
        population, named = predictor.population, self._names.of(predictor.population)
        for column in population.columns:
            atoms = self._atoms(column)
            yield Coefficient(f"{named.b}[{column.label}]", self._spelled(column, atoms), atoms)
        if population.intercept is not None:
            yield Coefficient(named.intercept, CONSTANT, ())

    def _atoms(self, column: Column) -> tuple[Atom, ...] | None:
        found = _factors(column.value)
        return None if found is None else tuple(sorted(found, key=lambda atom: (atom[1] is None,)))

    def _spelled(self, column: Column, atoms: tuple[Atom, ...] | None) -> str:
        if atoms is None:
            return column.label
        return self.spelled(atoms)

    def spelled(self, atoms: Sequence[Atom]) -> str:
        """`2.f#c.x` of the two."""
        parts = [f"c.{name}" if level is None else f"{self.code(name, level)}.{name}" for name, level in atoms]
        return parts[0].removeprefix("c.") if len(parts) == 1 else "#".join(parts) or CONSTANT

    def code(self, name: str, level: Label) -> str:
        """The whole number that Stata has for a level."""
        if isinstance(level, str) and not level.isdecimal() and level in self.levels.get(name, ()):
            return str(self.levels[name].index(level) + 1)
        return str(int(level)) if isinstance(level, bool | int) else label_of(level)

    def level(self, name: str, code: str, span: Span | None) -> Label:
        """The level that a whole number stands for.

        Raises
        ------
        SemanticError
            If there is none.
        """
        known = self.levels.get(name, ())
        for level in known:
            if self.code(name, level) == code:
                return level
        if not known:
            raise SemanticError(f"`{name}` is no factor of the model{nearest(name, self.levels)}", span)
        told = [self.code(name, level) for level in known]
        named = "" if told == [label_of(level) for level in known] else f" ({listed([label_of(v) for v in known])})"
        raise SemanticError(f"`{name}` has no level {code}; it has {', '.join(told)}{named}", span)

    @cached_property
    def _spreads(self) -> Spreads:
        return Spreads(self.spec, self.effect)

    @cached_property
    def others(self) -> Mapping[str, Expr]:
        """What else is estimated, by what Stata's tables and lists of coefficients call it, in summaries' numbers."""
        thresholds = self.spec.thresholds
        if thresholds is None:
            return self._spreads.named
        name = self._names.of(thresholds).name
        own = [quantity for (quantity, *_) in self._known.labels.values() if quantity.name == name]
        return {**self._spreads.named, **{f"cut{place}": Var(each.label) for place, each in enumerate(own, 1)}}

    def effect(self, column: Column) -> str:
        """What an effect that varies by group is called."""
        atoms = self._atoms(column)
        return column.label if atoms is None else self.spelled(atoms)

    @cached_property
    def shown(self) -> Mapping[str, str]:
        """Stata's names by those of summaries; with variances in place of sds too."""
        found: dict[str, str] = {}
        for number, (parameter, coefficients) in enumerate(self.equations.items()):
            front = f"{self._equation(parameter)}:" if number or self._several else ""
            found |= {own.label: f"{front}{own.name}" for own in coefficients}
        for name, value in self.others.items():
            if isinstance(value, Var) and not name.startswith(("[", "sd(e.")):
                found[value.name] = f"/{name}" if name.startswith("cut") else name
        return {**found, **self._spreads.squares}

    @property
    def _several(self) -> bool:
        """Whether no predictor is before the others."""
        family = self.spec.family
        return len(family.mains) > 1 or family.multivariate is not None

    def _equation(self, parameter: str) -> str:
        """What an equation is called: the response, a category, a parameter."""
        family = self.spec.family
        if family.multivariate is not None:
            return prefix_of(self.spec, parameter).removesuffix("_")
        if len(family.mains) > 1 and family.mixture is None:
            return parameter.removeprefix("mu")
        return self.spec.response.label if parameter == self.spec.predictors[0].parameter else parameter

    # Reading

    def combination(self, value: tree.Expr, text: str) -> Hypothesis:
        """Arithmetic of the model's numbers as a hypothesis that it is zero.

        Raises
        ------
        SemanticError, UnsupportedError
            With the place in the text.
        """

        def leaf(expr: tree.Expr) -> Expr | None:
            return self.value(expr.text, expr.span) if isinstance(expr, tree.Name) else None

        return self.stated(text, reckon(value, leaf))

    def stated(self, text: str, value: Expr) -> Hypothesis:
        """The hypothesis that an expression in summaries' numbers is zero."""
        named = dict.fromkeys(part.name for part in walk(value) if isinstance(part, Var))
        return Hypothesis(text, value, "=", {name: self.quantity(name) for name in named})

    def coefficients(self) -> dict[str, Hypothesis]:
        """Those of all equations, by Stata's names."""
        labels = [own.label for known in self.equations.values() for own in known]
        return {self.shown[label]: self.stated(label, Var(label)) for label in labels}

    def spreads(self, *, variances: bool) -> dict[str, Hypothesis]:
        """Sds and correlations, or variances and covariances, by Stata's names."""
        found = self._spreads.told(variances=variances)
        return {name: self.stated(name, value) for name, value in found.items()}

    def value(self, name: str, span: Span | None) -> Expr:
        """The number that a name stands for, in the numbers of summaries; a coefficient at a base level is zero.

        Raises
        ------
        SemanticError, UnsupportedError
            With the place in the text.
        """
        if name.startswith("_se["):
            raise UnsupportedError("a standard error is no number of the model: it stands in the tables", span)
        indexed = _INDEXED.fullmatch(name)
        name = indexed[1] if indexed else name
        stated = _EQUATION.fullmatch(name)
        equation, rest = (stated[1], stated[2] or stated[3]) if stated else ("", name)
        if not stated and ":" in name:
            equation, _, rest = name.partition(":")
        for other in (f"[{equation}]{rest}", rest.lstrip("/"), f"{equation.lstrip('/')}"):
            if other in self.others and (other != equation.lstrip("/") or rest == CONSTANT):
                return self.others[other]
        return self._coefficient(self._of_equation(equation, span), rest, span)

    def _of_equation(self, equation: str, span: Span | None) -> tuple[Coefficient, ...]:
        if not equation:
            return self.first
        known = {self._equation(parameter): own for parameter, own in self.equations.items()}
        found = known.get(equation, self.equations.get(equation))
        if found is None:
            raise SemanticError(f"there is no equation `{equation}`; there are {', '.join(known)}", span)
        return found

    def _coefficient(self, known: Sequence[Coefficient], name: str, span: Span | None) -> Expr:
        for own in known:
            if name in (own.name, own.label):
                return Var(own.label)
        wanted = self._wanted(name, span)
        if wanted is not None:
            for own in known:
                if own.atoms is not None and sorted(map(str, own.atoms)) == sorted(map(str, wanted)):
                    return Var(own.label)
            if self._at_base(known, wanted):
                return Const(0.0)
        told = listed([own.name for own in known], _MANY)
        hint = nearest(name, [own.name for own in known])
        raise SemanticError(f"the model has no coefficient `{name}`: it has {told}{hint}", span)

    def _wanted(self, name: str, span: Span | None) -> list[Atom] | None:
        """What a name multiplies; None if it is no such name."""
        found: list[Atom] = []
        for part in name.split("#"):
            read = _PART.fullmatch(part)
            if read is None:
                return None
            code, _, variable = read.groups()
            found.append((variable, None if code is None else self.level(variable, code, span)))
        return found

    def _at_base(self, known: Sequence[Coefficient], wanted: Sequence[Atom]) -> bool:
        """Whether there are coefficients of other levels of the same, so that this one is omitted."""
        variables = sorted(name for name, _ in wanted)
        levels = any(level is not None for _, level in wanted)
        return levels and any(own.atoms and sorted(name for name, _ in own.atoms) == variables for own in known)


def _factors(value: Expr) -> list[Atom] | None:
    """What a column is the product of; None if it is something else."""
    match value:
        case Op("*", left, right):
            one, other = _factors(left), _factors(right)
            return None if one is None or other is None else [*one, *other]
        case Op("**", Col(name), Const(power)) if power in (2, 3, 4, 5, 6, 7, 8):
            return [(name, None)] * int(power)
        case Op("==", Col(name), Const(level)):
            return [(name, level)]
        case Apply("float", (inner,)):
            return _factors(inner)
        case Col(name):
            return [(name, None)]
        case Const(1.0):
            return []
        case _:
            return None
