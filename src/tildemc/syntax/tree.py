"""The tree of what was written: the same nodes for every front end."""

# ruff: noqa: RUF009 -- _span() is a dataclass field, named once
from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field
from typing import assert_never

from tildemc.span import Span
from tildemc.trees import Node

__all__ = [
    "Argument",
    "Binary",
    "Call",
    "Complete",
    "Constant",
    "Estimation",
    "Expr",
    "FirstOf",
    "Fixed",
    "Formula",
    "Keep",
    "Make",
    "Modifier",
    "Name",
    "Number",
    "Parens",
    "Pick",
    "Predictor",
    "PriorStatement",
    "RowNumbers",
    "Statement",
    "Step",
    "Text",
    "Tilde",
    "Unary",
    "deparse",
    "spine",
]


def _span() -> Span | None:
    return field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Name(Node):
    """A column, a function's argument, or `.`; without the backquotes it may have stood in."""

    text: str
    span: Span | None = _span()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(Node):
    """A number."""

    value: float
    span: Span | None = _span()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Text(Node):
    """A quoted string."""

    value: str
    span: Span | None = _span()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Constant(Node):
    """`TRUE`, `FALSE` or `NULL`."""

    value: bool | None
    span: Span | None = _span()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Argument(Node):
    """One argument of a call, by position (`name` is None) or by name."""

    value: Expr
    name: str | None = None
    span: Span | None = _span()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Node):
    """`function(arguments)`."""

    function: str
    arguments: tuple[Argument, ...] = ()
    span: Span | None = _span()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unary(Node):
    """`-x`, `+x` or `!x`."""

    operator: str
    operand: Expr
    span: Span | None = _span()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Binary(Node):
    """`left operator right`: arithmetic, comparison, formula algebra, or a bar."""

    operator: str
    left: Expr
    right: Expr
    span: Span | None = _span()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parens(Node):
    """`(inner)`: kept, since labels repeat the text."""

    inner: Expr
    span: Span | None = _span()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tilde(Node):
    """`left ~ right`, or `~ right`."""

    left: Expr | None
    right: Expr
    span: Span | None = _span()


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
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Predictor:
    """`parameter ~ right`: what a parameter of the response's distribution depends on.

    `curve`: the right side is arithmetic of other parameters and of columns, as of `bf(…, nl = TRUE)`, and no sum of
    terms. `cell_means`: without an intercept a factor has a coefficient for each level, as R has it.
    """

    parameter: str
    right: Expr
    span: Span | None = _span()
    curve: bool = False
    cell_means: bool = True


@dataclass(frozen=True, slots=True)
class Fixed:
    """`quantile = 0.9`: a parameter of the response's distribution that is not estimated."""

    parameter: str
    value: float
    span: Span | None = _span()

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
class RowNumbers:
    """Rows by number, from 1: those from each first to its last, or all others; below zero it counts from the end."""

    ranges: tuple[tuple[int, int], ...]
    others: bool = False
    span: Span | None = _span()

    def __str__(self) -> str:
        match self.ranges, self.others:
            case ((1, last),), False if last < -1:
                return f"all rows but the last {-last - 1}"
            case ((first, -1),), False if first < 0:
                return f"the last {-first} rows"
            case _:
                pass
        shown = [f"{first} to {last}" if first != last else f"{first}" for first, last in self.ranges]
        return f"{'all rows but' if self.others else 'the rows'} {', '.join(shown)}"


@dataclass(frozen=True, slots=True)
class FirstOf:
    """The first rows of each combination of some columns' values, or the last."""

    columns: tuple[Name, ...]
    count: int = 1
    last: bool = False
    span: Span | None = _span()

    def __str__(self) -> str:
        end = "last" if self.last else "first"
        shown = f"{end} row" if self.count == 1 else f"{end} {self.count} rows"
        return f"the {shown} of each {' and '.join(f'`{column.text}`' for column in self.columns)}"


@dataclass(frozen=True, slots=True)
class Keep:
    """A step before the model: the rows where `condition` is true, or those of some numbers; `is.na(x)` may stand."""

    condition: Expr | RowNumbers | FirstOf
    span: Span | None = _span()

    def __str__(self) -> str:
        if isinstance(self.condition, RowNumbers | FirstOf):
            return str(self.condition)
        shown = deparse(self.condition)
        return f"the rows where {shown}" if "`" in shown else f"the rows where `{shown}`"


@dataclass(frozen=True, slots=True)
class Complete:
    """A step before the model: the rows with a value in all of these columns; of none named, in every column."""

    columns: tuple[Name, ...] = ()
    span: Span | None = _span()

    def __str__(self) -> str:
        named = " and ".join(f"`{column.text}`" for column in self.columns)
        return f"the rows with a value of {named or 'every column'}"


