"""A model's estimated numbers by all names that people may use: those of summaries, of priors, and brms's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product
from typing import assert_never

from tildemc.arrays import Label
from tildemc.errors import SemanticError, nearest
from tildemc.resolve.priors import normal, spelled
from tildemc.span import Span
from tildemc.spec.addresses import targets
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import Parameter, coordinates, names, parameters
from tildemc.spec.terms.address import Sense, Target
from tildemc.spec.terms.product import INTERCEPT_LABEL
from tildemc.spec.terms.term import ASIDE, COEFFICIENTS
from tildemc.visible import listed

__all__ = ["Quantities", "Quantity", "cleaned", "population_label", "prefix", "prefix_of"]

_MANY = 12


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number that a model estimates.

    Attributes
    ----------
    name : str
        Of the array that it is an element of.
    at : tuple of int
        Where it stands there.
    label : str
        As summaries write it.
    target : Target or None
        What its prior is of: it alone, or all correlations of some effects. None of a number that has none.
    squared : bool
        Whether the name was that of its square: of an sd the variance.
    """

    name: str
    at: tuple[int, ...]
    label: str
    target: Target | None = None
    squared: bool = False


def prefix(spec: ModelSpec, parameter: Parameter) -> str:
    """What brms puts before the names of what belongs to another parameter than the first: `sigma_`, `mu1_`."""
    return prefix_of(spec, parameter.path[0])


def prefix_of(spec: ModelSpec, owner: str) -> str:
    """The same of what belongs to a parameter of that name."""
    known = spec.family.multivariate
    if known is not None:
        own = {part.parameters[0].name: name for name, part in zip(known.names, known.parts, strict=True)}
        return f"{own.get(owner, owner)}_"
    alone = spec.family.mixture is None and owner == spec.family.parameters[0].name
    return "" if alone else f"{owner}_"


def population_label(spec: ModelSpec, parameter: Parameter, labels: Sequence[str]) -> str:
    """What brms calls a population effect: `x`, `sigma_x`, `Intercept[1]`, `x[1]` of an effect on a threshold."""
    if spec.thresholds is not None and parameter.path[0] == spec.thresholds.parameter:
        name, *others = labels if len(labels) > 1 else (INTERCEPT_LABEL, *labels)
        return f"{name}[{','.join(others)}]"
    return f"{prefix(spec, parameter)}{labels[0] if labels else _scalar_label(parameter)}"


def _scalar_label(parameter: Parameter) -> str:
    """What a population effect is of that is no array's: an intercept, or a term with one coefficient."""
    return INTERCEPT_LABEL if parameter.path[-1] == "intercept" else parameter.path[-2]


