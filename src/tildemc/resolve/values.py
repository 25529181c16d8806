"""What a variable of a formula means for columns like these: numbers or a factor, with its arithmetic.

`meaning` reads an expression against a `Columns`, which says what each column is and remembers what stateful functions
learned. Nothing here evaluates text: names are looked up in the data's columns, functions in the table of
transforms.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, assert_never

from tildemc.arrays import Floats
from tildemc.errors import DataError, SemanticError, UnknownColumn, nearest
from tildemc.resolve.column import Categorical, Kind, Logical, Numeric
from tildemc.resolve.frame import as_float
from tildemc.resolve.lessons import Lesson
from tildemc.resolve.numerals import Tally, looks_meant, refuse_strays
from tildemc.span import Span
from tildemc.spec.columns import NO_NAMES, Labels, label_of
from tildemc.spec.expr import Apply, Col, Const, Expr, Op, Recode
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse, spine

__all__ = [
    "NO_CODES",
    "Category",
    "Columns",
    "Level",
    "Quantity",
    "Value",
    "arithmetic",
    "as_given",
    "category_of_column",
    "levels_of",
    "meaning",
    "no_number",
    "refuse_values_in_text",
]


@dataclass(frozen=True, slots=True)
class Quantity:
    """Numbers: one column, or several with a suffix to the label each; `coded` are those with codes for names."""

    columns: tuple[Expr, ...]
    suffixes: tuple[str, ...] = ("",)
    coded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a factor: its name, its value in the data, and where a row has it."""

    label: str
    value: Any
    indicator: Expr

    @property
    def code(self) -> str:
        """Its value's own text, which the label is too unless the data give the value a name."""
        return label_of(self.value)


@dataclass(frozen=True)
class Category:
    """A factor.

    Attributes
    ----------
    levels : tuple of Level
    ordered : bool
    column : Col or None
        The data's column whose values the levels are.
    truth : Expr or None
        For a logical, the condition itself.
    contrast : Floats or None
        (levels, columns): a coding other than the default.
    contrast_names : tuple of str
        Its columns' suffixes.
    """

    levels: tuple[Level, ...]
    ordered: bool = False
    column: Col | None = None
    truth: Expr | None = None
    contrast: Floats | None = None
    contrast_names: tuple[str, ...] = ()

    def code(self, numbers: tuple[float, ...]) -> Expr:
        """A number for each level."""
        if self.column is not None:
            return Recode(self.column, tuple((level.value, n) for level, n in zip(self.levels, numbers, strict=True)))
        parts = [float(n) * level.indicator for level, n in zip(self.levels, numbers, strict=True) if n != 0]
        total: Expr = parts[0] if parts else Const(0.0)
        for part in parts[1:]:
            total = total + part
        return total


Value = Quantity | Category


