"""Which columns a term spans, by R's coding rule, and the columns' labels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import prod

from tildemc.errors import SemanticError, Unvarying
from tildemc.limits import allowed, too_many
from tildemc.resolve.algebra import Terms
from tildemc.resolve.contrasts import contrast
from tildemc.resolve.meaning import meaning
from tildemc.resolve.values import Category, Columns, Quantity, Value, no_number
from tildemc.spec.expr import Expr, Op
from tildemc.spec.terms.product import INTERCEPT_LABEL, ONE, Coding, Column, Product, columns_of
from tildemc.syntax import tree
from tildemc.syntax.rcoding import full_factors
from tildemc.syntax.tree import deparse

__all__ = ["code_terms"]


def code_terms(terms: Terms, columns: Columns) -> tuple[Product, ...]:
    """The terms with their columns, in R's order; the intercept is not among them."""
    variables = {
        name: variable
        for interaction in terms.interactions
        for name, variable in zip(interaction.names, interaction.variables, strict=True)
    }
    values = {name: _value(variable, columns, terms) for name, variable in variables.items()}
    texts = [[(name, isinstance(values[name], Category)) for name in i.names] for i in terms.interactions]

    @cache
    def coding(name: str, wide: bool) -> Coding:
        return _coding(name, variables[name], values[name], wide)

    found: list[Product] = []
    wide = full_factors(texts, intercept=terms.intercept or not terms.cell_means)
    for interaction, full in zip(terms.interactions, wide, strict=True):
        codings = tuple(coding(name, position in full) for position, name in enumerate(interaction.names))
        found.append(Product(interaction.label, codings))
    _check_size(found, terms)
    _check_labels(found)
    return tuple(found)


def _check_labels(terms: Sequence[Product]) -> None:
    """Refuse columns that nobody could tell apart: `ab`, and level `b` of `a`."""
    seen: set[str] = set()
    for column in columns_of(tuple(terms)):
        if column.label in seen:
            raise SemanticError(
                f"two columns of the design would be called `{column.label}`: rename a column of the data, or a level",
                column.span,
            )
        seen.add(column.label)


def _check_size(terms: Sequence[Product], written: Terms) -> None:
    """Refuse more columns than are allowed, or longer labels, before any product of columns is made."""
    columns = letters = 0
    for term, interaction in zip(terms, written.interactions, strict=True):
        widths = [len(coding.columns) for coding in term.codings]
        width = prod(widths)
        columns += width
        for coding in term.codings:
            letters += sum(len(column.label) + 1 for column in coding.columns) * (width // max(1, len(coding.columns)))
        for name, count in (("columns", columns), ("letters", letters)):
            if count > getattr(allowed(), name):
                what = "the design up to this term" if name == "columns" else "the labels up to this term,"
                raise SemanticError(too_many(what, name, count), interaction.variables[0].span)


def _value(variable: tree.Expr, columns: Columns, terms: Terms) -> Value:
    is_one = variable == tree.Name(INTERCEPT_LABEL) and INTERCEPT_LABEL not in columns.names
    if is_one and not terms.intercept:
        # brms's `0 + Intercept + x`: the intercept as an ordinary coefficient.
        return Quantity((ONE.columns[0].value,))
    value = meaning(variable, columns)
    if columns.coded and isinstance(variable, tree.Name) and isinstance(value, Category) and value.truth is None:
        raise no_number(variable, columns)
    if isinstance(value, Category) and len(value.levels) < 2:
        only = f", {value.levels[0].label!r}" if value.levels else ""
        raise Unvarying(f"the factor `{deparse(variable)}` has only one level{only}", variable.span, "leave it out")
    return value


def _coding(name: str, variable: tree.Expr, value: Value, full: bool) -> Coding:
    """A variable's columns within a term."""
    if isinstance(value, Quantity):
        codes = value.coded or value.suffixes
        return Coding(
            tuple(
                _column(name, suffix, code, column, variable)
                for suffix, code, column in zip(value.suffixes, codes, value.columns, strict=True)
            ),
            factors=value.factors,
        )
    labels = tuple(level.label for level in value.levels)
    if full:
        return _indicators(name, variable, value, range(len(labels)))
    if value.contrast is None and not value.ordered:
        return _indicators(name, variable, value, range(1, len(labels)))
    matrix, suffixes = contrast("poly", labels) if value.contrast is None else (value.contrast, value.contrast_names)
    own = {level.label: level.code for level in value.levels}
    coded = (value.code(tuple(float(entry) for entry in matrix[:, j])) for j in range(len(suffixes)))
    return Coding(
        tuple(
            _column(name, suffix, own.get(suffix, suffix), column, variable)
            for suffix, column in zip(suffixes, coded, strict=True)
        ),
        factors=value.known(name),
    )


def _column(name: str, suffix: str, code: str, value: Expr, variable: tree.Expr) -> Column:
    return Column(name + suffix, value, variable.span, "" if code == suffix else name + code)


def _indicators(name: str, variable: tree.Expr, value: Category, chosen: Sequence[int]) -> Coding:
    levels = [value.levels[k] for k in chosen]
    columns = tuple(_column(name, level.label, level.code, level.indicator, variable) for level in levels)
    plain = value.column is not None and all(isinstance(level.indicator, Op) for level in levels)
    if not plain or any(column.coded for column in columns):
        return Coding(columns, factors=value.known(name))
    return Coding(columns, value.column, tuple(level.value for level in value.levels), name, value.known(name))
