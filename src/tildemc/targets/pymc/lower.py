"""ModelSpec × Design -> Program: write a model as PyMC statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import assert_never

import numpy as np

from tildemc.arrays import Floats, Integers, Label, Values
from tildemc.spec.companions import companion_of
from tildemc.spec.correlation import Step
from tildemc.spec.design import Design
from tildemc.spec.expr import Apply, Const, Expr, Index, Op, Var, evaluate, substitute, walk, without_ones
from tildemc.spec.families.multivariate import spelled_out
from tildemc.spec.likelihood import distribution_of, fixed
from tildemc.spec.model import ModelSpec, Predictor, chains
from tildemc.spec.origin import Origin
from tildemc.spec.parameters import Names, coordinates, local, names, parameters
from tildemc.spec.priors import Prior
from tildemc.spec.report import Report
from tildemc.spec.responses import seen_by
from tildemc.spec.stepwise import mean_and_sd
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.hyperparameter import Hyperparameter
from tildemc.spec.terms.latent import Latent, LatentDesign, LatentNames
from tildemc.spec.terms.measured import Measured
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.offset import Offset
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.product import INTERCEPT_LABEL, Column
from tildemc.spec.terms.rescor import ResidualCorrelations
from tildemc.spec.terms.residual import Residual
from tildemc.spec.terms.shared import SharedEffects
from tildemc.spec.terms.shares import Shares
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.term import ASIDE, Path
from tildemc.spec.terms.thresholds import Thresholds
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.pymc.areas import area_statements, describe_areas
from tildemc.targets.pymc.densities import increasing_statement, positive_statements, prior_statements
from tildemc.targets.pymc.groups import describe, effect_statements, factor_between, spread_of
from tildemc.targets.pymc.layout import Code
from tildemc.targets.pymc.measured import describe_measured, measured_statements
from tildemc.targets.pymc.names import Identifiers, Spare
from tildemc.targets.pymc.own import functions_of, own_distribution, predictor_of
from tildemc.targets.pymc.preparation import Preparation
from tildemc.targets.pymc.program import (
    Argument,
    Array,
    Data,
    Deterministic,
    Local,
    Own,
    Program,
    Random,
    Section,
    Statement,
    WeightedLikelihood,
)
from tildemc.targets.pymc.residuals import InTurn, Together, prior_of_residuals
from tildemc.targets.pymc.smooths import describe_process, describe_smooth, process_statements, smooth_statements
from tildemc.targets.pymc.thresholds import ThresholdStatements, specific_statements
from tildemc.targets.pymc.unprinted import Unprinted
from tildemc.targets.shared.apart import apart

__all__ = ["graph", "lower"]

_FOLLOWED = "What priors are arithmetic of."
_INCREASING = "Intercepts of the components, which increase and so tell these apart."


def lower(spec: ModelSpec, design: Design, report: Report, origin: Origin) -> Program:
    """Write a model as PyMC statements.

    Parameters
    ----------
    spec : ModelSpec
        With numbers for all priors.
    design : Design
    report : Report
    origin : Origin
        Where the source is to read the data, and how.
    """
    known, identify = names(spec), Identifiers()
    _reserve(spec, known, identify)
    return _lowered(spec, design, known, identify, Preparation(spec, design, report, origin, known, identify))


def graph(spec: ModelSpec, design: Design) -> Program:
    """The same statements with no text, for what they compute: what became of a person's data plays no part.

    Responses that are drawn after a fit are no part of it either.
    """
    spec = replace(spec, imputed=None)
    return _lowered(spec, design, names(spec), Identifiers(), Unprinted())


def _lowered(
    spec: ModelSpec, design: Design, known: Names, identify: Identifiers, preparation: Preparation | Unprinted
) -> Program:
    lowering = _Lowering(spec, design, known, preparation)
    followed = tuple(lowering.followed())
    sections = [Section(_FOLLOWED, followed)] if followed else []
    sections += [Section(_INCREASING, (made,)) for made in lowering.increasing()]
    sections += [
        Section(f"Missing values of {one.observed.label}: {one.size}.", tuple(lowering.latent(one)))
        for one in spec.latents
    ]
    sections += [Section(describe_measured(one), tuple(lowering.measured(one))) for one in spec.measured]
    for predictor in spec.predictors:
        sections += lowering.predictor(predictor)
    sections.append(Section("Likelihood.", tuple(lowering.likelihood())))
    reported = tuple(p.name for p in parameters(spec) if p.role not in ASIDE)
    labels: dict[str, Sequence[Label] | Values] = {known.obs: design.obs}
    labels |= {dim: list(values) for dim, values in coordinates(spec).items()}
    return Program(
        preparation.title(),
        preparation.sections(),
        {dim: (values, preparation.labels(dim)) for dim, values in labels.items()},
        lowering.constants,
        tuple(sections),
        reported,
        identify,
    )


def _reserve(spec: ModelSpec, known: Names, identify: Identifiers) -> None:
    """Give what people know by name its own identifier before anything else can take it."""
    if not distribution_of(spec).pymc:
        for name in functions_of(own_distribution(spec)[0]):
            identify(local(f"function {name}"), name)
    spelled = spelled_out(spec.family)
    for parameter in spec.family.parameters:
        identify(local(parameter.name), spelled.get(parameter.name, parameter.name))
    for predictor in (p for p in spec.predictors if p.parameter in spelled):
        link = predictor.link.name
        identify(local(f"{link}_{predictor.parameter}"), f"{link}_{spelled[predictor.parameter]}")
    alone = [known.of(auxiliary).name for auxiliary in spec.auxiliaries]
    for name in (*alone, *(name for shares in spec.shares for name in known.of(shares).values())):
        identify.by_name[name] = identify(local(name))
    for predictor in spec.predictors:
        named = known.of(predictor.population)
        for name in (named.intercept, named.alpha, named.b, named.X_mean):
            identify(name)
        identify(local(f"frame {named.X}"), named.X)
        identify(named.X, f"{named.X}_data")


@dataclass
class _Lowering:
    """What the parts of one lowering share."""

    spec: ModelSpec
    design: Design
    named: Names
    preparation: Preparation | Unprinted
    constants: dict[str, Floats] = field(default_factory=dict)
    etas: dict[str, Expr] = field(default_factory=dict)
    indices: set[str] = field(default_factory=set)
    lifted: dict[Path, Expr] = field(default_factory=dict)
    spare: Spare = field(init=False)
    cuts: ThresholdStatements | None = None

    def __post_init__(self) -> None:
        self.spare = Spare(self.named.taken, {own.name: own.size for own in self.spec.hyperparameters})

    def followed(self) -> Iterator[Statement]:
        """The quantities that priors follow, before these."""
        for quantity in self.spec.followed():
            match quantity:
                case Auxiliary():
                    yield from self._auxiliary(quantity)
                case Hyperparameter():
                    yield from self._hyperparameter(quantity)
                case never:
                    assert_never(never)

    def _hyperparameter(self, own: Hyperparameter) -> list[Statement]:
        named = self.named.of(own)
        dims = (named.dim,) if own.along else ()
        if own.along:
            self.preparation.texts(named.dim, own.along)
        if own.support.shares:
            return [_dirichlet(named.name, own.prior, named.dim)]
        return prior_statements(named.name, [own.prior] * own.size, own.along, dims, self.spare)

    def increasing(self) -> Iterator[Random]:
        """Intercepts that increase, where predictors have their means; `lifted` knows where each of them is."""
        for chain in (own for own in chains(self.spec) if len(own) > 1):
            populations = [p.population for p in self.spec.predictors if p.parameter in chain]
            name = self.spare("increasing", INTERCEPT_LABEL)
            self.lifted |= {one.path: Index(Var(name), (k,)) for k, one in enumerate(populations)}
            each = [self._at_means(one) for one in populations]
            priors = [one.intercept for one in populations if one.intercept is not None]
            start = [apart(self.spec, self.design)[parameter] for parameter in chain]
            yield increasing_statement(name, priors, (), Apply("columns", tuple(each)), start)

    def _at_means(self, population: Population) -> Expr:
        """The intercept where predictors have their means, in what the model reports."""
        named = self.named.of(population)
        own = Var(named.intercept)
        return own + Var(named.b) @ Var(named.X_mean) if population.centred else own

    # Linear predictors

    def predictor(self, predictor: Predictor) -> list[Section]:
        on = "" if predictor.parameter == "mu" else f" on {_scale(predictor)}"
        sections: list[Section] = []
        parts: list[Expr] = []
        known: list[Statement] = []
        for term in predictor.terms:
            match term:
                case Population():
                    known += self._population(term)
                    parts += [term.value(self.named.of(term))] if term.priors else []
                case Offset():
                    known.append(self._offset(term))
                    parts.append(term.value(self.named.of(term)))
                case GroupEffects():
                    made = self._group(term)
                    sections.append(Section(describe(term, on), tuple(made)))
                    parts.append(term.value(self.named.of(term)))
                case GaussianProcess():
                    sections.append(Section(describe_process(term, on), tuple(self._process(term))))
                    parts.append(term.value(self.named.of(term)))
                case Areal():
                    sections.append(Section(describe_areas(term, on), tuple(self._areas(term))))
                    parts.append(term.value(self.named.of(term)))
                case SharedEffects():
                    known += self._shared(term)
                    parts.append(term.value(self.named.of(term)))
                case Smooth():
                    sections.append(Section(describe_smooth(term, on), tuple(self._smooth(term))))
                    parts.append(term.value(self.named.of(term)))
                case Monotonic():
                    sections.append(Section(_MONOTONIC.format(term.text, on), tuple(self._monotonic(term))))
                    parts.append(term.value(self.named.of(term)))
                case MeasuredEffect():
                    known += self._measured_effect(term)
                    parts.append(substitute(term.value(self.named.of(term)), self._each_row(term)))
                case other:
                    assert_never(other)
        total = parts[0] if parts else Const(0.0)
        for part in parts[1:]:
            total = total + part
        self.etas[predictor.parameter] = total
        first = Section(self._comment(predictor.population, on), tuple(known))
        return [first, *sections] if known else sections

    def _comment(self, population: Population, on: str) -> str:
        if not population.centred:
            return f"Population effects{on}."
        if population.intercept is None:
            return f"Population effects{on}, of the predictors as measured from their means."
        alpha = self.named.of(population).alpha
        return f"Population effects{on}; {alpha} is the intercept where the predictors have their means."

    def _group(self, group: GroupEffects) -> list[Statement]:
        numbers, named = self.design.of(group), self.named.of(group)
        code, index_code = self.preparation.group(group, numbers, named)
        data = self._index(named.index, np.maximum(numbers.index, 0), index_code)
        if len(group.columns) > 1:
            dims = (self.named.obs, named.term_dim)
            data.append(self._data(named.Z, numbers.Z, dims, code))
        elif not group.shift:
            data.append(self._data(named.Z, numbers.Z[:, 0], (self.named.obs,), code))
        if group.between is not None:
            name = factor_between(named)
            self.constants[name] = group.between.factor
            self.preparation.between(name, group, named)
        if group.weights is not None:
            name = spread_of(named)
            self.constants[name] = group.weights.spread
            self.preparation.spread(name, group.weights, named)
        return [*data, *effect_statements(group, named, self.spare)]

    def _process(self, process: GaussianProcess) -> list[Statement]:
        named = self.named.of(process)
        self.preparation.counted(named.dim, process.width)
        code = self.preparation.process(process, named)
        self.constants[named.w] = process.squares
        data = self._data(named.Z, self.design.of(process).Z, (self.named.obs, named.dim), code)
        return [data, *process_statements(process, named, self.spare)]

    def _areas(self, areas: Areal) -> list[Statement]:
        named = self.named.of(areas)
        self.preparation.counted(named.along, areas.width)
        self.preparation.areas(areas, named)
        self.constants[named.loadings] = areas.loadings
        if areas.shares:
            self.constants[named.slopes] = areas.slopes
        index = self.preparation.index(areas.factor, named.dim)
        data = self._index(named.index, self.design.of(areas).index, index)
        return [*data, *area_statements(areas, named, self.spare)]

    def _shared(self, shared: SharedEffects) -> list[Statement]:
        numbers, named = self.design.of(shared), self.named.of(shared)
        code, index_code = self.preparation.shared(shared, numbers, named)
        data = self._index(named.index, np.maximum(numbers.index, 0), index_code)
        return [*data, self._data(named.Z, numbers.Z, (self.named.obs, named.term_dim), code)]

    def _smooth(self, smooth: Smooth) -> list[Statement]:
        named, Z = self.named.of(smooth), self.design.of(smooth).Z
        self.preparation.counted(named.dim, smooth.width)
        code = self.preparation.smooth(smooth, named)
        return [
            self._data(named.Z, Z, (self.named.obs, named.dim), code),
            *smooth_statements(smooth, named, self.spare),
        ]

    def _monotonic(self, effect: Monotonic) -> list[Statement]:
        named, numbers = self.named.of(effect), self.design.of(effect).values
        called = (named.code, named.times)
        data: list[Statement] = [
            self._data(name, numbers[:, k], (self.named.obs,), self.preparation.real(column))
            for k, (name, column) in enumerate(zip(called, effect.columns, strict=False))
        ]
        b = prior_statements(named.b, [effect.prior], [], (), self.spare)
        if effect.owner is not None:
            return [*data, *b]
        self.preparation.counted(named.dim, effect.steps)
        return [*data, *b, _dirichlet(named.simo, effect.shares, named.dim)]

    def measured(self, measured: Measured) -> Iterator[Statement]:
        """True values, before any predictor."""
        named, numbers = self.named.of(measured), self.design.of(measured)
        code = self.preparation.measured(measured, named)
        for k in range(measured.width):
            self.constants |= {named[f"value {k}"]: numbers.values[:, k], named[f"noise {k}"]: numbers.noise[:, k]}
        if not _in_order(numbers.index, measured.size):
            yield from self._index(named["index"], numbers.index, code)
        yield from measured_statements(measured, named, self.spare)

    def latent(self, latent: Latent) -> Iterator[Statement]:
        """Missing values, before any predictor; their density is that of the response."""
        named, numbers, rows = self.named.of(latent), self.design.of(latent), (self.named.obs,)
        code = self.preparation.latent(latent, named)
        yield self._data(named["value"], numbers.value, rows, self.preparation.real(latent.observed))
        if not latent.size:
            yield Local(named["filled"], Var(named["value"]))
            return
        if latent.noise is not None:
            yield from self._true_of_all(latent, numbers, named)
            return
        yield self._data(named["seen"], numbers.seen, rows, self.preparation.real(latent.seen))
        yield from self._index(named["index"], numbers.place, code)
        true = named["true 0"]
        yield Random(true, "Flat", {}, (named["dim"],), start=Array(np.full(latent.size, latent.centre)))
        filled = Apply("where", (Var(named["seen"]), Var(named["value"]), Index(Var(true), (Var(named["index"]),))))
        yield Local(named["filled"], filled)

    def _true_of_all(self, latent: Latent, numbers: LatentDesign, named: LatentNames) -> Iterator[Statement]:
        """The true values of all rows, and what was measured; where nothing was, nothing is said."""
        assert latent.noise is not None
        true, value, dims, seen = named["true 0"], named["value"], (named["dim"],), Var(named["seen"])
        self.preparation.of_all_rows(named)
        yield self._data(named["seen"], numbers.seen, dims, self.preparation.real(latent.seen))
        code = self.preparation.real(latent.noise)
        yield self._data(named["noise"], numbers.noise, dims, code)
        yield Random(true, "Flat", {}, dims, start=Array(np.where(numbers.seen, numbers.value, latent.centre)))
        centre = Apply("where", (seen, Var(true), Var(value)))
        arguments: dict[str, Argument] = {"mu": centre, "sigma": Var(named["noise"])}
        observed, code = np.array(numbers.value), self.preparation.real(latent.observed)
        yield Random(named["measured"], "Normal", arguments, dims, observed=observed, observed_code=code)
        yield Local(named["filled"], Var(true))

    def _measured_effect(self, effect: MeasuredEffect) -> list[Statement]:
        named = self.named.of(effect)
        data: list[Statement] = []
        if effect.times is not None:
            code = self.preparation.real(effect.times)
            data = [self._data(named["times"], self.design.of(effect).times, (self.named.obs,), code)]
        return [*data, *prior_statements(named["b"], [effect.prior], [], (), self.spare)]

    def _each_row(self, effect: MeasuredEffect) -> dict[Expr, Expr]:
        """Where each row has its own true value, there is nothing to look up."""
        named, found = self.named.of(effect), dict[Expr, Expr]()
        filled = {latent.path: self.named.of(latent)["filled"] for latent in self.spec.latents}
        for i, (path, _) in enumerate(effect.of):
            if path in filled:
                found[Index(Var(named[f"true {i}"]), (Var(named[f"index {i}"]),))] = Var(filled[path])
                continue
            [owner] = [one for one in self.spec.measured if one.path == path]
            if _in_order(self.design.of(owner).index, owner.size):
                true = Var(named[f"true {i}"])
                found[Index(true, (Var(named[f"index {i}"]),))] = true
        return found

    def _offset(self, offset: Offset) -> Data:
        code = " + ".join(self.preparation.real(column) for column in offset.columns)
        return self._data(self.named.of(offset).offset, self.design.of(offset).values, (self.named.obs,), code)

    def _population(self, population: Population) -> list[Statement]:
        design, named = self.design.of(population), self.named.of(population)
        statements: list[Statement] = []
        labels = [column.label for column in population.columns]
        centred = population.centred
        if population.products:
            centre = named.X_mean if centred else None
            frame = self.preparation.population(named.X, named.term_dim, population.products, centre)
            statements.append(self._data(named.X, design.X, (self.named.obs, named.term_dim), frame))
        if centred:
            self.constants[named.X_mean] = design.centre
        lifted = self.lifted.get(population.path)
        if lifted is not None:
            made = Local(named.alpha, lifted) if centred else Deterministic(named.intercept, lifted)
            statements.append(made)
        elif population.intercept is not None:
            at_means = self._at_means(population) if centred else None
            name = named.alpha if centred else named.intercept
            statements += prior_statements(name, [population.intercept], [], (), self.spare, recovered=at_means)
        if population.products:
            statements += prior_statements(named.b, population.coefficients, labels, (named.term_dim,), self.spare)
        if centred and population.intercept is not None:
            shift = Op("@", Var(named.X_mean), Var(named.b))
            statements.append(Deterministic(named.intercept, Var(named.alpha) - shift))
        return statements

    def _data(self, name: str, values: Values, dims: tuple[str, ...], code: Code) -> Data:
        if isinstance(code, str) and code.isidentifier():
            self.preparation.identify(name, f"{name}_data")
        return Data(name, values, dims, code)

    def _index(self, name: str, values: Values, code: str) -> list[Statement]:
        """A factor's index, unless another term has brought it in already."""
        if name in self.indices:
            return []
        self.indices.add(name)
        return [Data(name, whole(values), (self.named.obs,), code)]

    # Likelihood

    def likelihood(self) -> list[Statement]:
        statements, values = self._alone()
        for own in self._apart():
            statements += own._rows(dict(values))
        return statements

    def _apart(self) -> list[_Lowering]:
        """Each of several responses by itself, where PyMC has their distributions and every row has all; else all."""
        spec, known = self.spec, self.spec.family.multivariate
        drawn = any(latent.size for latent in spec.latents)
        if known is None or known.correlated or known.lacking or drawn:
            return [self]
        each = [seen_by(spec, self.design, name) for name in known.names]
        plain = all(distribution_of(own).pymc and "weights" not in own.response.companions for own, _ in each)
        found = (replace(self, spec=own, design=design, named=names(own)) for own, design in each)
        return [*found] if plain else [self]

    def _alone(self) -> tuple[list[Statement], dict[str, Expr]]:
        """The parameters that no formula models."""
        spec, named = self.spec, self.named
        statements: list[Statement] = []
        values: dict[str, Expr] = {}
        early = spec.followed()
        for auxiliary in spec.auxiliaries:
            statements += [] if auxiliary in early else self._auxiliary(auxiliary)
            values[auxiliary.parameter] = auxiliary.value(named.of(auxiliary))
        if spec.thresholds is not None:
            made, values[spec.thresholds.parameter] = self._thresholds(spec.thresholds, spec.specific)
            statements += made
        for shares in spec.shares:
            statements += self._shares(shares)
            values |= {parameter: Var(named.of(shares)[parameter]) for parameter in shares.parameters}
        if spec.rescor is not None:
            made, partial = self._rescor(spec.rescor)
            statements += made
            values |= partial
        return statements, values

    def _rows(self, values: dict[str, Expr]) -> list[Statement]:
        """What the rows have."""
        spec, named = self.spec, self.named
        statements: list[Statement] = []
        for predictor in spec.predictors:
            made, value, eta = self._mean(predictor)
            statements += made
            values |= {predictor.parameter: value, predictor_of(predictor.parameter): eta}
        statements += self._companions(values)
        if spec.residual is not None:
            return statements + self._together(spec.residual, values)
        distribution, native = self.distribution
        known: dict[Expr, Expr] = {Var(name): value for name, value in values.items()} | fixed(spec)
        if native == spec.family.native:
            for step, made_of in spec.family.steps.items():
                value = made_of if self.cuts is None else self.cuts.reached(made_of)
                statements.append(Local(local(step), without_ones(substitute(value, known))))
                known[Var(step)] = Var(local(step))
        arguments: dict[str, Argument] = {k: without_ones(substitute(e, known)) for k, e in native.items()}
        observed, code = self._observed()
        statements.append(
            Random(named.response, distribution, arguments, (named.obs,), observed=observed, observed_code=code)
        )
        if self.design.weights is not None:
            name, weights = named.likelihood_weights, named.companions["weights"]
            statements.append(WeightedLikelihood(name, named.response, weights))
        return statements

    def _together(self, residual: Residual, values: Mapping[str, Expr]) -> list[Statement]:
        """The response's rows at once, as residuals that go together leave no row to itself."""
        named, family, n = self.named.of(residual), self.spec.family, self.design.n
        known: dict[Expr, Expr] = {Var(name): value for name, value in values.items()} | fixed(self.spec)
        mean, spread = (without_ones(substitute(part, known)) for part in mean_and_sd(self.spec))
        for c in residual.coefficients if not residual.known else ():
            if c.several:
                self.preparation.counted(getattr(named, f"{c.name}_number"), c.size(residual.order))
        used = {part.name for part in walk(family.mean) if isinstance(part, Var)}
        of_rows = bool(self.spec.response.companions) or any(
            p.groups or p.offset is not None or p.population.products
            for p in self.spec.predictors
            if p.parameter in used
        )
        mean = mean if of_rows else mean * Apply("ones", (Const(n),))
        made = (
            self._in_turn(residual, residual.step, mean, spread)
            if residual.step
            else self._at_once(residual, mean, spread)
        )
        return [*prior_of_residuals(residual, named, self.spare), *made]

    def _in_turn(self, residual: Residual, step: Step, mean: Expr, spread: Expr) -> list[Statement]:
        """Each row given the one before it: as many numbers as rows."""
        named, family, numbers = self.named.of(residual), self.spec.family, self.design.of(residual)
        code = self.preparation.in_turn(residual, named)
        observed, response = self._observed()
        rows = InTurn(residual, step, numbers, named, self.named.obs, self.spare(self.named.response, "seen"))
        made, mu, sigma = rows.given_before(mean, spread)
        level = [] if numbers.level is None else self._index(named.index, numbers.level, str(code.level))
        arguments: dict[str, Argument] = {"mu": mu, "sigma": sigma}
        row = Random(
            self.named.response, family.pymc, arguments, (self.named.obs,), observed=observed, observed_code=response
        )
        return [*rows.data(code, observed, response), *level, *made, row]

    def _at_once(self, residual: Residual, mean: Expr, spread: Expr) -> list[Statement]:
        """All rows by the covariance of all."""
        named, family, numbers = self.named.of(residual), self.spec.family, self.design.of(residual)
        placed = self.preparation.placed(residual, named)
        varying = [p.parameter for p in self.spec.predictors] + [a.parameter for a in self.spec.auxiliaries if a.by]
        by_row = any(isinstance(part, Var) and part.name in varying for part in walk(mean_and_sd(self.spec)[1]))
        if residual.beside is not None:
            self.constants[named.beside] = residual.beside
            self.preparation.beside(residual, named)
        rows = Together.of(residual, numbers, named, self.named.obs, self.spare)
        made, whole = rows.covariance(spread, by_row=by_row)
        level = [] if numbers.level is None else self._index(named.index, numbers.level, str(placed.level))
        arguments: dict[str, Argument] = {"mu": mean, "cov": whole}
        observed, code = self._observed()
        response = Random(
            self.named.response, family.joint, arguments, (self.named.obs,), observed=observed, observed_code=code
        )
        return [*rows.data(placed), *level, *made, response]

    def _observed(self) -> tuple[Values, Code]:
        """What PyMC's distribution is of, and the code that computes it."""
        family, response, y = self.spec.family, self.spec.response, self.design.y
        assert y is not None
        value = Column(response.label, substitute(family.observed, {Var("y"): response.value}))
        found = np.asarray(evaluate(family.observed, lambda _: y, NUMPY))
        if family.values.whole:
            return whole(found), self.preparation.count(value)
        return found, self.preparation.number(value)

    def _thresholds(self, thresholds: Thresholds, specific: Specific | None) -> tuple[list[Statement], Expr]:
        """The thresholds, those at zero among them; and what they come to for rows as measured from their means."""
        named, first = self.named.of(thresholds), self.named.of(self.spec.predictors[0].population)
        places = self.preparation.thresholds(thresholds, named)
        self.cuts = writer = ThresholdStatements(thresholds, named, first.b, first.X_mean, self.spare)
        statements, value = writer.all()
        if thresholds.by is not None:
            index = self.design.of(thresholds).index
            assert index is not None
            statements.append(Data(named.places, thresholds.places, (named.dim, named.place_dim), places))
            statements += self._index(named.index, index, self.preparation.index(thresholds.by, named.dim))
        if specific is not None:
            own = self.named.of(specific)
            frame = self.preparation.population(own.X, own.term_dim, specific.products, None)
            self.preparation.counted(own.threshold_dim, specific.size)
            statements.append(self._data(own.X, self.design.of(specific).X, (self.named.obs, own.term_dim), frame))
            statements += specific_statements(specific, own, self.spare)
        made, value = writer.of_rows(value, None if specific is None else specific.value(self.named.of(specific)))
        return [*statements, *made], value

    def _shares(self, shares: Shares) -> Iterator[Statement]:
        named, weights = self.named.of(shares), Array(np.array(shares.prior.values))
        each = [named[name] for name in shares.parameters]
        reported = Apply("columns", tuple(map(Var, each)))
        yield Random(named["together"], "Dirichlet", {"a": weights}, recovered=reported)
        yield from (Deterministic(name, Index(Var(named["together"]), (k,))) for k, name in enumerate(each))

    def _rescor(self, rescor: ResidualCorrelations) -> tuple[list[Statement], dict[str, Expr]]:
        """Partial correlations p, of which (1 + p) / 2 is beta; and the correlations that these come to."""
        named, halves, n = self.named.of(rescor), rescor.halves, rescor.size
        for dim in (named.dim, named.dim2):
            self.preparation.texts(dim, rescor.responses)
        made = prior_statements(
            named.partial, halves, [str(k) for k in range(len(halves))], (), self.spare, shape=len(halves),
            recovered=Apply("halves", (Var(named.cor),)),
        )  # fmt: skip
        partial: dict[str, Expr] = {}
        for k, name in enumerate(rescor.parameters):
            made.append(Local(local(name), 2 * Index(Var(named.partial), (k,)) - 1))
            partial[name] = Var(local(name))
        entries = rescor.entries([*partial.values()])
        rows = tuple(Apply("stack", tuple(entries[max(i, j)][min(i, j)] for j in range(n))) for i in range(n))
        made.append(Deterministic(named.cor, Apply("stack", rows), (named.dim, named.dim2)))
        return made, partial

    def _auxiliary(self, auxiliary: Auxiliary) -> list[Statement]:
        named, index = self.named.of(auxiliary), self.design.of(auxiliary).index
        dims = () if auxiliary.by is None else (named.dim,)
        statements: list[Statement] = []
        if auxiliary.by is not None and index is not None:
            statements += self._index(named.index, index, self.preparation.index(auxiliary.by, named.dim))
        priors = [auxiliary.prior] * auxiliary.size
        return statements + positive_statements(named.name, named.var, priors, [], dims, self.spare)

    @cached_property
    def distribution(self) -> tuple[str | Own, Mapping[str, Expr]]:
        """PyMC's class or the family's own density, and its arguments."""
        family = distribution_of(self.spec)
        if not family.pymc:
            return own_distribution(self.spec)
        modelled = {predictor.parameter for predictor in self.spec.predictors}
        fixes = any(p.fixed is not None and p.name in modelled for p in family.parameters)
        thresholds = self.spec.thresholds
        alike = thresholds is None or (thresholds.by is None and self.spec.specific is None)
        if family.simple is not None and not fixes and alike:
            return family.simple
        native = family.native_by_link.get(self.spec.predictors[0].link.name, family.native)
        eta: Mapping[Expr, Expr] = {Var("eta"): Var(predictor_of(self.spec.predictors[0].parameter))}
        return family.pymc, {name: substitute(argument, eta) for name, argument in native.items()}

    def _mean(self, predictor: Predictor) -> tuple[list[Statement], Expr, Expr]:
        """The linear predictor as a local quantity, the parameter's value, and the predictor's own."""
        link, parameter, eta = predictor.link, predictor.parameter, self.etas[predictor.parameter]
        if link.name == "identity":
            here = Var(local(parameter))
            return [Local(here.name, eta)], here, here
        here = Var(local(f"{link.name}_{parameter}"))
        value = substitute(link.inverse, {Var("eta"): here})
        used = sum(part == Var(parameter) for argument in self.distribution[1].values() for part in walk(argument))
        if not used or (parameter == "mu" and used == 1):
            return [Local(here.name, eta)], value, here
        there = Var(local(parameter))
        return [Local(here.name, eta), Local(there.name, value)], there, here

    def _companions(self, values: dict[str, Expr]) -> list[Statement]:
        """What the data give beside the response, and what that makes of the parameters."""
        statements: list[Statement] = []
        filled = {latent.called: self.named.of(latent)["filled"] for latent in self.spec.latents}
        # The density of a true value has no error.
        errors = {latent.error for latent in self.spec.latents if latent.noise is not None}
        for name, column in self.spec.response.companions.items():
            if name in filled or name in errors:
                values[name] = Var(filled[name]) if name in filled else Const(0.0)
                continue
            numbers, called = self.design.companions[name], self.named.companions[name]
            counted = companion_of(name).whole
            code = self.preparation.count(column) if counted else self.preparation.real(column)
            statements.append(Data(called, whole(numbers) if counted else numbers, (self.named.obs,), code))
            values[name] = Var(called)
            known: dict[Expr, Expr] = {Var(quantity): value for quantity, value in values.items()}
            for part, value in self.spec.response.density(name).items():
                assert isinstance(part, Var)
                values[part.name] = substitute(value, known)
        return statements


_MONOTONIC = "Monotonic effect {}{}: the mean effect of a step, and the steps' shares."


def _in_order(index: Integers, size: int) -> bool:
    """Whether each row is a level, in their order."""
    return len(index) == size and bool((index == np.arange(size)).all())


def _dirichlet(name: str, prior: Prior, dim: str) -> Random:
    return Random(name, "Dirichlet", {"a": Array(np.array(prior.values))}, (dim,))


def whole(values: Values) -> Values:
    """Whole numbers as PyMC keeps them: 32 bits wide; left as they are where that is not enough."""
    fit = np.all(np.abs(values) <= np.iinfo(np.int32).max)
    return values.astype(np.int32) if fit else values


def _scale(predictor: Predictor) -> str:
    """`log sigma`, for a comment."""
    link = predictor.link
    return predictor.parameter if link.name == "identity" else f"{link.name} {predictor.parameter}"