class Columns(Protocol):
    """What is known of the data's columns while a formula is read."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""

    @property
    def coded(self) -> bool:
        """Whether columns are taken as Stata takes them."""

    def value_labels(self, name: str) -> Mapping[Any, str]:
        """The names that the data give the values of a column; empty where they give none."""

    def kind(self, name: str) -> Kind:
        """What a column is."""

    def tally(self, name: str) -> Tally:
        """How often each text stands in a column of text, whichever rows are in use."""

    def row(self, position: int) -> str:
        """What the row at a position is called in words."""

    def learned(self, key: str, expr: Expr, lesson: Lesson) -> Any:
        """What `lesson` makes of the values of `expr`; remembered by `key`, the text of the call."""


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
        case tree.Name(text, span):
            found = _column(text, span, columns)
            refuse_values_in_text(text, span, columns)
            return found
        case tree.Number(value):
            return Quantity((Const(value),))
        case tree.Constant(bool(value)):
            return logical(Const(value))
        case tree.Unary() | tree.Binary():
            return _operation(expr, columns)
        case tree.Call():
            from tildemc.resolve.transforms import apply

            return apply(expr, columns)
        case _:
            raise SemanticError(f"`{deparse(expr)}` is neither a column nor something computed from columns", expr.span)


def as_given(expr: tree.Expr, columns: Columns) -> Value:
    """What `expr` means where the text asks for levels: text is text there, even among numbers."""
    match expr:
        case tree.Parens(inner):
            return as_given(inner, columns)
        case tree.Name(text, span):
            return _column(text, span, columns)
        case _:
            return meaning(expr, columns)


def arithmetic(expr: tree.Expr, columns: Columns) -> Expr:
    """`expr` as one number for each row; a logical counts 0 and 1."""
    return _number(meaning(expr, columns), expr, columns)


def _number(value: Value, expr: tree.Expr, columns: Columns) -> Expr:
    """The value of `expr` as one number for each row."""
    if isinstance(value, Category):
        if value.truth is None:
            raise no_number(expr, columns)
        return as_float(value.truth)
    if len(value.columns) > 1:
        raise SemanticError(f"`{deparse(expr)}` has {len(value.columns)} columns where one is needed", expr.span)
    return value.columns[0]


NO_CODES = "for the codes give the .dta file itself, or read it with `convert_categoricals=False`"


def no_number(expr: tree.Expr, columns: Columns) -> SemanticError:
    """What to say of a factor where a number is needed."""
    shown = deparse(expr)
    if not columns.coded:
        return SemanticError(f"`{shown}` is a factor, not a number; `as.integer(…)` gives its codes", expr.span)
    match columns.kind(shown) if shown in columns.names else None:
        case Categorical(declared=True):
            held = f"labels without their codes; `i.{shown}` has an indicator for each, {NO_CODES}"
        case _:
            held = f"text; `i.{shown}` has an indicator for each"
    return SemanticError(f"`{shown}` stands for numbers in Stata, and the data hold {held}", expr.span)


def _column(name: str, span: Span | None, columns: Columns) -> Value:
    if name not in columns.names:
        raise UnknownColumn(f"no column `{name}` in the data{nearest(name, columns.names)}", span)
    try:
        kind = columns.kind(name)
    except DataError as error:
        raise DataError(error.message, span) from error
    match kind:
        case Numeric():
            return Quantity((Col(name),))
        case Logical():
            return logical(Col(name))
        case Categorical(levels, ordered):
            return category_of_column(Col(name), levels, columns, ordered)
        case never:
            assert_never(never)


def refuse_values_in_text(name: str, span: Span | None, columns: Columns) -> None:
    """Refuse a column of numbers, or of true and false, that is text for the sake of a few of its values.

    Raises
    ------
    DataError
        At its place in the text.
    """
    kind = columns.kind(name)
    if not isinstance(kind, Categorical) or kind.declared or not any(map(looks_meant, kind.levels)):
        return
    try:
        refuse_strays(name, columns.tally(name), columns.row)
    except DataError as error:
        raise DataError(error.message, span) from error


def category_of_column(column: Col, levels: tuple[Any, ...], columns: Columns, ordered: bool = False) -> Category:
    """The factor whose levels are values of a column."""
    return Category(levels_of(column, levels, columns.value_labels(column.name)), ordered, column)


def levels_of(expr: Expr, values: tuple[Any, ...], names: Mapping[Any, str] = NO_NAMES) -> tuple[Level, ...]:
    """The levels that the different values of `expr` are; some of these may have names."""
    spell = Labels.of(values, names)
    return tuple(Level(spell(value), value, Op("==", expr, Const(value))) for value in values)


def logical(condition: Expr) -> Category:
    """The factor FALSE, TRUE."""
    levels = (Level("FALSE", False, Apply("not", (condition,))), Level("TRUE", True, condition))
    return Category(levels, truth=condition)


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
    number = _number(left, node.left, columns)
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
        known = ", ".join(labels[:8]) + (" …" if len(labels) > 8 else "")
        raise SemanticError(
            f"`{deparse(side)}` has no level {text.value!r}{nearest(text.value, labels)} (its levels: {known})",
            text.span,
        )
    condition = factor.levels[labels.index(text.value)].indicator
    return condition if operator == "==" else Apply("not", (condition,))
