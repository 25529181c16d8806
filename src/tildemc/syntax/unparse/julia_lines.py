"""What is done to data before the model, as lines of Julia with DataFrames and DataFramesMeta."""

from __future__ import annotations

from typing import assert_never

from tildemc.syntax.julia.families import FUNCTIONS as THEIRS
from tildemc.syntax.julia.families import STATISTICS
from tildemc.syntax.steps import Complete, FirstOf, Keep, Make, Pick, RowNumbers, Step
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Name,
    Number,
    Parens,
    Text,
    Unary,
    deparse,
    spine,
)
from tildemc.syntax.unparse.language import one_by_one
from tildemc.syntax.unparse.parts import Saying

__all__ = ["FUNCTIONS", "Unwritten", "julia_lines", "julia_name"]

FUNCTIONS = {ours: theirs for theirs, ours in THEIRS.items()}
"""Functions of numbers, and what Julia calls them."""
_STATISTICS = {ours: theirs for theirs, ours in STATISTICS.items()}


class Unwritten(Exception):
    """Julia has no words for a part."""


def julia_name(expr: Expr) -> str:
    """A column's name, if it may be called so in Julia."""
    if not isinstance(expr, Name) or not expr.text.isidentifier():
        raise Unwritten
    return expr.text


def _line(step: Step, data: str) -> str | None:
    """`d = @rsubset(d, :x > 1)`."""
    try:
        return f"{data} = {_done(step, data)}" if data.isidentifier() else None
    except Unwritten:
        return None


def _done(step: Step, data: str) -> str:
    match step:
        case Keep(RowNumbers() | FirstOf()) | Pick():
            raise Unwritten
        case Keep(condition) if not isinstance(condition, RowNumbers | FirstOf):
            return f"@rsubset({data}, {_rowwise(condition)})"
        case Complete(columns):
            named = ", ".join(f":{julia_name(column)}" for column in columns)
            return f"dropmissing({data}{f', [{named}]' if columns else ''})"
        case Make(name, Call(function, (Argument(Name(column)),)), by) if by and function in _STATISTICS:
            groups = ", ".join(f":{julia_name(each)}" for each in by)
            return f"transform(groupby({data}, [{groups}]), :{column} => {_STATISTICS[function]} => :{name})"
        case Make(name, value, ()) if name.isidentifier():
            return f"@rtransform({data}, :{name} = {_rowwise(value)})"
        case Make():
            raise Unwritten
        case Keep():
            raise AssertionError(step)
        case never:
            assert_never(never)


_OPERATORS = {"&": "&&", "|": "||", "%%": "%"} | {name: name for name in ("==", "!=", "<", "<=", ">", ">=", *"+-*/^")}


def _rowwise(expr: Expr) -> str:
    """An expression over the columns of one row."""
    match expr:
        case Name("NA"):
            return "missing"
        case Name():
            return f":{julia_name(expr)}"
        case Number():
            return deparse(expr)
        case Text(value) if '"' not in value and "$" not in value:
            return f'"{value}"'
        case Constant(bool(value)):
            return str(value).lower()
        case Parens(inner):
            return f"({_rowwise(inner)})"
        case Unary(operator, operand):
            return f"{operator}{_rowwise(operand)}"
        case Binary("%in%", value, Call("c", listed)):
            return f"({' || '.join(f'{_rowwise(value)} == {_rowwise(each.value)}' for each in listed)})"
        case Binary(operator) if operator in _OPERATORS:
            first, nodes = spine(expr, _OPERATORS)
            rest = (f" {_OPERATORS[node.operator]} {_rowwise(node.right)}" for node in nodes)
            return _rowwise(first) + "".join(rest)
        case Call("is.na", (Argument(value),)):
            return f"ismissing({_rowwise(value)})"
        case Call("I", (Argument(value),)):
            return f"({_rowwise(value)})"
        case Call(function, arguments) if function == "ifelse" or function in FUNCTIONS:
            return f"{FUNCTIONS.get(function, function)}({', '.join(_rowwise(a.value) for a in arguments)})"
        case _:
            raise Unwritten


_LINES = one_by_one(_line)


def julia_lines(steps: tuple[Step, ...], saying: Saying) -> list[str]:
    """The lines of the steps, and of the rows that the model asks for after them."""
    statement = saying.statement
    asked = [Keep(rows) for rows in (statement.rows, statement.row_numbers) if rows is not None]
    return _LINES((*steps, *asked), saying)
