"""What the transport engine takes: models with effects of linear predictors, and few parameters beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tildemc.scalars import Computable
from tildemc.spec.model import ModelSpec
from tildemc.spec.takes import LINEAR, WITH_PROCESSES, OneOf, Takes
from tildemc.spec.terms.address import Kind
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.known import Known, Recursion, Related
from tildemc.spec.terms.levels_apart import LevelWeights
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.rescor import ResidualCorrelations
from tildemc.spec.terms.shares import Shares
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.thresholds import Cuts, Thresholds
from tildemc.targets.direct.takes import TAKES as DIRECT
from tildemc.targets.direct.takes import TERMS as DIRECT_TERMS
from tildemc.targets.glmm.quantities import count
from tildemc.targets.glmm.rows import curved_rows
from tildemc.targets.glmm.stacked import Stacked
from tildemc.targets.marginal.takes import TAKES as EXACT

__all__ = ["LARGEST_REST", "MOST", "TAKES"]

MOST = 40
"""So many parameters ψ at most: a proposal of all of them at once resembles the posterior of more too little."""
LARGEST_REST = 3000
"""Effects beside those of the factor that has the most."""
WIDEST = 60
"""Columns of effects that a row has: their products with one another are summed for each row."""

MARGINAL = EXACT.densities or {}
SPREADS: frozenset[Kind] = frozenset(MARGINAL) - {"Intercept", "b"}

_READ = (
    *(Shares, Monotonic, Thresholds, Cuts, Specific, LevelWeights, ResidualCorrelations),
    *(Known, Related, Recursion),
)
"""What is read here as the direct engine reads it."""
TERMS: Mapping[type, frozenset[str]] = {
    **WITH_PROCESSES,
    **{kind: DIRECT_TERMS[kind] for kind in _READ},
    ModelSpec: LINEAR[ModelSpec] | {"thresholds", "specific", "shares", "responses", "rescor"},
    Block: LINEAR[Block] | {"parameters"},
    Population: LINEAR[Population] | {"about_means"},
    GroupEffects: LINEAR[GroupEffects] | {"between", "weights"},
}


def _limits(spec: ModelSpec) -> Iterator[str]:
    # Rows are the direct engine's, which also draws where chains here do not move.
    if not DIRECT.all_of(spec):
        yield "the direct engine does not take the model"
        return
    stacked = Stacked.of(spec)
    if not stacked.moving:
        yield "there are no effects that vary"
        return
    rows = curved_rows(spec, stacked.parameters)
    if rows.observed is None and rows.expected is None:
        yield f"nobody has said how the density of a {spec.family.name} response curves"
    if spec.thresholds is not None and any(prior.made for prior in spec.thresholds.priors):
        yield "thresholds are stated numbers"
    size = count(spec)
    blocks = [block for stack in stacked.stacks for block in stack.blocks]
    size += sum(len(block.sd_priors) + len(block.shape_priors) for block in blocks)
    if size == sum(prior.distribution.point for term in spec.terms() for prior in term.priors):
        yield "all numbers beside the effects are stated"
    if size > MOST:
        yield f"{size} parameters beside the effects are more than {MOST}"
    if stacked.rest > LARGEST_REST:
        yield f"{stacked.rest} effects besides those of the largest grouping factor are more than {LARGEST_REST}"
    elif stacked.columns > WIDEST:
        yield f"{stacked.columns} columns of effects in a row are more than {WIDEST}"


TAKES = Takes(
    engine="transport",
    families=DIRECT.families,
    links=DIRECT.links,
    terms=TERMS,
    covariances=DIRECT.covariances,
    densities={kind: MARGINAL[kind] for kind in SPREADS}
    | {"Intercept": Computable(), "b": Computable(), "shares": OneOf("dirichlet")},
    stated=frozenset({"Intercept", "b", "sd", "parameter"}),
    bounded=SPREADS | {"Intercept", "b", "shares"},
    companions=DIRECT.companions,
    chunks="merged rows",
    limits=_limits,
)
