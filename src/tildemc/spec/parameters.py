"""Names: what a model's quantities are called, decided in one place; and `parameters`, the contract of all targets.

PyMC's variables and dims, and xarray's variables and coordinates, share one namespace. Fixed names come first
(`obs`, `b`, `sigma` …), then the response, then what is named after a grouping factor; whoever finds a name taken
gets an underscore. Nothing takes a name that these libraries need for themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Any

from tildemc.arrays import Label
from tildemc.spec.companions import COMPANIONS
from tildemc.spec.families.multivariate import beside
from tildemc.spec.model import PREDICTED, ModelSpec, Response
from tildemc.spec.once import once
from tildemc.spec.support import Support
from tildemc.spec.terms.effects import Effects
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.term import Free, Path, Role, Term

__all__ = [
    "RESERVED",
    "Names",
    "Parameter",
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


@dataclass(frozen=True, slots=True)
class Parameter:
    """A quantity that every target reports: its name, dims, the values it may take, and what it is to the model.

    `path` begins with the parameter of the response that it belongs to; of what belongs to a grouping factor, the
    factor's label is the last but one. `pairs` are those entries of a matrix that tell it, if not all do.
    """

    name: str
    dims: tuple[str, ...]
    support: Support
    role: Role
    path: tuple[str, ...]
    pairs: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """All names of a model: those of a term by its path, those of the response and its companions.

    `taken` are all of them, and what nothing may be called.
    """

    obs: str
    response: str
    companions: Mapping[str, str]
    likelihood_weights: str
    terms: Mapping[Path, Any]
    taken: frozenset[str]

    def of[N](self, term: Term[Any, Any, N]) -> N:
        """The names of a term."""
        found: N = self.terms[term.path]
        return found

    def at[N](self, effects: Effects[N]) -> N:
        """The names of effects."""
        found: N = self.terms[effects.path]
        return found

    def free(self, free: Free) -> str:
        """What a free quantity is called."""
        return self._field(free.path[:-1], free.path[-1])

    def dims(self, free: Free) -> tuple[str, ...]:
        """What its axes are called."""
        return tuple(self._field(free.path[:-1], dim.name) for dim in free.dims)

    def dim(self, term: Term[Any, Any, Any], dim: str = "dim") -> str:
        """What an axis of a term is called, that of its factor if it is not said which."""
        return self._field(term.path, dim)

    def squared(self, free: Free) -> str:
        """What its variances or covariances are called; empty if it has none."""
        return self._field(free.path[:-1], free.squared) if free.squared else ""

    def _field(self, path: Path, field: str) -> str:
        named = self.terms[path]
        return str(named[field] if isinstance(named, Mapping) else getattr(named, field))


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

    def all(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Names by the fields they are for."""
        return {field: self.take(name) for field, name in wanted.items()}

    def factor(self, factor: Factor) -> tuple[str, str]:
        """The dim and the row index of a factor; the same factor with the same levels shares them."""
        key = (factor.label, factor.levels)
        if key not in self.dims:
            self.dims[key] = (self.take(factor.label), self.take(f"{factor.label}_idx"))
        return self.dims[key]


@once
def names(spec: ModelSpec) -> Names:
    """Decide what everything in a model is called; in that of one of several responses as in the whole."""
    if spec.part_of is not None:
        return _of_part(names(spec.part_of), spec.response)
    allocator = _Allocator()
    obs = allocator.take("obs")
    # What a family calls a parameter comes before what a predictor's parts are called.
    terms = sorted(spec.terms(), key=lambda term: isinstance(term, PREDICTED))
    given = {term.path: allocator.all(_after_response(spec, term, term.fixed_names())) for term in terms}
    response = allocator.take(spec.response.label)
    companions = {name: allocator.take(name) for name in COMPANIONS}
    others = {name: column for name, column in spec.response.companions.items() if name not in COMPANIONS}
    companions |= {name: allocator.take(column.label) for name, column in others.items()}
    likelihood_weights = allocator.take("likelihood_weights")
    for term in spec.terms():
        if term.grouped_by is not None:
            dim, index = allocator.factor(term.grouped_by)
            given[term.path] |= {"dim": dim, "index": index}
        given[term.path] |= allocator.all(_after_response(spec, term, term.labelled_names()))
    for term in terms:
        given[term.path] |= {field: given[path][other] for field, (path, other) in term.borrowed_names().items()}
    named = {term.path: term.named(given[term.path]) for term in terms}
    return Names(obs, response, companions, likelihood_weights, named, frozenset(allocator.taken))


def _of_part(known: Names, response: Response) -> Names:
    """The names of a whole, with those of one response and of what stands beside it for the whole's."""
    own = {name: known.companions[beside(name, response.name)] for name in response.companions}
    companions = {**known.companions, **own}
    return replace(known, response=known.companions[beside("value", response.name)], companions=companions)


def _after_response(spec: ModelSpec, term: Term[Any, Any, Any], wanted: Mapping[str, str]) -> Mapping[str, str]:
    """Names that begin with one of several responses as the response is called, whatever its first parameter is."""
    known, owner = spec.family.multivariate, term.path[0]
    own = (
        {} if known is None else {p.parameters[0].name: name for name, p in zip(known.names, known.parts, strict=True)}
    )
    called = own.get(owner, owner)
    if called == owner:
        return wanted
    return {field: name.replace(f"{owner}_", f"{called}_", 1) for field, name in wanted.items()}


def local(name: str) -> str:
    """The name of a quantity that a model computes and does not report; no reported one can have it."""
    return f"\0{name}"


_READ: tuple[Role, ...] = (
    "population", "monotonic share", "measured", "smooth parameter", "area parameter", "group sd", "residual",
    "residual correlation", "hyperparameter", "smooth coefficient", "group effect", "true value", "working",
)  # fmt: skip
_WITH_SDS: tuple[Role, ...] = ("group correlation", "group shape", "group tails")
"""The order in which people read them; of each term the sds and the correlations stand together."""


def parameters(spec: ModelSpec) -> tuple[Parameter, ...]:
    """The quantities that every target reports for a model, in the order in which people read them."""
    known = names(spec)
    place = {role: number for number, role in enumerate(_READ)} | dict.fromkeys(_WITH_SDS, _READ.index("group sd"))
    found = [
        Parameter(known.free(free), known.dims(free), free.support, free.role, free.path, free.pairs)
        for free in spec.free()
    ]
    return tuple(sorted(found, key=lambda parameter: place[parameter.role]))


def coordinates(spec: ModelSpec) -> Mapping[str, tuple[Label, ...]]:
    """The labels along each dim but that of the rows."""
    known = names(spec)
    return {known.dim(term, dim.name): dim.labels for term in spec.terms() for dim in term.dims()}
