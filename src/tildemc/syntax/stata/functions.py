"""Functions of Stata's in, the calls and arithmetic that they are in formulas out; and why others are not read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import reduce

from tildemc.errors import nearest
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.ordered import ordered_name
from tildemc.syntax.rewrite import called
from tildemc.syntax.stata.places import PLACES
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Parens, Text, Unary

__all__ = ["WORKED_OUT", "choice", "extreme", "irecoded", "is_there", "not_read", "quantile", "recoded_to"]


def choice(test: Expr, yes: Expr, no: Expr, span: Span | None = None) -> Expr:
    """`ifelse(test, yes, no)`, of a test that is true or false."""
    return called("ifelse", test, yes, no, span=span)


_BEYOND = 8.9e307
"""What no value of Stata's goes beyond."""


def extreme(function: str, values: Sequence[Expr]) -> Expr:
    """The least or greatest of some values, `pmin` or `pmax`, of those that are there."""
    beyond: Expr = Number(_BEYOND) if function == "pmin" else Unary("-", Number(_BEYOND))
    sure = any(is_there(value, ()) for value in values)
    each = [value if is_there(value, ()) else choice(called("is.na", value), beyond, value) for value in values]
    found = reduce(lambda one, other: called(function, one, other, span=one.span), each)
    if sure:
        return found
    gaps: list[Expr] = [called("is.na", value) for value in values]
    lacks = reduce(lambda one, other: Binary("&", one, other), gaps)
    return choice(lacks, Name("NA"), found)


def quantile(value: Expr, share: float) -> Call:
    """A quantile as Stata has it: of R's type 2, the mean of the two values between which it falls."""
    kind = Argument(Number(2.0), "type")
    return Call("quantile", (Argument(value), Argument(Number(share)), kind), value.span)


def is_there(side: Expr, there: Collection[str]) -> bool:
    """Whether it has a value where these columns have one."""
    match unparenthesised(side):
        case Number() | Text():
            return True
        case Name(text):
            return text in there
        case Unary("-" | "+", operand):
            return is_there(operand, there)
        case Binary("^", left, Number()):
            return is_there(left, there)
        case Binary("+" | "-" | "*", left, right):
            return is_there(left, there) and is_there(right, there)
        case other:
            return ordered_name(other) in PLACES.values()


def not_read(function: str, others: Sequence[str]) -> str:
    """Why a function of Stata's is not read, and what would work."""
    for functions, what in _ELSEWHERE.items():
        if function in functions:
            return f"`{function}()` {what}: make the column in the data"
    known = [*others, *(name for name, _ in WORKED_OUT)]
    return f"`{function}()` is not read in `if` and after `=`{nearest(function, known)}"


_ELSEWHERE = {
    ("date", "mdy", "ymd", "year", "month", "day", "quarter", "week", "dow", "doy", "mofd", "yofd", "qofd", "dofm",
     "ym", "yq", "td", "tm", "clock", "dofc", "hours", "daily", "monthly", "halfyear", "age", "datediff"):
        "works on dates, which are no numbers here",
    ("substr", "usubstr", "upper", "lower", "strupper", "strlower", "proper", "trim", "strtrim", "itrim", "ltrim",
     "rtrim", "length", "strlen", "strpos", "strrpos", "regexm", "regexs", "regexr", "ustrregexm", "word", "wordcount",
     "subinstr", "subinword", "reverse", "char", "real", "strmatch", "abbrev", "indexnot"):
        "works on text, which is labels here",
    ("runiform", "uniform", "rnormal", "rbinomial", "runiformint", "rpoisson", "rgamma", "rbeta", "rt", "rchi2"):
        "is drawn by chance",
    ("e",): "is of the rows or results of the command before, which are not known here",
    ("normal", "invnormal", "normalden", "norm", "invttail", "ttail", "chi2tail", "binomial", "gammap", "Ftail"):
        "is of a distribution",
}  # fmt: skip


def irecoded(value: Expr, edges: Sequence[Expr]) -> Expr:
    """`irecode(x, 40, 60)`: how many of these x is beyond."""
    parts: list[Expr] = [choice(Binary(">", value, edge), Number(1.0), Number(0.0)) for edge in edges]
    return choice(called("is.na", value), Name("NA"), reduce(lambda one, two: Binary("+", one, two), parts))


def recoded_to(value: Expr, edges: Sequence[Expr]) -> Expr:
    """`recode(x, 40, 60, 100)`: the first of these that x is not beyond, else the last."""
    found = edges[-1]
    for edge in reversed(edges[:-1]):
        found = choice(Binary("<=", value, edge), edge, found)
    return choice(called("is.na", value), Name("NA"), found)


def _rounded(value: Expr, unit: Expr | None = None) -> Expr:
    """To the nearest whole number, or multiple; of two as near the larger."""
    inside = value if unit is None else Binary("/", Parens(value), Parens(unit))
    whole = called("floor", Binary("+", inside, Number(0.5)))
    return whole if unit is None else Binary("*", whole, Parens(unit))


def _sign(value: Expr) -> Expr:
    below = choice(Binary("<", value, Number(0.0)), Unary("-", Number(1.0)), Number(0.0))
    return choice(Binary(">", value, Number(0.0)), Number(1.0), below)


def _logistic(value: Expr) -> Expr:
    return Binary("/", Number(1.0), Parens(Binary("+", Number(1.0), called("exp", Unary("-", Parens(value))))))


WORKED_OUT: dict[tuple[str, int], Callable[[Sequence[Expr]], Expr]] = {
    ("round", 1): lambda values: _rounded(*values),
    ("round", 2): lambda values: _rounded(*values),
    ("sign", 1): lambda values: _sign(*values),
    ("invlogit", 1): lambda values: _logistic(*values),
    ("logit", 1): lambda values: called("log", Binary("/", values[0], Parens(Binary("-", Number(1.0), values[0])))),
    ("ln1p", 1): lambda values: called("log", Binary("+", Number(1.0), values[0])),
    ("log1p", 1): lambda values: called("log", Binary("+", Number(1.0), values[0])),
    ("expm1", 1): lambda values: Binary("-", called("exp", values[0]), Number(1.0)),
}
"""Arithmetic that has a name in Stata, by the name and the number of its arguments."""
