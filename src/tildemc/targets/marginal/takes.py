"""What the exact engine takes: models whose effects can be integrated out, and the same for an estimate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tildemc.scalars import Computable
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.takes import LINEAR, WITH_PROCESSES, OneOf, Takes
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.known import Known, Recursion, Related
from tildemc.spec.terms.levels_apart import LevelWeights
from tildemc.targets.marginal.elimination import Elimination
from tildemc.targets.marginal.related import limits
from tildemc.targets.shared.structures import CORRELATIONS, STRUCTURES

__all__ = ["FLAT", "LARGEST_REST", "MOST_AREAS", "TAKES"]

LARGEST_REST = 6000
"""Effects, beside those of the factor that has the most, that a dense matrix still holds (300 MB)."""
MOST_AREAS = 100
"""Areas whose coefficients' sds, a matrix of them at each point, are not too many."""


def _limits(spec: ModelSpec) -> Iterator[str]:
    first = spec.predictors[0]
    yield from (f"{name} is a stated number" for name in spec.family.fixes)
    yield from limits(spec)
    wide = (areas.width for areas in first.areas if areas.width > MOST_AREAS)
    yield from (f"{width} areas together are more than {MOST_AREAS}" for width in wide)
    if spec.residual is not None:
        yield from (f"rows that go together have different levels of `{label}`" for label in spec.residual.crossed)
    if spec.residual is not None and spec.residual.correlation.mean is not None and first.offset is not None:
        yield "an offset stands beside responses that are made of others"
    if first.shared and (spec.residual is not None or len(spec.predictors) > 1):
        yield "beside `mm()` residuals go together, or a formula models their sd"
    rest = Elimination.of(first).rest + len(first.population.columns)
    if rest > LARGEST_REST:
        yield f"{rest} effects besides those of the largest grouping factor are more than {LARGEST_REST}"


def _limits_of_draws(spec: ModelSpec) -> Iterator[str]:
    yield from _limits(spec)
    # Each point would go through all rows: other engines do no more for it, and less between points.
    if spec.residual is None:
        yield from (
            f"a formula models {predictor.parameter}" for predictor in spec.predictors[1:] if predictor in _LOG_SD
        )


class _LogSd:
    """Formulas of the log of an sd, of population effects and offsets."""

    def __contains__(self, predictor: Predictor) -> bool:
        effects = (*predictor.integrated, *predictor.shared)
        return predictor.link.name == "log" and not effects


_LOG_SD = _LogSd()
_APART: Mapping[type, frozenset[str]] = {
    GroupEffects: LINEAR[GroupEffects] | {"between", "weights"},
    Known: frozenset({"name", "values"}),
    Related: frozenset({"name", "steps"}),
    Recursion: frozenset({"order", "own", "start", "others", "weights"}),
    LevelWeights: frozenset({"column", "values"}),
}
_WITH_RESIDUALS = {
    **WITH_PROCESSES,
    **_APART,
    ModelSpec: LINEAR[ModelSpec] | {"residual"},
}
_GAUSSIAN, _SCALARS = OneOf("normal", "flat"), Computable()

TAKES = Takes(
    engine="exact",
    families=OneOf("gaussian"),
    links=OneOf("identity"),
    modelled=_LOG_SD,
    terms=_WITH_RESIDUALS,
    covariances=STRUCTURES,
    densities={
        "Intercept": _GAUSSIAN, "b": _GAUSSIAN, "sd": _SCALARS, "parameter": _SCALARS, "cor": CORRELATIONS,
        "shape": _SCALARS,
        "sds": _SCALARS,
        "sdgp": _SCALARS,
        "lscale": _SCALARS,
        "sdcar": _SCALARS,
        "car": _SCALARS,
    },
    bounded=frozenset({"sd", "sds", "sdgp", "lscale", "sdcar", "car", "cor", "shape", "parameter"}),
    companions=frozenset({"weights", "se"}),
    chunks="cross-products",
    limits=_limits_of_draws,
)  # fmt: skip

FLAT = replace(TAKES, densities=None, limits=_limits, terms={**LINEAR, **_APART, ModelSpec: _WITH_RESIDUALS[ModelSpec]})
"""The same where priors play no part: for an estimate. Where the parameters end does matter."""
