"""What a variable of a formula may be for columns like these: numbers or a factor."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Protocol, assert_never

from tildemc.arrays import Floats, Label
from tildemc.errors import DataError, SemanticError, UnknownColumn, nearest
from tildemc.resolve.column import Categorical, Kind, Logical, Numeric
from tildemc.resolve.frame import as_float
from tildemc.resolve.lessons import Lesson
from tildemc.resolve.numerals import Tally, looks_meant, refuse_strays
from tildemc.resolve.undecided import unknown
from tildemc.span import Span
from tildemc.spec.columns import NO_NAMES, Labels, label_of
from tildemc.spec.expr import Apply, Col, Const, Expr, Op, Recode
from tildemc.spec.terms.product import Levels
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = [
    "NO_CODES",
    "Category",
    "Columns",
    "Level",
    "Quantity",
    "Reader",
    "Value",
    "category_of_column",
    "column_of",
    "lacking",
    "levels_of",
    "logical",
    "no_number",
    "number_of",
    "refuse_values_in_text",
    "there",
    "unknown_column",
]


@dataclass(frozen=True, slots=True)
class Quantity:
    """Numbers: one column, or several with a suffix to the label each; `coded` are those with codes for names.

    `factors` are what they indicate the levels of.
    """

    columns: tuple[Expr, ...]
    suffixes: tuple[str, ...] = ("",)
    coded: tuple[str, ...] = ()
    factors: tuple[Levels, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a factor: its name, its value in the data, and where a row has it."""

    label: str
    value: Label
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
    text : bool
        Whether it is text, of which numbers are what it spells and not codes.
    """

    levels: tuple[Level, ...]
    ordered: bool = False
    column: Col | None = None
    truth: Expr | None = None
    contrast: Floats | None = None
    contrast_names: tuple[str, ...] = ()
    text: bool = False

    def known(self, label: str) -> tuple[Levels, ...]:
        """What a row of new data may have."""
        return (Levels(label, tuple(level.label for level in self.levels), self.code((1.0,) * len(self.levels))),)

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


def there(value: Value) -> Expr:
    """Where a variable has a value."""
    if isinstance(value, Quantity):
        return Apply("notna", (value.columns[0],))
    if value.truth is not None:
        undecided = unknown(value.truth)
        return Const(True) if undecided is None else Apply("not", (undecided,))
    if value.column is None:
        return reduce(partial(Op, "|"), (level.indicator for level in value.levels))
    return Op(">", value.code((1.0,) * len(value.levels)), Const(0.0))


def lacking(value: Value) -> Expr:
    """Where it has none."""
    if isinstance(value, Quantity):
        return Apply("isna", (value.columns[0],))
    if value.column is not None:
        return Apply("isna", (value.column,))
    return Apply("not", (there(value),))


class Columns(Protocol):
    """What is known of the data's columns while a formula is read."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""

    @property
    def coded(self) -> bool:
        """Whether columns are taken as Stata takes them."""

    def value_labels(self, name: str) -> Mapping[Label, str]:
        """The names that the data give the values of a column; empty where they give none."""

    def kind(self, name: str) -> Kind:
        """What a column is."""

    def made(self, name: str) -> Value | None:
        """What a column is that the text makes; None if the data have it."""

    def tally(self, name: str) -> Tally:
        """How often each text stands in a column of text, whichever rows are in use."""

    def row(self, position: int) -> str:
        """What the row at a position is called in words."""

    def learned[P, T](self, key: str, expr: Expr, lesson: Lesson[P, T]) -> T:
        """What `lesson` makes of the values of `expr`; remembered by `key`, the text of the call."""


class Reader(Protocol):
    """Who reads the arguments of a function: they may call functions in turn."""

    @property
    def columns(self) -> Columns:
        """The columns to read against."""

    def meaning(self, expr: tree.Expr) -> Value:
        """What an expression means."""

    def as_given(self, expr: tree.Expr) -> Value:
        """What it means where the text asks for levels."""


def number_of(value: Value, expr: tree.Expr, columns: Columns) -> Expr:
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


_NUMBERS = {"units": 'MCMCglmm\'s `units` numbers the rows: give the data such a column, `d["units"] = range(len(d))`'}
"""Names that a package gives a meaning without a column."""


def unknown_column(name: str, names: Collection[str], span: Span | None) -> UnknownColumn:
    """That there is no such column, and what would work."""
    hint = f"; {_NUMBERS[name]}" if name in _NUMBERS else nearest(name, names)
    return UnknownColumn(f"no column `{name}` in the data{hint}", span)


def check_factors(names: Sequence[tree.Name], columns: Columns) -> None:
    """Refuse a number among columns whose contrasts a text chooses: R takes those of factors alone.

    Raises
    ------
    SemanticError
    """
    for name in names:
        if name.text in columns.names and isinstance(column_of(name.text, name.span, columns), Quantity):
            message = f"contrasts are of factors, and `{name.text}` is a number: where its values are levels, write "
            raise SemanticError(f"{message}`C(factor({name.text}), sum)` in the formula", name.span)


def column_of(name: str, span: Span | None, columns: Columns) -> Value:
    if name not in columns.names:
        raise unknown_column(name, columns.names, span)
    made = columns.made(name)
    if made is not None:
        return made
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
    if columns.made(name) is not None:
        return
    kind = columns.kind(name)
    if not isinstance(kind, Categorical) or kind.declared or not any(map(looks_meant, kind.levels)):
        return
    try:
        refuse_strays(name, columns.tally(name), columns.row)
    except DataError as error:
        raise DataError(error.message, span) from error


def category_of_column(column: Col, levels: tuple[Label, ...], columns: Columns, ordered: bool = False) -> Category:
    """The factor whose levels are values of a column."""
    return Category(levels_of(column, levels, columns.value_labels(column.name)), ordered, column)


def levels_of(expr: Expr, values: tuple[Label, ...], names: Mapping[Label, str] = NO_NAMES) -> tuple[Level, ...]:
    """The levels that the different values of `expr` are; some of these may have names."""
    spell = Labels.of(values, names)
    return tuple(Level(spell(value), value, Op("==", expr, Const(value))) for value in values)


def logical(condition: Expr) -> Category:
    """The factor FALSE, TRUE."""
    levels = (Level("FALSE", False, Apply("not", (condition,))), Level("TRUE", True, condition))
    return Category(levels, truth=condition)