class Quantities:
    """A model's numbers, to be found by name.

    Attributes
    ----------
    spec : ModelSpec
    coordinates : mapping
        The labels along each dim.
    labels, addresses, brms : mapping of str to list of Quantity
        By what summaries, priors and brms call them; what a name means in the first of these counts.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.coordinates: Mapping[str, tuple[Label, ...]] = coordinates(spec)
        self.labels: dict[str, list[Quantity]] = {}
        self.addresses: dict[str, list[Quantity]] = {}
        self.brms: dict[str, list[Quantity]] = {}
        known, squares, together = targets(spec), _squares(spec), {shares.path for shares in spec.shares}
        stated = {_key(name): target for target in known for name in _addresses(target)}
        for parameter in parameters(spec):
            if parameter.role in ASIDE:
                continue
            for at, label, others in self._elements(parameter):
                target = stated.get(_key(label)) or stated.get(parameter.name)
                if target is None and parameter.path[:-1] in together:
                    target = stated[_key(parameter.path[0])]
                if parameter.role == "group correlation":
                    target = self._joint(known, parameter, at)
                quantity = Quantity(parameter.name, at, label, target)
                self.labels[_key(label)] = [quantity]
                if parameter.name in squares:
                    square = replace(quantity, squared=True)
                    self.labels[_key(label.replace(parameter.name, squares[parameter.name], 1))] = [square]
                for name in others:
                    self.brms.setdefault(_key(name), []).append(quantity)
                addresses = {_key(name) for name in _addresses(target)} if target is not None else set()
                if parameter.name in squares:
                    addresses |= {_of_square(name) for name in addresses if not _of_variance(name)}
                for name in addresses:
                    same = self.addresses.setdefault(name, [])
                    # An sd that several effects have in common is one number, whichever is asked for.
                    if not same or parameter.role != "group sd":
                        same.append(replace(quantity, squared=_of_variance(name)))

    def find(self, name: str, span: Span | None = None) -> Quantity:
        """The number that a person calls so.

        Raises
        ------
        SemanticError
            If there is none, or more than one.
        """
        key = _key(name)
        for known in (self.labels, self.addresses, self.brms, self._effects(key), self._cleaned):
            found = known.get(key, [])
            if len(found) > 1:
                several = listed([f"`{quantity.label}`" for quantity in found], _MANY)
                raise SemanticError(f"`{name}` may be one of {several}: write which", span)
            if found:
                return found[0]
        told = [quantity.label for (quantity, *_) in self.labels.values() if not quantity.squared]
        hint = nearest(name, (*self.labels, *self.addresses, *self.brms))
        raise SemanticError(f"the model estimates no `{name}`: it has {listed(told, _MANY)}{hint}", span)

    def _joint(self, known: Sequence[Target], parameter: Parameter, at: tuple[int, ...]) -> Target | None:
        """What the prior of a correlation is of; independent effects have none."""
        pair = {str(self.coordinates[parameter.dims[0]][place]) for place in at}
        owner, factor = parameter.path[0], parameter.path[-2]
        mine = (t for t in known if (t.parameter, t.kind, t.labels[:1]) == (owner, "cor", (factor,)))
        return next((t for t in mine if pair <= {*t.labels[1:]}), None)

    def _elements(self, parameter: Parameter) -> Iterator[tuple[tuple[int, ...], str, tuple[str, ...]]]:
        """Of each number of an array: where it is, what summaries call it, and what else it goes by."""
        front, dotted = prefix(self.spec, parameter), f"{parameter.path[0]}." if prefix(self.spec, parameter) else ""
        labels = [str(label) for dim in parameter.dims[:1] for label in self.coordinates[dim]]
        factor = parameter.path[-2]
        match parameter.role:
            case "population" if len(parameter.dims) > 1:
                others = [str(label) for label in self.coordinates[parameter.dims[1]]]
                for (i, label), (j, other) in product(enumerate(labels), enumerate(others)):
                    shown = f"{parameter.name}[{label}, {other}]"
                    brms = population_label(self.spec, parameter, (label, other))
                    yield (i, j), shown, (brms, f"{parameter.name}_{brms}")
            case "population":
                smooth = _unpenalised(self.spec, parameter.path[0])
                for i, label in enumerate(labels or [_scalar_label(parameter)]):
                    also = (f"bs_{front}{label}",) if label in smooth else ()
                    also = also if parameter.path[-1] == "intercept" or labels else (f"bsp_{front}{label}",)
                    at, shown = ((i,), f"{parameter.name}[{label}]") if labels else ((), parameter.name)
                    brms = population_label(self.spec, parameter, (label,))
                    yield at, shown, (brms, f"b_{brms}", *also)
            case "group sd":
                alone = (f"{dotted}sd({factor})",) if len(labels) == 1 else ()
                for i, label in enumerate(labels):
                    yield (i,), f"{parameter.name}[{label}]", (f"sd_{factor}__{front}{label}", *alone)
            case "group correlation":
                for (i, a), (j, b) in combinations(enumerate(labels), 2):
                    orders = ((a, b), (b, a))
                    names = [f"cor_{factor}__{front}{x}__{front}{y}" for x, y in orders]
                    names += [f"{dotted}cor({factor}, {x}, {y})" for x, y in orders]
                    yield (i, j), f"{parameter.name}[{a}, {b}]", (*names, f"{parameter.name}[{b}, {a}]")
            case "residual correlation" if len(parameter.dims) == 2 and not parameter.support.matrix:
                numbers = self.coordinates[parameter.dims[1]]
                for (i, label), (j, number) in product(enumerate(labels), enumerate(numbers)):
                    yield (i, j), f"{parameter.name}[{label}, {number}]", ()
            case "residual correlation" if parameter.support.matrix:
                for (i, a), (j, b) in combinations(enumerate(labels), 2):
                    yield (i, j), f"{parameter.name}[{a}, {b}]", (f"{parameter.name}__{a}__{b}",)
            case "group shape":
                for i, label in enumerate(labels):
                    yield (i,), f"{parameter.name}[{label}]", (f"{dotted}{label}({factor})",)
            case "group tails":
                yield (), parameter.name, (f"{dotted}df({factor})",)
            case "residual" | "residual correlation":
                for i, label in enumerate(labels):
                    yield (i,), f"{parameter.name}[{label}]", (parameter.name,)
                if not labels:
                    yield (), parameter.name, ()
            case "group effect":
                levels, terms = (self.coordinates[dim] for dim in parameter.dims)
                brms = f"r_{factor}__{front[:-1]}" if front else f"r_{factor}"
                for (i, level), (j, term) in product(enumerate(levels), enumerate(terms)):
                    yield (i, j), f"{parameter.name}[{level}, {term}]", (f"{brms}[{level}, {term}]",)
            case "smooth parameter" | "area parameter" | "smooth coefficient" | "monotonic share" | "hyperparameter":
                for i, label in enumerate(labels):
                    yield (i,), f"{parameter.name}[{label}]", ()
                if not labels:
                    yield (), parameter.name, ()
            case "measured":
                yield (), parameter.name, ()
            case "true value":
                for i, label in enumerate(labels):
                    yield (i,), f"{parameter.name}[{label}]", ()
            case "working":
                pass
            case never:
                assert_never(never)

    def _effects(self, key: str) -> dict[str, list[Quantity]]:
        """The effects of levels, which may be many: those of arrays whose name stands before the bracket."""
        found: dict[str, list[Quantity]] = {}
        for parameter in parameters(self.spec) if "[" in key else ():
            if parameter.role in COEFFICIENTS:
                for at, label, also in self._elements(parameter):
                    if key in (_key(label), *map(_key, also)):
                        found.setdefault(key, []).append(Quantity(parameter.name, at, label))
        return found

    @cached_property
    def _cleaned(self) -> dict[str, list[Quantity]]:
        """By brms's names as brms cleans them: `b_IxE2`."""
        return {cleaned(name): quantities for name, quantities in self.brms.items()}


