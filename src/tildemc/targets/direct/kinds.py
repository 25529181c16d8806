"""Kinds of rows: those whose density is one expression, once what the data decide of it is decided.

A density that says one thing of some rows and another of others (`where`, or terms that count in some rows alone) would
have every row work out all of it. Here rows of a kind stand together, and each kind has a row function of what its own
rows need: what is chosen is chosen when a model is packed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tildemc.arrays import Floats, Integers, Mask
from tildemc.spec.derivative import depends
from tildemc.spec.expr import Apply, Const, Expr, Op, Var, substitute, walk
from tildemc.targets.direct.rows import Rows, rows_from

__all__ = ["Kind", "kinds_of"]

MOST = 12
"""So many kinds at most: each takes a moment of compiling. Of more, all rows have one function."""

ZERO = Const(0.0)
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True, eq=False)
class Kind:
    """Rows of one kind.

    Attributes
    ----------
    rows : Rows
        Their density; its parameters have names by their places, so that kinds that differ in these are one function.
    parameters : tuple of str
        What a model calls them.
    members : (k,)
        Which rows they are.
    """

    rows: Rows
    parameters: tuple[str, ...]
    members: Integers


def kinds_of(rows: Rows, given: Floats) -> list[Kind]:
    """The kinds of rows, in the order in which they are to stand.

    Parameters
    ----------
    rows : Rows
        Of all of them.
    given : (columns, n)
        What the density is given of each.
    """
    n = given.shape[1]
    names = [*dict.fromkeys(_choices(rows))]
    truths = np.array([given[int(name.removeprefix("given "))] != 0 for name in names]).reshape(len(names), n)
    patterns, kind = np.unique(truths, axis=1, return_inverse=True)
    if not names or patterns.shape[1] > MOST:
        return [_kind(rows.value, rows, np.arange(n))]
    kind = kind.reshape(-1)
    found: dict[Expr, list[int]] = {}
    ones = frozenset(f"given {k}" for k, expr in enumerate(rows.given) if _is_truth(expr))
    for k, pattern in enumerate(patterns.T):
        value = _decided(rows.value, dict(zip(names, pattern, strict=True)), ones)
        found.setdefault(value, []).append(k)
    # What tells rows apart may make no difference to their density.
    return [_kind(value, rows, np.flatnonzero(np.isin(kind, own))) for value, own in found.items()]


def _choices(rows: Rows) -> Iterator[str]:
    """What decides which part of the density a row has: the names of columns that it is given."""
    for part in walk(rows.value):
        match part:
            case Apply("where", (Var(name), *_)) if name.startswith("given "):
                yield name
            case Apply("times", (Var(name), _)) if name.startswith("given "):
                if _is_truth(rows.given[int(name.removeprefix("given "))]):
                    yield name
            case _:
                pass


def _is_truth(expr: Expr) -> bool:
    """Whether it is 1 where something holds, and else 0."""
    match expr:
        case Op("*", left, right):
            return _is_truth(left) and _is_truth(right)
        case Op(symbol):
            return symbol in _COMPARISONS
        case Apply(function):
            return function == "less"
        case _:
            return False


def _decided(expr: Expr, truth: Mapping[str, Mask], ones: frozenset[str]) -> Expr:
    """The density where these columns are zero or not; those among `ones` are 1 then."""
    match expr:
        case Apply("where", (Var(name), yes, no)) if name in truth:
            return _decided(yes if truth[name] else no, truth, ones)
        case Apply("times", (Var(name), inner)) if name in truth and not truth[name]:
            return ZERO
        case Apply("times", (Var(name), inner)) if name in truth and name in ones:
            return _decided(inner, truth, ones)
        case Op(symbol, left, right):
            return _without_zeros(symbol, _decided(left, truth, ones), _decided(right, truth, ones))
        case Apply(function, arguments):
            return Apply(function, tuple(_decided(argument, truth, ones) for argument in arguments))
        case _:
            return expr


def _without_zeros(symbol: str, left: Expr, right: Expr) -> Expr:
    match symbol:
        case "+" if left == ZERO:
            return right
        case "+" | "-" if right == ZERO:
            return left
        case "-" if left == ZERO:
            return -right
        case "*" if ZERO in (left, right):
            return ZERO
        case _:
            return Op(symbol, left, right)


def _kind(value: Expr, rows: Rows, members: Integers) -> Kind:
    """Rows of a density in the parameters and the columns that all rows are given."""
    parameters = tuple(name for name in rows.parameters if depends(value, frozenset({name})))
    places: dict[Expr, Expr] = {Var(name): Var(f"parameter {k}") for k, name in enumerate(parameters)}
    columns: dict[Expr, Expr] = {Var(f"given {k}"): expr for k, expr in enumerate(rows.given)}
    own = substitute(substitute(value, places), columns)
    return Kind(rows_from(own, tuple(f"parameter {k}" for k in range(len(parameters)))), parameters, members)
