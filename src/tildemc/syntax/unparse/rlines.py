"""What is done to data before the model, as lines of R with dplyr's and tidyr's functions."""

from __future__ import annotations

from typing import assert_never

from tildemc.syntax.ordered import is_ordered, ordered_name
from tildemc.syntax.rewrite import rewritten
from tildemc.syntax.steps import Complete, FirstOf, Keep, Make, Pick, RowNumbers, Step
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Name, Number, Unary, deparse
from tildemc.syntax.unparse.language import one_by_one

__all__ = ["R_READS", "r_lines", "row_list"]

R_READS = {
    "csv": '{data} <- read.csv("{file}")', "dta": '{data} <- read_dta("{file}")',
    "parquet": '{data} <- read_parquet("{file}")',
}  # fmt: skip
"""The lines that read files, by the ending of their names."""


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
        case Make(column, value, by) if is_ordered(value):
            return _ordered(step, name)
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


def _ordered(step: Make, name: str) -> str:
    """A column made of other rows: these in order, and within groups."""
    value = rewritten(step.value, lambda part: _other_row(part, step))
    verbs = [f"arrange({', '.join(map(_key, step.order))})"] if step.order and step.unit is None else []
    verbs += [f"group_by({', '.join(map(deparse, step.by))})"] if step.by else []
    verbs.append(f"mutate({deparse(Name(step.name))} = {deparse(value)})")
    return " |> ".join([f"{name} <- {name}", *verbs, *(["ungroup()"] if step.by else [])])


def _key(key: Expr) -> str:
    """What rows are sorted by: `desc(x)` where they fall."""
    return f"desc({deparse(key.operand)})" if isinstance(key, Unary) else deparse(key)


def _other_row(part: Expr, step: Make) -> Expr | None:
    """What base R and zoo have for what dplyr has not: the row of a time, and the last value that was there."""
    match ordered_name(part), part:
        case "lag" | "lead" as name, Call(_, (Argument(x), *count)) if step.unit is not None:
            many = count[0].value.value if count and isinstance(count[0].value, Number) else 1.0
            time, steps = step.order[-1], Number(many * step.unit)
            then = Binary("-" if name == "lag" else "+", time, steps)
            return Call("[", (Argument(x), Argument(Call("match", (Argument(then), Argument(time))))))
        case "locf", Call(_, (Argument(x), *_)):
            return Call("zoo::na.locf", (Argument(x), Argument(Constant(False), "na.rm")))
        case _:
            return None


r_lines = one_by_one(_line)
"""`d <- filter(d, x > 1)`, `d <- mutate(d, z = log(x))`."""


def row_list(numbers: RowNumbers) -> str | None:
    """`1:9`, `-c(3, 5:7)`; None for numbers from the end."""
    if any(end < 0 for ends in numbers.ranges for end in ends):
        return None
    shown = [f"{first}:{last}" if first != last else f"{first}" for first, last in numbers.ranges]
    listed = f"c({', '.join(shown)})" if len(shown) > 1 or (numbers.others and ":" in shown[0]) else shown[0]
    return f"-{listed}" if numbers.others else listed
