"""Takes: what of a model an engine can express, as lists; whatever no list names is a gap, and said in a sentence.

An engine cannot leave out what it has never heard of: a class that is added to the model later is on nobody's list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, Protocol

from tildemc.spec.addresses import targets
from tildemc.spec.correlation import Correlation
from tildemc.spec.covariance import Covariance
from tildemc.spec.densities import Distribution
from tildemc.spec.families import Family
from tildemc.spec.links import Link
from tildemc.spec.model import ModelSpec, Predictor, Response
from tildemc.spec.ordered import Ordered
from tildemc.spec.priors import Prior
from tildemc.spec.support import Support
from tildemc.spec.terms.address import Kind, Target
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.functions import Functions
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.latent import Latent
from tildemc.spec.terms.measured import Measured
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.offset import Offset
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.product import Column, Product
from tildemc.spec.terms.residual import Residual
from tildemc.spec.terms.shared import SharedEffects
from tildemc.spec.terms.smooth import Smooth

__all__ = [
    "ANYTHING",
    "LINEAR",
    "WITH_PROCESSES",
    "Allowed",
    "Chunks",
    "OneOf",
    "Takes",
    "Unsupported",
    "article",
    "named",
]


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something that an engine cannot express, as a sentence without its full stop."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


class Allowed[T](Protocol):
    """What may be asked whether something is in it: names, classes, or what has a property."""

    def __contains__(self, item: T, /) -> bool: ...


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class OneOf:
    """A list of records by their names."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __contains__(self, record: _Named) -> bool:
        return record.name in self.names


class _Anything:
    """A list of everything."""

    def __contains__(self, item: object) -> bool:
        return True


ANYTHING: Allowed[object] = _Anything()

Chunks = Literal["cross-products", "merged rows"]
"""What rows that come in chunks leave behind, which is all that an engine needs: cross-products add up whatever the
rows are (targets/marginal/statistics.py), merged rows must be few (passes/aggregate.py)."""

LINEAR: Mapping[type, frozenset[str]] = {
    ModelSpec: frozenset({"response", "family", "predictors", "auxiliaries", "formula"}),
    Response: frozenset({"label", "value", "success", "options", "span", "levels", "name"}),
    Predictor: frozenset({"parameter", "link", "terms"}),
    Population: frozenset({"parameter", "intercept", "products", "coefficients", "counted"}),
    Offset: frozenset({"parameter", "offsets"}),
    GroupEffects: frozenset({"parameter", "factor", "blocks"}),
    Smooth: frozenset({"parameter", "text", "label", "number", "basis", "inputs", "by", "prior", "known"}),
    SharedEffects: frozenset({"parameter", "owner", "factor", "products", "first"}),
    Auxiliary: frozenset({"parameter", "prior", "support", "by"}),
    Block: frozenset({"products", "covariance", "sd_priors", "shape_priors", "places"}),
    Product: frozenset({"label", "codings", "kind"}),
    Column: frozenset({"label", "value", "span", "coded"}),
    Factor: frozenset({"label", "columns", "keys", "levels", "named", "among", "unmet"}),
}
"""The parts of a model with linear predictors, offsets and group effects among them, and what of each one reads."""

WITH_PROCESSES: Mapping[type, frozenset[str]] = {
    **LINEAR,
    Areal: frozenset(
        {"parameter", "text", "factor", "matrix", "borders", "structure", "loadings", "slopes", "sd", "shares"}
    ),
    GaussianProcess: frozenset(
        {"parameter", "text", "label", "basis", "inputs", "by", "known", "kernel", "sd", "scales"}
    ),
}
"""The same with Gaussian processes and effects of areas among them."""

_LISTED = (Prior, Link, Family, Support)
"""Parts with a list of their own."""

_LEAVES = (Response, Product, Column, Factor, Functions, Monotonic, Measured, MeasuredEffect, Latent)
"""Parts that are read as they are: a term's codings are columns of the design, whatever function they come from."""


