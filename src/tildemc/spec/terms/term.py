"""Term: the questions that every kind of term answers, so that whoever reads a model need not know its kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, override

from tildemc.arrays import Floats, Integers, Label
from tildemc.spec.expr import Expr
from tildemc.spec.priors import Prior
from tildemc.spec.support import Support
from tildemc.spec.terms.address import Target
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.view import TermView

__all__ = [
    "ASIDE",
    "COEFFICIENTS",
    "Dim",
    "Free",
    "Given",
    "Path",
    "Reader",
    "Role",
    "Rows",
    "Term",
    "TermDesign",
    "TermSummary",
]

Rows = Integers | slice
"""Some rows by their places."""

Path = tuple[str, ...]
"""Where something stands in a model: `("mu", "county")` is a term, `("mu", "county", "sd")` what is free in it.

Names, arrays, summaries, layouts, priors and draws are all found by it.
"""

Role = Literal[
    "population", "group sd", "group correlation", "group shape", "group tails", "group effect",
    "residual", "residual correlation", "smooth parameter", "smooth coefficient", "area parameter",
    "monotonic share", "measured", "true value", "hyperparameter", "working",
]  # fmt: skip
"""What a free quantity is to the model; what is `working` has others made of it, and says nothing itself."""

COEFFICIENTS: tuple[Role, ...] = ("smooth coefficient", "group effect", "true value")
"""Those of which there may be many, and which are shown when they are asked for."""

ASIDE: tuple[Role, ...] = (*COEFFICIENTS, "working")
"""Those that are not shown where nothing is asked for."""


@dataclass(frozen=True, slots=True)
class Dim:
    """An axis of free quantities: `name` is its field in the names of the term, `labels` are what stands along it."""

    name: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Free:
    """A quantity that a model estimates and every target reports.

    Attributes
    ----------
    path : Path
        The term's, and the field of the term's names that has its name.
    dims : tuple of Dim
    support : Support
        The values that it may take.
    role : Role
    priors : tuple of Prior
        Of its elements; empty where their distribution follows from others' values.
    squared : str
        The field of the term's names that has its variances' or covariances' name; empty if it is no spread.
    pairs : tuple of (int, int) or None
        Of a matrix the entries that tell it, if others follow from these or from other quantities.
    within : bool
        Whether it is within others of the term, by which rows know it.
    """

    path: Path
    dims: tuple[Dim, ...]
    support: Support
    role: Role
    priors: tuple[Prior, ...] = ()
    squared: str = ""
    pairs: tuple[tuple[int, int], ...] | None = None
    within: bool = False


class Reader(Protocol):
    """Some rows of data, the first or new ones, for what a model computes from them."""

    def numbers(self, columns: Sequence[Column]) -> Floats:
        """The columns' values, (n, columns)."""

    def levels(self, factor: Factor, *, needed: bool = False) -> Integers:
        """Each row's level, (n,); -1 for a missing label, unless it is needed."""


class TermSummary(Protocol):
    """What a term's numbers come to over rows."""

    def merge(self, other: Self) -> Self:
        """Of the rows of both."""


class TermDesign[S](Protocol):
    """A term's numbers for some rows."""

    def summary(self) -> S:
        """What they come to."""

    def take(self, rows: Rows) -> Self:
        """Those of some rows."""

    def alike(self, rows: Rows) -> Iterator[Floats | Integers]:
        """Arrays of some rows, which are the same in two rows if the term adds the same to both."""


class Term[D: TermDesign[Any], S: TermSummary, N](ABC):
    """A term of a predictor, or a parameter of the response that no formula models.

    D is the class of its numbers, S of their summary, N of its names.
    """

    @property
    @abstractmethod
    def path(self) -> Path:
        """Where it stands; no other term of the model stands there."""

    @abstractmethod
    def free(self) -> Iterator[Free]:
        """What is estimated of it."""

    @abstractmethod
    def dims(self) -> Iterator[Dim]:
        """The axes of what is estimated of it, each once."""

    # Names

    @abstractmethod
    def fixed_names(self) -> Mapping[str, str]:
        """What it calls things whatever the data, by the fields of its names."""

    def labelled_names(self) -> Mapping[str, str]:
        """What it calls things after columns of the data; these make way for fixed names."""
        return {}

    def borrowed_names(self) -> Mapping[str, tuple[Path, str]]:
        """What it calls things as another term does: by field, that term's path and field."""
        return {}

    @property
    def grouped_by(self) -> Factor | None:
        """The factor whose `dim` and `index` are among its names."""
        return None

    @abstractmethod
    def named(self, given: Mapping[str, str]) -> N:
        """Its names, from those given by field."""

    # Priors

    @abstractmethod
    def spoken_for(self, names: N) -> Collection[str]:
        """The words that address its priors, which no column's label can be taken for."""

    @abstractmethod
    def targets(self, names: N, taken: Collection[str]) -> Iterator[Target]:
        """What each of its priors is of, in the order in which people read them; `taken` are words that mean others."""

    @property
    @abstractmethod
    def priors(self) -> tuple[Prior, ...]:
        """All of its priors, in the order of `targets`."""

    @abstractmethod
    def with_priors(self, priors: Sequence[Prior]) -> Self:
        """The same with others, in that order."""

    @abstractmethod
    def spreads(self, summary: S) -> Sequence[tuple[str, float]]:
        """For each prior the column, if any, whose sd default priors are scaled by, and that sd; 1 for none."""

    @property
    def owners(self) -> tuple[str, ...]:
        """For each prior the parameter of the response whose predictor it concerns."""
        return (self.path[0],) * len(self.priors)

    # Numbers

    @property
    @abstractmethod
    def columns(self) -> tuple[Column, ...]:
        """What is computed from the data for a row."""

    @abstractmethod
    def read(self, rows: Reader) -> D:
        """Its numbers."""

    @abstractmethod
    def outline(self, summary: S) -> D:
        """Numbers of one row, for where only their form matters."""

    @abstractmethod
    def value(self, names: N) -> Expr:
        """What it adds to the predictor of each row, or is for each row."""

    def views(self, numbers: D) -> Iterator[TermView]:
        """The terms of a predictor that it stands for, or parts of such."""
        return iter(())


class Given[D: TermDesign[Any], S: TermSummary, N](Term[D, S, N]):
    """A term with nothing of its own to estimate."""

    @override
    def free(self) -> Iterator[Free]:
        return iter(())

    @override
    def dims(self) -> Iterator[Dim]:
        return iter(())

    @override
    def spoken_for(self, names: N) -> Collection[str]:
        return ()

    @override
    def targets(self, names: N, taken: Collection[str]) -> Iterator[Target]:
        return iter(())

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return ()

    @override
    def with_priors(self, priors: Sequence[Prior]) -> Self:
        return self

    @override
    def spreads(self, summary: S) -> Sequence[tuple[str, float]]:
        return ()
