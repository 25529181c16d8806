"""What the direct engine takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from tildemc.scalars import Computable
from tildemc.spec.companions import NUMBERED, companion_of, is_companion
from tildemc.spec.densities import Distribution
from tildemc.spec.derivative import depends
from tildemc.spec.expr import Apply, Expr, Var, walk
from tildemc.spec.families import Family
from tildemc.spec.likelihood import density_of, estimated
from tildemc.spec.links import Link
from tildemc.spec.model import ModelSpec, chains
from tildemc.spec.support import REAL
from tildemc.spec.takes import LINEAR, WITH_PROCESSES, OneOf, Takes
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.hyperparameter import Hyperparameter
from tildemc.spec.terms.known import Known, Recursion, Related
from tildemc.spec.terms.latent import Latent
from tildemc.spec.terms.levels_apart import LevelWeights, Tails
from tildemc.spec.terms.measured import Measured
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.rescor import ResidualCorrelations
from tildemc.spec.terms.shares import Shares
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.thresholds import Cuts, Thresholds
from tildemc.spec.vocabulary import VOCABULARY
from tildemc.targets.direct.scalars import known
from tildemc.targets.shared.structures import CORRELATIONS, STRUCTURES

__all__ = ["TAKES", "TERMS"]


@lru_cache(256)
def _coded(expr: Expr, *names: str) -> bool:
    """Whether what these quantities go through in `expr` can become machine code, and so can its derivative."""
    moving = (part for part in walk(expr) if isinstance(part, Apply) and depends(part, frozenset(names)))
    functions = {part.function for part in moving} - {"neg"}
    return all(known(name) and name in VOCABULARY and VOCABULARY[name].slopes for name in functions)


class _Families:
    """Families whose density can become machine code."""

    def __contains__(self, family: Family) -> bool:
        return _coded(family.log_density, *(parameter.name for parameter in family.parameters))


class _Links:
    """Links whose inverse can."""

    def __contains__(self, link: Link) -> bool:
        return all(_coded(part, "eta") for part in (link.inverse, link.log, link.log_complement) if part)


class _Companions:
    """Companions whose part in a density can."""

    def __contains__(self, name: str) -> bool:
        if not is_companion(name):
            return False
        record = companion_of(name)
        parts = [part for made in (record.density, *record.options.values()) for part in made.values()]
        return all(_coded(part, *(v.name for v in walk(part) if isinstance(v, Var))) for part in parts)


def _density(spec: ModelSpec) -> Iterator[str]:
    """What response and companions come to together, and intercepts that increase.

    Distribution functions of some families have no code.
    """
    for chain in (names for names in chains(spec) if len(names) > 1):
        own = [spec.predictor(name) for name in chain]
        priors = [p.population.intercept for p in own if p is not None]
        if any(prior is not None and prior.support != REAL for prior in priors):
            yield "intercepts that increase have bounds of their own"
    named = all(map(is_companion, spec.response.companions))
    records = [companion_of(name) for name in spec.response.companions if is_companion(name)]
    functions = dict.fromkeys(f"`{record.function}()`" for record in records if record not in NUMBERED)
    if functions and named and spec.family in _Families() and not _coded(density_of(spec), *estimated(spec)):
        yield f"the direct engine has no {' and '.join(functions)} of a {spec.family.name} response"


def _limits(spec: ModelSpec) -> Iterator[str]:
    yield from _density(spec)
    residual = spec.residual
    if residual is not None and residual.step is None:
        title = residual.correlation.title
        yield f"the direct engine has residuals that depend on the row before alone, and none that are {title}"
    if residual is not None and spec.measured:
        yield "what is measured with error stands beside residuals that go together"


_SCALARS = Computable()


class _Hyper:
    """What a hyperparameter's prior may be: a scalar's, or that of shares."""

    def __contains__(self, record: Distribution) -> bool:
        return record in _SCALARS or record.support.shares


TERMS: Mapping[type, frozenset[str]] = {
    **WITH_PROCESSES,
    ModelSpec: LINEAR[ModelSpec]
    | {
        *("thresholds", "specific", "shares", "measured", "responses", "rescor", "residual", "latents"),
        "hyperparameters",
    },
    Hyperparameter: frozenset({"name", "prior", "support", "along"}),
    ResidualCorrelations: frozenset({"responses", "parameters", "prior"}),
    GroupEffects: LINEAR[GroupEffects] | {"between", "tails", "weights"},
    Block: LINEAR[Block] | {"parameters"},
    Known: frozenset({"name", "values"}),
    Related: frozenset({"name", "steps"}),
    Recursion: frozenset({"order", "own", "start", "others", "weights"}),
    Tails: frozenset({"prior"}),
    LevelWeights: frozenset({"column", "values"}),
    Population: LINEAR[Population] | {"about_means", "above"},
    Shares: frozenset({"parameter", "parameters", "prior"}),
    Monotonic: frozenset(
        {"parameter", "text", "label", "code", "steps", "times", "prior", "shares", "known", "owner", "id"}
    ),
    Latent: frozenset({"response", "observed", "seen", "rows", "centre", "noise"}),
    Measured: frozenset({"variables", "factor", "rows", "correlations"}),
    MeasuredEffect: frozenset({"parameter", "text", "label", "of", "measured", "times", "prior"}),
    Thresholds: frozenset({"parameter", "cuts", "support", "spacing", "by"}),
    Cuts: frozenset({"size", "prior_of", "delta"}),
    Specific: frozenset({"parameter", "size", "products", "coefficients"}),
}
"""Models with thresholds, shares and several responses among them."""

TAKES = Takes(
    engine="direct",
    families=_Families(),
    links=_Links(),
    nonlinear=True,
    terms=TERMS,
    covariances=STRUCTURES,
    densities={
        "Intercept": _SCALARS, "b": _SCALARS, "sd": _SCALARS, "parameter": _SCALARS, "cor": CORRELATIONS,
        "shares": OneOf("dirichlet"),
        "shape": _SCALARS,
        "df": _SCALARS,
        "meanme": _SCALARS, "sdme": _SCALARS, "corme": CORRELATIONS,
        "sds": _SCALARS,
        "sdgp": _SCALARS,
        "lscale": _SCALARS,
        "sdcar": _SCALARS,
        "car": _SCALARS,
        "hyperparameter": _Hyper(),
    },
    made=True,
    companions=_Companions(),
    chunks="merged rows",
    limits=_limits,
)  # fmt: skip
