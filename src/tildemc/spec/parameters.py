"""Names: what a model's quantities are called, decided in one place; and `parameters`, the contract of all targets.

PyMC's variables and dims, and xarray's variables and coordinates, share one namespace. Fixed names come first
(`obs`, `b`, `sigma` …), then the response, then what is named after a grouping factor; whoever finds a name taken
gets an underscore. Nothing takes a name that these libraries need for themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, count
from typing import Any, Literal

from tildemc.spec.companions import COMPANIONS
from tildemc.spec.model import Factor, Grouping, ModelSpec, Predictor
from tildemc.spec.support import CORRELATIONS, POSITIVE, REAL, Support

__all__ = [
    "RESERVED",
    "AuxiliaryNames",
    "GroupNames",
    "Names",
    "Parameter",
    "PredictorNames",
    "coordinates",
    "local",
    "names",
    "parameters",
]

RESERVED = frozenset(
    {
        # The dims of draws, and what stacking them, quantiles, intervals and tables of summaries add.
        "chain", "draw", "sample", "quantile", "ci_bound", "summary", "variable", "label",
        # Dims that ArviZ's plots add.
        "plot_axis", "column", "model", "kwarg", "ess_dim", "mcse_dim",
        # xarray takes coordinates as arguments of methods.
        "self",
    }
)  # fmt: skip
"""Names that ArviZ, PyMC and xarray use for themselves in a tree of draws."""

Role = Literal["population", "group sd", "group correlation", "group effect", "residual"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A quantity that every target reports: its name, dims, the values it may take, and what it is to the model."""

    name: str
    dims: tuple[str, ...]
    support: Support
    role: Role


@dataclass(frozen=True, slots=True)
class GroupNames:
    """Of one grouping: dims `dim` and `term_dim` (twice for correlations), and its quantities."""

    dim: str
    term_dim: str
    term_dim2: str
    sd: str
    var: str
    cor: str
    cov: str
    r: str
    z: str
    chol: str
    Z: str
    index: str


@dataclass(frozen=True, slots=True)
class PredictorNames:
    """Of one predictor: `alpha` is the intercept at the predictors' means."""

    intercept: str
    alpha: str
    b: str
    term_dim: str
    X: str
    X_mean: str
    offset: str
    groups: tuple[GroupNames, ...]


@dataclass(frozen=True, slots=True)
class AuxiliaryNames:
    """Of one auxiliary parameter: `dim` and `index` are those of its `by` factor."""

    name: str
    var: str
    dim: str
    index: str


@dataclass(frozen=True, slots=True)
class Names:
    """All names of a model; `taken` are those that nothing else may have."""

    obs: str
    response: str
    predictors: tuple[PredictorNames, ...]
    auxiliaries: tuple[AuxiliaryNames, ...]
    companions: Mapping[str, str]
    likelihood_weights: str
    taken: frozenset[str]


class _Allocator:
    """Gives each name once; a factor's dim once per set of levels."""

    def __init__(self) -> None:
        self.taken: set[str] = set(RESERVED)
        self.dims: dict[tuple[str, tuple[str, ...]], tuple[str, str]] = {}

    def take(self, name: str) -> str:
        # A slash would be read as a path by xarray's DataTree and by netCDF.
        name = name.replace("/", "_").replace("\0", "_") or "_"
        # Two underscores at the end are PyMC's mark of a transformed variable, and ArviZ's of its own dims.
        plain = name.rstrip("_")
        others = chain((f"{plain}_",), (f"{plain}_{number}" for number in count(2)))
        if name.endswith("__") or name in self.taken:
            name = next(other for other in others if other not in self.taken)
        self.taken.add(name)
        return name

    def factor(self, factor: Factor) -> tuple[str, str]:
        """The dim and the row index of a factor; the same factor with the same levels shares them."""
        key = (factor.label, factor.levels)
        if key not in self.dims:
            self.dims[key] = (self.take(factor.label), self.take(f"{factor.label}_idx"))
        return self.dims[key]


def names(spec: ModelSpec) -> Names:
    """Decide what everything in a model is called."""
    allocator = _Allocator()
    obs = allocator.take("obs")
    fixed = [_fixed_names(allocator, predictor) for predictor in spec.predictors]
    auxiliary = [(allocator.take(a.parameter), allocator.take(f"var_{a.parameter}")) for a in spec.auxiliaries]
    response = allocator.take(spec.response.label)
    companions = {name: allocator.take(name) for name in COMPANIONS}
    likelihood_weights = allocator.take("likelihood_weights")
    predictors = tuple(
        PredictorNames(**known, groups=tuple(_group_names(allocator, predictor, g) for g in predictor.groupings))
        for predictor, known in zip(spec.predictors, fixed, strict=True)
    )
    auxiliaries = tuple(
        AuxiliaryNames(*taken, *(("", "") if a.by is None else allocator.factor(a.by)))
        for a, taken in zip(spec.auxiliaries, auxiliary, strict=True)
    )
    taken = frozenset(allocator.taken)
    return Names(obs, response, predictors, auxiliaries, companions, likelihood_weights, taken)


