"""Text and data in, the model that they mean out: the stages one after the other, and all that they load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tildemc.errors import DataError, SemanticError
from tildemc.passes.binary import binary_notes
from tildemc.passes.identify import unidentified
from tildemc.passes.prune import prune
from tildemc.passes.scale import scale_priors
from tildemc.resolve.apart import Table, check_one_group, label
from tildemc.resolve.completed import frames_given, frames_within, resolve_each
from tildemc.resolve.conventions import conventions
from tildemc.resolve.factors import factors_of
from tildemc.resolve.families import Read, is_known, read_families
from tildemc.resolve.frame import Frame
from tildemc.resolve.given import Given
from tildemc.resolve.imputing import unobserved
from tildemc.resolve.meaning import has_gaps
from tildemc.resolve.request import Request
from tildemc.resolve.resolve import resolve
from tildemc.resolve.response import unsaid_success
from tildemc.resolve.stream import Data, Stream, open_data, read_whole
from tildemc.resolve.streamed import resolve_stream
from tildemc.spec.customs import Customs, customs_of
from tildemc.spec.design import Completed, Numbers, Streamed
from tildemc.spec.model import ModelSpec
from tildemc.spec.origin import Origin
from tildemc.spec.report import Report
from tildemc.spec.unobserved import Unobserved
from tildemc.syntax.command import convert, read, read_priors
from tildemc.syntax.rcall.unbound import PRIORS_STAND
from tildemc.syntax.statement import Statement
from tildemc.syntax.tree import Formula, PriorStatement
from tildemc.syntax.unparse.parts import Converted

__all__ = ["converted", "groups_of", "read_apart", "read_model"]

Found = tuple[
    ModelSpec, Numbers, Report, Origin | None, tuple[str, ...], Unobserved | None, Customs, tuple[str, ...]
]  # fmt: skip
"""The model, its numbers, what was left out, where the data came from, how the text asks for results, what is drawn
after a fit, how its package estimates, what the text asks of it then."""


def read_model(request: Request) -> Found:
    """The model of a text for some data; see `tildemc.model`."""
    text, data = request.text, request.data
    written = conventions(text, request.na, request.syntax, request.csv)
    if isinstance(data, list | tuple):
        return _read(request, frames_given(data, written))
    source = open_data(data, written)
    found = _read(request, source)
    if isinstance(source, Stream) and isinstance(data, str | Path):
        from tildemc.engines.choose import streams

        if isinstance(found[1], Streamed) and not streams(found[0], found[1]):
            # Nobody asked for streaming, and the engines that take this model need all rows, or these are too many.
            return _read(request, read_whole(data, written))
    return found


_Given = Frame | Stream | tuple[Frame, ...]
"""Data as they were opened; several frames are completed data sets."""


def _read(request: Request, data: _Given) -> Found:
    priors = request.priors
    statas = isinstance(priors, str) and priors == "stata"
    defaults = "stata" if statas else "tildemc"
    columns = _first(data).names
    stated = () if statas else read_priors(priors)
    statement, family = _statement(request, columns, defaults)
    statement = _updated(statement, request)
    chosen = read_families(statement, _family(family, statement), request.families)
    data = _prepared(data, statement, request)
    first = _first(data)
    spec, design, report = _resolved(statement, data, chosen, stated, request.data2)
    spec, design, notes = prune(spec, design)
    spec = scale_priors(spec, design.designs[0] if isinstance(design, Completed) else design)
    named = _named(statement, request)
    read_as = () if isinstance(first, Stream) else first.notes
    notes = (*named, *read_as, *report.notes, *notes, *binary_notes(spec, design), *unidentified(spec, design))
    later = _later(statement, data, spec, design)
    notes = (*notes, *_drawn_later(later))
    said = statement.estimation
    customs = customs_of(said.package, said.criterion, said.points)
    told = replace(report, notes=notes)
    return spec, design, told, first.origin, statement.display, later, customs, statement.after


def _statement(request: Request, columns: Sequence[str], defaults: str) -> tuple[Statement, str | None]:
    """What the text says, what is given beside it in the place of unbound names; and a family given for no name."""
    stands = dict(PRIORS_STAND) if request.priors and defaults != "stata" else {}
    statement = read(
        request.text, syntax=request.syntax, columns=columns, panel=request.panel, priors=defaults, stands=stands
    )
    if request.family is None or statement.syntax != "r" or statement.family is None:
        return statement, request.family
    if is_known(statement.family, request.families):
        return statement, request.family
    stands["family"] = request.family
    return read(request.text, syntax=request.syntax, columns=columns, panel=request.panel, stands=stands), None


def _first(data: _Given) -> Frame | Stream:
    return data[0] if isinstance(data, tuple) else data


def _prepared(data: _Given, statement: Statement, request: Request) -> _Given:
    """The data as the text asks for them: read whole, the data sets that they hold, the one group that they are of."""
    whole = statement.steps or statement.by or statement.imputed or _has_gaps(statement.formula)
    if isinstance(data, Stream) and whole:
        data = _whole(request, data)
    if isinstance(data, Frame) and statement.imputed:
        data = frames_within(data, statement.imputed)
    if statement.by and statement.steps:
        # Means over all rows are no means over those of a group.
        raise DataError("the text changes all rows before it asks for a model of each group: change the data first")
    for frame in (data if isinstance(data, tuple) else (data,)) if statement.by else ():
        assert isinstance(frame, Frame)
        check_one_group(frame, statement.by)
    return data


def _has_gaps(formula: Formula) -> bool:
    """Whether some rows are the model's by what is worked out of all of them."""
    for own in formula.each:
        beside = (argument.value for modifier in own.modifiers for argument in modifier.arguments)
        if any(map(has_gaps, (own.response, *(predictor.right for predictor in own.predictors), *beside))):
            return True
    return False


