"""The arithmetic that models contain: printed in Python or LaTeX, evaluated by NumPy, built by PyTensor.

`Col` is a column of the data, `Var` a parameter or another named quantity of the model.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import EllipsisType
from typing import Any, assert_never

from tildemc.arrays import Label
from tildemc.spec.bases import Basis
from tildemc.trees import Node, fold

__all__ = [
    "OPERATORS",
    "Apply",
    "BasisValue",
    "Col",
    "Computes",
    "Const",
    "Expr",
    "Index",
    "Op",
    "Recode",
    "Var",
    "as_expr",
    "chain",
    "columns_of",
    "evaluate",
    "infix",
    "inside",
    "operand",
    "substitute",
    "walk",
    "without_ones",
]


class _Arithmetic(Node):
    """Python's operators, so that formulas in this package read like formulas."""

    __slots__ = ()

    def __add__(self, other: Expr | float) -> Expr:
        return Op("+", self, as_expr(other))  # type: ignore[arg-type]

    def __sub__(self, other: Expr | float) -> Expr:
        return Op("-", self, as_expr(other))  # type: ignore[arg-type]

    def __mul__(self, other: Expr | float) -> Expr:
        return Op("*", self, as_expr(other))  # type: ignore[arg-type]

    def __truediv__(self, other: Expr | float) -> Expr:
        return Op("/", self, as_expr(other))  # type: ignore[arg-type]

    def __pow__(self, other: Expr | float) -> Expr:
        return Op("**", self, as_expr(other))  # type: ignore[arg-type]

    def __matmul__(self, other: Expr) -> Expr:
        return Op("@", self, other)  # type: ignore[arg-type]

    def __radd__(self, other: float) -> Expr:
        return Op("+", as_expr(other), self)  # type: ignore[arg-type]

    def __rsub__(self, other: float) -> Expr:
        return Op("-", as_expr(other), self)  # type: ignore[arg-type]

    def __rmul__(self, other: float) -> Expr:
        return Op("*", as_expr(other), self)  # type: ignore[arg-type]

    def __rtruediv__(self, other: float) -> Expr:
        return Op("/", as_expr(other), self)  # type: ignore[arg-type]

    def __neg__(self) -> Expr:
        return Apply("neg", (self,))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Const(_Arithmetic):
    """A number, or a label in a comparison."""

    value: float | int | str | bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Col(_Arithmetic):
    """A column of the data."""

    name: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Var(_Arithmetic):
    """A quantity of the model: a parameter, a linear predictor, a statistic."""

    name: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Op(_Arithmetic):
    """`left operator right`, with Python's operators."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Apply(_Arithmetic):
    """`function(arguments)`, the function one of a closed set."""

    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Recode(_Arithmetic):
    """A number for each value of a column: a contrast, the codes of a factor."""

    column: Expr
    mapping: tuple[tuple[Label, float], ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BasisValue(_Arithmetic):
    """A function that was learned of the data, at some inputs: the only one of its basis."""

    basis: Basis
    inputs: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Index(_Arithmetic):
    """`base[keys]`; a key is an expression, a position, None for a new axis, or `...` for the axes in between."""

    base: Expr
    keys: tuple[Expr | int | slice | EllipsisType | None, ...]


Expr = Const | Col | Var | Op | Apply | Recode | BasisValue | Index


def as_expr(value: Expr | float | int | str | bool) -> Expr:
    """`value` itself, or as a constant."""
    return value if isinstance(value, _Arithmetic) else Const(value)


def inside(expr: Expr) -> Sequence[Expr]:
    """The expressions directly inside `expr`."""
    match expr:
        case Op(_, left, right):
            return (left, right)
        case Apply(_, arguments):
            return arguments
        case Recode(column):
            return (column,)
        case BasisValue(_, inputs):
            return inputs
        case Index(base, keys):
            return (base, *(key for key in keys if isinstance(key, _Arithmetic)))
        case Const() | Col() | Var():
            return ()
        case never:
            assert_never(never)


def walk(expr: Expr) -> Iterator[Expr]:
    """`expr` and everything inside it, from left to right."""
    todo = [expr]
    while todo:
        part = todo.pop()
        yield part
        todo += reversed(inside(part))


def columns_of(expr: Expr) -> tuple[str, ...]:
    """The data's columns that `expr` reads, in order of appearance."""
    return tuple(dict.fromkeys(part.name for part in walk(expr) if isinstance(part, Col)))


