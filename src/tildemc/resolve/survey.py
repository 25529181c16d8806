"""Stream -> Schema: what its columns are, learned in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from tildemc.arrays import Label, Values
from tildemc.errors import DataError
from tildemc.resolve.column import Categorical, Kind, Seen
from tildemc.resolve.combinations import first_rows, numbered
from tildemc.resolve.encode import encode
from tildemc.resolve.frame import Frame
from tildemc.resolve.lessons import Lesson
from tildemc.resolve.numerals import Tally, summed
from tildemc.resolve.rows import complete_rows, unlabelled_rows
from tildemc.resolve.schema import Schema, tally
from tildemc.resolve.stream import Merge, Part, Stream
from tildemc.resolve.subset import asked_rows
from tildemc.span import Span
from tildemc.spec.columns import Stored
from tildemc.spec.expr import Expr
from tildemc.spec.model import ModelSpec
from tildemc.spec.report import Positions
from tildemc.spec.terms.factor import Factor
from tildemc.syntax.tree import Name

__all__ = ["Filter", "Survey", "Surveyed"]

Keys = frozenset[tuple[Label, ...]]


@dataclass(frozen=True, eq=False)
class Filter:
    """Which rows of a chunk a model uses.

    Attributes
    ----------
    condition, positions
        Those that the text asks for, as in `Selection`.
    needed : tuple of Name
        Of these, those that have a value in all these columns.
    labelled : ModelSpec or None
        Of these, those that have a label wherever this model needs it.
    coded : bool
        Whether columns are taken as Stata takes them.
    """

    condition: Expr | None = None
    positions: Positions | None = None
    needed: tuple[Name, ...] = ()
    labelled: ModelSpec | None = None
    coded: bool = False

    def asked(self, frame: Frame) -> Frame:
        """The rows that the text asks for."""
        frame = frame.as_codes() if self.coded else frame
        if self.condition is None and self.positions is None:
            return frame
        return frame.select(asked_rows(frame, self.condition, self.positions, frame.rows))

    def complete(self, asked: Frame) -> tuple[Frame, dict[str, int]]:
        """Of these rows those that the model uses; and how many lack a value in each column."""
        keep, lacking = complete_rows(asked, self.needed)
        frame = asked if keep.all() else asked.select(keep)
        if self.labelled is not None and len(frame):
            unlabelled = unlabelled_rows(self.labelled, encode(self.labelled, frame))
            if unlabelled:
                frame = frame.select(~np.logical_or.reduce(list(unlabelled.values())))
        return frame, lacking

    def __call__(self, frame: Frame) -> Frame:
        """The rows that the model uses."""
        return self.complete(self.asked(frame))[0]


@dataclass(frozen=True, eq=False)
class Survey:
    """What some rows show.

    Attributes
    ----------
    asked, used : int
        Rows that the text asks for, and of these those that the model uses.
    lacking : mapping
        For each column that the model needs, how many rows asked for have no value in it, if there are any.
    seen : mapping
        For each column, what it is.
    keys : mapping
        For each tuple of columns that rows are grouped by, the combinations of their values.
    stored : mapping
        How the data hold each column, whichever rows are asked for.
    """

    asked: int
    used: int
    lacking: dict[str, int] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    keys: dict[tuple[str, ...], Keys] = field(default_factory=dict)
    stored: dict[str, Stored] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        frame: Frame,
        keep: Filter,
        names: Sequence[str],
        factors: Sequence[tuple[str, ...]],
        columns: Sequence[str],
    ) -> Survey:
        """Of a chunk that has these `columns`."""
        asked = keep.asked(frame)
        used, lacking = keep.complete(asked)
        seen = {name: used.seen(name) for name in names} if len(used) else {}
        keys = {factor: _keys(used, factor) for factor in factors} if len(used) else {}
        stored = {name: frame.stored(name) for name in columns}
        return cls(len(asked), len(used), lacking, seen, keys, stored)

    def merge(self, other: Survey) -> Survey:
        """Of all rows."""
        return Survey(
            self.asked + other.asked,
            self.used + other.used,
            _joined(self.lacking, other.lacking, lambda _, one, two: one + two),
            _joined(self.seen, other.seen, _same),
            _joined(self.keys, other.keys, lambda _, one, two: one | two),
            _joined(self.stored, other.stored, lambda _, one, two: one.merge(two)),
        )


def _joined[K, V](one: dict[K, V], two: dict[K, V], both: Callable[[K, V, V], V]) -> dict[K, V]:
    return one | {key: both(key, one[key], value) if key in one else value for key, value in two.items()}


def _same(name: str, one: Seen, two: Seen) -> Seen:
    """What a column is, by two parts of its rows."""
    if one.type is not two.type:
        bare = [seen.type is Categorical and not seen.levels and not seen.declared for seen in (one, two)]
        if not any(bare):
            raise DataError(f"column `{name}` mixes text with other values")
        return two if bare[0] else one
    declared = one.declared or two.declared
    if one.declared and two.declared and one.declared != two.declared:
        declared = tuple(dict.fromkeys(one.declared + two.declared))
    return Seen(one.type, one.levels | two.levels, declared, one.ordered)


def _keys(frame: Frame, names: tuple[str, ...]) -> Keys:
    """The combinations of the columns' values that the rows have."""
    orders = [frame.distinct(name) for name in names]
    if len(names) == 1:
        return frozenset((value,) for value in orders[0])
    places = [frame.place(name, order) for name, order in zip(names, orders, strict=True)]
    rows = np.flatnonzero(np.logical_and.reduce([place >= 0 for place in places]))
    rows = rows[first_rows(numbered([place[rows] for place in places], [len(order) for order in orders]))]
    columns = ([order[at] for at in place[rows].tolist()] for order, place in zip(orders, places, strict=True))
    return frozenset(zip(*columns, strict=True))


