"""What columns of new data must hold, by what a model computes from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tildemc.arrays import Label
from tildemc.spec.columns import Content
from tildemc.spec.expr import Apply, Col, Const, Expr, Op, Recode, inside, walk
from tildemc.spec.terms.factor import Factor

__all__ = ["HELD", "uses"]

HELD: Mapping[Content, str] = {
    "number": "numbers", "truth": "truth values", "text": "text", "mixed": "numbers and text",
}  # fmt: skip
_Contents = tuple[Content, ...]
_NUMBERS: _Contents = ("number",)
_TRUTH: _Contents = ("truth",)


def uses(exprs: Sequence[Expr], factors: Iterable[Factor]) -> Iterator[tuple[str, _Contents]]:
    """What each column holds where it stands, by what is computed from it."""
    truths = {name for expr in exprs for part in walk(expr) for name in _truths(part)}
    for expr in exprs:
        if isinstance(expr, Col):
            yield expr.name, _TRUTH if expr.name in truths else _NUMBERS
        for part in walk(expr):
            match part:
                case Recode(Col(name), mapping):
                    yield name, _labels(value for value, _ in mapping)
                case Op("==", Col(name), Const(value)):
                    yield name, _labels([value])
                case Apply("isna" | "notna"):
                    pass
                case _:
                    # A truth value counts 0 and 1 in a product of columns.
                    columns = (side.name for side in inside(part) if isinstance(side, Col))
                    yield from ((name, _TRUTH if name in truths else _NUMBERS) for name in columns)
    for factor in factors:
        for j, name in enumerate(factor.columns):
            yield name, _labels(key[j] for key in factor.keys)


def _truths(part: Expr) -> Iterator[str]:
    """The columns that can be nothing but truth values where they stand."""
    match part:
        case Apply("float" | "not", (Col(name),)):
            yield name
        case Op("&" | "|"):
            yield from (side.name for side in inside(part) if isinstance(side, Col))
        case _:
            pass


def _labels(values: Iterable[Label]) -> _Contents:
    """What a column holds that has such labels."""
    kinds = {bool if isinstance(value, bool) else str if isinstance(value, str) else float for value in values}
    if len(kinds) > 1:
        return "mixed", "text", "number"
    return _TRUTH if bool in kinds else ("text",) if str in kinds else _NUMBERS
