"""What is done to data before the model, as a data step of SAS; and expressions as SAS writes them.

A missing value is smaller than any number in SAS, and no comparison of it fails: that is said where it matters.
"""

from __future__ import annotations

import re
from typing import assert_never

from tildemc.syntax.sas.values import FUNCTIONS
from tildemc.syntax.steps import Complete, FirstOf, Keep, Make, Pick, RowNumbers, Step
from tildemc.syntax.tree import Binary, Call, Expr, Name, Number, Parens, Text, Unary, deparse, spine
from tildemc.syntax.unparse.language import endless, no_lines
from tildemc.syntax.unparse.missing import below_all, guarded, only_all, open_columns, settled
from tildemc.syntax.unparse.parts import Saying

__all__ = ["is_sas_name", "sas_condition", "sas_lines", "sas_value"]

_FUNCTIONS = {ours: theirs for theirs, ours in FUNCTIONS.items()}
_OPERATORS = {
    "==": "=", "!=": "ne", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "&": "and", "|": "or", "+": "+", "-": "-",
    "*": "*", "/": "/", "^": "**",
}  # fmt: skip
_TESTS = ("==", "!=", "<", "<=", ">", ">=", "&", "|")


class _Unwritten(Exception):
    """SAS has no words for a part."""


def is_sas_name(text: str) -> bool:
    """Whether a column may be called so in SAS."""
    return bool(re.fullmatch(r"[A-Za-z_]\w{0,31}", text, re.ASCII))


def sas_lines(steps: tuple[Step, ...], saying: Saying) -> list[str]:
    """`data d; set d; if x > 1; z = log(x); run;`."""
    data = saying.statement.data or "d"
    if not is_sas_name(data):
        no_lines(steps, saying)
        return []
    written = [(step, _line(step)) for step in steps]
    no_lines(tuple(step for step, line in written if line is None), saying)
    saying.unsaid += [said for step, line in written if line is not None and (said := endless(step))]
    lines = [f"  {line};" for _, line in written if line is not None]
    return [f"data {data};", f"  set {data};", *lines, "run;"] if lines else []


def _line(step: Step) -> str | None:
    match step:
        case Keep(RowNumbers() | FirstOf()):
            return None
        case Pick(columns, others):
            names = [column.text for column in columns if isinstance(column, Name) and is_sas_name(column.text)]
            return f"{'drop' if others else 'keep'} {' '.join(names)}" if len(names) == len(columns) else None
        case Keep(condition) if not isinstance(condition, RowNumbers | FirstOf):
            written = sas_condition(condition)
            return None if written is None else f"if {written}"
        case Complete(columns):
            named = all(is_sas_name(column.text) for column in columns) and columns
            return f"if {' and '.join(f'not missing({column.text})' for column in columns)}" if named else None
        case Make(name, value, ()):
            written = sas_value(value)
            return None if written is None or not is_sas_name(name) else f"{name} = {written}"
        case Make():
            return None
        case Keep():
            raise AssertionError(step)
        case never:
            assert_never(never)


def sas_condition(condition: Expr) -> str | None:
    """A condition that keeps no row where it is open in other languages; None where SAS has no words for it."""
    found = settled(condition)
    if found is None:
        return None
    open_ = open_columns(found, below_all)
    try:
        if open_ and not only_all(found):
            return _written(guarded(found, below_all))
        return " and ".join([_written(found), *(f"not missing({column.text})" for column in open_)])
    except _Unwritten:
        return None


def sas_value(value: Expr) -> str | None:
    """An expression as a column is made of it; None where SAS has no words for it."""
    try:
        return _written(value)
    except _Unwritten:
        return None


def _written(expr: Expr) -> str:
    match expr:
        case Name("NA"):
            return "."
        case Name(name) if is_sas_name(name):
            return name
        case Number():
            return deparse(expr)
        case Text(value) if "'" not in value:
            return f"'{value}'"
        case Parens(inner):
            return f"({_written(inner)})"
        case Unary("!", operand):
            return f"not {_written(operand)}"
        case Unary(operator, operand):
            return f"{operator}{_written(operand)}"
        case Binary("%in%", value, Call("c", listed)):
            return f"{_written(value)} in ({', '.join(_written(each.value) for each in listed)})"
        case Binary("%%", left, right):
            return f"mod({_written(left)}, {_written(right)})"
        case Binary(operator) if operator in _OPERATORS:
            first, nodes = spine(expr, _OPERATORS)
            return _written(first) + "".join(_joint(node.operator) + _written(node.right) for node in nodes)
        case Call(function, arguments):
            return _call(function, [argument.value for argument in arguments])
        case _:
            raise _Unwritten


def _joint(operator: str) -> str:
    return _OPERATORS[operator] if operator == "^" else f" {_OPERATORS[operator]} "


def _call(function: str, given: list[Expr]) -> str:
    match function, given:
        case "is.na", [value]:
            return f"missing({_written(value)})"
        case "I", [value]:
            return f"({_written(value)})"
        case "ifelse", [test, yes, no]:
            chosen = f"ifn({_written(test)}, {_written(yes)}, {_written(no)})"
            open_ = open_columns(test, below_all)
            missing = " or ".join(f"missing({column.text})" for column in open_)
            return f"ifn({missing}, ., {chosen})" if open_ else chosen
        case _ if function in _FUNCTIONS:
            return f"{_FUNCTIONS[function]}({', '.join(map(_written, given))})"
        case _:
            raise _Unwritten
