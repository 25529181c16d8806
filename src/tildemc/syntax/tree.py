"""The tree of what was written: the same nodes for every front end."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field
from typing import assert_never

from tildemc.span import Span, span_field
from tildemc.trees import Node

__all__ = [
    "Argument",
    "Binary",
    "Call",
    "Constant",
    "Expr",
    "Fixed",
    "Formula",
    "Modifier",
    "Name",
    "Number",
    "Parens",
    "Predictor",
    "PriorStatement",
    "Text",
    "Tilde",
    "Unary",
    "deparse",
    "spine",
]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Name(Node):
    """A column, a function's argument, or `.`; without the backquotes it may have stood in."""

    text: str
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(Node):
    """A number."""

    value: float
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Text(Node):
    """A quoted string."""

    value: str
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Constant(Node):
    """`TRUE`, `FALSE` or `NULL`."""

    value: bool | None
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Argument(Node):
    """One argument of a call, by position (`name` is None) or by name."""

    value: Expr
    name: str | None = None
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Node):
    """`function(arguments)`."""

    function: str
    arguments: tuple[Argument, ...] = ()
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unary(Node):
    """`-x`, `+x` or `!x`."""

    operator: str
    operand: Expr
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Binary(Node):
    """`left operator right`: arithmetic, comparison, formula algebra, or a bar."""

    operator: str
    left: Expr
    right: Expr
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parens(Node):
    """`(inner)`: kept, since labels repeat the text."""

    inner: Expr
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tilde(Node):
    """`left ~ right`, or `~ right`."""

    left: Expr | None
    right: Expr
    span: Span | None = span_field()


Expr = Name | Number | Text | Constant | Call | Unary | Binary | Parens | Tilde


def spine(expr: Expr, operators: Container[str] | None = None) -> tuple[Expr, list[Binary]]:
    """What a chain such as `a + b * c - d` begins with, and its operators from left to right, each with its right side.

    Chains may be longer than Python recurses; parentheses, calls and what stands on the right of an operator may be
    nested `expression.DEEPEST` levels deep.

    Parameters
    ----------
    expr : Expr
    operators : container of str, optional
        The operators that the chain may have; by default any.
    """
    nodes: list[Binary] = []
    while isinstance(expr, Binary) and (operators is None or expr.operator in operators):
        nodes.append(expr)
        expr = expr.left
    return expr, nodes[::-1]


@dataclass(frozen=True, slots=True)
class Modifier:
    """`| trials(n)`, `| weights(w)`, `| se(s)`: what is known about the response."""

    function: str
    arguments: tuple[Argument, ...]
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True)
class Predictor:
    """`parameter ~ right`: what a parameter of the response's distribution depends on.

    `curve`: the right side is arithmetic of other parameters and of columns, as of `bf(…, nl = TRUE)`, and no sum of
    terms. `cell_means`: without an intercept a factor has a coefficient for each level, as R has it.
    """

    parameter: str
    right: Expr
    span: Span | None = span_field()
    curve: bool = False
    cell_means: bool = True


@dataclass(frozen=True, slots=True)
class Fixed:
    """`quantile = 0.9`: a parameter of the response's distribution that is not estimated."""

    parameter: str
    value: float
    span: Span | None = span_field()

    def __str__(self) -> str:
        return f"{self.parameter} = {self.value:g}"


