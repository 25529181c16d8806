"""The likelihood as PyMC statements: what rows have, and the response given that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tildemc.spec.companions import companion_of
from tildemc.spec.expr import Const, Expr, Var, substitute, walk, without_ones
from tildemc.spec.likelihood import distribution_of, fixed
from tildemc.spec.model import Predictor
from tildemc.spec.parameters import local, names
from tildemc.spec.responses import seen_by
from tildemc.targets.pymc.lowering import Lowering, whole
from tildemc.targets.pymc.own import own_distribution, predictor_of
from tildemc.targets.pymc.program import Argument, Data, Local, Own, Random, Statement, WeightedLikelihood
from tildemc.targets.pymc.terms.quantities import lower_auxiliary, lower_shares
from tildemc.targets.pymc.terms.residuals import lower_rescor, together
from tildemc.targets.pymc.terms.thresholds import lower_thresholds

__all__ = ["likelihood"]


def likelihood(lowering: Lowering) -> list[Statement]:
    """The statements after those of the linear predictors."""
    statements, values = _alone(lowering)
    for own in _apart(lowering):
        statements += _rows(own, dict(values))
    return statements


def _apart(lowering: Lowering) -> list[Lowering]:
    """Each of several responses by itself, where PyMC has their distributions and every row has all; else all."""
    spec, known = lowering.spec, lowering.spec.family.multivariate
    drawn = any(latent.size for latent in spec.latents)
    if known is None or known.correlated or known.lacking or drawn:
        return [lowering]
    each = [seen_by(spec, lowering.design, name) for name in known.names]
    plain = all(distribution_of(own).pymc and "weights" not in own.response.companions for own, _ in each)
    found = (replace(lowering, spec=own, design=design, named=names(own)) for own, design in each)
    return [*found] if plain else [lowering]


def _alone(lowering: Lowering) -> tuple[list[Statement], dict[str, Expr]]:
    """The parameters that no formula models."""
    spec, named = lowering.spec, lowering.named
    statements: list[Statement] = []
    values: dict[str, Expr] = {}
    early = spec.followed()
    for auxiliary in spec.auxiliaries:
        statements += [] if auxiliary in early else lower_auxiliary(lowering, auxiliary)
        values[auxiliary.parameter] = auxiliary.value(named.of(auxiliary))
    if spec.thresholds is not None:
        made, values[spec.thresholds.parameter] = lower_thresholds(lowering, spec.thresholds, spec.specific)
        statements += made
    for shares in spec.shares:
        statements += lower_shares(lowering, shares)
        values |= {parameter: Var(named.of(shares)[parameter]) for parameter in shares.parameters}
    if spec.rescor is not None:
        made, partial = lower_rescor(lowering, spec.rescor)
        statements += made
        values |= partial
    return statements, values


def _rows(lowering: Lowering, values: dict[str, Expr]) -> list[Statement]:
    """What the rows have."""
    spec, named = lowering.spec, lowering.named
    statements: list[Statement] = []
    distribution, native = _distribution(lowering)
    for predictor in spec.predictors:
        made, value, eta = _mean(predictor, lowering.etas[predictor.parameter], native)
        statements += made
        values |= {predictor.parameter: value, predictor_of(predictor.parameter): eta}
    statements += _companions(lowering, values)
    if spec.residual is not None:
        return statements + together(lowering, spec.residual, values)
    known: dict[Expr, Expr] = {Var(name): value for name, value in values.items()} | fixed(spec)
    if native == spec.family.native:
        for step, made_of in spec.family.steps.items():
            statements.append(Local(local(step), without_ones(substitute(lowering.reached(made_of), known))))
            known[Var(step)] = Var(local(step))
    arguments: dict[str, Argument] = {k: without_ones(substitute(e, known)) for k, e in native.items()}
    observed, code = lowering.observed()
    statements.append(
        Random(named.response, distribution, arguments, (named.obs,), observed=observed, observed_code=code)
    )
    if lowering.design.weights is not None:
        name, weights = named.likelihood_weights, named.companions["weights"]
        statements.append(WeightedLikelihood(name, named.response, weights))
    return statements


def _distribution(lowering: Lowering) -> tuple[str | Own, Mapping[str, Expr]]:
    """PyMC's class or the family's own density, and its arguments."""
    family = distribution_of(lowering.spec)
    if not family.pymc:
        return own_distribution(lowering.spec)
    modelled = {predictor.parameter for predictor in lowering.spec.predictors}
    fixes = any(p.fixed is not None and p.name in modelled for p in family.parameters)
    thresholds = lowering.spec.thresholds
    alike = thresholds is None or (thresholds.by is None and lowering.spec.specific is None)
    if family.simple is not None and not fixes and alike:
        return family.simple
    native = family.native_by_link.get(lowering.spec.predictors[0].link.name, family.native)
    eta: Mapping[Expr, Expr] = {Var("eta"): Var(predictor_of(lowering.spec.predictors[0].parameter))}
    return family.pymc, {name: substitute(argument, eta) for name, argument in native.items()}


def _mean(predictor: Predictor, eta: Expr, native: Mapping[str, Expr]) -> tuple[list[Statement], Expr, Expr]:
    """The linear predictor as a local quantity, the parameter's value, and the predictor's own."""
    link, parameter = predictor.link, predictor.parameter
    if link.name == "identity":
        here = Var(local(parameter))
        return [Local(here.name, eta)], here, here
    here = Var(local(f"{link.name}_{parameter}"))
    value = substitute(link.inverse, {Var("eta"): here})
    used = sum(part == Var(parameter) for argument in native.values() for part in walk(argument))
    if not used or (parameter == "mu" and used == 1):
        return [Local(here.name, eta)], value, here
    there = Var(local(parameter))
    return [Local(here.name, eta), Local(there.name, value)], there, here


def _companions(lowering: Lowering, values: dict[str, Expr]) -> list[Statement]:
    """What the data give beside the response, and what that makes of the parameters."""
    statements: list[Statement] = []
    filled = {latent.called: lowering.named.of(latent)["filled"] for latent in lowering.spec.latents}
    # The density of a true value has no error.
    errors = {latent.error for latent in lowering.spec.latents if latent.noise is not None}
    for name, column in lowering.spec.response.companions.items():
        if name in filled or name in errors:
            values[name] = Var(filled[name]) if name in filled else Const(0.0)
            continue
        numbers, called = lowering.design.companions[name], lowering.named.companions[name]
        counted = companion_of(name).whole
        code = lowering.preparation.count(column) if counted else lowering.preparation.real(column)
        statements.append(Data(called, whole(numbers) if counted else numbers, (lowering.named.obs,), code))
        values[name] = Var(called)
        known: dict[Expr, Expr] = {Var(quantity): value for quantity, value in values.items()}
        for part, value in lowering.spec.response.density(name).items():
            assert isinstance(part, Var)
            values[part.name] = substitute(value, known)
    return statements
