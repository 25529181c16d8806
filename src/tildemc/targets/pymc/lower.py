"""ModelSpec × Design -> Program: write a model as PyMC statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tildemc.spec.companions import COMPANIONS
from tildemc.spec.design import Design, PredictorDesign
from tildemc.spec.expr import Expr, Index, Op, Var, substitute, walk
from tildemc.spec.model import Auxiliary, Column, ModelSpec, Predictor
from tildemc.spec.origin import Origin
from tildemc.spec.parameters import AuxiliaryNames, Names, PredictorNames, coordinates, local, names, parameters
from tildemc.spec.report import Report
from tildemc.targets.pymc.densities import positive_statements, prior_statements
from tildemc.targets.pymc.groups import contribution, describe, effect_statements, intercept_only
from tildemc.targets.pymc.names import Identifiers, Spare
from tildemc.targets.pymc.preparation import Preparation
from tildemc.targets.pymc.program import (
    Argument,
    Data,
    Deterministic,
    Local,
    Program,
    Random,
    Section,
    Statement,
    WeightedLikelihood,
)
from tildemc.targets.pymc.unprinted import Unprinted

__all__ = ["graph", "lower"]


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
    """The same statements with no text, for what they compute: what became of a person's data plays no part."""
    return _lowered(spec, design, names(spec), Identifiers(), Unprinted())


