"""What is done to data before the model, as lines of pandas."""

from __future__ import annotations

from typing import assert_never

from tildemc.syntax.steps import Complete, FirstOf, Keep, Make, Pick, RowNumbers, Step
from tildemc.syntax.tree import Expr, Name, Number
from tildemc.syntax.unparse.language import one_by_one
from tildemc.syntax.unparse.python_expr import grouped_in_pandas, in_pandas

__all__ = ["kept", "numbered", "python_lines"]


def kept(condition: Expr, data: str) -> str | None:
    """`d[d["x"] > 1]`."""
    written = in_pandas(condition, data)
    return None if written is None else f"{data}[{written}]"


def numbered(numbers: RowNumbers, data: str) -> str | None:
    """`d.iloc[0:10]`: Python counts from 0, and its end is outside."""
    if numbers.others or len(numbers.ranges) != 1:
        return None
    first, last = numbers.ranges[0]
    low = first - 1 if first > 0 else first
    high = last if last > 0 else "" if last == -1 else last + 1
    return f"{data}.iloc[{low}:{high}]"


def _line(step: Step, data: str) -> str | None:
    if not data.isidentifier():
        return None
    written: str | None
    match step:
        case Keep(RowNumbers() as numbers):
            written = numbered(numbers, data)
        case Keep(FirstOf(columns, count, last)):
            grouped = f"{data}.groupby([{', '.join(map(_quoted, columns))}], dropna=False)"
            written = f"{grouped}.{'tail' if last else 'head'}({count})"
        case Pick(columns, others):
            listed = ", ".join(_quoted(column) for column in columns if isinstance(column, Name))
            by_place = any(isinstance(column, Number) for column in columns)
            written = None if by_place else f"{data}.drop(columns=[{listed}])" if others else f"{data}[[{listed}]]"
        case Keep(condition) if not isinstance(condition, RowNumbers | FirstOf):
            written = kept(condition, data)
        case Complete(columns):
            named = ", ".join(f'"{column.text}"' for column in columns)
            written = f"{data}.dropna({f'subset=[{named}]' if columns else ''})"
        case Make(name, value, by):
            made = grouped_in_pandas(value, by, data) if by else in_pandas(value, data)
            written = None if made is None or not name.isidentifier() else f"{data}.assign({name}={made})"
        case Keep():
            raise AssertionError(step)
        case never:
            assert_never(never)
    return None if written is None else f"{data} = {written}"


def _quoted(column: Name) -> str:
    return f'"{column.text}"'


python_lines = one_by_one(_line)
"""`d = d[d["x"] > 1]`, `d = d.assign(z=np.log(d["x"]))`."""