def substitute(expr: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """`expr` with every part that is a key of `values`, the outermost first, replaced by what stands there."""
    if expr in values:
        return values[expr]
    parts = inside(expr)
    changed = [substitute(part, values) for part in parts]
    # What does not change is the same node still.
    if all(one is other for one, other in zip(parts, changed, strict=True)):
        return expr
    match expr:
        case Op(symbol):
            return Op(symbol, *changed)
        case Apply(function):
            return Apply(function, tuple(changed))
        case Recode(_, mapping):
            return Recode(changed[0], mapping)
        case BasisValue(basis):
            return BasisValue(basis, tuple(changed))
        case Index(_, keys):
            base, *given = changed
            return Index(base, tuple(given.pop(0) if isinstance(key, _Arithmetic) else key for key in keys))
        case _:
            return expr


def without_ones(expr: Expr) -> Expr:
    """`expr` without the factors that are one."""
    match expr:
        case Op("*", Const(value), right) if value == 1:
            return without_ones(right)
        case Op("*", left, Const(value)) if value == 1:
            return without_ones(left)
        case Op(symbol, left, right):
            return Op(symbol, without_ones(left), without_ones(right))
        case Apply(function, arguments):
            return Apply(function, tuple(map(without_ones, arguments)))
        case _:
            return expr


Computes = Callable[..., Any]
"""Of numbers, arrays, or what a graph is made of: whatever an expression is worked out with."""

OPERATORS: dict[str, Computes] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "//": operator.floordiv,
    "%": operator.mod,
    "@": operator.matmul,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "&": operator.and_,
    "|": operator.or_,
}


def evaluate[T](expr: Expr, names: Callable[[Var | Col], T], functions: Mapping[str, Computes]) -> T:
    """The value of `expr`.

    Parameters
    ----------
    expr : Expr
    names : callable
        The value of a `Var` or a `Col`.
    functions : mapping
        The functions that `Apply` may name; `recode` evaluates a `Recode`.
    """
    found: T = fold(expr, inside, lambda part, values: value_of(part, values, names, functions))
    return found


def value_of(
    part: Expr,
    values: Sequence[Any],
    names: Callable[[Var | Col], object],
    functions: Mapping[str, Computes],
) -> Any:
    """The value of `part`, given those of the expressions directly inside it; as `evaluate` otherwise."""
    match part:
        case Const(constant):
            return constant
        case Var() | Col():
            return names(part)
        case Op(symbol):
            return OPERATORS[symbol](*values)
        case Apply(function):
            return functions[function](*values)
        case Recode(_, mapping):
            return functions["recode"](values[0], mapping)
        case BasisValue(basis):
            return functions["basis"](basis, *values)
        case Index(_, keys):
            base, *given = values
            index = tuple(given.pop(0) if isinstance(key, _Arithmetic) else key for key in keys)
            return base[index if len(index) > 1 else index[0]]
        case never:
            assert_never(never)


_STRENGTH = {
    "|": 1, "&": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "//": 5, "%": 5, "@": 5, "**": 7,
}  # fmt: skip
# Python binds `&` and `|` tighter than comparisons, unlike the order above: those operands always get parentheses.
_LOGICAL = {"&", "|"}
_NEGATION, _ATOM = 6, 9
_SIMPLE = re.compile(r"-?[\w.]+")


