"""An expression of a formula -> what it means for columns like these: numbers or a factor, with its arithmetic.

`meaning` reads against a `Columns`, which says what each column is and remembers what stateful functions learned.
Nothing here evaluates text: names are looked up in the data's columns, functions in the table of transforms.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial, reduce

from tildemc.errors import SemanticError, nearest
from tildemc.resolve.listed import as_texts, listed_values
from tildemc.resolve.transforms import TRANSFORMS, apply
from tildemc.resolve.values import (
    Category,
    Columns,
    Quantity,
    Value,
    column_of,
    lacking,
    logical,
    number_of,
    refuse_values_in_text,
)
from tildemc.spec.columns import label_of
from tildemc.spec.expr import Apply, Const, Expr, Op
from tildemc.syntax import tree
from tildemc.syntax.expression import walk
from tildemc.syntax.tree import deparse, spine
from tildemc.visible import listed

__all__ = ["arithmetic", "as_given", "has_gaps", "meaning"]


def meaning(expr: tree.Expr, columns: Columns) -> Value:
    """What `expr` means for these columns.

    Raises
    ------
    UnknownColumn, UnknownFunction, SemanticError, DataError
        With the place in the text.
    """
    match expr:
        case tree.Parens(inner):
            return meaning(inner, columns)
        case tree.Name(text) if text in CONSTANTS and text not in columns.names:
            return CONSTANTS[text]
        case tree.Name(text, span):
            found = column_of(text, span, columns)
            refuse_values_in_text(text, span, columns)
            return found
        case tree.Number(value):
            return Quantity((Const(value),))
        case tree.Constant(bool(value)):
            return logical(Const(value))
        case tree.Unary() | tree.Binary():
            return _operation(expr, columns)
        case tree.Call():
            return apply(expr, _Arguments(columns))
        case _:
            raise SemanticError(f"`{deparse(expr)}` is neither a column nor something computed from columns", expr.span)


CONSTANTS: Mapping[str, Value] = {
    "pi": Quantity((Const(math.pi),)),
    "T": logical(Const(True)),
    "F": logical(Const(False)),
    "NA": Quantity((Const(math.nan),)),
    "NA_real_": Quantity((Const(math.nan),)),
}
"""What names mean that no column has."""


def as_given(expr: tree.Expr, columns: Columns) -> Value:
    """What `expr` means where the text asks for levels: text is text there, even among numbers."""
    match expr:
        case tree.Parens(inner):
            return as_given(inner, columns)
        case tree.Name(text, span) if text in columns.names or text not in CONSTANTS:
            return column_of(text, span, columns)
        case _:
            return meaning(expr, columns)


def arithmetic(expr: tree.Expr, columns: Columns) -> Expr:
    """`expr` as one number for each row; a logical counts 0 and 1."""
    return number_of(meaning(expr, columns), expr, columns)


def has_gaps(expr: tree.Expr) -> bool:
    """Whether it may have a value in a row where one of its columns has none, or none where all have one."""
    for part in walk(expr):
        match part:
            case tree.Binary("%in%"):
                return True
            case tree.Call(function) if function.rpartition("::")[2] in TRANSFORMS:
                if TRANSFORMS[function.rpartition("::")[2]].gaps(part):
                    return True
            case _:
                pass
    return False


@dataclass(frozen=True, slots=True)
class _Arguments:
    """Reads the arguments of a function as expressions are read anywhere."""

    columns: Columns

    def meaning(self, expr: tree.Expr) -> Value:
        return meaning(expr, self.columns)

    def as_given(self, expr: tree.Expr) -> Value:
        return as_given(expr, self.columns)


_ARITHMETIC = {"+": "+", "-": "-", "*": "*", "/": "/", "^": "**", "%%": "%", "%/%": "//"}
_COMPARISON = {"==", "!=", "<", "<=", ">", ">="}
_LOGICAL = {"&", "|"}


def _operation(expr: tree.Unary | tree.Binary, columns: Columns) -> Value:
    match expr:
        case tree.Unary("!", operand):
            return logical(Apply("not", (_truth(meaning(operand, columns), operand),)))
        case tree.Unary("-", operand):
            return Quantity((-arithmetic(operand, columns),))
        case tree.Unary("+", operand):
            return Quantity((arithmetic(operand, columns),))
        case tree.Binary(operator, left, right) if operator in _COMPARISON:
            return logical(_comparison(operator, left, right, columns))
        case tree.Binary("%in%", left, right):
            return logical(_among(left, right, columns))
        case tree.Binary(operator) if operator in _ARITHMETIC or operator in _LOGICAL:
            first, nodes = spine(expr, {*_ARITHMETIC, *_LOGICAL})
            value = meaning(first, columns)
            for node in nodes:
                value = _combined(value, node, columns)
            return value
        case _:
            pass
    shown = f"`{expr.operator}`"
    raise SemanticError(f"{shown} has no meaning inside a function; it belongs to the formula itself", expr.span)


def _combined(left: Value, node: tree.Binary, columns: Columns) -> Value:
    """The value of an operation, given that of its left side."""
    if node.operator in _LOGICAL:
        truth = _truth(left, node.left)
        return logical(Op(node.operator, truth, _truth(meaning(node.right, columns), node.right)))
    number = number_of(left, node.left, columns)
    return Quantity((Op(_ARITHMETIC[node.operator], number, arithmetic(node.right, columns)),))


def _truth(value: Value, expr: tree.Expr) -> Expr:
    """The value of `expr` as true or false."""
    if isinstance(value, Category) and value.truth is not None:
        return value.truth
    raise SemanticError(
        f"`{deparse(expr)}` is not true or false, as `!`, `&` and `|` need it inside a function", expr.span
    )


def _comparison(operator: str, left: tree.Expr, right: tree.Expr, columns: Columns) -> Expr:
    """A comparison of numbers, or of a factor with one of its levels."""
    for factor_side, text_side in ((left, right), (right, left)):
        if isinstance(text_side, tree.Text):
            return _level_comparison(operator, factor_side, text_side, columns)
    return Op(operator, arithmetic(left, columns), arithmetic(right, columns))


def _among(left: tree.Expr, right: tree.Expr, columns: Columns) -> Expr:
    """`f %in% c("a", "b")`: where it is one of these; what has no value is none of them."""
    values = listed_values(right, _Arguments(columns))
    if values is None:
        raise SemanticError('behind `%in%` stand values, as in `f %in% c("a", "b")`', right.span)
    value = as_given(left, columns)
    if isinstance(value, Category):
        wanted = as_texts(values)
        found: list[Expr] = [level.indicator for level in value.levels if level.label in wanted]
    else:
        number = number_of(value, left, columns)
        numbers = [n if not isinstance(n, str) else _number_in(n) for n in values]
        found = [Op("==", number, Const(n)) for n in numbers if n is not None]
    among = reduce(partial(Op, "|"), found) if found else Const(False)
    return Op("&", Apply("not", (lacking(value),)), among)


def _number_in(text: str) -> float | None:
    """The number that is written so; None if a number's text is another."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if label_of(number) == text else None


def _level_comparison(operator: str, side: tree.Expr, text: tree.Text, columns: Columns) -> Expr:
    factor = as_given(side, columns)
    number = None if isinstance(factor, Category) or columns.coded else _number_in(text.value)
    if number is not None and operator in ("==", "!="):
        # R compares a number with a text by its own text.
        return Op(operator, arithmetic(side, columns), Const(number))
    if not isinstance(factor, Category):
        raise SemanticError(f"`{deparse(side)}` is a number and cannot be compared with a text", text.span)
    if operator not in ("==", "!="):
        raise SemanticError(f"`{operator}` compares numbers; a factor's levels compare by `==` and `!=`", side.span)
    labels = [level.label for level in factor.levels]
    if text.value not in labels:
        close = nearest(text.value, labels)
        raise SemanticError(
            f"`{deparse(side)}` has no level {text.value!r}{close} (its levels: {listed(labels)})",
            text.span,
        )
    condition = factor.levels[labels.index(text.value)].indicator
    return condition if operator == "==" else Apply("not", (condition,))
