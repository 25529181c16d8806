"""A column of the design as pandas code: as numbers, floats or integers, and where one is not zero."""

from __future__ import annotations

from collections.abc import Mapping

from tildemc.spec.columns import Stored
from tildemc.spec.expr import Apply, Col, Const, Expr, Op, columns_of
from tildemc.spec.terms.product import Column
from tildemc.targets.pymc.layout import Code, Sum
from tildemc.targets.pymc.overflow import has_integers
from tildemc.targets.pymc.recipe import column_code

__all__ = ["condition_of", "integers", "mask_of", "number", "real_numbers"]


def number(column: Column) -> str:
    """A column as numbers."""
    condition = condition_of(column.value)
    return column_code(column.value) if condition is None else f"({column_code(condition)}).astype(float)"


def real_numbers(column: Column, stored: Mapping[str, Stored]) -> str:
    """A column as floats, which PyMC keeps apart from integers; the same value in all rows is one for each."""
    if not columns_of(column.value):
        return f"np.full(len(data), {_of_type('float', column)})"
    if condition_of(column.value) is not None or not has_integers(column.value, stored):
        return number(column)
    return _of_type("float", column)


def integers(column: Column, stored: Mapping[str, Stored]) -> str:
    """A column as integers; the same value in all rows is one for each."""
    if not columns_of(column.value):
        return f"np.full(len(data), {_of_type('int', column)})"
    if condition_of(column.value) is None and has_integers(column.value, stored):
        return number(column)
    return _of_type("int", column)


def _of_type(name: str, column: Column) -> str:
    value = condition_of(column.value) or column.value
    code = column_code(value)
    match value:
        case Const(number):
            return repr(float(number)) if name == "float" else str(int(number))
        case Col():
            return f"{code}.astype({name})"
        case _ if not columns_of(value):
            return f"{name}({code})"
        case _:
            return f"({code}).astype({name})"


def condition_of(expr: Expr) -> Expr | None:
    """The condition that `expr` is the truth value of, if it is one."""
    match expr:
        case Apply("float", (inner,)):
            return inner
        case Op("==" | "!=" | "<" | "<=" | ">" | ">=" | "&" | "|") | Apply("not"):
            return expr
        case _:
            return None


def mask_of(columns: tuple[Column, ...]) -> Code | None:
    """Code that is true where one of the columns is not zero; None if that is everywhere."""
    parts: list[str] = []
    for column in columns:
        if column.value == Const(1.0):
            return None
        condition = condition_of(column.value) or Op("!=", column.value, Const(0))
        parts.append(column_code(condition))
    if len(parts) == 1:
        return parts[0]
    return Sum(tuple(("|" if position else "", f"({part})") for position, part in enumerate(parts)))