def named(structure: type) -> str:
    """What a class is called in a sentence: `AutoRegressive` is `auto regressive`."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in structure.__name__)
    return words.strip()


def article(words: str) -> str:
    """Words with theirs: `an auxiliary`."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What an engine takes.

    Attributes
    ----------
    engine : str
        Who that is, in sentences.
    families, links : of Family, of Link
    modelled : of Predictor, or None
        The formulas there may be of the family's parameters beside the first; None for all whose link is listed.
    nonlinear : bool
        Whether a family's parameters may be arithmetic of others.
    terms : mapping of type to set of str, or None for all
        The classes that models consist of, and the fields of each that are read.
    covariances : of Covariance
    correlations : of Correlation
        Of residuals.
    densities : mapping of Kind to a list of Distribution, or None for all
        The prior densities that each kind of parameter may have.
    bounded : of Kind
        The kinds of parameters that may be kept to less than all the values that they could take.
    made : bool
        Whether priors may be arithmetic of other quantities, and parameters be numbers.
    stated : of Kind
        The kinds of parameters that may be numbers, where priors may not be arithmetic.
    companions : of str
        The columns that may stand beside the response.
    chunks : Chunks or None
        What chunks of rows leave behind for it; None if it needs all rows at once.
    limits : callable
        What is too large for the engine, in sentences.
    """

    engine: str
    families: Allowed[Family] = ANYTHING
    links: Allowed[Link] = ANYTHING
    modelled: Allowed[Predictor] | None = None
    nonlinear: bool = False
    terms: Mapping[type, Collection[str]] | None = None
    covariances: Allowed[Covariance] = ANYTHING
    correlations: Allowed[Correlation] = ANYTHING
    densities: Mapping[Kind, Allowed[Distribution]] | None = None
    bounded: Allowed[Kind] = ANYTHING
    made: bool = False
    stated: Allowed[Kind] = frozenset()
    companions: Allowed[str] = ANYTHING
    chunks: Chunks | None = None
    limits: Callable[[ModelSpec], Iterator[str]] = lambda _: iter(())

    def gaps(self, spec: ModelSpec) -> tuple[Unsupported, ...]:
        """Everything in a model that is on none of the lists; empty if the engine can fit it."""
        return tuple(Unsupported(sentence) for sentence in dict.fromkeys(self._sentences(spec)))

    def all_of(self, spec: ModelSpec) -> bool:
        """Whether everything in a model is on the lists: it has no gaps, which to list takes longer."""
        return next(self._sentences(spec), None) is None

    def _sentences(self, spec: ModelSpec) -> Iterator[str]:
        if spec.family not in self.families:
            yield _missing(self.engine, "the response is", "family", spec.family.name, self.families)
        if not self.nonlinear and any(parameter.nonlinear for parameter in spec.family.parameters):
            yield f"the {self.engine} engine has no non-linear formulas"
        for number, predictor in enumerate(spec.predictors):
            if number and self.modelled is not None:
                if predictor not in self.modelled:
                    yield f"a formula models {predictor.parameter}"
            elif predictor.link not in self.links:
                yield _missing(self.engine, "the link is", "link", predictor.link.name, self.links)
        yield from self._parts(spec)
        for target in targets(spec):
            yield from self._prior(target)
        yield from self.limits(spec)

    def _parts(self, part: Any) -> Iterator[str]:
        """What no list has of a part of the model, and of the parts that it has."""
        read = None if self.terms is None else self.terms.get(type(part))
        if read is None and self.terms is not None:
            yield f"the {self.engine} engine has no {named(type(part))}"
            return
        for own in fields(part):
            value = getattr(part, own.name)
            if isinstance(part, Response) and own.name == "companions":
                others = (name for name in value if name not in self.companions)
                yield from (f"the {self.engine} engine has no `{name}` beside a response" for name in others)
            elif isinstance(part, Block) and own.name == "covariance":
                if value not in self.covariances:
                    yield f"the {self.engine} engine has no covariance structure {value.name}"
            elif isinstance(value, tuple) and value and isinstance(value[0], Ordered):
                continue  # Columns of the data are numbers by the time an engine reads them.
            elif own.name == "hyperparameters" and not self.made:
                continue  # Whatever follows them says so.
            elif read is not None and own.name not in read and value != own.default:
                yield f"the {self.engine} engine has no `{own.name}` of {article(named(type(part)))}"
            elif isinstance(value, Residual):
                if value.correlation not in self.correlations:
                    yield f"the {self.engine} engine has no residuals that are {value.correlation.title}"
            elif not isinstance(part, _LEAVES):
                for inner in value if isinstance(value, tuple) else (value,):
                    if is_dataclass(inner) and not isinstance(inner, _LISTED):
                        yield from self._parts(inner)

    def _prior(self, target: Target) -> Iterator[str]:
        prior, kind = target.prior, target.kind
        if kind == "hyperparameter" and not self.made:
            return
        allowed = ANYTHING if self.densities is None else self.densities.get(kind, OneOf())
        if prior.made and not (self.made or (prior.distribution.point and prior.known and kind in self.stated)):
            yield (
                f"{target.address} is made of {', '.join(sorted(prior.follows))}"
                if prior.follows
                else (f"{target.address} is a stated number")
            )
        elif kind not in self.bounded and prior.support != target.support:
            yield f"{target.address} is kept to {prior.support}: a Gaussian has no ends"
        elif prior.distribution not in allowed:
            what = f"the prior of {target.address} is {target.density},"
            known = (
                _neither(allowed) if isinstance(allowed, OneOf) else f"which the {self.engine} engine cannot compute"
            )
            yield f"{what} {known}"


def _missing(engine: str, found: str, what: str, name: str, allowed: object) -> str:
    """`the response is poisson, not gaussian`, where there is little choice; else just that there is no such thing."""
    if isinstance(allowed, OneOf):
        return f"{found} {name}, {_neither(allowed)}"
    return f"the {engine} engine has no {what} {name}"


def _neither(allowed: OneOf) -> str:
    match allowed.names:
        case ():
            return "where none is taken"
        case (name,):
            return f"not {name}"
        case names:
            return f"neither {' nor '.join(names)}"