@dataclass(frozen=True, slots=True)
class Formula:
    """A model's text: its response, a predictor for each modelled parameter, `mu` first, and what others are.

    Where there are several responses this is the first, and `others` are the formulas of the further ones.

    Attributes
    ----------
    family : str or None
        Of one of several responses, as `resolve.families.read_family` reads it; None where nothing is said of it alone.
    rescor : bool or None
        Whether residuals of several responses are correlated; None where nothing is said of it.
    complete : bool
        Whether rows that lack one of several responses are left out.
    correlated_measured : bool
        Whether the true values of several variables that are measured with error are correlated.
    doubled : bool
        Whether an effect by one factor may stand in several terms, as lme4 has it and brms has not.
    """

    response: Expr
    predictors: tuple[Predictor, ...]
    modifiers: tuple[Modifier, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    text: str = field(default="", compare=False)
    correlated_measured: bool = True
    others: tuple[Formula, ...] = ()
    family: str | None = None
    rescor: bool | None = None
    complete: bool = False
    doubled: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return self.text

    @property
    def nonlinear(self) -> bool:
        """Whether a parameter is arithmetic of others."""
        return any(predictor.curve for formula in self.each for predictor in formula.predictors)

    @property
    def each(self) -> tuple[Formula, ...]:
        """The formulas of all responses."""
        return (self, *self.others)


@dataclass(frozen=True, slots=True)
class PriorStatement:
    """`target ~ distribution(arguments)`; `at_means`: it is of the intercept at the predictors' means."""

    target: str
    target_arguments: tuple[Expr, ...] | None
    distribution: str
    arguments: tuple[Argument, ...]
    span: Span | None = span_field()
    target_span: Span | None = span_field()
    distribution_span: Span | None = span_field()
    at_means: bool = False


# As in the grammar: Unicode counts raised digits as letters.
_NAME = re.compile(r"(?:(?![⁰¹²³⁴-⁹])[^\W\d_]|\.(?!\d))(?:(?![⁰¹²³⁴-⁹])[\w.])*")
_RESERVED = {"TRUE", "FALSE", "NULL", "True", "False"}
# R prints these without spaces, and every other binary operator with them.
_JOINT = {":", "^", "/", "%%", "%/%"}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})
_QUOTED = str.maketrans({"\\": "\\\\", "`": "\\`"})


def _number(value: float) -> str:
    """`value` as R prints it: the fewest of 15 digits that tell it apart, an exponent only where that is shorter."""
    digits = next(d for d in range(15) if d == 14 or float(f"{value:.{d}e}") == float(f"{value:.14e}"))
    scientific = f"{value:.{digits}e}"
    exponent = int(scientific.partition("e")[2])
    fixed = f"{value:.{max(0, digits - exponent)}f}"
    return fixed if len(fixed) <= len(scientific) else scientific


def _name(text: str) -> str:
    """`text` as R would print it: in backquotes where it is no plain name."""
    plain = (
        _NAME.fullmatch(text) and text not in _RESERVED and all(c.isalpha() or c.isdecimal() or c in "._" for c in text)
    )
    return text if plain else f"`{text.translate(_QUOTED)}`"


def deparse(expr: Expr) -> str:
    """`expr` in R's spelling and spacing: the text by which R identifies and labels a variable."""
    match expr:
        case Name(text):
            return _name(text)
        case Number(value):
            return _number(value)
        case Text(value):
            return f'"{value.translate(_ESCAPES)}"'
        case Constant(value):
            return {True: "TRUE", False: "FALSE", None: "NULL"}[value]
        case Call("$", (taken, member)):
            return f"{deparse(taken.value)}${deparse(member.value)}"
        case Call("[" | "[[" as function, (picked, *indices)):
            inside = ", ".join("" if index.value == Name("") else _argument(index) for index in indices)
            return f"{deparse(picked.value)}{function}{inside}{']' * len(function)}"
        case Call("function", (*given, body)):
            return f"function({', '.join(deparse(a.value) for a in given)}) {deparse(body.value)}"
        case Call(function, arguments):
            return f"{function}({', '.join(_argument(a) for a in arguments)})"
        case Unary(operator, operand):
            return f"{operator}{deparse(operand)}"
        case Parens(inner):
            return f"({deparse(inner)})"
        case Binary():
            return _chain(expr)
        case Tilde(left, right):
            return f"~{deparse(right)}" if left is None else f"{deparse(left)} ~ {deparse(right)}"
        case never:
            assert_never(never)


def _chain(expr: Expr) -> str:
    first, nodes = spine(expr)
    parts = [deparse(first)]
    for node in nodes:
        joint = node.operator if node.operator in _JOINT else f" {node.operator} "
        parts += [joint, deparse(node.right)]
    return "".join(parts)


def _argument(argument: Argument) -> str:
    value = deparse(argument.value)
    return value if argument.name is None else f"{_name(argument.name)} = {value}"
