"""The parts of what there is to say of a model."""

from __future__ import annotations

from typing import TypedDict

from tildemc.targets.explain.residuals import ResidualFacts

__all__ = [
    "AreaFacts",
    "AuxiliaryFacts",
    "ByFacts",
    "Facts",
    "GroupFacts",
    "InterceptFacts",
    "PredictorFacts",
    "PriorFacts",
    "ResponseFacts",
    "RowFacts",
    "SharedFacts",
    "SmoothFacts",
    "SpecificFacts",
    "TermFacts",
]


class PriorFacts(TypedDict):
    """A prior: what it is of, its density, and whether the reader stated it."""

    target: str
    prior: str
    on_variance: bool
    stated: bool


class InterceptFacts(PriorFacts):
    """That of an intercept, maybe of that at the predictors' means."""

    at_means: bool


class TermFacts(TypedDict):
    """A term of the formula, the address of its coefficients' priors, and the labels of its columns."""

    term: str
    target: str
    columns: list[str]


class GroupFacts(TypedDict):
    """Effects by a factor; priors of sds by column, and of each correlated block's correlations.

    `among`: the columns that hold a row's groups, where it has several; `between`: the matrix of a known covariance;
    `kinds`: what the effects are whose sds or correlations are alike; `weights`: the column of the levels'; `tails`:
    the prior of Student-t effects' degrees of freedom.
    """

    factor: str
    levels: int
    among: list[str]
    between: str | None
    weights: str | None
    tails: PriorFacts | None
    columns: list[str]
    covariance: list[str]
    kinds: list[str]
    sd: dict[str, PriorFacts]
    correlated: list[list[str]]
    cor: list[PriorFacts]


class SharedFacts(TypedDict):
    """Effects by a factor that belong to another parameter's, with which they are correlated."""

    factor: str
    owner: str
    columns: list[str]


class SmoothFacts(PriorFacts):
    """A prior of a smooth or a process: its text, and how many functions go with it."""

    smooth: str
    functions: int


class AreaFacts(PriorFacts):
    """A prior of effects of areas: their text, how many they are, and how many borders they have."""

    areas: str
    size: int
    borders: int


class PredictorFacts(TypedDict):
    """A parameter that a formula models; priors of coefficients by column.

    `above`: that whose intercept is less, where intercepts increase.
    """

    parameter: str
    link: str
    intercept: InterceptFacts | None
    above: str | None
    terms: list[TermFacts]
    priors: dict[str, PriorFacts]
    offsets: list[str]
    smooths: list[SmoothFacts]
    areas: list[AreaFacts]
    monotonic: list[PriorFacts]
    measured: list[PriorFacts]
    groups: list[GroupFacts]
    shared: list[SharedFacts]


class MeasuredFacts(TypedDict):
    """True values of what is measured with error: how many, the factor that they are of if any, and their priors."""

    variables: list[str]
    errors: list[str]
    values: int
    factor: str | None
    priors: list[PriorFacts]


class SpecificFacts(TypedDict):
    """Effects on each threshold; priors by column, of its effects on all of them."""

    terms: list[TermFacts]
    priors: dict[str, PriorFacts]


class ByFacts(TypedDict):
    """The factor for each of whose levels a parameter has a value."""

    factor: str
    levels: list[str]


class AuxiliaryFacts(PriorFacts):
    """A parameter that no formula models; `residual` if it is what scatters a response on the real line."""

    parameter: str
    residual: bool
    by: ByFacts | None


class ResponseFacts(TypedDict):
    """The response, its name in the program, and which of two values counts as success."""

    label: str
    name: str
    success: str | None


class RowFacts(TypedDict):
    """How many rows there are, are used, are not asked for; and are left out, by the column that has no value."""

    data: int
    used: int
    outside: int
    missing: dict[str, int]
    unlabelled: dict[str, int]
    unanswered: int


class Facts(TypedDict):
    """Everything there is to say of a model, as JSON has it."""

    formula: str
    family: str
    link: str
    response: ResponseFacts
    rows: RowFacts
    unused_levels: dict[str, list[str]]
    thresholds: list[InterceptFacts]
    distances: list[PriorFacts]
    specific: SpecificFacts | None
    predictors: list[PredictorFacts]
    auxiliaries: list[AuxiliaryFacts]
    shares: list[PriorFacts]
    measured: list[MeasuredFacts]
    residual: ResidualFacts | None
    correlations: list[PriorFacts]
    hyperparameters: list[PriorFacts]
    names: dict[str, str]
    notes: list[str]
