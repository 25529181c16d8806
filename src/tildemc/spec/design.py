"""Design: a model's numbers as arrays; Streamed: the same in chunks that are never all there at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tildemc.errors import FitError
from tildemc.spec.model import ModelSpec
from tildemc.spec.summary import Summary

__all__ = [
    "AuxiliaryDesign",
    "Design",
    "Fold",
    "GroupDesign",
    "Numbers",
    "PredictorDesign",
    "RowLabels",
    "Streamed",
    "outline",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class GroupDesign:
    """Of one grouping: `Z` (n, q), the effects' columns, and `index` (n,), the row's level or -1 for none."""

    Z: Floats
    index: Integers


@dataclass(frozen=True, eq=False)
class PredictorDesign:
    """Of one predictor: `X` (n, p) without the intercept, `offset` (n,) or None, and its groupings' designs.

    `mean` (p,) is for rows that stand for several: the means of the columns before they were merged.
    """

    X: Floats
    offset: Floats | None
    groups: tuple[GroupDesign, ...]
    mean: Floats | None = None

    @cached_property
    def centre(self) -> Floats:
        """What a centred predictor's columns are measured from, (p,)."""
        return np.asarray(self.X.mean(axis=0)) if self.mean is None else self.mean

    def take(self, rows: Integers | slice) -> PredictorDesign:
        """Of some rows, measured from where all are."""
        groups = tuple(GroupDesign(group.Z[rows], group.index[rows]) for group in self.groups)
        return PredictorDesign(self.X[rows], _some(self.offset, rows), groups, self.centre)


@dataclass(frozen=True, eq=False)
class AuxiliaryDesign:
    """`index` (n,): the level of `by` that each row belongs to; None if there is but one value."""

    index: Integers | None


@dataclass(frozen=True, eq=False)
class RowLabels:
    """What a data frame calls its rows.

    Attributes
    ----------
    index : pandas Index
    """

    index: Any

    @cached_property
    def values(self) -> NDArray[Any]:
        """As a coordinate has them, (n,): numbers and text as they are, anything else as text."""
        match self._form:
            case "values":
                kept: NDArray[Any] = self.index.to_numpy()
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

    def take(self, rows: Integers | slice) -> RowLabels:
        """Of some rows."""
        return RowLabels(self.index[rows])

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
    predictors, auxiliaries
        In the order of the ModelSpec's.
    rows : (n,) of int
        The position in the data of each row used.
    companions : mapping of str to (n,)
        Of the response, by name.
    labels : RowLabels or None
        What the data frame itself calls these rows; None if it counts them.
    """

    y: Floats | None
    predictors: tuple[PredictorDesign, ...]
    auxiliaries: tuple[AuxiliaryDesign, ...]
    rows: Integers
    companions: Mapping[str, Floats] = field(default_factory=dict)
    labels: RowLabels | None = field(default=None, compare=False)

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
    def row(self) -> dict[str, Any]:
        """What the density of a row names of the data, (n,) each."""
        return {"y": self.y, **self.companions}

    @property
    def obs(self) -> NDArray[Any]:
        """The rows as a coordinate has them, (n,)."""
        return self.rows if self.labels is None else self.labels.values

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.rows)

    @cached_property
    def summary(self) -> Summary:
        """What the numbers come to over the rows."""
        return Summary.of(self)

    def reduce[T](self, part: Callable[[Design], T], merge: Callable[[T, T], T]) -> T:
        """What `part` makes of the rows."""
        return part(self)

    def then(self, change: Callable[[Design], Design]) -> Design:
        """The same rows, changed."""
        return change(self)

    def whole(self, purpose: str) -> Design:
        """The design."""
        return self

    def take(self, rows: Integers | slice) -> Design:
        """The design of some rows."""
        return Design(
            _some(self.y, rows),
            tuple(numbers.take(rows) for numbers in self.predictors),
            tuple(AuxiliaryDesign(_some(numbers.index, rows)) for numbers in self.auxiliaries),
            self.rows[rows],
            {name: values[rows] for name, values in self.companions.items()},
            None if self.labels is None else self.labels.take(rows),
        )


def _some[T: (Floats, Integers)](values: T | None, rows: Integers | slice) -> T | None:
    return None if values is None else values[rows]


class Fold(Protocol):
    """Goes through all chunks of a design, here or elsewhere."""

    def __call__(self, part: Callable[[Design], Any], merge: Callable[[Any, Any], Any]) -> Any:
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
    _results: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def summary(self) -> Summary:
        """What the numbers come to over the rows; the first time takes a pass."""
        return self.reduce(Summary.of, Summary.merge)

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
        known._results[Summary.of] = summary
        return known

    def whole(self, purpose: str) -> Design:
        """Refuse what needs all rows at once.

        Raises
        ------
        FitError
            With what to do.
        """
        raise FitError(f"{purpose} needs all rows at once, but these are streamed: {self.advice}")


Numbers = Design | Streamed
"""A model's numbers, all there or streamed."""


def outline(spec: ModelSpec, design: Numbers) -> Design:
    """A design of one row for where only the form matters, not the rows: the printed source of a streamed model."""
    if isinstance(design, Design):
        return design
    zero = np.zeros(1)
    predictors = tuple(
        PredictorDesign(
            np.zeros((1, len(numbers.X.mean))),
            None if numbers.offset is None else zero,
            tuple(
                GroupDesign(np.zeros((1, len(g.Z.mean))), np.array([-1 if g.lacking else 0])) for g in numbers.groups
            ),
            numbers.X.mean,
        )
        for numbers in design.summary.predictors
    )
    auxiliaries = tuple(AuxiliaryDesign(None if a.by is None else np.zeros(1, np.int64)) for a in spec.auxiliaries)
    companions = dict.fromkeys(spec.response.companions, zero)
    return Design(zero, predictors, auxiliaries, np.zeros(1, np.int64), companions)


@dataclass(frozen=True)
class _Chain:
    """One function after another."""

    functions: tuple[Callable[[Any], Any], ...]

    def __call__(self, value: Any) -> Any:
        for function in self.functions:
            value = function(value)
        return value
