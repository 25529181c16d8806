"""What a model's priors are of: how a person addresses each one, and how all of them are listed and replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Literal

from tildemc.model.parameters import AuxiliaryNames, GroupNames, PredictorNames, names
from tildemc.model.priors import Prior
from tildemc.model.spec import INTERCEPT_LABEL, Auxiliary, Block, Column, Grouping, ModelSpec, Predictor, Term
from tildemc.model.support import POSITIVE, REAL, Support

__all__ = ["KINDS", "Kind", "Sense", "Target", "Words", "targets", "term_address", "with_priors"]

Kind = Literal["Intercept", "b", "sd", "cor", "parameter"]
Words = tuple[str, ...]
"""A name, and what stands in its parentheses: `("sd", "county", "floor")`; `("sd_county[floor]",)`."""

KINDS = (INTERCEPT_LABEL, "b", "sd", "var", "cor")
"""The words that address parameters by what they are; a column of such a name is `b(name)`."""


class Sense(IntEnum):
    """How much a name names; where statements overlap, the greater counts."""

    ALL = 0
    """All of a kind: `b`, `sd`."""
    PART = 1
    """A term's coefficients, a grouping factor's sds: `b(recipe)`, `sd(county)`."""
    EFFECT = 2
    """An effect without its grouping factor: `sd(floor)`."""
    ONE = 3
    """Just this one: `b(floor)`, `sd(county, floor)`."""


@dataclass(frozen=True, slots=True)
class Target:
    """What one prior of a model is of.

    Attributes
    ----------
    parameter : str
        Whose predictor it belongs to, or the parameter itself.
    kind : Kind
    labels : tuple of str
        The column of `b`; the grouping factor and the effects of `sd` and `cor`.
    support : Support
        The values it may take.
    prior : Prior
    shown : Words
        Its address but for the `var` of a prior on the variance.
    names : tuple of (Words, Sense)
        All names that it goes by.
    """

    parameter: str
    kind: Kind
    labels: tuple[str, ...]
    support: Support
    prior: Prior
    shown: Words
    names: tuple[tuple[Words, Sense], ...] = ()

    @property
    def key(self) -> tuple[str, Kind, tuple[str, ...]]:
        """What tells it from others."""
        return self.parameter, self.kind, self.labels

    @property
    def address(self) -> str:
        """How a person addresses it: `sd(county, floor)`, or `var(county, floor)` where the prior is on that."""
        name, *labels = self.shown
        if self.prior.on_variance:
            name, labels = (f"{name[:-2]}var", labels) if self.kind == "sd" else ("var", [name])
        return f"{name}({', '.join(map(_argument, labels))})" if labels else name

    @property
    def density(self) -> str:
        """Its prior as a person writes it."""
        return self.prior.on(self.support)

    def __str__(self) -> str:
        return f"{self.address} ~ {self.density}"


def targets(spec: ModelSpec) -> tuple[Target, ...]:
    """What every prior of a model is of, in the order in which people read them."""
    found: list[Target] = []

    def keep(target: Target) -> Prior:
        found.append(target)
        return target.prior

    with_priors(spec, keep)
    return tuple(found)


def term_address(predictor: Predictor, term: Term) -> str:
    """How a person addresses all coefficients of a term: `b(recipe)`."""
    return f"{_of(predictor, 'b')}({_argument(term.label)})"


def with_priors(spec: ModelSpec, change: Callable[[Target], Prior]) -> ModelSpec:
    """The same model with the prior that `change` gives for each of its targets."""
    known = names(spec)
    parameters = [parameter.name for parameter in spec.family.parameters]
    taken = {*KINDS, *parameters, *(f"{parameter}.{kind}" for parameter in parameters for kind in KINDS)}
    for owner in known.predictors:
        taken |= {owner.intercept, owner.b}
        taken |= {name for group in owner.groups for name in (group.sd, group.var, group.cor)}
    taken |= {name for auxiliary in known.auxiliaries for name in (auxiliary.name, auxiliary.var)}
    predictors = tuple(
        _predictor(predictor, named, taken, change)
        for predictor, named in zip(spec.predictors, known.predictors, strict=True)
    )
    auxiliaries = tuple(
        replace(auxiliary, prior=change(_auxiliary(spec, auxiliary, named)))
        for auxiliary, named in zip(spec.auxiliaries, known.auxiliaries, strict=True)
    )
    return replace(spec, predictors=predictors, auxiliaries=auxiliaries)


def _predictor(
    predictor: Predictor, named: PredictorNames, taken: Collection[str], change: Callable[[Target], Prior]
) -> Predictor:
    intercept = predictor.intercept
    if intercept is not None:
        shown = (_of(predictor, INTERCEPT_LABEL),)
        known = (shown, Sense.ONE), ((named.intercept,), Sense.ONE)
        target = Target(predictor.parameter, "Intercept", (), REAL, intercept.prior, shown, known)
        intercept = replace(intercept, prior=change(target))
    coefficients = tuple(change(target) for target in _coefficients(predictor, named, taken))
    groupings = tuple(
        _grouping(predictor, grouping, group, change)
        for grouping, group in zip(predictor.groupings, named.groups, strict=True)
    )
    return replace(predictor, intercept=intercept, priors=coefficients, groupings=groupings)


def _of(predictor: Predictor, word: str) -> str:
    """`b`, or `sigma.b`."""
    return word if predictor.parameter == "mu" else f"{predictor.parameter}.{word}"


def _coefficients(predictor: Predictor, named: PredictorNames, taken: Collection[str]) -> Iterator[Target]:
    b, priors = _of(predictor, "b"), iter(predictor.priors)
    columns = {column.label for column in predictor.columns}

    def called(label: str, sense: Sense) -> Iterator[tuple[Words, Sense]]:
        yield (b, label), sense
        if predictor.parameter == "mu" and label not in taken:
            yield (label,), sense

    for term in predictor.terms:
        # A column's label goes before a term's.
        part = () if term.label in columns else tuple(called(term.label, Sense.PART))
        for column in term.columns:
            label = column.label
            own = (word for name in _names(column) for word in called(name, Sense.ONE))
            alone = predictor.parameter == "mu" and label not in taken and _is_plain(label)
            known = (((b,), Sense.ALL), ((named.b,), Sense.ALL), *part, *own, ((f"{named.b}[{label}]",), Sense.ONE))
            shown = (label,) if alone else (b, label)
            yield Target(predictor.parameter, "b", (label,), REAL, next(priors), shown, known)


def _names(column: Column) -> tuple[str, ...]:
    """What a prior may call a column: its label, or the same with the codes that the label names."""
    return (column.label, column.coded) if column.coded else (column.label,)


def _grouping(
    predictor: Predictor, grouping: Grouping, named: GroupNames, change: Callable[[Target], Prior]
) -> Grouping:
    blocks = tuple(_block(predictor, grouping, block, named, change) for block in grouping.blocks)
    return replace(grouping, blocks=blocks)


def _block(
    predictor: Predictor, grouping: Grouping, block: Block, named: GroupNames, change: Callable[[Target], Prior]
) -> Block:
    owner, factor = predictor.parameter, grouping.factor.label
    labels = tuple(column.label for column in block.columns)
    several = len(grouping.blocks) > 1
    sds = tuple(change(target) for target in _sds(predictor, factor, block, named, several=several))
    correlation = block.correlation
    if correlation is not None:
        assert block.covariance.correlations is not None
        support = block.covariance.correlations.support(len(labels))
        whole: Words = (_of(predictor, "cor"), factor, *labels)
        pair = (((f"{named.cor}[{', '.join(labels)}]",), Sense.ONE),) if len(labels) == 2 else ()
        shown, known = whole if several else whole[:2], (*_named(whole, named.cor), *pair)
        correlation = change(Target(owner, "cor", (factor, *labels), support, correlation, shown, known))
    return replace(block, sd_priors=sds, correlation=correlation)


def _sds(predictor: Predictor, factor: str, block: Block, named: GroupNames, *, several: bool) -> Iterator[Target]:
    """Each sd of a block: an effect's own goes by the effect's name, one that all have by the names of all, too."""
    sd = _of(predictor, "sd")
    for columns, prior in zip(block.sd_columns, block.sd_priors, strict=True):
        labels = tuple(column.label for column in columns)
        whole: Words = (sd, factor, *labels)
        called = [
            word for column in columns for name in _names(column) for word in _named((sd, factor, name), named.sd)
        ]
        called += _named(whole, named.sd) if len(columns) > 1 else []
        called += [((f"{named.sd}[{label}]",), Sense.ONE) for label in labels]
        shown = whole if several or len(columns) == 1 else whole[:2]
        yield Target(predictor.parameter, "sd", (factor, *labels), POSITIVE, prior, shown, tuple(called))


def _named(words: Words, variable: str) -> tuple[tuple[Words, Sense], ...]:
    """The names of what is called `sd(county, floor)` and stands in the variable `sd_county`."""
    kind, factor, *effects = words
    return (
        ((kind,), Sense.ALL),
        ((kind, factor), Sense.PART),
        ((variable,), Sense.PART),
        ((kind, *effects), Sense.EFFECT),
        (words, Sense.ONE),
    )


def _auxiliary(spec: ModelSpec, auxiliary: Auxiliary, named: AuxiliaryNames) -> Target:
    parameter = spec.family.parameter(auxiliary.parameter)
    assert parameter is not None
    shown = (auxiliary.parameter,)
    known = (shown, Sense.ONE), ((named.name,), Sense.ONE)
    return Target(auxiliary.parameter, "parameter", (), parameter.support, auxiliary.prior, shown, known)


_PLAIN = re.compile(r"(?![⁰¹²³⁴-⁹])[^\W\d_](?:(?![⁰¹²³⁴-⁹])[\w.])*")
_CONSTANTS = {"TRUE", "FALSE", "NULL", "True", "False"}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def _is_plain(label: str) -> bool:
    """Whether a label reads as what it is without quotes."""
    parts = label.split(":")
    return all(_PLAIN.fullmatch(part) and part not in _CONSTANTS for part in parts)


def _argument(label: str) -> str:
    """A label as a prior statement takes it."""
    if _is_plain(label):
        return label
    if '"' in label and "'" not in label:
        return f"'{label.translate(_ESCAPES | {ord('"'): '"'})}'"
    return f'"{label.translate(_ESCAPES)}"'
