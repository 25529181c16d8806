"""What may be estimated with its effects integrated out: models whose effects are in one part of a row's density."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tildemc.engines.separate import having, separate
from tildemc.spec.model import ModelSpec
from tildemc.spec.takes import LINEAR, Takes
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.levels_apart import LevelWeights
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.thresholds import Cuts, Thresholds
from tildemc.targets.direct.takes import TAKES as DIRECT
from tildemc.targets.glmm.rows import curved_rows
from tildemc.targets.marginal.elimination import Elimination

__all__ = ["INTEGRATED", "PLAIN", "one_factor"]

LARGEST_REST = 6000
"""Effects beside those of the factor that has the most."""

_TERMS: Mapping[type, frozenset[str]] = {
    **LINEAR,
    ModelSpec: LINEAR[ModelSpec] | {"thresholds"},
    Population: LINEAR[Population] | {"about_means"},
    Thresholds: frozenset({"parameter", "cuts", "support"}),
    Cuts: frozenset({"size", "prior_of"}),
    GroupEffects: LINEAR[GroupEffects] | {"weights"},
    LevelWeights: frozenset({"column", "values"}),
}


def _limits(spec: ModelSpec) -> Iterator[str]:
    found = having(spec)
    if len(found) > 1 and not separate(spec):
        named = " and ".join(predictor.parameter for predictor in found)
        yield f"effects vary in the formulas of {named}, which a row has together: each integral is over those of one"
    for predictor in found:
        rows = curved_rows(spec, predictor.parameter)
        if rows.observed is None:
            yield f"the second derivative of the density of a {spec.family.name} response has no code"
        rest = Elimination.of(predictor).rest
        if rest > LARGEST_REST:
            yield f"{rest} effects besides those of the largest grouping factor are more than {LARGEST_REST}"


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
    integrated = [effects for predictor in spec.predictors for effects in predictor.integrated]
    return len(integrated) == 1 and Elimination.of(next(p for p in spec.predictors if p.integrated)).alone