def local(name: str) -> str:
    """The name of a quantity that a model computes and does not report; no reported one can have it."""
    return f"\0{name}"


def _prefix(predictor: Predictor) -> str:
    return "" if predictor.parameter == "mu" else f"{predictor.parameter}_"


def _fixed_names(allocator: _Allocator, predictor: Predictor) -> dict[str, str]:
    prefix = _prefix(predictor)
    return {
        field: allocator.take(prefix + name)
        for field, name in (
            ("intercept", "Intercept"),
            ("alpha", "alpha"),
            ("b", "b"),
            ("term_dim", "term"),
            ("X", "X"),
            ("X_mean", "X_mean"),
            ("offset", "offset"),
        )
    }


def _group_names(allocator: _Allocator, predictor: Predictor, grouping: Grouping) -> GroupNames:
    prefix, label = _prefix(predictor), grouping.factor.label
    dim, index = allocator.factor(grouping.factor)
    terms = (allocator.take(f"{prefix}{label}_term"), allocator.take(f"{prefix}{label}_term2"))
    sd, var, cor, cov, r, z, chol, Z = (
        allocator.take(f"{prefix}{kind}_{label}") for kind in ("sd", "var", "cor", "cov", "r", "z", "chol", "Z")
    )
    return GroupNames(dim, *terms, sd, var, cor, cov, r, z, chol, Z, index)


def parameters(spec: ModelSpec) -> tuple[Parameter, ...]:
    """The quantities that every target reports for a model, in the order in which people read them."""
    known = names(spec)
    population: list[Parameter] = []
    spread: list[Parameter] = []
    effects: list[Parameter] = []
    for predictor, named in zip(spec.predictors, known.predictors, strict=True):
        if predictor.intercept is not None:
            population.append(Parameter(named.intercept, (), REAL, "population"))
        if predictor.terms:
            population.append(Parameter(named.b, (named.term_dim,), REAL, "population"))
        for grouping, group in zip(predictor.groupings, named.groups, strict=True):
            spread.append(Parameter(group.sd, (group.term_dim,), POSITIVE, "group sd"))
            if any(block.correlated for block in grouping.blocks):
                dims = (group.term_dim, group.term_dim2)
                spread.append(Parameter(group.cor, dims, CORRELATIONS, "group correlation"))
            effects.append(Parameter(group.r, (group.dim, group.term_dim), REAL, "group effect"))
    residual = [
        Parameter(named.name, (named.dim,) if a.by is not None else (), _support(spec, a.parameter), "residual")
        for a, named in zip(spec.auxiliaries, known.auxiliaries, strict=True)
    ]
    return (*population, *spread, *residual, *effects)


def _support(spec: ModelSpec, parameter: str) -> Support:
    record = spec.family.parameter(parameter)
    assert record is not None
    return record.support


def coordinates(spec: ModelSpec) -> Mapping[str, tuple[Any, ...]]:
    """The labels along each dim but that of the rows."""
    known = names(spec)
    coords: dict[str, tuple[Any, ...]] = {}
    for predictor, named in zip(spec.predictors, known.predictors, strict=True):
        if predictor.terms:
            coords[named.term_dim] = tuple(column.label for column in predictor.columns)
        for grouping, group in zip(predictor.groupings, named.groups, strict=True):
            labels = tuple(column.label for column in grouping.columns)
            coords[group.dim] = level_values(grouping.factor)
            coords[group.term_dim] = labels
            if any(block.correlated for block in grouping.blocks):
                coords[group.term_dim2] = labels
    for auxiliary, auxiliary_names in zip(spec.auxiliaries, known.auxiliaries, strict=True):
        if auxiliary.by is not None:
            coords[auxiliary_names.dim] = level_values(auxiliary.by)
    return coords


def level_values(factor: Factor) -> tuple[Any, ...]:
    """A factor's levels as coordinates: a column's own values, or the names of values and combinations."""
    return factor.levels if factor.named or len(factor.columns) > 1 else tuple(key[0] for key in factor.keys)
