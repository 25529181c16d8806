"""What the direct engine cannot express."""

from __future__ import annotations

from collections.abc import Iterator

from tildemc.model.covariance import Diagonal, Unstructured
from tildemc.model.gaps import Unsupported
from tildemc.model.priors import Prior
from tildemc.model.spec import Block, ModelSpec

__all__ = ["gaps"]


def gaps(spec: ModelSpec) -> tuple[Unsupported, ...]:
    """Everything in a model that the direct engine has no code for; empty if it can fit the model."""
    return tuple(Unsupported(sentence) for sentence in dict.fromkeys(_sentences(spec)))


def _sentences(spec: ModelSpec) -> Iterator[str]:
    from tildemc.targets.direct.densities import DENSITIES
    from tildemc.targets.direct.links import LINKS
    from tildemc.targets.direct.rows import ROWS
    from tildemc.targets.direct.tables import PARAMETERS

    if spec.family.name not in ROWS:
        yield f"the direct engine has no family {spec.family.name}"
    if len(spec.family.parameters) > PARAMETERS:
        yield f"the direct engine takes families of up to {PARAMETERS} parameters"
    for predictor in spec.predictors:
        if predictor.link.name not in LINKS:
            yield f"the direct engine has no link {predictor.link.name}"
        for grouping in predictor.groupings:
            for block in grouping.blocks:
                if not isinstance(block.covariance, Diagonal | Unstructured):
                    yield f"the direct engine has no covariance structure {type(block.covariance).__name__}"
    for prior in _scalar_priors(spec):
        if prior.distribution.name not in DENSITIES:
            yield f"the direct engine has no prior {prior.distribution.name}"
    for block in _blocks(spec):
        match block.covariance:
            case Unstructured(correlation) if correlation.distribution.name != "lkj":
                yield f"the direct engine has no prior {correlation.distribution.name} for correlations"


def _blocks(spec: ModelSpec) -> Iterator[Block]:
    for predictor in spec.predictors:
        for grouping in predictor.groupings:
            yield from grouping.blocks


def _scalar_priors(spec: ModelSpec) -> Iterator[Prior]:
    for predictor in spec.predictors:
        if predictor.intercept is not None:
            yield predictor.intercept.prior
        yield from predictor.priors
    for block in _blocks(spec):
        yield from block.sd_priors
    yield from (auxiliary.prior for auxiliary in spec.auxiliaries)
