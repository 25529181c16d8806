"""Design: a model's numbers as arrays; Streamed: in chunks never all there at once; Completed: of several data sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tildemc.arrays import Floats, Integers, Values
from tildemc.errors import FitError
from tildemc.spec.model import ModelSpec
from tildemc.spec.moments import Moments
from tildemc.spec.summary import Summary
from tildemc.spec.terms.term import Path, Rows, Term, TermDesign

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Completed",
    "DataSet",
    "Design",
    "Fold",
    "Numbers",
    "RowLabels",
    "Streamed",
    "outline",
]


@dataclass(frozen=True, eq=False)
class RowLabels:
    """What a data frame calls its rows.

    Attributes
    ----------
    index : pandas Index
    """

    index: pd.Index

    @cached_property
    def values(self) -> Values:
        """As a coordinate has them, (n,): numbers and text as they are, anything else as text."""
        match self._form:
            case "values":
                kept: Values = self.index.to_numpy()
                return kept
            case "joined":
                texts = [":".join(map(str, row)) for row in self.index]
            case _:
                texts = [str(row) for row in self.index]
        return np.array(texts, dtype=object)

    @property
    def code(self) -> str:
        """How a program says the same of the frame `data`."""
        return {
            "values": "data.index",
            "text": "data.index.map(str)",
            "joined": '[":".join(map(str, row)) for row in data.index]',
        }[self._form]

    def take(self, rows: Rows) -> RowLabels:
        """Of some rows."""
        return RowLabels(self.index[rows])

    def followed_by(self, other: RowLabels) -> RowLabels:
        """Of the rows of both."""
        return RowLabels(self.index.append(other.index))

    @property
    def _form(self) -> str:
        if self.index.nlevels > 1:
            return "joined"
        numbers = isinstance(self.index.dtype, np.dtype) and self.index.dtype.kind in "iuf"
        return "values" if numbers or self.index.inferred_type == "string" else "text"


@dataclass(frozen=True, eq=False)
class Design:
    """A ModelSpec's numbers for some data.

    Attributes
    ----------
    y : (n,) or None
        The response; None for data to predict.
    terms : mapping of Path to TermDesign
    rows : (n,) of int
        The position in the data of each row used.
    companions : mapping of str to (n,)
        Of the response, by name.
    labels : RowLabels or None
        What the data frame itself calls these rows; None if it counts them.
    """

    y: Floats | None
    terms: Mapping[Path, Any]
    rows: Integers
    companions: Mapping[str, Floats] = field(default_factory=dict)
    labels: RowLabels | None = field(default=None, compare=False)

    def of[D: TermDesign[Any]](self, term: Term[D, Any, Any]) -> D:
        """The numbers of a term."""
        found: D = self.terms[term.path]
        return found

    @property
    def trials(self) -> Floats | None:
        """Each row's trials."""
        return self.companions.get("trials")

    @property
    def weights(self) -> Floats | None:
        """What multiplies each row's log likelihood."""
        return self.companions.get("weights")

    @property
    def se(self) -> Floats | None:
        """Known residual standard deviations."""
        return self.companions.get("se")

    @property
    def row(self) -> dict[str, Floats]:
        """What the density of a row names of the data, (n,) each."""
        return {**self.companions, **({} if self.y is None else {"y": self.y})}

    @property
    def obs(self) -> Values:
        """The rows as a coordinate has them, (n,)."""
        return self.rows if self.labels is None else self.labels.values

    @property
    def index(self) -> pd.Index:
        """What the data call the rows; their places where they count them."""
        import pandas as pd

        return pd.Index(self.rows) if self.labels is None else self.labels.index

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.rows)

    @cached_property
    def summary(self) -> Summary:
        """What the numbers come to over the rows."""
        assert self.y is not None
        y = Moments.of(self.y[:, None])
        share = y if self.trials is None else Moments.of((self.y / np.maximum(self.trials, 1))[:, None])
        return Summary(y, share, {path: numbers.summary() for path, numbers in self.terms.items()})

    def take(self, rows: Rows) -> Design:
        """Some of the rows."""
        return Design(
            None if self.y is None else self.y[rows],
            {path: numbers.take(rows) for path, numbers in self.terms.items()},
            self.rows[rows],
            {name: values[rows] for name, values in self.companions.items()},
            None if self.labels is None else self.labels.take(rows),
        )

    def followed_by(self, other: Design) -> Design:
        """The rows of both, of a model whose terms have numbers for each row."""
        return Design(
            None if self.y is None or other.y is None else np.concatenate([self.y, other.y]),
            {path: numbers.followed_by(other.terms[path]) for path, numbers in self.terms.items()},
            np.concatenate([self.rows, other.rows]),
            {name: np.concatenate([values, other.companions[name]]) for name, values in self.companions.items()},
            None if self.labels is None or other.labels is None else self.labels.followed_by(other.labels),
        )

    def reduce[T](self, part: Callable[[Design], T], merge: Callable[[T, T], T]) -> T:
        """What `part` makes of the rows."""
        return part(self)

    def then(self, change: Callable[[Design], Design]) -> Design:
        """The same rows, changed."""
        return change(self)

    def whole(self, purpose: str) -> Design:
        """The design."""
        return self


