"""ModelSpec: what the statistician means, with every column spelled out and nothing of any library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tildemc.span import Span, span_field
from tildemc.spec.companions import companion_of
from tildemc.spec.expr import Expr, Var, substitute
from tildemc.spec.families import Family
from tildemc.spec.families.curves import Curve, Curved
from tildemc.spec.links import Link
from tildemc.spec.once import KEPT
from tildemc.spec.ordered import Ordered
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.hyperparameter import Hyperparameter
from tildemc.spec.terms.imputed import Imputed
from tildemc.spec.terms.latent import Latent
from tildemc.spec.terms.measured import Measured
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.offset import Offset
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.product import Column, Levels
from tildemc.spec.terms.rescor import ResidualCorrelations
from tildemc.spec.terms.residual import Residual
from tildemc.spec.terms.shared import SharedEffects
from tildemc.spec.terms.shares import Shares
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.term import Free, Path, Term
from tildemc.spec.terms.thresholds import Thresholds

__all__ = ["PREDICTED", "AnyTerm", "Integrated", "ModelSpec", "Predictor", "Response", "chains"]

PredictorTerm = (
    Population | Offset | GroupEffects | SharedEffects | Smooth | GaussianProcess | Areal | Monotonic | MeasuredEffect
)
"""What a linear predictor is the sum of."""

PREDICTED = (
    Population, Offset, GroupEffects, SharedEffects, Smooth, GaussianProcess, Areal, Monotonic, MeasuredEffect,
)  # fmt: skip
"""The classes of these."""

Integrated = GroupEffects | Smooth | GaussianProcess | Areal
"""What has normal coefficients, over which one may integrate."""

AnyTerm = Term[Any, Any, Any]
"""Whichever kind."""


@dataclass(frozen=True, slots=True)
class Predictor:
    """A linear predictor: what `link(parameter)` is the sum of.

    Attributes
    ----------
    parameter : str
    link : Link
    terms : tuple of PredictorTerm
        Population effects first, one term of them, though it may be empty.
    """

    parameter: str
    link: Link
    terms: tuple[PredictorTerm, ...]

    @property
    def population(self) -> Population:
        """Its population effects."""
        return next(term for term in self.terms if isinstance(term, Population))

    @property
    def offset(self) -> Offset | None:
        """What is known of it."""
        return next((term for term in self.terms if isinstance(term, Offset)), None)

    @property
    def groups(self) -> tuple[GroupEffects, ...]:
        """Its group effects."""
        return tuple(term for term in self.terms if isinstance(term, GroupEffects))

    @property
    def shared(self) -> tuple[SharedEffects, ...]:
        """The effects of other terms that add to it."""
        return tuple(term for term in self.terms if isinstance(term, SharedEffects))

    @property
    def effects(self) -> tuple[GroupEffects | Smooth, ...]:
        """Whatever has normal coefficients: group effects and smooths."""
        return tuple(term for term in self.terms if isinstance(term, GroupEffects | Smooth))

    @property
    def processes(self) -> tuple[GaussianProcess, ...]:
        """Its Gaussian processes."""
        return tuple(term for term in self.terms if isinstance(term, GaussianProcess))

    @property
    def areas(self) -> tuple[Areal, ...]:
        """Its effects of areas."""
        return tuple(term for term in self.terms if isinstance(term, Areal))

    @property
    def integrated(self) -> tuple[Integrated, ...]:
        """Whatever has normal coefficients: effects, processes and areas."""
        return (*self.effects, *self.processes, *self.areas)

    @property
    def monotonic(self) -> tuple[Monotonic, ...]:
        """Its monotonic effects."""
        return tuple(term for term in self.terms if isinstance(term, Monotonic))

    @property
    def measured(self) -> tuple[MeasuredEffect, ...]:
        """Its effects of what is measured with error."""
        return tuple(term for term in self.terms if isinstance(term, MeasuredEffect))

    @property
    def smooths(self) -> tuple[Smooth, ...]:
        """The penalised parts of its smooths."""
        return tuple(term for term in self.terms if isinstance(term, Smooth))


@dataclass(frozen=True, slots=True)
class Response:
    """What is modelled.

    Attributes
    ----------
    label : str
        As written.
    value : Expr
        Its value for a row: for a binary response 1 where it is the success.
    success : str or None
        The level of a binary response that counts as success.
    companions : mapping of str to Column
        What stands beside it, by the name in `COMPANIONS`: trials, weights, known residual standard deviations.
    options : frozenset of (str, str)
        The options of companions that are TRUE: of `se`, `sigma`, which is then estimated on top of it.
    levels : Levels or None
        What a response that is a factor may be.
    name : str
        Of one of several responses, what its parameters are called after; else empty.
    """

    label: str
    value: Expr
    success: str | None = None
    companions: Mapping[str, Column] = field(default_factory=dict)
    options: frozenset[tuple[str, str]] = frozenset()
    span: Span | None = span_field()
    levels: Levels | None = field(default=None, compare=False, repr=False)
    name: str = ""

    @property
    def se_adds(self) -> bool:
        """Whether sigma is estimated on top of known standard deviations."""
        return ("se", "sigma") in self.options

    def density(self, name: str) -> Mapping[Expr, Expr]:
        """What stands for parts of a row's density because of that companion."""
        record = companion_of(name)
        chosen = [record.options[option] for owner, option in self.options if owner == name]
        found = chosen[0] if chosen else record.density
        if not self.name:
            return found
        own: dict[Expr, Expr] = {Var(p.name): Var(f"{p.name}_{self.name}") for p in found if isinstance(p, Var)}
        return {own[part]: substitute(value, own) for part, value in found.items()}