def _resolved(
    statement: Statement, data: _Given, chosen: Sequence[Read], stated: Sequence[PriorStatement], given: Given
) -> tuple[ModelSpec, Numbers, Report]:
    if isinstance(data, Stream):
        return resolve_stream(statement, data, chosen, stated)
    if isinstance(data, Frame):
        return resolve(statement, data, chosen, stated, given)
    return resolve_each(statement, data, chosen, stated, given)


def _later(statement: Statement, data: _Given, spec: ModelSpec, design: Numbers) -> Unobserved | None:
    """What is drawn after a fit."""
    if not any(modifier.function == "mi" for modifier in statement.formula.modifiers):
        return None
    if isinstance(data, Stream):
        raise DataError(f"`mi()` needs all rows at once, and these are streamed: {data.advice}")
    if isinstance(data, tuple):
        raise DataError("`mi()` draws what is missing while it fits, and these data sets are completed: leave it out")
    return unobserved(statement, data, spec, design.whole("`mi()`"))


def _named(statement: Statement, request: Request) -> tuple[str, ...]:
    """Whose data stand for what the text calls its data."""
    if statement.file is not None and str(request.data) == statement.file:
        return (f"the data are those of `{statement.file}`, which the text reads",)
    return (f"`data = {statement.data}` is taken to be the data given here",) if statement.data else ()


def _drawn_later(later: Unobserved | None) -> tuple[str, ...]:
    """What is told of responses that are drawn after a fit."""
    if later is None:
        return ()
    rows, noise = len(later.imputed.rows), later.imputed.noise
    if noise is not None:
        return (f"the true responses of {rows:,} rows are drawn after the fit, `Yl`",)
    return (f"the responses of {rows:,} rows that lack one are drawn after the fit, `Ymi`",)


def _whole(request: Request, data: Stream) -> Frame:
    """All rows, for a text that does something to the data first."""
    if not isinstance(request.data, str | Path):
        raise DataError(f"what the text does to the data first needs all rows at once: {data.advice}")
    return read_whole(request.data, conventions(request.text, request.na, request.syntax, request.csv))


def _updated(statement: Statement, request: Request) -> Statement:
    """What a text says, but for what has been changed since."""
    for change in request.changes:
        from tildemc.syntax.update import updated

        statement = replace(statement, formula=updated(statement.formula, change))
    if "family" in request.instead:
        statement = replace(statement, family=None, family_span=None)
    if "priors" in request.instead and request.priors != "stata":
        statement = replace(statement, priors=())
    return statement


def _family(stated: str | None, statement: Statement) -> str:
    """The family: as an argument or in the text, but not both."""
    if stated is not None and statement.family is not None:
        raise SemanticError(f"the text says {statement.family} already: leave `family` out, or state it there")
    if stated is not None and all(formula.family is not None for formula in statement.formula.each):
        raise SemanticError("the formula says the family of each response already: leave `family` out")
    return stated or statement.family or "gaussian"


def groups_of(text: str, data: Frame | Stream, *, syntax: str = "auto", panel: str | None = None) -> tuple[str, ...]:
    """The columns for each of whose combinations of values a text asks for a model of its own.

    Raises
    ------
    TildeError
        If the text cannot be read.
    """
    return read(text, syntax=syntax, columns=data.names, panel=panel, stands=PRIORS_STAND).by


def read_apart(
    text: str,
    data: Data | Sequence[Data],
    *,
    syntax: str = "auto",
    panel: str | None = None,
    na: Sequence[str] = (),
    csv: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The rows of each model that a text asks for by groups, `arm=1`; all of them, under an empty name, if by none.

    Raises
    ------
    TildeError
        If the text or the data cannot be read.
    """
    if isinstance(data, list | tuple):
        return {"": data}
    source = open_data(data, conventions(text, na, syntax, csv))
    by = groups_of(text, source, syntax=syntax, panel=panel)
    if not by:
        return {"": data}
    if isinstance(source, Stream):
        raise DataError(f"a model of each group needs all rows at once: {source.advice}")
    table = Table(source)
    return {label(rows): table.select(rows) for rows in table.groups(by)}


def converted(
    text: str,
    to: str,
    data: Data,
    *,
    syntax: str,
    panel: str | None,
    na: Sequence[str],
    csv: Mapping[str, str] | None,
) -> Converted:
    """A text in another language; see `tildemc.convert`."""
    if data is None:
        return convert(text, to, syntax=syntax, panel=panel)
    frame = open_data(data, conventions(text, na, syntax, csv))
    statement = read(text, syntax=syntax, columns=frame.names, panel=panel)
    factors = factors_of(statement, frame)
    found = convert(text, to, syntax=syntax, columns=frame.names, panel=panel, factors=factors)
    success = () if to == "stata" or isinstance(frame, Stream) else unsaid_success(statement, frame)
    return replace(found, cannot_say=(*found.cannot_say, *success))
