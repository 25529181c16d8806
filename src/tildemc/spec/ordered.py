"""Ordered: a column that a row does not have by itself, but by its place among others: a lag, a running sum, a number.

In its arithmetic stand, as functions of a formula's arithmetic do, the functions that `WAYS` names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tildemc.spec.expr import Expr, columns_of

__all__ = ["WAYS", "Ordered", "sources_of", "used_of"]

WAYS = ("lag", "at", "place", "rows", "cumsum", "carried")
"""`lag(x, k)`: x of k rows before. `at(x, k)`: x of the group's row k, from 1, or from -1 backwards. `place()`: which
row of its group a row is. `rows()`: how many there are. `cumsum(x)`: the sum so far. `carried(x)`: the last value that
was there."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A column made of other rows.

    Attributes
    ----------
    name : str
    value : Expr
        Arithmetic of columns, and of what `WAYS` says of them.
    by : tuple of str
        The columns whose combinations of values are the groups, within which rows are counted.
    order : tuple of Expr
        What rows go by: the data's own order decides among equal ones, and alone where there is none.
    unit : float or None
        If it is given, the last of `order` is a time, and `lag(x, k)` is x at the time of k units before, whichever
        rows are between; if there is no such row there is no value.
    rows : Expr or None
        Where it is true were the rows that it was made of; all if None.
    told : str
        In words.
    """

    name: str
    value: Expr
    by: tuple[str, ...] = ()
    order: tuple[Expr, ...] = ()
    unit: float | None = None
    rows: Expr | None = None
    told: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it is made of."""
        exprs = (self.value, *self.order)
        return tuple(dict.fromkeys((*(name for expr in exprs for name in columns_of(expr)), *self.by)))


def used_of(made: Sequence[Ordered], names: Iterable[str]) -> tuple[Ordered, ...]:
    """Those of `made`, in their order, that columns of these names are or are made of."""
    wanted = set(names)
    found: list[Ordered] = []
    for one in reversed(made):
        if one.name in wanted:
            found.append(one)
            wanted |= {*one.columns, *(() if one.rows is None else columns_of(one.rows))}
    return tuple(reversed(found))


def sources_of(made: Sequence[Ordered], names: Iterable[str]) -> tuple[str, ...]:
    """The data's own columns that columns of these names are, or are made of."""
    names = tuple(names)
    used = used_of(made, names)
    own = (*names, *(name for one in used for name in one.columns))
    return tuple(dict.fromkeys(name for name in own if name not in {one.name for one in used}))
