"""Which columns a term spans: R's coding rule, and the columns' labels.

The rule is `TermCode` of R's model.c: a variable is coded by contrasts in a term if an earlier term (or the empty
one) holds all of the term's other variables, else by one column a level. It looks at the text alone, so that R's
rank-deficient designs come out as R's. `model.matrix` then widens the first factor of a model without an intercept.
"""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.errors import SemanticError, Unvarying
from tildemc.model.expr import Expr, Op
from tildemc.model.spec import INTERCEPT_LABEL, INTERCEPT_TERM, Coding, Column, Term, columns_of_terms
from tildemc.resolve.algebra import Interaction, Terms
from tildemc.resolve.contrasts import contrast
from tildemc.resolve.values import Category, Columns, Quantity, Value, meaning, no_number
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["code_terms"]


def code_terms(terms: Terms, columns: Columns) -> tuple[Term, ...]:
    """The terms with their columns, in R's order; the intercept is not among them."""
    values = {
        deparse(variable): _value(variable, columns, terms)
        for interaction in terms.interactions
        for variable in interaction.variables
    }
    sets = [frozenset(deparse(v) for v in interaction.variables) for interaction in terms.interactions]
    full = _full_dummies(sets, terms, values)
    found = tuple(
        Term(
            interaction.label,
            tuple(
                _coding(variable, values[deparse(variable)], (number, deparse(variable)) in full)
                for variable in interaction.variables
            ),
        )
        for number, interaction in enumerate(terms.interactions)
    )
    _check_labels(found)
    return found


def _check_labels(terms: tuple[Term, ...]) -> None:
    """Refuse columns that nobody could tell apart: `ab`, and level `b` of `a`."""
    seen: set[str] = set()
    for column in columns_of_terms(terms):
        if column.label in seen:
            raise SemanticError(
                f"two columns of the design would be called `{column.label}`: rename a column of the data, or a level",
                column.span,
            )
        seen.add(column.label)


def _full_dummies(sets: Sequence[frozenset[str]], terms: Terms, values: dict[str, Value]) -> set[tuple[int, str]]:
    """The (term, variable) pairs that get one column for each level."""
    full = {
        (number, variable)
        for number, variables in enumerate(sets)
        for variable in variables
        if len(variables) > 1 and not any(variables - {variable} <= earlier for earlier in sets[:number])
    }
    if not terms.intercept:
        first = _first_factor(terms.interactions, values)
        if first is not None:
            full.add(first)
    return full


def _first_factor(interactions: Sequence[Interaction], values: dict[str, Value]) -> tuple[int, str] | None:
    for number, interaction in enumerate(interactions):
        for variable in interaction.variables:
            if isinstance(values[deparse(variable)], Category):
                return number, deparse(variable)
    return None


def _value(variable: tree.Expr, columns: Columns, terms: Terms) -> Value:
    is_one = variable == tree.Name(INTERCEPT_LABEL) and INTERCEPT_LABEL not in columns.names
    if is_one and not terms.intercept:
        # brms's `0 + Intercept + x`: the intercept as an ordinary coefficient.
        return Quantity((INTERCEPT_TERM.columns[0].value,))
    value = meaning(variable, columns)
    if columns.coded and isinstance(variable, tree.Name) and isinstance(value, Category) and value.truth is None:
        raise no_number(variable, columns)
    if isinstance(value, Category) and len(value.levels) < 2:
        only = f", {value.levels[0].label!r}" if value.levels else ""
        raise Unvarying(f"the factor `{deparse(variable)}` has only one level{only}", variable.span, "leave it out")
    return value


def _coding(variable: tree.Expr, value: Value, full: bool) -> Coding:
    """A variable's columns within a term."""
    name = deparse(variable)
    if isinstance(value, Quantity):
        codes = value.coded or value.suffixes
        return Coding(
            tuple(
                _column(name, suffix, code, column, variable)
                for suffix, code, column in zip(value.suffixes, codes, value.columns, strict=True)
            )
        )
    labels = tuple(level.label for level in value.levels)
    if full:
        return _indicators(variable, value, range(len(labels)))
    if value.contrast is None and not value.ordered:
        return _indicators(variable, value, range(1, len(labels)))
    matrix, suffixes = contrast("poly", labels) if value.contrast is None else (value.contrast, value.contrast_names)
    own = {level.label: level.code for level in value.levels}
    coded = (value.code(tuple(float(entry) for entry in matrix[:, j])) for j in range(len(suffixes)))
    return Coding(
        tuple(
            _column(name, suffix, own.get(suffix, suffix), column, variable)
            for suffix, column in zip(suffixes, coded, strict=True)
        )
    )


def _column(name: str, suffix: str, code: str, value: Expr, variable: tree.Expr) -> Column:
    return Column(name + suffix, value, variable.span, "" if code == suffix else name + code)


def _indicators(variable: tree.Expr, value: Category, chosen: Sequence[int]) -> Coding:
    name = deparse(variable)
    levels = [value.levels[k] for k in chosen]
    columns = tuple(_column(name, level.label, level.code, level.indicator, variable) for level in levels)
    plain = value.column is not None and all(isinstance(level.indicator, Op) for level in levels)
    if not plain or any(column.coded for column in columns):
        return Coding(columns)
    return Coding(columns, value.column, tuple(level.value for level in value.levels), name)
