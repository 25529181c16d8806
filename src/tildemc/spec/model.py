"""ModelSpec: what the statistician means, with every column spelled out and nothing of any library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tildemc.span import Span
from tildemc.spec.columns import are_mixed, combined, own_types
from tildemc.spec.companions import COMPANIONS
from tildemc.spec.covariance import Covariance
from tildemc.spec.expr import Col, Const, Expr
from tildemc.spec.families import Family
from tildemc.spec.links import Link
from tildemc.spec.priors import Prior

__all__ = [
    "INTERCEPT_LABEL",
    "Auxiliary",
    "Block",
    "Coding",
    "Column",
    "Factor",
    "Grouping",
    "Intercept",
    "Levels",
    "ModelSpec",
    "Predictor",
    "Response",
    "Term",
]

INTERCEPT_LABEL = "Intercept"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a design.

    Attributes
    ----------
    label : str
        R's.
    value : Expr
        Its value for a row of the data.
    span : Span or None
        Its place in the text.
    coded : str
        Where the data give values names, the label with the values themselves: what Stata's `2.region` addresses.
    """

    label: str
    value: Expr
    span: Span | None = field(default=None, compare=False, repr=False)
    coded: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of a variable, which new data may not go beyond.

    Attributes
    ----------
    label : str
        The variable as written.
    names : tuple of str
    has_one : Expr
        True, or a number above zero, where a row has one of them.
    """

    label: str
    names: tuple[str, ...]
    has_one: Expr


@dataclass(frozen=True, slots=True)
class Coding:
    """The columns that one variable contributes to a term.

    Where all they do is to indicate the levels of the column `indicated` (without the first, or all), `levels` are
    those levels' values and `prefix` is what stands before them in the labels: several hundred can then be written
    as one loop. `factors` are the factors among the variable's parts.
    """

    columns: tuple[Column, ...]
    indicated: Col | None = None
    levels: tuple[Any, ...] = ()
    prefix: str = ""
    factors: tuple[Levels, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Term:
    """A product of variables; its columns are the products of theirs, the first varying fastest."""

    label: str
    codings: tuple[Coding, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The term's columns, labelled as R's model.matrix labels them."""
        columns: tuple[Column, ...] = (Column("", Const(1.0)),)
        for coding in self.codings:
            columns = tuple(_product(left, right) for right in coding.columns for left in columns)
        return columns


def _product(left: Column, right: Column) -> Column:
    if not left.label:
        return right
    span = left.span.join(right.span) if left.span is not None else right.span
    coded = f"{left.coded or left.label}:{right.coded or right.label}" if left.coded or right.coded else ""
    return Column(f"{left.label}:{right.label}", left.value * right.value, span, coded)


INTERCEPT_TERM = Term("1", (Coding((Column(INTERCEPT_LABEL, Const(1.0)),)),))


def columns_of_terms(terms: tuple[Term, ...]) -> tuple[Column, ...]:
    """The columns of all terms in order."""
    return tuple(column for term in terms for column in term.columns)


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that rows are grouped by: columns of the data, and the observed combinations of their values.

    Attributes
    ----------
    label : str
        `county`, or `school:class` for combinations.
    columns : tuple of str
    keys : tuple of tuple
        For each level, its value in each of the columns, in the type that a column's labels keep.
    levels : tuple of str
        For each level, its name.
    named : bool
        Whether a name is not the value's own text: the data give values names, or values are of several types.
    """

    label: str
    columns: tuple[str, ...]
    keys: tuple[tuple[Any, ...], ...]
    levels: tuple[str, ...]
    named: bool = False

    @classmethod
    def of(
        cls,
        label: str,
        columns: tuple[str, ...],
        keys: Iterable[tuple[Any, ...]],
        names: Sequence[Mapping[Any, str]] = (),
    ) -> Factor:
        """The factor whose levels are these combinations of the columns' values, which may have names."""
        kept = tuple(zip(*map(own_types, zip(*keys, strict=True)), strict=True))
        named = any(names) or any(map(are_mixed, zip(*kept, strict=True)))
        return cls(label, columns, kept, combined(kept, names)[0], named)

    def only(self, levels: Sequence[int]) -> Factor:
        """The factor with these of its levels."""
        keys = tuple(self.keys[level] for level in levels)
        if self.named:
            return replace(self, keys=keys, levels=tuple(self.levels[level] for level in levels))
        return Factor.of(self.label, self.columns, keys)


