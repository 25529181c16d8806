"""A statement that changes columns of a data frame in, the frame's name and the steps out.

`d$x <- …`, `d$x[condition] <- …`, `d[c("x", "z")] <- scale(…)`, `levels(d$f) <- …`, `within(d, {…})`, `d[, z := x^2]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tildemc.errors import TildeError
from tildemc.span import Span
from tildemc.syntax.rcall.columnverbs import applied
from tildemc.syntax.rcall.data import Data, data_of
from tildemc.syntax.rcall.frames import columns_of
from tildemc.syntax.rcall.lines import statements_of
from tildemc.syntax.rcall.parse import parse_statement
from tildemc.syntax.rcall.picked import condition_of, without_data
from tildemc.syntax.steps import Make, Pick, Step
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Name, Text

__all__ = ["columns_assigned", "columns_within", "made_within"]

Made = tuple[str, Sequence[Step]]
"""The data frame's name, and what is done to it."""


def columns_assigned(target: Expr, value: Expr, span: Span) -> Made | None:
    """What an assignment to a part of a data frame does; None for what is not understood.

    Parameters
    ----------
    target, value : Expr
        What stands on the two sides of the arrow.
    span : Span
        The statement's.
    """
    match target:
        case Call("$" | "[[", (Argument(Name(frame)), Argument(Name(column) | Text(column)))):
            if value == Constant(None):
                return frame, (Pick((Name(column, span),), others=True, span=span),)
            return frame, (Make(column, without_data(value), (), span),)
        case Call("[", (Argument(Call("$" | "[[", (Argument(Name(frame)), Argument(Name(col) | Text(col))))), rows)):
            return frame, (_changed(col, condition_of(rows.value), value, span),)
        case Call("[", (Argument(Name(frame)), rows, Argument(Text(col)))) if rows.value != Name(""):
            return frame, (_changed(col, condition_of(rows.value), value, span),)
        case Call("[", (Argument(Name(frame)), *_, Argument(of))) if len(columns_of(of)) > 1:
            return _each(frame, columns_of(of), value, span)
        case Call(
            "contrasts",
            (Argument(Call("$" | "[[", (Argument(Name(frame)), Argument(Name(column) | Text(column))))), *n),
        ):
            coded = Call("C", (Argument(Name(column, span)), Argument(value), *n), span)
            return frame, (Make(column, coded, (), span),)
        case Call("levels", (Argument(Call("$", (Argument(Name(frame)), Argument(Name(column))))),)):
            named = Call("factor", (Argument(Name(column, span)), Argument(value, "labels")), span)
            return frame, (Make(column, named, (), span),)
        case Call("[", (Argument(Call("names" | "colnames", (Argument(Name(frame)),))), which)):
            match which.value, value:
                case Binary("==", _, Text(old)), Text(new):
                    return frame, (Make(new, Name(old, span), (), span),)
                case _:
                    return None
        case _:
            return None


def _changed(column: str, test: Expr, value: Expr, span: Span) -> Make:
    """`d$x[d$x > 9] <- 9`: where the condition has no value the column stays, as where it is false."""
    given = (Argument(Name(column, span)), Argument(test), Argument(without_data(value)))
    return Make(column, Call("replace", given, span), (), span)


def _each(frame: str, columns: tuple[Name, ...], value: Expr, span: Span) -> Made | None:
    """`d[c("x", "z")] <- lapply(d[c("x", "z")], scale)`."""
    match value:
        case Call("lapply" | "sapply", (Argument(of), Argument(function))):
            pass
        case Call(name, (Argument(of),)):
            function = Name(name, value.span)
        case _:
            return None
    if columns_of(of) != columns:
        return None
    try:
        made = [(column.text, without_data(applied(function, column))) for column in columns]
    except TildeError:
        return None
    return frame, tuple(Make(name, expr, (), span) for name, expr in made)


def columns_within(expr: Expr) -> Made | None:
    """`d[x > 1, z := x^2, by = g]`, which changes a data.table in its place; None for what does not."""
    match expr:
        case Call("[", (Argument(Name(frame)), rows, Argument(Call(":=", (of, what)), None), *others)):
            by = tuple(name for other in others if other.name in ("by", "keyby") for name in columns_of(other.value))
        case _:
            return None
    names = columns_of(of.value)
    parts = [a.value for a in what.value.arguments] if len(names) > 1 and isinstance(what.value, Call) else [what.value]
    if len(names) != len(parts) or not names:
        return None
    if what.value == Constant(None):
        return frame, (Pick(names, others=True, span=expr.span),)
    steps: list[Step] = []
    for name, value in zip(names, parts, strict=True):
        made = without_data(value)
        if rows.value != Name(""):
            given = (Argument(name), Argument(condition_of(rows.value)), Argument(made))
            made = Call("replace", given, expr.span)
        steps.append(Make(name.text, made, by, expr.span))
    return frame, tuple(steps)


_WITHIN = re.compile(r"within\s*\(\s*([\w.]+)\s*,\s*(\{)?")


def made_within(span: Span, known: Mapping[str, Data]) -> Data | None:
    """What `within(d, {z <- x^2; w <- z + 1})` makes of a data frame; None for what is no such call."""
    found = _WITHIN.match(span.text, span.start, span.end)
    if found is None:
        return None
    close = span.text.rfind("}" if found[2] else ")", found.end(), span.end)
    data = data_of(Name(found[1], span), known)
    for line in statements_of(Span(span.text, found.end(), close if close > 0 else span.end)):
        if line.target is None:
            return None
        target = parse_statement(line.target)
        if not isinstance(target, Name):
            return None
        data = data.then(Make(target.text, without_data(parse_statement(line.value)), (), line.whole))
    return data