def _lowered(
    spec: ModelSpec, design: Design, known: Names, identify: Identifiers, preparation: Preparation | Unprinted
) -> Program:
    lowering = _Lowering(spec, design, known, preparation)
    sections: list[Section] = []
    for parts in zip(spec.predictors, design.predictors, known.predictors, strict=True):
        sections += lowering.predictor(*parts)
    sections.append(Section("Likelihood.", tuple(lowering.likelihood())))
    reported = tuple(p.name for p in parameters(spec) if p.role != "group effect")
    labels = {known.obs: design.obs, **{dim: list(values) for dim, values in coordinates(spec).items()}}
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
    for parameter in spec.family.parameters:
        identify(local(parameter.name), parameter.name)
    for auxiliary in known.auxiliaries:
        identify.by_name[auxiliary.name] = identify(local(auxiliary.name))
    for named in known.predictors:
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
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)
    etas: dict[str, Expr] = field(default_factory=dict)
    indices: set[str] = field(default_factory=set)
    spare: Spare = field(init=False)

    def __post_init__(self) -> None:
        self.spare = Spare(self.named.taken)

    # Linear predictors

    def predictor(self, predictor: Predictor, design: PredictorDesign, named: PredictorNames) -> list[Section]:
        population, parts = self._population(predictor, design, named)
        on = "" if predictor.parameter == "mu" else f" on {_scale(predictor)}"
        comment = f"Population effects{on}."
        if predictor.centred:
            comment = f"Population effects{on}; {named.alpha} is the intercept where the predictors have their means."
        sections = [Section(comment, tuple(population))] if population else []
        for grouping, numbers, group in zip(predictor.groupings, design.groups, named.groups, strict=True):
            code, index_code = self.preparation.group(grouping, numbers, group)
            data = self._index(group.index, np.maximum(numbers.index, 0), index_code)
            if len(grouping.columns) > 1:
                dims = (self.named.obs, group.term_dim)
                data.append(self._data(group.Z, numbers.Z, dims, code))
            elif not intercept_only(grouping):
                data.append(self._data(group.Z, numbers.Z[:, 0], (self.named.obs,), code))
            made = effect_statements(grouping, group, self.spare)
            sections.append(Section(describe(grouping, on), (*data, *made)))
            parts.append(contribution(grouping, group))
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        self.etas[predictor.parameter] = total
        return sections

    def _population(
        self, predictor: Predictor, design: PredictorDesign, named: PredictorNames
    ) -> tuple[list[Statement], list[Expr]]:
        statements: list[Statement] = []
        parts: list[Expr] = []
        labels = [column.label for column in predictor.columns]
        obs = self.named.obs
        intercept = named.alpha if predictor.centred else named.intercept
        X: Expr = Var(named.X)
        if predictor.terms:
            centre = named.X_mean if predictor.centred else None
            frame = self.preparation.population(named.X, named.term_dim, predictor.terms, centre)
            statements.append(self._data(named.X, design.X, (obs, named.term_dim), frame))
        if predictor.centred:
            # The data stay as they are, so that others can take their place; their means are the model's own.
            self.constants[named.X_mean] = design.centre
            X = X - Var(named.X_mean)
        if predictor.intercept is not None:
            at_means = Var(named.intercept) + Var(named.b) @ Var(named.X_mean) if predictor.centred else None
            statements += prior_statements(
                intercept, [predictor.intercept.prior], [], (), self.spare, recovered=at_means
            )
            parts.append(Var(intercept))
        if predictor.terms:
            statements += prior_statements(named.b, predictor.priors, labels, (named.term_dim,), self.spare)
            parts.append(Op("@", X, Var(named.b)))
        if predictor.centred:
            shift = Op("@", Var(named.X_mean), Var(named.b))
            statements.append(Deterministic(named.intercept, Var(named.alpha) - shift))
        if design.offset is not None:
            code = " + ".join(self.preparation.real(offset) for offset in predictor.offsets)
            statements.append(self._data(named.offset, design.offset, (obs,), code))
            parts.append(Var(named.offset))
        return statements, parts

    def _data(self, name: str, values: NDArray[Any], dims: tuple[str, ...], code: Any) -> Data:
        if isinstance(code, str) and code.isidentifier():
            self.preparation.identify(name, f"{name}_data")
        return Data(name, values, dims, code)

    def _index(self, name: str, values: NDArray[Any], code: str) -> list[Statement]:
        """A factor's index, unless another term has brought it in already."""
        if name in self.indices:
            return []
        self.indices.add(name)
        return [Data(name, whole(values), (self.named.obs,), code)]

    # Likelihood

    def likelihood(self) -> list[Statement]:
        spec, named = self.spec, self.named
        statements: list[Statement] = []
        values: dict[str, Expr] = {}
        for auxiliary, design, names_ in zip(spec.auxiliaries, self.design.auxiliaries, named.auxiliaries, strict=True):
            made, value = self._auxiliary(auxiliary, design.index, names_)
            statements += made
            values[auxiliary.parameter] = value
        for predictor in spec.predictors:
            made, value, eta = self._mean(predictor)
            statements += made
            values[predictor.parameter] = value
            if predictor.parameter == "mu":
                values["eta"] = eta
        statements += self._companions(values)
        native = self._native()
        known: dict[Expr, Expr] = {Var(name): value for name, value in values.items()}
        arguments: dict[str, Argument] = {k: substitute(e, known) for k, e in native.items()}
        counted = spec.family.values.whole
        response = Column(spec.response.label, spec.response.value)
        code = self.preparation.count(response) if counted else self.preparation.number(response)
        y = self.design.y
        assert y is not None
        observed = whole(y) if counted else y
        statements.append(
            Random(named.response, spec.family.pymc, arguments, (named.obs,), observed=observed, observed_code=code)
        )
        if self.design.weights is not None:
            name, weights = named.likelihood_weights, named.companions["weights"]
            statements.append(WeightedLikelihood(name, named.response, weights))
        return statements

    def _auxiliary(
        self, auxiliary: Auxiliary, index: NDArray[np.int64] | None, named: AuxiliaryNames
    ) -> tuple[list[Statement], Expr]:
        dims = () if auxiliary.by is None else (named.dim,)
        statements: list[Statement] = []
        value: Expr = Var(named.name)
        if auxiliary.by is not None and index is not None:
            statements += self._index(named.index, index, self.preparation.index(auxiliary.by, named.dim))
            value = Index(value, (Var(named.index),))
        priors = [auxiliary.prior] * (1 if auxiliary.by is None else len(auxiliary.by.levels))
        statements += positive_statements(named.name, named.var, priors, [], dims, self.spare)
        return statements, value

    def _native(self) -> Mapping[str, Expr]:
        """PyMC's arguments."""
        family = self.spec.family
        return family.native_by_link.get(self.spec.predictors[0].link.name, family.native)

    def _mean(self, predictor: Predictor) -> tuple[list[Statement], Expr, Expr]:
        """The linear predictor as a local quantity, the parameter's value, and the predictor's own."""
        link, parameter, eta = predictor.link, predictor.parameter, self.etas[predictor.parameter]
        if link.name == "identity":
            here = Var(local(parameter))
            return [Local(here.name, eta)], here, here
        here = Var(local(f"{link.name}_{parameter}"))
        value = substitute(link.inverse, {Var("eta"): here})
        used = sum(part == Var(parameter) for argument in self._native().values() for part in walk(argument))
        if parameter == "mu" and used <= 1:
            return [Local(here.name, eta)], value, here
        there = Var(local(parameter))
        return [Local(here.name, eta), Local(there.name, value)], there, here

    def _companions(self, values: dict[str, Expr]) -> list[Statement]:
        """What the data give beside the response, and what that makes of the parameters."""
        statements: list[Statement] = []
        for name, column in self.spec.response.companions.items():
            numbers, called = self.design.companions[name], self.named.companions[name]
            counted = COMPANIONS[name].whole
            code = self.preparation.count(column) if counted else self.preparation.real(column)
            # A constant, `trials(10)`, is one for each row.
            code = f"np.full(len(data), {code})" if "data" not in code else code
            statements.append(Data(called, whole(numbers) if counted else numbers, (self.named.obs,), code))
            values[name] = Var(called)
            known: dict[Expr, Expr] = {Var(quantity): value for quantity, value in values.items()}
            for part, value in self.spec.response.density(name).items():
                assert isinstance(part, Var)
                values[part.name] = substitute(value, known)
        return statements


def whole(values: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers as PyMC keeps them: 32 bits wide; left as they are where that is not enough."""
    fit = np.all(np.abs(values) <= np.iinfo(np.int32).max)
    return values.astype(np.int32) if fit else values


def _scale(predictor: Predictor) -> str:
    """`log sigma`, for a comment."""
    link = predictor.link
    return predictor.parameter if link.name == "identity" else f"{link.name} {predictor.parameter}"
