"""What is done to data before the model, as lines of R with dplyr's and tidyr's functions."""

from __future__ import annotations

from typing import assert_never

from tildemc.syntax.tree import Complete, FirstOf, Keep, Make, Name, Pick, RowNumbers, Step, deparse
from tildemc.syntax.unparse.language import one_by_one

__all__ = ["r_lines", "row_list"]


def _line(step: Step, data: str) -> str | None:
    name = deparse(Name(data))
    match step:
        case Keep(RowNumbers() as numbers):
            listed = row_list(numbers)
            return None if listed is None else f"{name} <- {name}[{listed}, ]"
        case Keep(FirstOf(columns, count, last)):
            end = "slice_tail" if last else "slice_head"
            grouped = f"group_by({', '.join(map(deparse, columns))})"
            return f"{name} <- {name} |> {grouped} |> {end}(n = {count}) |> ungroup()"
        case Keep(condition) if not isinstance(condition, RowNumbers | FirstOf):
            return f"{name} <- filter({name}, {deparse(condition)})"
        case Complete(()):
            return f"{name} <- na.omit({name})"
        case Complete(columns):
            return f"{name} <- drop_na({', '.join([name, *map(deparse, columns)])})"
        case Make(column, value, ()):
            return f"{name} <- mutate({name}, {deparse(Name(column))} = {deparse(value)})"
        case Make(column, value, by):
            grouped = f"group_by({', '.join(map(deparse, by))})"
            return f"{name} <- {name} |> {grouped} |> mutate({deparse(Name(column))} = {deparse(value)}) |> ungroup()"
        case Pick(columns, others):
            shown = ", ".join(map(deparse, columns))
            return f"{name} <- select({name}, {f'-c({shown})' if others else shown})"
        case Keep():
            raise AssertionError(step)
        case never:
            assert_never(never)


r_lines = one_by_one(_line)
"""`d <- filter(d, x > 1)`, `d <- mutate(d, z = log(x))`."""


def row_list(numbers: RowNumbers) -> str | None:
    """`1:9`, `-c(3, 5:7)`; None for numbers from the end."""
    if any(end < 0 for ends in numbers.ranges for end in ends):
        return None
    shown = [f"{first}:{last}" if first != last else f"{first}" for first, last in numbers.ranges]
    listed = f"c({', '.join(shown)})" if len(shown) > 1 or (numbers.others and ":" in shown[0]) else shown[0]
    return f"-{listed}" if numbers.others else listed
