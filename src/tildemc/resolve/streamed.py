"""Formula × Stream -> ModelSpec, Streamed and a Report: what `resolve` does, in passes over chunks of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from tildemc.errors import DataError, Unvarying
from tildemc.resolve.encode import check_response, encode
from tildemc.resolve.expand import expand
from tildemc.resolve.expanded import Expanded
from tildemc.resolve.families import Read
from tildemc.resolve.frame import Frame
from tildemc.resolve.lower import lower
from tildemc.resolve.rows import left_with_one, names_of, needed_columns, none_complete, unlabelled_rows
from tildemc.resolve.schema import held, unused_levels
from tildemc.resolve.stream import Stream
from tildemc.resolve.subset import condition_of, none_left, positions_of
from tildemc.resolve.survey import Filter, Surveyed
from tildemc.spec.design import Design, Streamed
from tildemc.spec.expr import Expr
from tildemc.spec.model import ModelSpec
from tildemc.spec.report import Positions, Report, Selection, read_columns
from tildemc.syntax.statement import Statement
from tildemc.syntax.tree import PriorStatement

__all__ = ["resolve_stream"]


def resolve_stream(
    statement: Statement,
    stream: Stream,
    families: Sequence[Read],
    priors: Sequence[PriorStatement] = (),
) -> tuple[ModelSpec, Streamed, Report]:
    """Find the model that a statement means for streamed rows.

    One pass says what the columns are, another what the design comes to; a condition on factors, each stateful function
    and labels that are missing where they are needed take further ones.

    Parameters
    ----------
    statement : Statement
    stream : Stream
    families : sequence of (Family, mapping of str to Link)
        Of each response, and the link of each parameter that a formula may model.
    priors : sequence of PriorStatement
        Beside those of the statement.

    Raises
    ------
    TildeError
        Whatever is wrong with the text or the data, with its place.
    """
    if stream.rows == 0:
        raise DataError("the data have no rows")
    expanded = expand(statement.formula, stream.names)
    if expanded.others:
        message = f"several responses are needed all at once, and these rows are streamed: {stream.advice}"
        raise DataError(message, expanded.others[0].response.span)
    if expanded.residuals is not None:
        message = f"rows that go together are needed all at once, and these are streamed: {stream.advice}"
        raise DataError(message, expanded.residuals.span)
    resolving = _Resolving(stream, expanded, families, (*statement.priors, *priors), _columns(statement, expanded))
    keep = Filter(*resolving.asked(statement), needed_columns(expanded), coded=statement.syntax == "stata")
    learning = resolving.surveyed(keep, statement)
    report = _report(keep, stream, learning)
    try:
        spec, design, notes = resolving.lowered(learning)
        if any(design.summary.of(group).unlabelled for group in spec.groups()):
            lacking = design.reduce(partial(_unlabelled, spec), _added)
            learning = resolving.surveyed(replace(keep, labelled=spec), statement)
            report = replace(_report(keep, stream, learning), unlabelled=lacking)
            spec, design, notes = resolving.lowered(learning)
        check_response(spec, design)
    except Unvarying as error:
        raise left_with_one(error, report) from error
    notes = (*statement.notes, *statement.if_missing, *notes)
    unused, kinds = unused_levels(learning), held(learning.kinds)
    stored = {name: learning.survey.stored[name] for name in read_columns(spec, report.selection)}
    return spec, design, replace(report, unused_levels=unused, notes=notes, held=kinds, columns=stored)


def _report(keep: Filter, stream: Stream, learning: Surveyed) -> Report:
    """What became of the rows."""
    survey, selection = learning.survey, None
    if keep.condition is not None or keep.positions is not None:
        selection = Selection(keep.condition, keep.positions, stream.rows - survey.asked)
    return Report(stream.rows, survey.used, survey.lacking, selection=selection)


@dataclass(frozen=True, eq=False)
class _Resolving:
    """What the passes share."""

    stream: Stream
    expanded: Expanded
    families: Sequence[Read]
    priors: Sequence[PriorStatement]
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        """Read something even if the formula names no column: rows are counted."""
        known = tuple(name for name in self.columns if name in self.stream.names)
        object.__setattr__(self, "columns", known or self.stream.names[:1])

    def asked(self, statement: Statement) -> tuple[Expr | None, Positions | None]:
        """Which rows the text asks for: a condition and positions."""
        numbers = statement.row_numbers
        positions = None if numbers is None else positions_of(numbers, self.stream.rows)
        if statement.rows is None:
            return None, positions
        names = [name.text for name in names_of(statement.rows)]
        all_rows = Filter(coded=statement.syntax == "stata")
        return condition_of(statement.rows, Surveyed(self.stream, all_rows, self.columns, names)), positions

    def surveyed(self, keep: Filter, statement: Statement) -> Surveyed:
        """What the rows that pass the filter show."""
        factors = _factors(self.expanded)
        names = (*(name.text for name in keep.needed), *(name for factor in factors for name in factor))
        learning = Surveyed(self.stream, keep, self.columns, names, factors)
        survey = learning.survey
        if not survey.asked:
            raise none_left(statement.rows)
        if not survey.used:
            raise none_complete(survey.lacking)
        return learning

    def lowered(self, learning: Surveyed) -> tuple[ModelSpec, Streamed, tuple[str, ...]]:
        """The model of the rows that were surveyed."""
        spec, notes = lower(self.expanded, learning, self.families, self.priors)
        fold = _Fold(self.stream, self.columns, learning.keep, spec)
        return spec, Streamed(fold, learning.survey.used, self.stream.advice), notes


@dataclass(frozen=True, eq=False)
class _Fold:
    """Goes through the chunks of a model's design."""

    stream: Stream
    columns: tuple[str, ...]
    keep: Filter
    spec: ModelSpec

    def __call__[T](self, part: Callable[[Design], T], merge: Callable[[T, T], T]) -> T:
        return self.stream.reduce(self.columns, _Encoded(self.keep, self.spec, part), merge)


@dataclass(frozen=True, eq=False)
class _Encoded[T]:
    """`part` of a chunk's design; None if the model uses none of its rows."""

    keep: Filter
    spec: ModelSpec
    part: Callable[[Design], T]

    def __call__(self, frame: Frame) -> T | None:
        used = self.keep(frame)
        return self.part(encode(self.spec, used)) if len(used) else None


def _columns(statement: Statement, expanded: Expanded) -> tuple[str, ...]:
    """The columns that the text names."""
    names = [*needed_columns(expanded), *(() if statement.rows is None else names_of(statement.rows))]
    in_factors = (name for factor in _factors(expanded) for name in factor)
    return tuple(dict.fromkeys((*(name.text for name in names), *in_factors)))


def _factors(expanded: Expanded) -> tuple[tuple[str, ...], ...]:
    """What rows are grouped by."""
    return tuple(dict.fromkeys(tuple(name.text for name in factor) for factor in expanded.factors))


def _unlabelled(spec: ModelSpec, design: Design) -> dict[str, int]:
    return {label: int(rows.sum()) for label, rows in unlabelled_rows(spec, design).items()}


def _added(one: dict[str, int], two: dict[str, int]) -> dict[str, int]:
    return {label: one.get(label, 0) + two.get(label, 0) for label in (one | two)}
