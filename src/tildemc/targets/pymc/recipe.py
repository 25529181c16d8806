"""How the arrays of a Design come from a data frame, as pandas code that a person would write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tildemc.model.expr import Col, Const, Expr, Recode, infix
from tildemc.model.parameters import level_values
from tildemc.model.spec import Coding, Column, Factor, Term
from tildemc.targets.pymc.layout import Bracket, Code, quoted

__all__ = ["column_code", "frame_code", "literal", "number"]

_NUMPY = {"exp", "sqrt", "abs", "log", "log2", "log10", "log1p", "expm1", "sin", "cos", "tan", "floor", "ceil", "round", "trunc"}
_LOOP_FROM = 7
"""From how many levels on a factor's columns are written as a loop."""


def number(value: float) -> str:
    """A number as short as it can be."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def literal(value: Any) -> str:
    """A level as Python text."""
    if isinstance(value, str):
        return quoted(value)
    return repr(value) if isinstance(value, bool) else number(value)


def column_code(expr: Expr) -> str:
    """`expr` for every row of the frame `data`."""
    return infix(expr, _leaf, _call)


def _leaf(part: Expr) -> str:
    match part:
        case Col(name):
            return f"data[{quoted(name)}]"
        case Const(value):
            return literal(value)
        case Recode(Col(name), mapping):
            entries = ", ".join(f"{literal(value)}: {number(code)}" for value, code in mapping)
            return f"data[{quoted(name)}].map({{{entries}}})"
    raise AssertionError(part)


def _call(function: str, arguments: tuple[str, ...]) -> str:
    if function == "float":
        return f"({arguments[0]}).astype(float)"
    assert function in _NUMPY, function
    return f"np.{function}({', '.join(arguments)})"


def frame_code(terms: Sequence[Term], level_names: dict[tuple[str, tuple[Any, ...]], str]) -> Code:
    """`pd.DataFrame({label: column, …})` of the terms' columns; long factors as loops over `level_names`."""
    items: list[tuple[str, Code]] = []
    lengthy = False
    for term in terms:
        loop = _loop(term, level_names)
        if loop is not None:
            items.append(("**", loop))
            continue
        items += [(f"{quoted(column.label)}: ", column_code(column.value)) for column in term.columns]
    columns = [column for term in terms for column in term.columns]
    lengthy = all(isinstance(column.value, Const) for column in columns)
    return Bracket(
        "pd.DataFrame(",
        (("", Bracket("{", tuple(items), "}")), *((("index=", "data.index"),) if lengthy else ())),
        ")",
        _cast(columns),
    )


def _cast(columns: Sequence[Column]) -> str:
    """A frame that holds truth values becomes one of numbers."""
    return "" if all(_is_number(column.value) for column in columns) else ".astype(float)"


def _is_number(expr: Expr) -> bool:
    text = column_code(expr)
    return not any(symbol in text for symbol in ("==", "~", "<", ">", "&", "|")) and not isinstance(expr, Col)
