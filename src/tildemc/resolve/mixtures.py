"""What a formula says of a mixture: how large the shares are, or what they depend on; and that intercepts increase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tildemc.errors import SemanticError, UnsupportedError
from tildemc.resolve.expanded import Expanded, ExpandedPredictor
from tildemc.span import Span
from tildemc.spec.families import Family
from tildemc.spec.families.mixtures import mixture, share
from tildemc.spec.model import Predictor
from tildemc.spec.priors import default
from tildemc.spec.terms.shares import Shares

__all__ = ["increasing", "mixed", "shares_of", "with_shares"]


def mixed(families: Sequence[Family], order: bool | None, place: Span) -> Family:
    """The mixture of some families; intercepts increase where all are the same, unless something is said of it.

    Raises
    ------
    SemanticError, UnsupportedError
        If no response can be of all these families.
    """
    for family in families:
        if family.categories is not None:
            raise UnsupportedError(f"a mixture of categories is not built, and {family.name} is of categories", place)
    first, *others = families
    for other in others:
        if other.values.whole != first.values.whole or other.values.successes != first.values.successes:
            raise SemanticError(
                f"no response is of both families: {first} response is {first.values.told}, {other} response "
                f"{other.values.told}{' of so many trials' if other.values.successes else ''}",
                place,
            )
    ordered = len({family.key for family in families}) == 1 if order is None else order
    return mixture(families, ordered=ordered)


def with_shares(family: Family, formula: Expanded) -> tuple[Family, Expanded]:
    """The mixture whose shares are what the formula says of them, and the formula without those that are numbers.

    Raises
    ------
    SemanticError
        If it says something of some shares, and lacks the others.
    """
    if family.mixture is None:
        return family, formula
    names = {share(number): number for number in range(1, len(family.mixture.families) + 1)}
    numbers = {fixed.parameter: fixed for fixed in formula.fixed if fixed.parameter in names}
    modelled = [predictor for predictor in formula.predictors if predictor.parameter in names]
    for predictor in modelled:
        if predictor.by:
            raise SemanticError(
                "shares have one number for all rows, or a formula such as `theta2 ~ x`", predictor.span
            )
    if numbers and modelled:
        raise SemanticError("the shares of a mixture are numbers, or have formulas, and not both", modelled[0].span)
    lacking = [name for name in names if name not in numbers]
    if numbers and lacking:
        [first, *_] = numbers.values()
        message = f"all shares of a mixture are numbers, or none: there is none for {' and '.join(lacking)}"
        raise SemanticError(message, first.span)
    for fixed in numbers.values():
        if not fixed.value > 0:
            raise SemanticError(f"a share is greater than 0, not {fixed.value:g}", fixed.span)
    if modelled and len(modelled) != len(names) - 1:
        raise SemanticError(
            f"all shares of a mixture but one, which these are compared with, have a formula: of {', '.join(names)}",
            modelled[-1].span,
        )
    left = tuple(fixed for fixed in formula.fixed if fixed.parameter not in names)
    made = mixture(
        family.mixture.families,
        ordered=family.mixture.ordered,
        modelled=sorted(names[predictor.parameter] for predictor in modelled),
        fixed=[numbers[name].value for name in names] if numbers else (),
    )
    return made, replace(formula, fixed=left)


def shares_of(family: Family) -> tuple[Shares, ...]:
    """The shares that a family estimates, with brms's prior: all are as probable."""
    names = tuple(parameter.name for parameter in family.parameters if parameter.share)
    if not names:
        return ()
    return (Shares(names[0].rstrip("0123456789"), names, default("dirichlet", *[1.0] * len(names))),)


def increasing(
    family: Family, predictors: tuple[Predictor, ...], written: Sequence[ExpandedPredictor]
) -> tuple[Predictor, ...]:
    """The predictors of a mixture, with the order of their intercepts.

    Raises
    ------
    SemanticError
        If one has no intercept.
    """
    if family.mixture is None or not family.mixture.ordered:
        return predictors
    below = dict(zip(family.mains[1:], family.mains[:-1], strict=True))
    found: list[Predictor] = []
    for predictor, own in zip(predictors, written, strict=True):
        if predictor.parameter in family.mains and predictor.population.intercept is None:
            message = f"the intercepts of a mixture's components increase, and {predictor.parameter} has none: "
            raise SemanticError(message + 'leave it in, or say `order = "none"` in `mixture()`', own.span)
        above = below.get(predictor.parameter, "")
        terms = (replace(t, above=above) if t is predictor.population else t for t in predictor.terms)
        found.append(replace(predictor, terms=tuple(terms)))
    return tuple(found)