@dataclass(frozen=True, slots=True)
class Block:
    """Effects of one grouping factor that share a covariance matrix: one bar term.

    Attributes
    ----------
    terms : tuple of Term
    covariance : Covariance
    sd_priors : tuple of Prior
        One for each sd of the structure.
    correlation : Prior or None
        Of its correlations, if it has any.
    """

    terms: tuple[Term, ...]
    covariance: Covariance
    sd_priors: tuple[Prior, ...]
    correlation: Prior | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The effects' columns; `Intercept` is a column of ones."""
        return columns_of_terms(self.terms)

    @property
    def correlated(self) -> bool:
        """Whether there is a correlation to speak of."""
        return self.correlation is not None

    @property
    def sds(self) -> tuple[int, ...]:
        """For each effect the number of its sd, which is its place in `sd_priors`."""
        return self.covariance.sds(len(self.columns))

    @property
    def sd_columns(self) -> tuple[tuple[Column, ...], ...]:
        """For each sd the columns of the effects that have it."""
        each = tuple(zip(self.columns, self.sds, strict=True))
        return tuple(tuple(c for c, own in each if own == number) for number in range(len(self.sd_priors)))

    @property
    def one_sd(self) -> bool:
        """Whether several effects have one sd between them."""
        return len(self.sd_priors) < len(self.columns)


@dataclass(frozen=True, slots=True)
class Grouping:
    """All effects that vary by one factor in one predictor.

    Attributes
    ----------
    factor : Factor
    blocks : tuple of Block
        Independent of each other.
    centred : bool
        Whether the effects are parametrised directly (centred) rather than by standardised deviations.
    """

    factor: Factor
    blocks: tuple[Block, ...]
    centred: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of all blocks in order."""
        return tuple(column for block in self.blocks for column in block.columns)

    @property
    def sd_priors(self) -> tuple[Prior, ...]:
        """The priors of all blocks' standard deviations in order."""
        return tuple(prior for block in self.blocks for prior in block.sd_priors)


@dataclass(frozen=True, slots=True)
class Intercept:
    """A population intercept: where there are predictors, its prior may be on the intercept at their means."""

    prior: Prior


@dataclass(frozen=True, slots=True)
class Predictor:
    """A linear predictor: what `link(parameter)` is the sum of."""

    parameter: str
    link: Link
    intercept: Intercept | None
    terms: tuple[Term, ...]
    priors: tuple[Prior, ...]
    offsets: tuple[Column, ...] = ()
    groupings: tuple[Grouping, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The population design but for the intercept; `priors` has one prior for each."""
        return columns_of_terms(self.terms)

    @property
    def centred(self) -> bool:
        """Whether predictors are measured from their means."""
        return self.intercept is not None and self.intercept.prior.at_means


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """A parameter of the response's distribution that no formula models: one number, or one per level of `by`."""

    parameter: str
    prior: Prior
    by: Factor | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What is modelled.

    Attributes
    ----------
    label : str
        As written.
    value : Expr
        Its value for a row: for a binary response 1 where it is the success.
    success : str or None
        The level of a binary response that counts as success.
    companions : mapping of str to Column
        What stands beside it, by the name in `COMPANIONS`: trials, weights, known residual standard deviations.
    options : frozenset of (str, str)
        The options of companions that are TRUE: of `se`, `sigma`, which is then estimated on top of it.
    levels : Levels or None
        What a response that is a factor may be.
    """

    label: str
    value: Expr
    success: str | None = None
    companions: Mapping[str, Column] = field(default_factory=dict)
    options: frozenset[tuple[str, str]] = frozenset()
    span: Span | None = field(default=None, compare=False, repr=False)
    levels: Levels | None = field(default=None, compare=False, repr=False)

    @property
    def se_adds(self) -> bool:
        """Whether sigma is estimated on top of known standard deviations."""
        return ("se", "sigma") in self.options

    def density(self, name: str) -> Mapping[Expr, Expr]:
        """What stands for parts of a row's density because of that companion."""
        record = COMPANIONS[name]
        chosen = [record.options[option] for owner, option in self.options if owner == name]
        return chosen[0] if chosen else record.density


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model. `predictors[0]` is that of `mu`; `auxiliaries` are the family's remaining parameters."""

    response: Response
    family: Family
    predictors: tuple[Predictor, ...]
    auxiliaries: tuple[Auxiliary, ...] = ()
    formula: str = field(default="", compare=False)

    def predictor(self, parameter: str) -> Predictor | None:
        """The predictor of that parameter, or None if it is not modelled."""
        return next((p for p in self.predictors if p.parameter == parameter), None)

    def expressions(self) -> Iterator[Expr]:
        """What is computed from the data's columns for a row."""
        yield self.response.value
        yield from (column.value for column in self.response.companions.values())
        for predictor in self.predictors:
            yield from (column.value for column in (*predictor.columns, *predictor.offsets))
            yield from (column.value for grouping in predictor.groupings for column in grouping.columns)

    def factors(self) -> Iterator[Factor]:
        """Every grouping factor, including those of `by`."""
        for predictor in self.predictors:
            yield from (grouping.factor for grouping in predictor.groupings)
        yield from (auxiliary.by for auxiliary in self.auxiliaries if auxiliary.by is not None)
