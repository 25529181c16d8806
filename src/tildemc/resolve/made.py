"""Made: a column that a script makes of others before its model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tildemc.resolve.column import Categorical, Kind, Logical, Numeric
from tildemc.resolve.values import Category, Value, there
from tildemc.spec.columns import label_of
from tildemc.spec.expr import Expr, columns_of
from tildemc.syntax import tree

__all__ = ["NOTHING_MADE", "Made", "labels_of", "read_by"]


@dataclass(frozen=True)
class Made:
    """What a column means that is made of others.

    Attributes
    ----------
    value : Value
        Arithmetic of the data's own columns.
    labels : tuple of Name or None
        The data's own columns whose labels it has, so that it can group rows; None if it is computed.
    """

    value: Value
    labels: tuple[tree.Name, ...] | None

    @property
    def kind(self) -> Kind:
        """What the column is."""
        if not isinstance(self.value, Category):
            return Numeric()
        if self.value.truth is not None:
            return Logical()
        return Categorical(tuple(level.label for level in self.value.levels), self.value.ordered, declared=True)

    @property
    def there(self) -> Expr:
        """Where it has a value."""
        return there(self.value)

    @property
    def columns(self) -> tuple[str, ...]:
        """The data's own columns that it is made of."""
        return read_by(self.value)


NOTHING_MADE: Mapping[str, Made] = {}

_SAME_LABELS = {"as.factor", "factor", "as.character", "as_factor", "droplevels", "fct_drop", "ordered", "relevel"}
_COMBINED = {"interaction", "paste", "paste0"}


def labels_of(expr: tree.Expr, value: Value, made: Mapping[str, Made]) -> tuple[tree.Name, ...] | None:
    """The data's own columns whose labels an expression has, if it tells rows apart as they do."""
    match expr:
        case tree.Name(text):
            return made[text].labels if text in made else (expr,)
        case tree.Parens(inner):
            return labels_of(inner, value, made)
        case tree.Call(function, (tree.Argument(inner, None | "x"), *_)) if function in _SAME_LABELS:
            same = isinstance(value, Category) and all(level.label == label_of(level.value) for level in value.levels)
            return labels_of(inner, value, made) if same else None
        case tree.Call(function, arguments) if function in _COMBINED:
            parts = [labels_of(argument.value, value, made) for argument in arguments if argument.name is None]
            return None if None in parts else tuple(name for part in parts for name in part or ())
        case _:
            return None


def read_by(value: Value) -> tuple[str, ...]:
    """The data's own columns that a value is made of."""
    return tuple(dict.fromkeys(name for expr in _exprs(value) for name in columns_of(expr)))


def _exprs(value: Value) -> tuple[Expr, ...]:
    """The arithmetic of a value."""
    if isinstance(value, Category):
        if value.column is not None:
            return (value.column,)
        return (value.truth,) if value.truth is not None else tuple(level.indicator for level in value.levels)
    return value.columns
