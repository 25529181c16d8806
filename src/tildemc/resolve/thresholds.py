"""`thres(n, gr = g)`: how many thresholds are stated, and which rows have some of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tildemc.errors import SemanticError
from tildemc.resolve.frame import as_float
from tildemc.resolve.lessons import extremes, values
from tildemc.resolve.meaning import arithmetic
from tildemc.resolve.values import Columns
from tildemc.span import Span
from tildemc.spec.expr import Col, Const, Expr, Op
from tildemc.spec.families import Family
from tildemc.spec.terms.factor import Factor
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["Sizes", "StatedThresholds", "sizes_of", "stated_thresholds"]

Sizes = tuple[Factor | None, tuple[int, ...]]
"""What rows are grouped by, and how many thresholds those of each level have; of all rows, if they are not."""

_TOLD = "`thres()` takes a number of thresholds, as in `thres(3)`, and what rows are grouped by, `thres(gr = item)`"


class _Schema(Columns, Protocol):
    def factor(self, columns: tuple[tree.Name, ...]) -> Factor: ...


@dataclass(frozen=True, slots=True)
class StatedThresholds:
    """What a text says of them.

    Attributes
    ----------
    number : Expr or None
        How many there are.
    group : Name or None
        The column by which rows have their own.
    span : Span or None
    """

    number: tree.Expr | None
    group: tree.Name | None
    span: Span | None

    def most(self, columns: Columns) -> int | None:
        """How many a row has at most, if that is stated."""
        if self.number is None:
            return None
        found = columns.learned(f"number of {deparse(self.number)}", arithmetic(self.number, columns), extremes(_both))
        return _count(found[1], self.span)


def stated_thresholds(modifiers: Sequence[tree.Modifier], family: Family) -> StatedThresholds | None:
    """What `thres()` says, if it stands there.

    Raises
    ------
    SemanticError
        If it says something else, or the family has no thresholds.
    """
    modifier = next((m for m in modifiers if m.function == "thres"), None)
    if modifier is None:
        return None
    if not any(parameter.size is not None for parameter in family.parameters):
        raise SemanticError(f"`thres()` goes with ordered categories, not with {family.name}", modifier.span)
    places, found = iter(("x", "gr")), dict[str, tree.Expr]()
    for argument in modifier.arguments:
        name = next(places, "") if argument.name is None else argument.name
        if name not in ("x", "gr") or name in found:
            raise SemanticError(_TOLD, modifier.span)
        found[name] = argument.value
    number, group = found.get("x"), found.get("gr")
    if not found or not isinstance(group, tree.Name | None) or (group is None and not isinstance(number, tree.Number)):
        raise SemanticError(_TOLD, modifier.span)
    return StatedThresholds(number, group, modifier.span)


def sizes_of(stated: StatedThresholds | None, response: tree.Expr, number: Expr, size: int, columns: _Schema) -> Sizes:
    """How many thresholds each row has.

    Parameters
    ----------
    stated : StatedThresholds or None
    response : Expr
    number : Expr
        The number of a row's category.
    size : int
        How many thresholds tell all categories apart.
    columns : Schema

    Raises
    ------
    SemanticError
        If a level of rows has other categories than its thresholds tell apart.
    """
    if stated is None or stated.group is None:
        return None, (size,)
    factor = columns.factor((stated.group,))
    return factor, tuple(_of_levels(stated, factor, deparse(response), number, columns))


def _of_levels(
    stated: StatedThresholds, factor: Factor, response: str, number: Expr, columns: Columns
) -> Iterator[int]:
    for level, (key,) in zip(factor.levels, factor.keys, strict=True):
        own = as_float(Op("==", Col(factor.columns[0]), Const(key)))
        where = f"`{factor.label}` is {level}"
        _, high = columns.learned(f"range of {response} where {where}", own * number, extremes(_both))
        count = int(high) - 1
        if stated.number is not None:
            text = deparse(stated.number)
            told = columns.learned(
                f"{text} where {where}", own * arithmetic(stated.number, columns), values(lambda found: found)
            )
            # Rows of other levels are zero here.
            numbers = [value for value in told if value != 0]
            if len(numbers) > 1:
                listed = ", ".join(f"{number:g}" for number in numbers[:4] if isinstance(number, int | float))
                raise SemanticError(f"`{text}` is one number for each level, and where {where} {listed}", stated.span)
            count = _count(numbers[0] if numbers else 0, stated.span)
        if count < 1:
            raise SemanticError(f"where {where} `{response}` has one category, and two are needed", stated.span)
        if high > count + 1:
            apart = f"{count} thresholds tell {count + 1} categories apart"
            raise SemanticError(f"`{response}` is up to {high:g} where {where}, and {apart}", stated.span)
        yield count


def _both(low: float, high: float) -> tuple[float, float]:
    return low, high


def _count(value: object, span: Span | None) -> int:
    """A number of thresholds."""
    if not isinstance(value, int | float) or value < 1 or value != int(value):
        raise SemanticError(f"a number of thresholds is 1, 2, …, not {value}", span)
    return int(value)
