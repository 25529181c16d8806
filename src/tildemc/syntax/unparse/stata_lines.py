"""What is done to data before the model, as Stata's commands: `generate`, `egen`, `keep if`, `drop if`.

A missing value is larger than any number in Stata, and no comparison of it fails: that is said where it matters.
"""

from __future__ import annotations

from typing import assert_never

from tildemc.syntax.expression import walk
from tildemc.syntax.ordered import is_ordered, ordered_name
from tildemc.syntax.rewrite import rewritten
from tildemc.syntax.steps import Complete, FirstOf, Keep, Make, Pick, RowNumbers, Step
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number
from tildemc.syntax.unparse.language import no_lines
from tildemc.syntax.unparse.missing import above_all, guarded, only_all, open_columns, settled
from tildemc.syntax.unparse.parts import Saying
from tildemc.syntax.unparse.stata_expr import is_stata_name, stata_expression

__all__ = ["stata_condition", "stata_lines"]

_EGEN = {"mean": "mean", "sd": "sd", "min": "min", "max": "max", "median": "median", "sum": "total", "length": "count"}
"""Statistics, and the function of `egen` for each."""
_COMPARED = ("==", "!=", "<", "<=", ">", ">=")


def stata_lines(steps: tuple[Step, ...], saying: Saying) -> list[str]:
    """`generate z = log(x)`, `keep if x > 1`."""
    found: list[str] = []
    made: set[str] = set()
    within = ""
    for step in steps:
        if isinstance(step, Make) and step.value == _PLACES.get(step.name) and _sorted_by(step) is not None:
            # Stata has it in a condition itself, of rows that are sorted so.
            within = _sorted_by(step) or ""
            continue
        line = _line(step, made)
        if isinstance(step, Keep) and line is not None:
            line, within = f"{within}{line}", ""
        if line is None:
            no_lines((step,), saying)
        else:
            found.append(line)
        if isinstance(step, Make):
            made.add(step.name)
    return found


def _line(step: Step, made: set[str]) -> str | None:
    match step:
        case Keep(RowNumbers() as numbers):
            return _numbers(numbers)
        case Keep(FirstOf(columns, count, last)) if all(is_stata_name(column.text) for column in columns):
            rows = f"_n > _N - {count}" if last else f"_n <= {count}"
            return f"bysort {' '.join(column.text for column in columns)}: keep if {rows}"
        case Pick(columns, others):
            names = [column.text for column in columns if isinstance(column, Name)]
            known = len(names) == len(columns) and all(map(is_stata_name, names))
            return f"{'drop' if others else 'keep'} {' '.join(names)}" if known else None
        case Keep(FirstOf()):
            return None
        case Keep(condition) if not isinstance(condition, RowNumbers | FirstOf):
            written = stata_condition(condition)
            return None if written is None else f"keep if {written}"
        case Complete(columns):
            names = [column.text for column in columns]
            return f"drop if missing({', '.join(names)})" if names and all(map(is_stata_name, names)) else None
        case Make(name, value, by) if is_ordered(value):
            return _ordered(step) if all(map(is_stata_name, (name, *(g.text for g in by)))) else None
        case Make(name, value, by):
            return _made(name, value, by, made) if all(map(is_stata_name, (name, *(g.text for g in by)))) else None
        case Keep():
            raise AssertionError(step)
        case never:
            assert_never(never)


_PLACES: dict[str, Expr] = {"_n": Call("row_number", ()), "_N": Call("n", ())}


def _sorted_by(step: Make) -> str | None:
    """`bysort g (t): `, in which rows go as they do in a step; None where Stata cannot say it in a line."""
    names = [column.text for column in step.by]
    order = [key.text for key in step.order if isinstance(key, Name)]
    if step.unit is not None or len(order) < len(step.order) or not all(map(is_stata_name, (*names, *order))):
        return None
    beside = [name for name in order if name not in names]
    if not names:
        return f"sort {' '.join(beside)}\n" if beside else ""
    return f"bysort {' '.join(names)}{f' ({" ".join(beside)})' if beside else ''}: "


def _ordered(step: Make) -> str | None:
    """A column made of other rows, `bysort g (t): generate z = x[_n-1]`."""
    before = _sorted_by(step)
    value = rewritten(step.value, _other_row)
    written = None if is_ordered(value) else stata_value(value)
    return None if before is None or written is None else f"{before}generate {step.name} = {written}"


def _other_row(part: Expr) -> Expr | None:
    """What Stata has for another row's value: a name, as far as it is written."""
    match ordered_name(part), part:
        case "row_number", _:
            return Name("_n")
        case "n", _:
            return Name("_N")
        case ("lag" | "lead" | "first" | "last") as name, Call(_, (Argument(Name(x)), *count)) if is_stata_name(x):
            many = f"{count[0].value.value:.0f}" if count and isinstance(count[0].value, Number) else "1"
            place = {"lag": f"_n-{many}", "lead": f"_n+{many}", "first": "1", "last": "_N"}[name]
            return Call(f"{x}[{place}]", ())
        case "cumsum", Call(_, (Argument(Call("ifelse", (Argument(Call("is.na", _)), _, Argument(x)))),)):
            inner = stata_expression(x)
            return None if inner is None else Call(f"sum({inner})", ())
        case _:
            return None


def _numbers(numbers: RowNumbers) -> str | None:
    if len(numbers.ranges) != 1:
        return None
    first, last = numbers.ranges[0]
    return f"{'drop' if numbers.others else 'keep'} in {first}/{'l' if last == -1 else last}"


def stata_condition(condition: Expr) -> str | None:
    """A condition that keeps no row where it is open in other languages; None where Stata has no words for it."""
    found = settled(condition)
    if found is None:
        return None
    written, open_ = stata_expression(found), open_columns(found, above_all)
    if written is None or not open_:
        return written
    return f"{written} & !missing({_listed(open_)})" if only_all(found) else stata_expression(guarded(found, above_all))


def _listed(columns: list[Name]) -> str:
    return ", ".join(column.text for column in columns)


def _made(name: str, value: Expr, by: tuple[Name, ...], made: set[str]) -> str | None:
    match value:
        case Call(function, (Argument(inner, None),)) if function in _EGEN:
            written = stata_expression(inner)
            within = f", by({' '.join(column.text for column in by)})" if by else ""
            return None if written is None else f"egen {name} = {_EGEN[function]}({written}){within}"
        case _:
            pass
    written = None if by else stata_value(value)
    again = name in made or Name(name) in [*walk(value)]
    return None if written is None else f"{'replace' if again else 'generate'} {name} = {written}"


def stata_value(value: Expr) -> str | None:
    """An expression as a column is made of it; a choice by what is missing has no value, but in Stata's own."""
    match value:
        case Name("NA"):
            return "."
        case Call("ifelse", (Argument(test), Argument(yes), Argument(no))):
            parts = stata_expression(test), stata_value(yes), stata_value(no)
            if None in parts:
                return None
            chosen = f"cond({', '.join(part or '' for part in parts)})"
            open_ = open_columns(test, above_all)
            return f"cond(missing({_listed(open_)}), ., {chosen})" if open_ else chosen
        case _:
            tested = any(
                isinstance(n, Binary) and n.operator in ("==", "!=", "<", "<=", ">", ">=") for n in walk(value)
            )
            return None if tested else stata_expression(value)