@dataclass(frozen=True, slots=True)
class Make:
    """A step before the model: a column `name` of what `value` is, within each group of `by` where there is one.

    `value` may say what other rows hold, by dplyr's names: `lag(x, 1)`, `lead(x, 1)`, `first(x)`, `last(x)`,
    `nth(x, 2)`, `row_number()`, `n()`, `cumsum(x)`, and `locf(x)`, the last value that was there. Rows then go in the
    `order` of these, and as they stand among equals. With a `unit` the last of `order` is a time, and a lag is of so
    much time: what a row of that time has, and no value where there is none.

    `finite`: what is no finite number is no value, as in Stata.
    """

    name: str
    value: Expr
    by: tuple[Name, ...] = ()
    span: Span | None = _span()
    finite: bool = False
    order: tuple[Expr, ...] = ()
    unit: float | None = None

    def __str__(self) -> str:
        within = f" within {' and '.join(f'`{column.text}`' for column in self.by)}" if self.by else ""
        ordered = f", rows in the order of {' and '.join(f'`{deparse(key)}`' for key in self.order)}"
        timed = f", by time `{deparse(self.order[-1])}`" if self.unit is not None else ""
        timed += f" in steps of {self.unit:.12g}" if self.unit not in (None, 1.0) else ""
        return f"`{self.name}` = `{deparse(self.value)}`{within}{timed or (ordered if self.order else '')}"


@dataclass(frozen=True, slots=True)
class Pick:
    """A step before the model: these columns stay, by name or by place from 1, or all others; `.` means what stays."""

    columns: tuple[Name | Number, ...]
    others: bool = False
    span: Span | None = _span()

    def __str__(self) -> str:
        shown = ", ".join(f"`{c.text}`" if isinstance(c, Name) else _number(c.value) for c in self.columns)
        return f"{'all columns but' if self.others else 'the columns'} {shown}"


Step = Keep | Complete | Make | Pick
"""What a script does to its data before the model."""


@dataclass(frozen=True, slots=True)
class PriorStatement:
    """`target ~ distribution(arguments)`; `at_means`: it is of the intercept at the predictors' means."""

    target: str
    target_arguments: tuple[Expr, ...] | None
    distribution: str
    arguments: tuple[Argument, ...]
    span: Span | None = _span()
    target_span: Span | None = _span()
    distribution_span: Span | None = _span()
    at_means: bool = False


@dataclass(frozen=True, slots=True)
class Estimation:
    """How a text asks for estimates, which says nothing of its model.

    Attributes
    ----------
    package : str
        Whose way of estimating is meant; empty for nobody's.
    criterion : {"", "reml", "ml"}
    points : int or None
        Of the integral over each effect.
    """

    package: str = ""
    criterion: str = ""
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """All that one text says of a model, whichever front end read it.

    Attributes
    ----------
    formula : Formula
    syntax : str
        "formula", "stata", "r", "sas", "python" or "julia".
    family : str or None
        As `resolve.families.read_family` reads it; None where the text says nothing of it.
    priors : tuple of PriorStatement
    data : str or None
        What the text calls its data.
    rows : Expr or None
        The rows that are used: those where it is true. `is.na(x)` may stand in it.
    row_numbers : RowNumbers or None
        The rows that are used, by number in the data. Applied together with `rows`.
    if_missing : tuple of str
        What to say of `rows` where a row that is used has no value in a column of theirs.
    notes : tuple of str
        What was dropped or differs, and why.
    display : tuple of str
        How the text asks for results: "or", "irr", "eform", "stddeviations", "level(90)".
    steps : tuple of Step
        What is done to the data first, in order; `rows` and `row_numbers` are of what that leaves.
    default_priors : str
        "tildemc" or "stata"; Stata's are among `priors` by then.
    file : str or None
        The file that the text reads its data from.
    family_span : Span or None
        What in the text says the family.
    by : tuple of str
        The columns for each of whose combinations of values the text asks for a model of its own.
    imputed : str
        What in the text says that data are several completed data sets; empty if nothing does.
    estimation : Estimation
        How it asks for estimates.
    after : tuple of str
        The commands after the model that ask something of it, which `Fit.stata` answers.
    factors : tuple of Name
        Columns whose contrasts the text chooses apart from its formula: R takes those of factors alone.
    """

    formula: Formula
    syntax: str = "formula"
    family: str | None = None
    priors: tuple[PriorStatement, ...] = ()
    data: str | None = None
    rows: Expr | None = None
    row_numbers: RowNumbers | None = None
    if_missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    display: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    default_priors: str = "tildemc"
    file: str | None = None
    family_span: Span | None = field(default=None, compare=False, repr=False)
    by: tuple[str, ...] = ()
    imputed: str = ""
    estimation: Estimation = field(default=Estimation(), compare=False, repr=False)
    after: tuple[str, ...] = ()
    factors: tuple[Name, ...] = ()


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
