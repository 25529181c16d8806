"""Which rows a model can use: those with a value in everything it needs.

A group's label is needed only where one of the group's effects is not multiplied by zero: a person in the control
arm of a partially clustered trial belongs to no cluster, and stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

import numpy as np

from tildemc.arrays import Mask
from tildemc.errors import DataError, Unvarying
from tildemc.resolve.expanded import Expanded
from tildemc.resolve.frame import Frame
from tildemc.spec.design import Design
from tildemc.spec.model import ModelSpec
from tildemc.spec.report import Report
from tildemc.syntax import tree
from tildemc.syntax.statement import Statement

__all__ = [
    "check_ends",
    "complete_rows",
    "lacking_some",
    "left_by_package",
    "left_with_one",
    "may_lack",
    "names_of",
    "needed",
    "needed_columns",
    "none_complete",
    "open_ended",
    "said_if_missing",
    "unlabelled_rows",
    "with_response",
]


def needed(formula: Expanded) -> tuple[tree.Expr, ...]:
    """What must have a value in every row, where it stands first: all but grouping factors.

    Of several responses one is enough, unless rows are to have all.
    """
    return tuple(dict.fromkeys(expr for own in formula.each for expr in _needed(own, some=may_lack(formula, own))))


def needed_columns(formula: Expanded) -> tuple[tree.Name, ...]:
    """The names of its columns."""
    return tuple(dict.fromkeys(name for expr in needed(formula) for name in names_of(expr)))


def lacking_some(formula: Expanded) -> bool:
    """Whether rows may lack some of several responses."""
    return bool(formula.others) and not formula.complete


def may_lack(formula: Expanded, own: Expanded) -> bool:
    """Whether rows may lack one of several responses: where they need not have all, and where `mi()` says so."""
    return bool(formula.others) and (not formula.complete or own.imputing is not None)


def _needed(formula: Expanded, *, some: bool) -> list[tree.Expr]:
    # Of an interval with open ends one end is enough.
    ends = [modifier for modifier in formula.modifiers if open_ended(modifier)]
    others = [modifier for modifier in formula.modifiers if modifier not in ends]
    expressions: list[tree.Expr] = [] if ends or some else [formula.response]
    expressions += [argument.value for modifier in others for argument in modifier.arguments]
    for predictor in formula.predictors:
        sums = predictor.sums
        expressions += [variable for s in sums for i in s.interactions for variable in i.variables]
        expressions += [offset for s in sums for offset in s.offsets]
        expressions += [weight for bar in predictor.bars if bar.members is not None for weight in bar.members.weights]
        expressions += [bar.by for bar in predictor.bars if bar.by is not None]
        expressions += predictor.smooths
        expressions += predictor.by
    if formula.residuals is not None:
        told = formula.residuals
        expressions += (*told.points, *told.group, *(() if told.by is None else (told.by,)))
    parameters = {predictor.parameter for predictor in formula.predictors} | {c.parameter for c in formula.curves}
    named = [name for curve in formula.curves for name in names_of(curve.right) if name.text not in parameters]
    return [*expressions, *named]


def open_ended(modifier: tree.Modifier) -> bool:
    """Whether an interval may lack an end."""
    return any(argument.name == "open" and argument.value == tree.Constant(True) for argument in modifier.arguments)


def check_ends(formula: Expanded, lacking: Mapping[str, int]) -> None:
    """Refuse intervals that lack an end: rows without it would be left out, and they say something of the response."""
    for modifier in formula.modifiers:
        if open_ended(modifier):
            continue
        ends = [argument.value for argument in modifier.arguments[1:] if modifier.function == "cens"]
        if ends and not [*names_of(modifier.arguments[0].value)]:
            # Every row is an interval, which begins at the response.
            ends.append(formula.response)
        for name in (name for end in ends for name in names_of(end) if name.text in lacking):
            raise DataError(
                f"`{name.text}` lacks a value in {lacking[name.text]:,} rows: an interval with no upper end is "
                "`right`, with no lower end `left`; where there is no interval, any number above the response will do. "
                "Or `cens(c, y2, open = TRUE)`: an end without a value is no end",
                name.span,
            )


def names_of(expr: tree.Expr) -> Iterable[tree.Name]:
    """The columns that an expression names."""
    todo = [expr]
    while todo:
        part = todo.pop()
        match part:
            case tree.Name():
                yield part
            case tree.Call("mi"):
                # A response, which may lack values.
                pass
            case tree.Call("C", arguments):
                # The contrast is a name too, and no column's.
                todo += [argument.value for argument in arguments if argument.name in (None, "x")][:1]
            case tree.Call(_, arguments):
                todo += [argument.value for argument in reversed(arguments)]
            case tree.Unary(_, inner) | tree.Parens(inner):
                todo.append(inner)
            case tree.Binary(_, left, right):
                todo += [right, left]
            case _:
                pass


def complete_rows(frame: Frame, names: Iterable[tree.Name]) -> tuple[Mask, dict[str, int]]:
    """The rows with a value in all of these columns, and how many rows each column has none in."""
    keep = np.ones(len(frame), dtype=bool)
    lacking: dict[str, int] = {}
    for name in names:
        if name.text in frame.names:
            try:
                missing = frame.missing(name.text)
            except DataError as error:
                raise DataError(error.message, name.span) from error
            keep &= ~missing
            if missing.any():
                lacking[name.text] = int(missing.sum())
    return keep, lacking


class _Rows(Protocol):
    """Rows of which one can ask where a column has no value."""

    def lacking(self, name: str) -> Mask:
        """Where it has none; (n,)."""


def with_response(formula: Expanded, rows: _Rows, names: Collection[str], keep: Mask) -> Mask:
    """The rows with one of several responses at least, of those that are kept; `names` are the columns there are."""
    if not any(may_lack(formula, own) for own in formula.each):
        return keep
    there = np.zeros_like(keep)
    for own in formula.each:
        there |= ~np.logical_or.reduce(
            [~keep, *(rows.lacking(name.text) for name in names_of(own.response) if name.text in names)]
        )
    return keep & there


def said_if_missing(statement: Statement, rows: _Rows, names: Collection[str], keep: Mask) -> tuple[str, ...]:
    """What a text says of its condition where a row that is kept has no value in a column of it."""
    if statement.rows is None or not statement.if_missing:
        return ()
    read = {name.text for name in names_of(statement.rows)}.intersection(names)
    return statement.if_missing if any((keep & rows.lacking(name)).any() for name in read) else ()


def none_complete(lacking: Mapping[str, int]) -> DataError:
    """What to say if no row has a value in all of them."""
    if not lacking:
        return DataError("no row has a value of a response")
    worst = max(lacking, key=lambda name: lacking[name])
    return DataError(f"no row has a value in every column needed; `{worst}` lacks one in {lacking[worst]} rows")


def left_by_package(formula: Expanded, lacking: Mapping[str, int]) -> tuple[str, ...]:
    """What to say where a package leaves out rows that have some of several responses."""
    columns = [name.text for own in formula.each for name in names_of(own.response) if name.text in lacking]
    if not formula.complete or not columns:
        return ()
    without = " and ".join(f"`{name}`" for name in dict.fromkeys(columns))
    return (
        f"rows without {without} are left out, as brms does; the formula by itself, not within `brm()`, keeps them for "
        "the other responses",
    )


def left_with_one(error: Unvarying, report: Report) -> DataError:
    """What to say of something that does not vary where rows were left out."""
    left_out = [f"{count:,} rows without a value of `{name}`" for name, count in report.missing.items()]
    left_out += [f"{count:,} rows without a label of `{name}`" for name, count in report.unlabelled.items()]
    if report.selection is not None:
        left_out.append(f"{report.selection.outside:,} rows that the text does not ask for")
    if not left_out:
        return error
    found = f"{' and '.join(left_out)} are left out; in the {report.used:,} that stay, {error.found}"
    if report.unlabelled:
        found += "; effects of a column that is zero there, as in `(0 + treated | g)`, need no label"
    return DataError(found, error.span)


def unlabelled_rows(spec: ModelSpec, design: Design) -> dict[str, Mask]:
    """Per grouping factor, the rows that have no label and need one."""
    found: dict[str, Mask] = {}
    for group in (group for group in spec.grouped() if group.path in design.terms):
        numbers = design.of(group)
        lacking = (numbers.index < 0) & (numbers.Z != 0).any(axis=1)
        if lacking.any():
            found[group.factor.label] = found.get(group.factor.label, False) | lacking
    return found