def chain(expr: Expr) -> list[tuple[str, Expr]]:
    """The operands of a sum or of a product, each with the operator before it."""
    parts: list[tuple[str, Expr]] = []
    top = expr.operator if isinstance(expr, Op) else ""
    while isinstance(expr, Op) and top in _CHAINS and expr.operator in _CHAINS[top]:
        parts.append((expr.operator, expr.right))
        expr = expr.left
    return [("", expr), *reversed(parts)]


def operand(operator_before: str) -> int:
    """How strongly an operator binds what stands behind it."""
    return _STRENGTH[operator_before] + 1 if operator_before else 0


_CHAINS = {symbol: same for same in ({"+", "-"}, {"*", "/"}) for symbol in same}


def infix(
    expr: Expr,
    leaf: Callable[[Expr], str] | None = None,
    call: Callable[[str, tuple[str, ...]], str] | None = None,
    within: int = 0,
) -> str:
    """`expr` as Python text with no more parentheses than it needs.

    Parameters
    ----------
    expr : Expr
    leaf : callable, optional
        The text of a `Const`, `Col`, `Var` or `Recode`; by default its plain name or value.
    call : callable, optional
        The text of a function applied to arguments that are already text; by default `f(a, b)`.
    within : int
        How strongly an operator around the text would bind.
    """
    leaf = leaf or _plain_leaf
    call = call or (lambda function, arguments: f"{function}({', '.join(arguments)})")
    return _bound(fold(expr, inside, lambda part, texts: _text(part, texts, leaf, call)), within)


_Text = tuple[str, int]
"""A text, and how strongly its outermost operator binds."""


def _text(
    part: Expr,
    texts: Sequence[_Text],
    leaf: Callable[[Expr], str],
    call: Callable[[str, tuple[str, ...]], str],
) -> _Text:
    """The text of `part`, given those of the expressions directly inside it."""
    match part:
        case Op(symbol, left):
            own = _STRENGTH[symbol]
            outer_left, outer_right = (own + 1, own) if symbol == "**" else (own, own + 1)
            if symbol in _LOGICAL:
                same = isinstance(left, Op) and left.operator == symbol
                outer_left, outer_right = own if same else 4, 4
            before, after = _bound(texts[0], outer_left), _bound(texts[1], outer_right)
            close = symbol == "**" and _SIMPLE.fullmatch(before) and _SIMPLE.fullmatch(after)
            return f"{before}**{after}" if close else f"{before} {symbol} {after}", own
        case Apply("neg"):
            return f"-{_bound(texts[0], _NEGATION)}", _NEGATION
        case Apply("not"):
            return f"~{_bound(texts[0], _ATOM)}", _ATOM
        case Apply(function):
            return call(function, tuple(text for text, _ in texts)), _ATOM
        case Index(_, keys):
            base, *given = texts
            shown = ", ".join(given.pop(0)[0] if isinstance(key, _Arithmetic) else _key(key) for key in keys)
            return f"{_bound(base, _ATOM)}[{shown}]", _ATOM
        case Const(value) if isinstance(value, int | float) and value < 0:
            return leaf(part), _NEGATION
        case _:
            return leaf(part), _ATOM


def _bound(text: _Text, within: int) -> str:
    """A text as the operand of something that binds so strongly."""
    shown, strength = text
    return f"({shown})" if strength < within else shown


def _key(key: Expr | int | slice | EllipsisType | None) -> str:
    if isinstance(key, slice):
        return ":".join("" if bound is None else str(bound) for bound in (key.start, key.stop))
    return str(key)


def _plain_leaf(part: Expr) -> str:
    match part:
        case Const(value):
            return f"{value:.6g}" if isinstance(value, float) else repr(value)
        case Col(name) | Var(name):
            return name
        case Recode(column, _):
            return f"code({_plain_leaf(column)})"
        case BasisValue(_, inputs):
            return f"basis({', '.join(map(infix, inputs))})"
        case _:
            raise AssertionError(part)
