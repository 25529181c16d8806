"""Products of variables and their columns: what R's model matrices are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from tildemc.arrays import Label
from tildemc.span import Span, span_field
from tildemc.spec.expr import Col, Const, Expr
from tildemc.spec.terms.view import TermKind

__all__ = ["INTERCEPT_LABEL", "ONE", "Coding", "Column", "Levels", "Product", "columns_of"]

INTERCEPT_LABEL = "Intercept"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a design.

    Attributes
    ----------
    label : str
        R's.
    value : Expr
        Its value for a row of the data.
    span : Span or None
        Its place in the text.
    coded : str
        Where the data give values names, the label with the values themselves: what Stata's `2.region` addresses.
    """

    label: str
    value: Expr
    span: Span | None = span_field()
    coded: str = field(default="", compare=False, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """What a prior may call it: its label, or the same with the codes that the label names."""
        return (self.label, self.coded) if self.coded else (self.label,)


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of a variable, which new data may not go beyond.

    Attributes
    ----------
    label : str
        The variable as written.
    names : tuple of str
    has_one : Expr
        True, or a number above zero, where a row has one of them.
    """

    label: str
    names: tuple[str, ...]
    has_one: Expr


@dataclass(frozen=True, slots=True)
class Coding:
    """The columns that one variable contributes to a product.

    Where all they do is to indicate the levels of the column `indicated` (without the first, or all), `levels` are
    those levels' values and `prefix` is what stands before them in the labels: several hundred can then be written
    as one loop. `factors` are the factors among the variable's parts.
    """

    columns: tuple[Column, ...]
    indicated: Col | None = None
    levels: tuple[Label, ...] = ()
    prefix: str = ""
    factors: tuple[Levels, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Product:
    """A product of variables; its columns are the products of theirs, the first varying fastest.

    `kind` is that of the term whose unpenalised columns they are.
    """

    label: str
    codings: tuple[Coding, ...]
    kind: TermKind = "population"

    @property
    def constant(self) -> bool:
        """Whether it is of no variable: a column of ones, which may have been weighted."""
        return self.label == _ONE

    @property
    def columns(self) -> tuple[Column, ...]:
        """Labelled as R's model.matrix labels them."""
        columns: tuple[Column, ...] = (Column("", Const(1.0)),)
        for coding in self.codings:
            columns = tuple(_product(left, right) for right in coding.columns for left in columns)
        return columns


def _product(left: Column, right: Column) -> Column:
    if not left.label:
        return right
    span = left.span.join(right.span) if left.span is not None else right.span
    coded = f"{left.coded or left.label}:{right.coded or right.label}" if left.coded or right.coded else ""
    return Column(f"{left.label}:{right.label}", left.value * right.value, span, coded)


_ONE = "1"
ONE = Product(_ONE, (Coding((Column(INTERCEPT_LABEL, Const(1.0)),)),))
"""The product of nothing: a column of ones."""


def columns_of(products: tuple[Product, ...]) -> tuple[Column, ...]:
    """The columns of all products in order."""
    return tuple(column for product in products for column in product.columns)
