"""Population effects and offsets as PyMC statements."""

from __future__ import annotations

from collections.abc import Iterator

from tildemc.spec.expr import Apply, Expr, Index, Op, Var
from tildemc.spec.model import chains
from tildemc.spec.terms.offset import Offset
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.product import INTERCEPT_LABEL
from tildemc.targets.pymc.densities import increasing_statement, prior_statements
from tildemc.targets.pymc.lowering import Lowered, Lowering
from tildemc.targets.pymc.program import Deterministic, Local, Random, Statement
from tildemc.targets.shared.apart import apart

__all__ = ["lower_increasing", "lower_offset", "lower_population"]


def lower_population(lowering: Lowering, population: Population) -> Lowered:
    """The intercept, and the coefficients."""
    design, named = lowering.design.of(population), lowering.named.of(population)
    statements: list[Statement] = []
    labels = [column.label for column in population.columns]
    centred = population.centred
    if population.products:
        centre = named.X_mean if centred else None
        frame = lowering.preparation.population(named.X, named.term_dim, population.products, centre)
        statements.append(lowering.data(named.X, design.X, (lowering.named.obs, named.term_dim), frame))
    if centred:
        lowering.constants[named.X_mean] = design.centre
    lifted = lowering.lifted.get(population.path)
    if lifted is not None:
        made = Local(named.alpha, lifted) if centred else Deterministic(named.intercept, lifted)
        statements.append(made)
    elif population.intercept is not None:
        at_means = _at_means(lowering, population) if centred else None
        name = named.alpha if centred else named.intercept
        statements += prior_statements(name, [population.intercept], [], (), lowering.spare, recovered=at_means)
    if population.products:
        statements += prior_statements(named.b, population.coefficients, labels, (named.term_dim,), lowering.spare)
    if centred and population.intercept is not None:
        shift = Op("@", Var(named.X_mean), Var(named.b))
        statements.append(Deterministic(named.intercept, Var(named.alpha) - shift))
    return Lowered(statements, lowering.value(population) if population.priors else None)


def lower_increasing(lowering: Lowering) -> Iterator[Random]:
    """Intercepts that increase, where predictors have their means; `lifted` knows where each of them is."""
    for chain in (own for own in chains(lowering.spec) if len(own) > 1):
        populations = [p.population for p in lowering.spec.predictors if p.parameter in chain]
        name = lowering.spare("increasing", INTERCEPT_LABEL)
        lowering.lifted |= {one.path: Index(Var(name), (k,)) for k, one in enumerate(populations)}
        each = [_at_means(lowering, one) for one in populations]
        priors = [one.intercept for one in populations if one.intercept is not None]
        start = [apart(lowering.spec, lowering.design)[parameter] for parameter in chain]
        yield increasing_statement(name, priors, (), Apply("columns", tuple(each)), start)


def _at_means(lowering: Lowering, population: Population) -> Expr:
    """The intercept where predictors have their means, in what the model reports."""
    named = lowering.named.of(population)
    own = Var(named.intercept)
    return own + Var(named.b) @ Var(named.X_mean) if population.centred else own


def lower_offset(lowering: Lowering, offset: Offset) -> Lowered:
    """What is known of a predictor."""
    code = " + ".join(lowering.preparation.real(column) for column in offset.columns)
    named, values = lowering.named.of(offset), lowering.design.of(offset).values
    return Lowered([lowering.data(named.offset, values, (lowering.named.obs,), code)], lowering.value(offset))
