"""What the transport engine takes: models with effects of one linear predictor, and few parameters beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tildemc.scalars import Computable
from tildemc.spec.model import ModelSpec
from tildemc.spec.takes import LINEAR, WITH_PROCESSES, OneOf, Takes
from tildemc.spec.terms.address import Kind
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.levels_apart import LevelWeights
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.shares import Shares
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.thresholds import Cuts, Thresholds
from tildemc.targets.direct.takes import TAKES as DIRECT
from tildemc.targets.direct.takes import TERMS as DIRECT_TERMS
from tildemc.targets.glmm.quantities import count
from tildemc.targets.glmm.rows import curved_rows
from tildemc.targets.marginal.elimination import Elimination
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

_READ = (Shares, Monotonic, Thresholds, Cuts, Specific, LevelWeights)
"""What is read here as the direct engine reads it."""
TERMS: Mapping[type, frozenset[str]] = {
    **WITH_PROCESSES,
    **{kind: DIRECT_TERMS[kind] for kind in _READ},
    ModelSpec: LINEAR[ModelSpec] | {"thresholds", "specific", "shares"},
    Population: LINEAR[Population] | {"about_means"},
    GroupEffects: LINEAR[GroupEffects] | {"weights"},
}


def _limits(spec: ModelSpec) -> Iterator[str]:
    # Rows are the direct engine's, which also draws where chains here do not move.
    if DIRECT.gaps(spec):
        yield "the direct engine does not take the model"
        return
    having = [predictor for predictor in spec.predictors if predictor.integrated or predictor.shared]
    if not having:
        yield "there are no effects that vary"
        return
    if len(having) > 1:
        yield f"effects vary in the formulas of {' and '.join(predictor.parameter for predictor in having)}"
        return
    [predictor] = having
    rows = curved_rows(spec, predictor.parameter)
    if rows.observed is None and rows.expected is None:
        yield f"nobody has said how the density of a {spec.family.name} response curves"
    size = count(spec)
    blocks = [block for group in predictor.integrated for block in group.blocks]
    size += sum(len(block.sd_priors) + len(block.shape_priors) for block in blocks)
    if size > MOST:
        yield f"{size} parameters beside the effects are more than {MOST}"
    rest = Elimination.of(predictor).rest
    if rest > LARGEST_REST:
        yield f"{rest} effects besides those of the largest grouping factor are more than {LARGEST_REST}"
    columns = sum(group.width for group in (*predictor.integrated,))
    if columns > WIDEST:
        yield f"{columns} columns of effects in a row are more than {WIDEST}"


TAKES = Takes(
    engine="transport",
    families=DIRECT.families,
    links=DIRECT.links,
    terms=TERMS,
    covariances=DIRECT.covariances,
    densities={kind: MARGINAL[kind] for kind in SPREADS}
    | {"Intercept": Computable(), "b": Computable(), "shares": OneOf("dirichlet")},
    bounded=SPREADS | {"Intercept", "b", "shares"},
    companions=DIRECT.companions,
    chunks="merged rows",
    limits=_limits,
)