@dataclass(frozen=True)
class ModelSpec:
    """A model.

    `predictors[0]` is that of `mu`, or of the first parameter; `auxiliaries`, `thresholds` and `shares` are the
    family's remaining parameters; `specific` is what moves each threshold by itself, `residual` says which rows'
    residuals go together; `measured` are the true values of what is measured with error, `latents` the missing values
    of responses that others are predicted by, `imputed` what is drawn after a fit; `rescor` is how the residuals
    of several responses go together; `hyperparameters` are what priors are arithmetic of; `ordered` are the columns
    that are made of other rows. `responses` are these, if there are several; `response`
    has what rows are given of all of them. A model of one of them alone is `part_of` the whole.
    """

    response: Response
    family: Family
    predictors: tuple[Predictor, ...]
    auxiliaries: tuple[Auxiliary, ...] = ()
    formula: str = field(default="", compare=False)
    thresholds: Thresholds | None = None
    shares: tuple[Shares, ...] = ()
    residual: Residual | None = None
    specific: Specific | None = None
    measured: tuple[Measured, ...] = ()
    latents: tuple[Latent, ...] = ()
    imputed: Imputed | None = None
    responses: tuple[Response, ...] = ()
    rescor: ResidualCorrelations | None = None
    part_of: ModelSpec | None = None
    hyperparameters: tuple[Hyperparameter, ...] = ()
    ordered: tuple[Ordered, ...] = ()

    def __getstate__(self) -> dict[str, object]:
        return {name: part for name, part in vars(self).items() if name != KEPT}

    @property
    def link(self) -> Link:
        """The family's: between its chances and thresholds, or else that of its first parameter."""
        categories = self.family.categories
        if categories is not None:
            return categories.link
        first = next((curve for curve in self.curves if curve.first), self.predictors[0])
        return first.link

    @property
    def curves(self) -> tuple[Curve, ...]:
        """The parameters that are arithmetic of others."""
        recipe = self.family.recipe
        return recipe.curves if isinstance(recipe, Curved) else ()

    def mains(self) -> tuple[Predictor, ...]:
        """The predictors that the response's formula is of by default: the first, or one of each component."""
        found = tuple(predictor for predictor in self.predictors if predictor.parameter in self.family.mains)
        return found or self.predictors[:1]

    def predictor(self, parameter: str) -> Predictor | None:
        """The predictor of that parameter, or None if it is not modelled."""
        return next((p for p in self.predictors if p.parameter == parameter), None)

    @property
    def residual_sd(self) -> Auxiliary | None:
        """The residual sd, if the family has one that no formula models; a mixture has several."""
        named = {parameter.name for parameter in self.family.parameters if parameter.residual}
        return next((a for a in self.auxiliaries if a.parameter in named), None) if len(named) == 1 else None

    def terms(self) -> Iterator[AnyTerm]:
        """The thresholds and what moves them, every term of every predictor, and what no formula models."""
        yield from (term for term in (self.thresholds, self.specific) if term is not None)
        for predictor in self.predictors:
            yield from predictor.terms
        yield from self.auxiliaries
        yield from self.shares
        yield from self.measured
        yield from self.latents
        if self.imputed is not None:
            yield self.imputed
        yield from (term for term in (self.residual, self.rescor) if term is not None)
        yield from self.hyperparameters

    def groups(self) -> Iterator[GroupEffects]:
        """The group effects of all predictors; in the model of one of several responses with those that it shares."""
        for predictor in self.predictors:
            yield from predictor.groups
        if self.part_of is not None:
            owners = {term.owner for predictor in self.predictors for term in predictor.shared}
            own = {predictor.parameter for predictor in self.predictors}
            yield from (g for g in self.part_of.groups() if g.path in owners and g.parameter not in own)

    def having(self, group: GroupEffects) -> tuple[GroupEffects | SharedEffects, ...]:
        """The terms that add a group's effects: its own, and those where they come in once more."""
        shared = (term for predictor in self.predictors for term in predictor.shared if term.owner == group.path)
        return (group, *shared)

    def owner(self, term: GroupEffects | SharedEffects) -> GroupEffects:
        """Whose effects a term has."""
        path = term.owner if isinstance(term, SharedEffects) else term.path
        return next(group for group in (self.part_of or self).groups() if group.path == path)

    def grouped(self) -> Iterator[GroupEffects | SharedEffects]:
        """All terms that add the effects of levels."""
        for predictor in self.predictors:
            yield from predictor.groups
            yield from predictor.shared

    def free(self) -> Iterator[Free]:
        """What the model estimates: the contract of names, draws, trees and engines."""
        for term in self.terms():
            yield from term.free()

    def with_terms(self, changed: Mapping[Path, AnyTerm]) -> ModelSpec:
        """The same model with other terms at these paths."""

        def now(terms: tuple[AnyTerm, ...]) -> tuple[Any, ...]:
            return tuple(changed.get(term.path, term) for term in terms)

        predictors = tuple(replace(predictor, terms=now(predictor.terms)) for predictor in self.predictors)
        alone = (self.thresholds, self.specific, self.residual, self.rescor)
        thresholds, specific, residual, rescor = (None if term is None else now((term,))[0] for term in alone)
        return replace(
            self, predictors=predictors, auxiliaries=now(self.auxiliaries), thresholds=thresholds, specific=specific,
            shares=now(self.shares), residual=residual, rescor=rescor, measured=now(self.measured),
            latents=now(self.latents), hyperparameters=now(self.hyperparameters),
        )  # fmt: skip

    def followed(self) -> tuple[Hyperparameter | Auxiliary, ...]:
        """What priors are, or could be, arithmetic of, each after those that its own prior is arithmetic of."""
        named = {a.parameter: a for a in self.auxiliaries} | {h.name: h for h in self.hyperparameters}
        priors = (prior for term in self.terms() for prior in term.priors)
        wanted = dict.fromkeys(name for prior in priors for name in sorted(prior.follows))
        wanted |= dict.fromkeys(own.name for own in self.hyperparameters)
        found: dict[str, Hyperparameter | Auxiliary] = {}

        def take(name: str) -> None:
            for other in sorted(named[name].prior.follows):
                take(other)
            found[name] = named[name]

        for name in wanted:
            take(name)
        return tuple(found.values())

    def expressions(self) -> Iterator[Expr]:
        """What is computed from the data's columns for a row."""
        for response in (self.response, *self.responses):
            yield response.value
            yield from (column.value for column in response.companions.values())
        yield from (column.value for term in self.terms() for column in term.columns)

    def factors(self) -> Iterator[Factor]:
        """Every factor that rows are grouped by."""
        yield from (term.grouped_by for term in self.terms() if term.grouped_by is not None)
        if self.residual is not None:
            yield from self.residual.grouped


def chains(spec: ModelSpec) -> tuple[tuple[str, ...], ...]:
    """The parameters whose predictors have intercepts, those together that increase from one to the next."""
    found: list[tuple[str, ...]] = []
    for predictor in (p for p in spec.predictors if p.population.intercept is not None):
        if predictor.population.above:
            found[-1] = (*found[-1], predictor.parameter)
        else:
            found.append((predictor.parameter,))
    return tuple(found)
