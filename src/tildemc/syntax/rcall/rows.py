"""`subset =` of R calls in, a condition or numbers of rows out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from tildemc.errors import SemanticError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rcall.picked import condition_of
from tildemc.syntax.steps import RowNumbers
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Number, Parens, Tilde, Unary

__all__ = ["read_rows", "row_numbers"]

Ranges = list[tuple[int, int]]


def read_rows(given: Mapping[str, Expr]) -> tuple[Expr | None, RowNumbers | None]:
    """The rows that a call uses: those where something is true, or those of some numbers, as R reads numbers.

    Parameters
    ----------
    given : mapping
        The call's arguments by name.

    Raises
    ------
    SemanticError, UnsupportedError
        With the place in the text.
    """
    rows, pattern = (given.get(name, Constant(None)) for name in ("subset", "naPattern"))
    if isinstance(pattern, Tilde):
        # nlme's formula of the rows whose response counts.
        seen = condition_of(pattern.right)
        rows = seen if rows == Constant(None) else Binary("&", Parens(rows), Parens(seen), seen.span)
    if rows == Constant(None):
        return None, None
    rows = condition_of(rows)
    numbers = row_numbers(rows)
    return (rows, None) if numbers is None else (None, numbers)


def row_numbers(expr: Expr) -> RowNumbers | None:
    """`-43`, `c(1, 5:9)`: R leaves out what is negative; None for what is no list of numbers."""
    ranges = _ranges(expr)
    if ranges is None:
        return None
    below = [first < 0 or last < 0 for first, last in ranges]
    if any(below) and any(first > 0 or last > 0 for first, last in ranges):
        raise SemanticError("numbers of rows are all above zero, or all below, which leaves them out", expr.span)
    # R skips a 0.
    sizes = [sorted(map(abs, ends)) for ends in ranges]
    found = sorted((max(1, low), high) for low, high in sizes if high)
    if not any(below):
        _refuse_twice(found, expr.span)
    return RowNumbers(tuple(found), any(below), expr.span)


def _refuse_twice(ranges: Ranges, span: Span | None) -> None:
    for (_, last), (first, _) in pairwise(ranges):
        if first <= last:
            raise UnsupportedError(f"row {first} stands twice; frequency weights count a row more than once", span)


def _ranges(expr: Expr) -> Ranges | None:
    """The first and last number of each part."""
    match unparenthesised(expr):
        case Number(value, span):
            return [(_whole(value, span),) * 2]
        case Unary("-", operand):
            inner = _ranges(operand)
            return None if inner is None else [(-first, -last) for first, last in inner]
        case Binary(":", left, right):
            match _ranges(left), _ranges(right):
                case [(first, _)], [(last, _)]:
                    return [(first, last)]
                case _:
                    pass
            return None
        case Call("c", arguments) if arguments:
            parts = [_ranges(argument.value) for argument in arguments]
            return None if None in parts else [ends for part in parts for ends in part or []]
        case Call("seq_len", (Argument(Number(value, span), _),)):
            return [(1, _whole(value, span))]
        case Call("seq", (Argument(Number(first, span)), Argument(Number(last)), Argument(Number(step)))) if step > 0:
            start, stop, by = (_whole(number, span) for number in (first, last, step))
            return [(place, place) for place in range(start, stop + 1, by)]
        case _:
            return None


def _whole(value: float, span: Span | None) -> int:
    if value != int(value):
        raise SemanticError("the number of a row is a whole number", span)
    return int(value)