def _squares(spec: ModelSpec) -> dict[str, str]:
    """What summaries call the squares of sds."""
    known = names(spec)
    groups = {known.of(group).sd: known.of(group).var for group in spec.groups()}
    sigma = spec.residual_sd
    return groups if sigma is None else groups | {known.of(sigma).name: known.of(sigma).var}


def _unpenalised(spec: ModelSpec, parameter: str) -> set[str]:
    """The columns of a predictor that are unpenalised functions of smooths."""
    predictor = spec.predictor(parameter)
    products = () if predictor is None else predictor.population.products
    return {column.label for product in products if product.kind == "smooth" for column in product.columns}


def _of_variance(address: str) -> bool:
    """Whether `var(g, x)` is what a prior statement calls a number, or `sigma.var(g, x)`."""
    return address.partition("(")[0].rpartition(".")[2] == "var"


def _of_square(address: str) -> str:
    """`var(g,x)` for `sd(g,x)`, `var(sigma)` for `sigma`."""
    front, bracket, rest = address.partition("(")
    return f"{front.removesuffix('sd')}var({rest}" if bracket else f"var({address})"


_SIGNS = str.maketrans({"+": "P", "-": "M", "*": "MU", "/": "D", "^": "E", "=": "EQ", "$": "USD"})


def cleaned(name: str) -> str:
    """A name as brms cleans it, without blanks and brackets, and with letters for signs."""
    return re.sub(r"[\s()\[\],\"'?]", "", name).translate(_SIGNS)


def _key(name: str) -> str:
    """A name without the blanks and backquotes that make no difference."""
    (found,) = normal((name.replace("`", ""),))
    return found


def _addresses(target: Target) -> Iterator[str]:
    """What prior statements call a number."""
    yield target.address
    yield from (spelled(words) for words, sense in target.names if sense is Sense.ONE)
