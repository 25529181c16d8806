"""An argument as a factor, and a factor with other names for its levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial, reduce

from tildemc.arrays import Label
from tildemc.errors import DataError, SemanticError
from tildemc.limits import allowed, too_many
from tildemc.resolve.arguments import Arguments
from tildemc.resolve.lessons import values
from tildemc.resolve.values import Category, Level, category_of_column, levels_of
from tildemc.spec.columns import label_of, own_types
from tildemc.spec.expr import Apply, Col, Const, Expr, Op
from tildemc.syntax.tree import deparse

__all__ = ["as_text", "category_of", "factor_of_numbers", "number_by_level", "relabelled"]


def category_of(a: Arguments, name: str) -> Category:
    """An argument as a factor: of numbers, the different ones are its levels."""
    value = a.as_given(name)
    return value if isinstance(value, Category) else factor_of_numbers(a, name)


def factor_of_numbers(a: Arguments, name: str) -> Category:
    """The factor whose levels are the different values of an argument.

    Raises
    ------
    DataError, SemanticError
        If float64 does not tell its values apart, or there are too many.
    """
    x, written = a.number(name), a.given[name]
    try:
        distinct = a.columns.learned(f"factor({deparse(written)})", x, values(own_types))
    except DataError as error:
        raise DataError(error.message, a.call.span) from error
    if len(distinct) > allowed().columns:
        raise SemanticError(too_many(f"as a factor, `{deparse(written)}`", "columns", len(distinct)), a.call.span)
    if a.columns.coded:
        _check_codes(distinct, a, name)
    return category_of_column(x, distinct, a.columns) if isinstance(x, Col) else Category(levels_of(x, distinct))


def _check_codes(distinct: tuple[Label, ...], a: Arguments, argument: str) -> None:
    """Refuse what Stata refuses as a factor variable."""
    wrong = [value for value in distinct if isinstance(value, str) or value < 0 or value % 1 != 0]
    if wrong:
        written = a.given[argument]
        name = deparse(written)
        message = f"a factor variable of Stata's holds whole numbers from 0 up, `{name}` holds {label_of(wrong[0])} too"
        raise SemanticError(f"{message}; write `c.{name}`", written.span or a.call.span)


def relabelled(category: Category, labels: Sequence[str | None], order: Sequence[str] = ()) -> Category:
    """The factor whose levels have these names: those of one name become one, those without a name none.

    Parameters
    ----------
    category : Category
    labels : sequence of str or None
        Of each of its levels.
    order : sequence of str
        The names of the new levels; by default in the order of the old.
    """
    names = [*(order or dict.fromkeys(label for label in labels if label is not None))]
    if len(names) == len(labels):
        own = dict(zip(labels, category.levels, strict=True))
        same = all(level.label == name for name, level in own.items())
        levels = tuple(own[name] if same else replace(own[name], label=name, value=name) for name in names)
        return Category(levels, category.ordered, category.column if same else None)
    number = {name: float(k) for k, name in enumerate(names, start=1)}
    code = category.code(tuple(0.0 if label is None else number[label] for label in labels))
    levels = tuple(Level(name, name, Op("==", code, Const(number[name]))) for name in names)
    return Category(levels, category.ordered)


def number_by_level(category: Category, numbers: Sequence[float]) -> Expr:
    """A number for each level, which may be no number; rows without a level have none."""
    if category.column is not None:
        return category.code(tuple(numbers))
    known = reduce(
        partial(Op, "|"),
        [Const(False), *(level.indicator for level, n in zip(category.levels, numbers, strict=True) if n == n)],
    )
    total = category.code(tuple(number if number == number else 0.0 for number in numbers))
    return Apply("where", (known, total, Const(float("nan"))))


def as_text(category: Category, labels: Sequence[str]) -> Category:
    """Text that goes by the levels: R makes a factor of it whose levels are in the order of their names."""
    return replace(relabelled(category, labels, sorted(set(labels))), ordered=False, text=True)
