"""Formula × Frame -> ModelSpec, Design and a Report of what was left out: the stages of this folder in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tildemc.errors import DataError, Unvarying
from tildemc.resolve.alike import check_same
from tildemc.resolve.encode import check_response, encode
from tildemc.resolve.expand import expand
from tildemc.resolve.expanded import Expanded
from tildemc.resolve.families import Read
from tildemc.resolve.frame import Frame
from tildemc.resolve.given import NOTHING, Given
from tildemc.resolve.lower import lower
from tildemc.resolve.prepare import Prepared, prepare
from tildemc.resolve.rows import (
    check_ends,
    left_by_package,
    left_with_one,
    needed,
    none_complete,
    said_if_missing,
    unlabelled_rows,
    with_response,
)
from tildemc.resolve.schema import Learning, held, unused_levels
from tildemc.resolve.values import check_factors
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.ordered import used_of
from tildemc.spec.report import Report, read_columns
from tildemc.syntax.statement import Statement
from tildemc.syntax.tree import PriorStatement

__all__ = ["resolve"]


def resolve(
    statement: Statement,
    frame: Frame,
    families: Sequence[Read],
    priors: Sequence[PriorStatement] = (),
    given: Given = NOTHING,
    known: ModelSpec | None = None,
) -> tuple[ModelSpec, Design, Report]:
    """Find the model that a statement means for a data frame, and its numbers.

    Parameters
    ----------
    statement : Statement
    frame : Frame
    families : sequence of (Family, mapping of str to Link)
        Of each response, and the link of each parameter that a formula may model.
    priors : sequence of PriorStatement
        Beside those of the statement.
    given : mapping
        Matrices beside the data.
    known : ModelSpec, optional
        The model, where it was found for other data, whose levels and learned numbers hold for these too.

    Raises
    ------
    TildeError
        Whatever is wrong with the text or the data, with its place.
    """
    if len(frame) == 0:
        raise DataError("the data have no rows")
    if statement.syntax == "stata":
        frame = frame.as_codes()
    rows = len(frame)
    prepared = prepare(frame, statement)
    check_factors(statement.factors, prepared.columns)
    expanded = expand(statement.formula, prepared.names)
    priors = (*statement.priors, *priors)
    prepared, keep, missing = prepared.complete(needed(expanded))
    for own in expanded.each:
        check_ends(own, missing)
    answered = with_response(expanded, prepared, prepared.columns.names, keep)
    unanswered, keep = int((keep & ~answered).sum()), answered
    if not keep.any():
        raise none_complete(missing)
    said = said_if_missing(statement, prepared, prepared.columns.names, keep)
    used, selection = prepared.frame.select(keep), prepared.selection
    report = Report(rows, len(used), missing, selection=selection, unanswered=unanswered)
    try:
        spec, design, learning, notes = _lowered(expanded, used, prepared, families, priors, given, known)
        unlabelled = unlabelled_rows(spec, design)
        if unlabelled:
            used = used.select(~np.logical_or.reduce(list(unlabelled.values())))
            lacking = {label: int(rows.sum()) for label, rows in unlabelled.items()}
            report = replace(report, used=len(used), unlabelled=lacking)
            spec, design, learning, notes = _lowered(expanded, used, prepared, families, priors, given, known)
        check_response(spec, design)
    except Unvarying as error:
        raise left_with_one(error, report) from error
    spec = replace(spec, ordered=used_of(prepared.ordered, read_columns(spec, selection)))
    notes = (*statement.notes, *said, *prepared.notes, *notes, *left_by_package(expanded, missing))
    unused, kinds = unused_levels(learning), held(learning.kinds)
    stored = {name: prepared.frame.stored(name) for name in read_columns(spec, selection)}
    return spec, design, replace(report, unused_levels=unused, notes=notes, held=kinds, columns=stored)


def _lowered(
    expanded: Expanded,
    frame: Frame,
    prepared: Prepared,
    families: Sequence[Read],
    priors: Sequence[PriorStatement],
    given: Given,
    known: ModelSpec | None,
) -> tuple[ModelSpec, Design, Learning, tuple[str, ...]]:
    learning = Learning(frame, prepared.made, prepared.lessons)
    spec, notes = lower(expanded, learning, families, priors, given)
    if known is not None:
        check_same(known, spec, frame)
        spec = known
    return spec, encode(spec, frame), learning, notes