class Fold(Protocol):
    """Goes through all chunks of a design, here or elsewhere."""

    def __call__[T](self, part: Callable[[Design], T], merge: Callable[[T, T], T]) -> T:
        """`part` of each chunk, merged: `merge` is associative, and neighbours are merged in order."""


@dataclass(frozen=True, eq=False)
class Streamed:
    """A design whose rows are read in chunks, whenever they are asked for.

    Attributes
    ----------
    fold : Fold
    n : int
        The number of rows.
    advice : str
        How to have all rows at once.
    changes : tuple of callable
        What is done to each chunk.
    """

    fold: Fold
    n: int
    advice: str
    changes: tuple[Callable[[Design], Design], ...] = ()
    _results: dict[object, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def summary(self) -> Summary:
        """What the numbers come to over the rows; the first time takes a pass."""
        return self.reduce(_summary, Summary.merge)

    def reduce[T](self, part: Callable[[Design], T], merge: Callable[[T, T], T]) -> T:
        """What `part` makes of each chunk, merged; the first time takes a pass.

        `merge` is associative. A part that equals one that was asked for before has the same result.
        """
        if part not in self._results:
            self._results[part] = self.fold(_Chain((*self.changes, part)), merge)
        found: T = self._results[part]
        return found

    def then(self, change: Callable[[Design], Design]) -> Streamed:
        """The same rows, each chunk changed."""
        return replace(self, changes=(*self.changes, change))

    def knowing(self, summary: Summary) -> Streamed:
        """The same rows, of which the summary is known."""
        known = replace(self)
        known._results[_summary] = summary
        return known

    def whole(self, purpose: str) -> Design:
        """Refuse what needs all rows at once.

        Raises
        ------
        FitError
            With what to do.
        """
        raise FitError(f"{purpose} needs all rows at once, but these are streamed: {self.advice}")


@dataclass(frozen=True, eq=False)
class Completed:
    """The numbers of several data sets, which are imputations of one: each is fitted by itself, draws are pooled.

    Attributes
    ----------
    designs : tuple of Design
    """

    designs: tuple[Design, ...]

    @property
    def n(self) -> int:
        """The number of rows, of the first."""
        return self.designs[0].n

    @cached_property
    def summary(self) -> Summary:
        """What the numbers come to over the rows of all."""
        return self.reduce(_summary, Summary.merge)

    def reduce[T](self, part: Callable[[Design], T], merge: Callable[[T, T], T]) -> T:
        """What `part` makes of each data set, merged."""
        return reduce(merge, map(part, self.designs))

    def then(self, change: Callable[[Design], Design]) -> Completed:
        """The same data sets, each changed."""
        return Completed(tuple(map(change, self.designs)))

    def whole(self, purpose: str) -> Design:
        """Refuse what is of one data set.

        Raises
        ------
        FitError
            With what to do.
        """
        raise FitError(
            f"{purpose} needs one data set, and these are {len(self.designs)}: ask it of `of_data_set(1)`, "
            "or say of which rows with `newdata=`"
        )


DataSet = Design | Streamed
"""A model's numbers for one data set, all there or streamed."""
Numbers = DataSet | Completed
"""A model's numbers, all there, streamed, or of several data sets."""


def outline(spec: ModelSpec, design: Numbers) -> Design:
    """A design of one row for where only the form matters, not the rows: the printed source of a streamed model."""
    if isinstance(design, Design):
        return design
    summary = design.summary
    terms = {term.path: term.outline(summary.of(term)) for term in spec.terms()}
    companions = dict.fromkeys(spec.response.companions, np.zeros(1))
    return Design(np.zeros(1), terms, np.zeros(1, np.int64), companions)


def _summary(design: Design) -> Summary:
    return design.summary


@dataclass(frozen=True)
class _Chain:
    """One function after another."""

    functions: tuple[Callable[[Any], Any], ...]

    def __call__(self, value: Any) -> Any:
        for function in self.functions:
            value = function(value)
        return value
