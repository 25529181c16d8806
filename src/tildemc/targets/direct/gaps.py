"""What the direct engine cannot express."""

from __future__ import annotations

from collections.abc import Iterator

from tildemc.model.addresses import targets
from tildemc.model.gaps import Unsupported
from tildemc.model.spec import ModelSpec
from tildemc.targets.shared.structures import unknown

__all__ = ["gaps"]


def gaps(spec: ModelSpec) -> tuple[Unsupported, ...]:
    """Everything in a model that the direct engine has no code for; empty if it can fit the model."""
    return tuple(Unsupported(sentence) for sentence in dict.fromkeys(_sentences(spec)))


def _sentences(spec: ModelSpec) -> Iterator[str]:
    from tildemc.targets.direct.densities import DENSITIES

    for predictor in spec.predictors:
        for grouping in predictor.groupings:
            for block in grouping.blocks:
                if unknown(block.covariance):
                    yield f"the direct engine has no covariance structure {block.covariance.name}"
    for target in targets(spec):
        density = target.prior.distribution.name
        if not target.support.matrix and density not in DENSITIES:
            yield f"the direct engine has no prior {density}"
        if target.support.matrix and density != "lkj":
            yield f"the direct engine has no prior {density} for correlations"
