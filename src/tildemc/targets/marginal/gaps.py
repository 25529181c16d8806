"""ModelSpec -> why its effects cannot be integrated out exactly."""

from __future__ import annotations

from collections.abc import Iterator

from tildemc.model.addresses import targets
from tildemc.model.gaps import Unsupported
from tildemc.model.priors import REAL
from tildemc.model.spec import ModelSpec
from tildemc.targets.shared.structures import unknown

__all__ = ["LARGEST_REST", "gaps"]

LARGEST_REST = 6000
"""Effects, beside those of the factor that has the most, that a dense matrix still holds (300 MB)."""


def gaps(spec: ModelSpec, *, flat: bool = False) -> tuple[Unsupported, ...]:
    """Every reason why this model has no exact marginal likelihood here; none if it has one.

    Densities of population effects do not matter if they are taken for `flat`; where these end always does.
    """
    found: list[str] = []
    if spec.family.name != "gaussian":
        found.append(f"the response is {spec.family.name}, not gaussian")
    elif spec.predictors[0].link.name != "identity":
        found.append(f"the link is {spec.predictors[0].link.name}, not the identity")
    found += [f"a formula models {predictor.parameter}" for predictor in spec.predictors[1:]]
    found += _population_gaps(spec, flat=flat)
    structures = {block.covariance.name for g in spec.predictors[0].groupings for block in g.blocks
                  if unknown(block.covariance)}  # fmt: skip
    found += [f"the exact engine has no covariance structure {name}" for name in sorted(structures)]
    sizes = sorted(len(g.factor.levels) * len(g.columns) for g in spec.predictors[0].groupings)
    rest = sum(sizes[:-1]) + len(spec.predictors[0].columns)
    if rest > LARGEST_REST:
        found.append(f"{rest} effects besides those of the largest grouping factor are more than {LARGEST_REST}")
    return tuple(Unsupported(reason) for reason in found)


def _population_gaps(spec: ModelSpec, *, flat: bool) -> Iterator[str]:
    for target in targets(spec):
        prior = target.prior
        if target.parameter != "mu" or target.kind not in ("Intercept", "b"):
            continue
        if prior.support != REAL:
            yield f"{target.address} is kept to {prior.support}: a Gaussian has no ends"
        elif not flat and prior.distribution.name not in ("normal", "flat"):
            yield f"the prior of {target.address} is {target.density}, neither normal nor flat"