class Surveyed(Schema):
    """The schema of a stream's rows: answers from one survey, with a further pass for each stateful function.

    Parameters
    ----------
    stream : Stream
    keep : Filter
    columns : sequence of str
        Those that are read.
    names : iterable of str
        Those that will be asked about.
    factors : iterable of tuple of str
        What rows will be grouped by.
    """

    def __init__(
        self,
        stream: Stream,
        keep: Filter,
        columns: Sequence[str],
        names: Iterable[str],
        factors: Iterable[tuple[str, ...]] = (),
    ) -> None:
        super().__init__()
        self.stream, self.keep, self.columns = stream, keep, columns
        names = tuple(dict.fromkeys(name for name in names if name in stream.names))
        known = tuple(dict.fromkeys(f for f in factors if all(name in stream.names for name in f)))
        part: Part[Survey] = partial(Survey.of, keep=keep, names=names, factors=known, columns=columns)
        survey = self._reduce(part, Survey.merge)
        needed = [name.text for name in keep.needed if name.text in survey.lacking]
        self.survey: Survey = replace(survey, lacking={name: survey.lacking[name] for name in needed})

    @property
    def names(self) -> tuple[str, ...]:
        """All columns."""
        return self.stream.names

    def tally(self, name: str) -> Tally:
        """Takes a pass over the column."""
        return self.stream.reduce([name], partial(tally, name=name), summed)

    def row(self, position: int) -> str:
        """By its position: streamed rows have no labels."""
        return f"row {position}"

    def row_labels(self, span: Span | None) -> tuple[Label, ...]:
        """Of a stream nobody has all rows at once."""
        raise DataError(
            f"what is measured with error is needed all at once, and rows are streamed: {self.stream.advice}", span
        )

    @property
    def coded(self) -> bool:
        """As the rows are."""
        return self.keep.coded

    def _kind(self, name: str) -> Kind:
        return self.survey.seen[name].kind

    def largest(self, columns: tuple[Name, ...]) -> int:
        """Not known of a stream: rows of one group may stand in several chunks."""
        raise AssertionError(columns)

    def _learn[P, T](self, expr: Expr, lesson: Lesson[P, T]) -> T:
        return lesson.finish(self._reduce(_Learn(self.keep, expr, lesson.part, lesson.labels), lesson.merge))

    def _factor(self, names: tuple[str, ...], label: str) -> Factor:
        orders = [self._order(name) for name in names]
        keys = sorted(
            self.survey.keys[names],
            key=lambda key: tuple(order(value) for order, value in zip(orders, key, strict=True)),
        )
        return Factor.of(label, names, keys)

    def _order(self, name: str) -> Callable[[Label], Label]:
        """What a column's values are sorted by."""
        kind = self.survey.seen[name].kind
        if not isinstance(kind, Categorical):
            return lambda value: value
        position = {value: place for place, value in enumerate(kind.levels)}
        return lambda value: position[value]

    def _reduce[P](self, part: Part[P], merge: Merge[P]) -> P:
        return self.stream.reduce(self.columns, part, merge)


@dataclass(frozen=True, eq=False)
class _Learn[P]:
    """What a lesson keeps of a chunk; None if the model uses none of its rows."""

    keep: Filter
    expr: Expr
    part: Callable[[Values], P]
    labels: bool

    def __call__(self, frame: Frame) -> P | None:
        used = self.keep(frame)
        if not len(used):
            return None
        with np.errstate(all="ignore"):
            return self.part(used.told_apart(self.expr) if self.labels else used.evaluate(self.expr))
