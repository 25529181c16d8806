"""What may be estimated with its effects integrated out: models of linear predictors that have effects, or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tildemc.spec.model import ModelSpec
from tildemc.spec.takes import LINEAR, Takes
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.levels_apart import LevelWeights
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.rescor import ResidualCorrelations
from tildemc.spec.terms.thresholds import Cuts, Thresholds
from tildemc.targets.direct.takes import TAKES as DIRECT
from tildemc.targets.glmm.rows import curved_rows
from tildemc.targets.glmm.stacked import Stacked

__all__ = ["INTEGRATED", "PLAIN", "one_factor"]

LARGEST_REST = 6000
"""Effects beside those of the factor that has the most."""

_TERMS: Mapping[type, frozenset[str]] = {
    **LINEAR,
    ModelSpec: LINEAR[ModelSpec] | {"thresholds", "responses", "rescor"},
    Block: LINEAR[Block] | {"parameters"},
    Population: LINEAR[Population] | {"about_means"},
    ResidualCorrelations: frozenset({"responses", "parameters", "prior"}),
    Thresholds: frozenset({"parameter", "cuts", "support"}),
    Cuts: frozenset({"size", "prior_of"}),
    GroupEffects: LINEAR[GroupEffects] | {"weights"},
    LevelWeights: frozenset({"column", "values"}),
}


def _limits(spec: ModelSpec) -> Iterator[str]:
    stacked = Stacked.of(spec)
    if not stacked.moving:
        return
    if curved_rows(spec, stacked.parameters).observed is None:
        yield f"the second derivative of the density of a {spec.family.name} response has no code"
    if stacked.rest > LARGEST_REST:
        yield f"{stacked.rest} effects besides those of the largest grouping factor are more than {LARGEST_REST}"


INTEGRATED = Takes(
    engine="Laplace",
    families=DIRECT.families,
    links=DIRECT.links,
    terms=_TERMS,
    covariances=DIRECT.covariances,
    bounded=frozenset(),
    companions=DIRECT.companions,
    limits=_limits,
)
"""With effects, or without any."""

PLAIN = replace(INTEGRATED, engine="likelihood")


def one_factor(spec: ModelSpec) -> bool:
    """Whether all effects are by one factor, so that each level has an integral of its own."""
    stacked = Stacked.of(spec)
    return len(stacked.stacks) == 1 and stacked.alone
