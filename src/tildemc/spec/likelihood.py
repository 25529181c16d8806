"""ModelSpec -> the log density of a row as one Expr of what the data give and of what is drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

from tildemc.errors import SemanticError, UnsupportedError
from tildemc.spec.companions import LAWS, companion_of
from tildemc.spec.expr import Const, Expr, Var, substitute
from tildemc.spec.families import Family
from tildemc.spec.families.limits import UNKNOWN
from tildemc.spec.families.mixtures import changed
from tildemc.spec.families.multivariate import joined
from tildemc.spec.model import ModelSpec, Response
from tildemc.spec.vocabulary import apply

__all__ = ["beside", "density_of", "distribution_of", "estimated", "fixed", "linked", "mean_of"]


def estimated(spec: ModelSpec) -> tuple[str, ...]:
    """The family's parameters that are estimated, by a formula or as they are, in the family's order."""
    known = {p.parameter for p in spec.predictors} | {a.parameter for a in spec.auxiliaries}
    known |= set() if spec.thresholds is None else {spec.thresholds.parameter}
    known |= {name for shares in spec.shares for name in shares.parameters}
    known |= set() if spec.rescor is None else {*spec.rescor.parameters}
    return tuple(parameter.name for parameter in spec.family.parameters if parameter.name in known)


def beside(spec: ModelSpec) -> dict[Expr, Expr]:
    """What stands for parts of the family's arithmetic: because of companions, or because a parameter is fixed."""
    parts = {part: value for name in spec.response.companions for part, value in spec.response.density(name).items()}
    return fixed(spec) | parts


def fixed(spec: ModelSpec) -> dict[Expr, Expr]:
    """The family's parameters that are what they are as long as no formula models them."""
    modelled = {predictor.parameter for predictor in spec.predictors}
    return {
        Var(parameter.name): Const(parameter.fixed)
        for parameter in spec.family.parameters
        if parameter.fixed is not None and parameter.name not in modelled
    }


def mean_of(spec: ModelSpec) -> Expr:
    """The mean of a row's response.

    Raises
    ------
    SemanticError, UnsupportedError
        If the response has none, or nobody has said it.
    """
    if spec.family.mean is UNKNOWN:
        raise UnsupportedError(f"nobody has said the mean of {spec.family} response: `mean=` of `tildemc.Family` does")
    if spec.family.several is not None:
        raise SemanticError(
            f"`{spec.response.label}` is several numbers a row, which have a mean each: `predict()` gives them"
        )
    categories = spec.family.categories
    if categories is not None and not categories.ordered:
        raise SemanticError(
            f"`{spec.response.label}` is one of several categories in no order, which have no mean: "
            "`predict()` gives the chance of each"
        )
    return substitute(spec.family.mean, beside(spec))


def distribution_of(spec: ModelSpec) -> Family:
    """The family as the response's companions make it: of one row, in what the data give of it and the parameters."""
    known, parts = spec.family.multivariate, fixed(spec)
    if known is None:
        return _beside(spec.family, spec.response, parts)
    pairs = zip(known.parts, spec.responses, strict=True)
    return joined(spec.family, [_weighted(_beside(part, response, parts), response) for part, response in pairs])


def _beside(family: Family, response: Response, parts: Mapping[Expr, Expr]) -> Family:
    """A family as what stands beside the response makes it."""
    own = {part: value for name in response.companions for part, value in response.density(name).items()}
    parts = {**parts, **own}
    if parts:
        family = changed(family, lambda one: one.instead(parts))
    for functions, make in LAWS.items():
        columns = [name for name in response.companions if companion_of(name).function in functions]
        if columns:
            family = changed(family, partial(make, columns=columns))
            family = replace(family, pymc="", native={}, native_by_link={})
    return family


def _weighted(family: Family, response: Response) -> Family:
    """One of several responses, each of whose densities has weights of its own."""
    for name in (name for name in response.companions if companion_of(name).weighs):
        family = replace(family, log_density=apply("times", Var(name), family.log_density))
    return family


def density_of(spec: ModelSpec, stated: Collection[str] = ()) -> Expr:
    """All terms of a row's log density.

    In terms of `y` and its companions, the row's own, and of the parameters that are `estimated`: the name of one that
    a formula models stands for its linear predictor, unless it is among those `stated`.
    """
    return substitute(distribution_of(spec).log_density, linked(spec, stated))


def linked(spec: ModelSpec, stated: Collection[str] = ()) -> dict[Expr, Expr]:
    """What the parameters that formulas model are, in their linear predictors, which have their names."""
    values: dict[Expr, Expr] = {}
    for predictor in (p for p in spec.predictors if p.parameter not in stated):
        parameter = Var(predictor.parameter)
        values |= predictor.link.of(parameter, parameter)
    return values
