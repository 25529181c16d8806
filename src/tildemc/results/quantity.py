"""Quantity: what may be asked of a row, `predict(kind=…)`, as arithmetic of the draws and of the row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Literal

import numpy as np

from tildemc.arrays import Floats
from tildemc.errors import SemanticError, UnsupportedError, nearest, one_of
from tildemc.results.evaluate import Rows
from tildemc.results.responses import kind_of, response_named
from tildemc.results.tables import columns_of_interval, described
from tildemc.results.together import Beside, density_given_others, given_rows, responses_together
from tildemc.spec.chance import Draw
from tildemc.spec.companions import companion_of
from tildemc.spec.expr import Expr, Var, substitute, walk
from tildemc.spec.families.limits import UNKNOWN
from tildemc.spec.families.mixtures import probabilities, shares_of
from tildemc.spec.likelihood import beside, density_of, distribution_of, estimated, mean_of
from tildemc.spec.model import ModelSpec
from tildemc.spec.stepwise import mean_and_sd
from tildemc.spec.vocabulary import NUMPY
from tildemc.visible import shown

if TYPE_CHECKING:
    pass

__all__ = ["Quantity", "companions_in", "component_of", "known_mean", "log_density", "quantity", "quantity_beside"]

KINDS = ("mean", "linear", "response")
"""What may be asked of rows, beside a parameter of the response by its name, and times of two kinds, `signed`."""
_RESIDUALS: tuple[Literal["none"] | Beside, ...] = ("none", "before", "others")


@dataclass(frozen=True, eq=False)
class Quantity:
    """Something of each row.

    Attributes
    ----------
    of : callable
        Of rows, with a generator for what is left to chance: (draws, n).
    companions : tuple of str
        What it needs beside the response.
    response : bool
        Whether it needs the response.
    gaps : bool
        Whether rows may lack the response.
    value : callable
        What rows make of the arithmetic of a chance.
    parameters : frozenset of str or None
        The parameters of the response that it needs; None for all. What others depend on need not be there.
    categories : tuple of str
        Where it is of a category: what each is called.
    first : int
        The number of the first of these.
    chances : tuple of Expr
        Where it is the chance of each category, which then stands for `of`.
    along : str
        What the axis of these is called.
    draw : Draw or None
        Where these are drawn: the steps that they are made of.
    """

    of: Callable[[Rows, np.random.Generator], Floats]
    companions: tuple[str, ...] = ()
    response: bool = False
    parameters: frozenset[str] | None = None
    categories: tuple[str, ...] = ()
    chances: tuple[Expr, ...] = ()
    first: int = 1
    along: str = "category"
    draw: Draw | None = None
    gaps: bool = False
    value: Callable[[Rows, Expr], Floats] = Rows.value

    def each(self, rows: Rows, generator: np.random.Generator) -> Floats:
        """The chance of each category, (draws, n, categories)."""
        if self.draw is None:
            return np.stack([self.value(rows, chance) for chance in self.chances], axis=-1)
        # The same chance for each, of which all columns of a row are made.
        draws = (replace(self.draw, value=value) for value in self.chances)
        return np.stack([rows.drawn(deepcopy(generator), draw) for draw in draws], axis=-1)

    def by_category(self) -> Mapping[str, Quantity]:
        """The chance of each category by itself, by what that is called; nothing where this is no chance."""
        return {
            label: Quantity(lambda rows, _, chance=chance: self.value(rows, chance))  # type: ignore[misc]
            for label, chance in zip(self.categories, self.chances, strict=False)
        }

    def columns(self, interval: float) -> tuple[str, ...] | tuple[tuple[str, str], ...]:
        """What `summary` has: of each category its share of new responses, or what there is of its chance."""
        own = ("mean", "sd", *columns_of_interval(interval))
        if self.categories and not self.chances:
            return self.categories
        return tuple(product(self.categories, own)) if self.categories else own

    def summary(self, rows: Rows, generator: np.random.Generator, interval: float) -> Floats:
        """(n, columns)."""
        if self.chances:
            each = self.each(rows, generator)
            return np.column_stack([described(each[..., k], interval) for k in range(each.shape[-1])])
        found = self.of(rows, generator)
        if self.categories:
            codes = range(self.first, self.first + len(self.categories))
            return np.column_stack([(found == k).mean(axis=0) for k in codes])
        return described(found, interval)


def quantity(spec: ModelSpec, kind: object) -> Quantity:
    """What is asked for by its name.

    Raises
    ------
    SemanticError
        If there is no such thing.
    """
    if spec.responses:
        response_named(spec, None)
    kind = kind_of(spec, kind)
    parameters = [parameter.name for parameter in spec.family.parameters]
    shares = shares_of(spec.family)
    first = parameters[0]
    labels = () if spec.family.categories is None else spec.family.categories.labels
    several = spec.family.several
    match kind:
        case "mean" if several is not None:
            means = companions_in(spec, *several.means)
            return Quantity(
                lambda rows, _: rows.value(known_mean(spec)), means, categories=labels, chances=several.means
            )
        case "response" if several is not None:
            draw, columns = spec.family.draw, several.drawn
            beside_it = companions_in(spec, *_arithmetic(draw), *columns)
            return Quantity(
                lambda rows, generator: rows.drawn(generator), beside_it, categories=labels, chances=columns, draw=draw
            )
        case "mean":
            if spec.family.categories is not None:
                chances = tuple(substitute(chance, beside(spec)) for chance in spec.family.categories.chances)
                return Quantity(lambda rows, _: rows.value(known_mean(spec)), categories=labels, chances=chances)
            mean = known_mean(spec)
            needed = companions_in(spec, mean), False, _parameters_in(spec, mean)
            return Quantity(lambda rows, _: rows.value(mean), *needed)
        case "linear" if spec.family.mixture is not None:
            each = " or ".join(f'`kind="{name}"`' for name in spec.family.mains)
            raise SemanticError(f"each component of a mixture has a linear predictor of its own: ask for {each}")
        case "linear":
            return Quantity(lambda rows, _: rows.link(first), parameters=frozenset({first}))
        case "response":
            drawn = distribution_of(spec).draw
            if drawn.value is UNKNOWN:
                if spec.family.timed is not None:
                    raise UnsupportedError(_BEYOND)
                what = "`draw=`, `quantile=` or `cdf=` of `tildemc.Family` says how"
                raise UnsupportedError(f"nobody has said how {spec.family} response is drawn: {what}")
            beside_it = companions_in(spec, *_arithmetic(drawn))
            if spec.residual is not None:
                return Quantity(responses_together, beside_it)
            lowest = int(spec.family.values.lower) if labels else 0
            return Quantity(lambda rows, generator: rows.drawn(generator), beside_it, categories=labels, first=lowest)
        case "survival" if _times(spec):
            tail = distribution_of(spec).tail
            return Quantity(lambda rows, _: rows.value(tail), companions_in(spec, tail), response=True)
        case "signed" if spec.family.signed is not None:
            both = spec.family.signed
            beside_it = companions_in(spec, *_arithmetic(both))
            return Quantity(lambda rows, generator: rows.drawn(generator, both), beside_it)
        case str() if kind in shares:
            needed = (), False, _parameters_in(spec, shares[kind])
            return Quantity(lambda rows, _: rows.value(shares[kind]), *needed)
        case str() if kind in parameters:
            known = Var(kind) if kind in estimated(spec) else beside(spec)[Var(kind)]
            needed = companions_in(spec, known), False, _parameters_in(spec, known)
            return Quantity(lambda rows, _: rows.parameter(kind), *needed)
        case _:
            own = (*(["signed"] if spec.family.signed is not None else []), *(["survival"] if _times(spec) else []))
            kinds = [*KINDS, *dict.fromkeys((*own, *parameters, *shares))]
            close = nearest(str(kind), kinds)
            raise SemanticError(f"`kind` is one of {', '.join(kinds)}, not {shown(kind)}{close}")


def quantity_beside(spec: ModelSpec, kind: object, residuals: object) -> Quantity:
    """What is asked for of a row given the responses of its group, those before it or all others that are known.

    Raises
    ------
    SemanticError, FitError
        If there is no such thing.
    """
    beside = one_of("residuals", residuals, _RESIDUALS)
    if beside == "none":
        return quantity(spec, kind)
    if spec.residual is None:
        message = f"the residuals of this model are independent: a row is the same given others, {beside} or none"
        raise SemanticError(f"`residuals={beside!r}` needs rows that go together; {message}")

    def mean(rows: Rows, _: np.random.Generator) -> Floats:
        return given_rows(rows, beside)[0]

    def response(rows: Rows, generator: np.random.Generator) -> Floats:
        expected, sd = given_rows(rows, beside)
        return expected + sd * generator.standard_normal(rows.shape)

    needed = companions_in(spec, *mean_and_sd(spec))
    match kind:
        case "mean":
            return Quantity(mean, needed, response=True, gaps=True)
        case "response":
            return Quantity(response, needed, response=True, gaps=True)
        case _:
            raise SemanticError(f"`residuals={beside!r}` goes with `kind='mean'` and `kind='response'`")


def component_of(spec: ModelSpec) -> Quantity:
    """The probability to be of each component of a mixture, given the response.

    Raises
    ------
    SemanticError
        If the model is no mixture.
    """
    if spec.family.mixture is None:
        raise SemanticError(f"{spec.family} model has no components; a model of family `mixture(…)` has")
    chances = probabilities(distribution_of(spec))
    labels = tuple(str(number) for number in range(1, len(chances) + 1))
    beside_it = companions_in(spec, *chances)
    return Quantity(
        lambda rows, _: rows.value(chances[0]), beside_it, True, categories=labels, chances=chances, along="component"
    )


_BEYOND = (
    "nothing is known of a time beyond the last that was seen, so that there is no mean and none is drawn: "
    '`kind="survival"` has the chance of a later one'
)


def _times(spec: ModelSpec) -> bool:
    """Whether a response is what may be a time."""
    values = spec.family.values
    return values.lower == 0 and values.upper == np.inf and not values.whole and spec.family.signed is None


def known_mean(spec: ModelSpec) -> Expr:
    """The mean of a response.

    Raises
    ------
    UnsupportedError
        If nobody has said it, or it is truncated, and its family's record does not say what that makes of the mean.
    """
    if spec.family.timed is not None:
        raise UnsupportedError(_BEYOND)
    mean_of(spec)
    mean = distribution_of(spec).mean
    if mean is UNKNOWN:
        raise UnsupportedError(f"the mean of a truncated {spec.family.name} response has no formula here")
    return mean


def log_density(spec: ModelSpec, stated: Collection[str] = ()) -> Quantity:
    """All terms of a row's log density, times its weight as in the model.

    Of rows that go together it is that of each given the others.
    """
    if spec.residual is not None:
        return Quantity(lambda rows, _: density_given_others(rows), response=True)
    density = density_of(spec, stated)
    weights = [name for name in spec.response.companions if companion_of(name).weighs]

    def of(rows: Rows, _: np.random.Generator) -> Floats:
        found = rows.density(density)
        for name in weights:
            found = NUMPY["times"](rows.design.companions[name], found)
        return found

    return Quantity(of, (*companions_in(spec, density), *weights), response=True)


def _arithmetic(draw: Draw) -> tuple[Expr, ...]:
    return (draw.value, *(argument for step in draw.steps.values() for argument in step.arguments))


def companions_in(spec: ModelSpec, *exprs: Expr) -> tuple[str, ...]:
    """What stands beside the response and is named in expressions."""
    named = {part.name for expr in exprs for part in walk(expr) if isinstance(part, Var)}
    return tuple(name for name in spec.response.companions if name in named)


def _parameters_in(spec: ModelSpec, expr: Expr) -> frozenset[str]:
    """The estimated parameters of the response that an expression names."""
    return frozenset(part.name for part in walk(expr) if isinstance(part, Var)) & {*estimated(spec)}
