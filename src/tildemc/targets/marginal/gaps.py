"""ModelSpec -> why its effects cannot be integrated out exactly."""

from __future__ import annotations

from tildemc.model.gaps import Unsupported
from tildemc.model.priors import Prior
from tildemc.model.spec import ModelSpec

__all__ = ["LARGEST_REST", "gaps"]

LARGEST_REST = 6000
"""Effects, beside those of the factor that has the most, that a dense matrix still holds (300 MB)."""


def gaps(spec: ModelSpec, *, flat: bool = False) -> tuple[Unsupported, ...]:
    """Every reason why this model has no exact marginal likelihood here; none if it has one.

    Population priors do not matter if they are taken for `flat`.
    """
    found: list[str] = []
    if spec.family.name != "gaussian":
        found.append(f"the response is {spec.family.name}, not gaussian")
    elif spec.predictors[0].link.name != "identity":
        found.append(f"the link is {spec.predictors[0].link.name}, not the identity")
    found += [f"a formula models {predictor.parameter}" for predictor in spec.predictors[1:]]
    found += [] if flat else _population_gaps(spec)
    sizes = sorted(len(g.factor.levels) * len(g.columns) for g in spec.predictors[0].groupings)
    rest = sum(sizes[:-1]) + len(spec.predictors[0].columns)
    if rest > LARGEST_REST:
        found.append(f"{rest} effects besides those of the largest grouping factor are more than {LARGEST_REST}")
    return tuple(Unsupported(reason) for reason in found)


def _population_gaps(spec: ModelSpec) -> list[str]:
    predictor = spec.predictors[0]
    named = [(column.label, prior) for column, prior in zip(predictor.columns, predictor.priors, strict=True)]
    if predictor.intercept is not None:
        named.insert(0, ("Intercept", predictor.intercept.prior))
    return [
        f"the prior of {label} is {prior}, neither normal nor flat" for label, prior in named if not _conjugate(prior)
    ]


def _conjugate(prior: Prior) -> bool:
    return prior.distribution.name in ("normal", "flat") and prior.lower == float("-inf")
